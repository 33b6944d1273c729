"""How budgets stand by the ledger: whose parts count, what was taken back, other currencies, and what is written down ahead."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.db import budgets, people
from core.db.figures import Whose
from core.db.ids import new_id
from core.db.session import Database, UnitOfWork
from core.domain.ahead.forecast import Basis
from core.domain.budgets import Budget, Cycle
from core.domain.ledger import reverse
from core.domain.money import Money
from core.domain.people import Book
from core.domain.rates import Sheet
from core.services.budgets import Standing, standings
from tests.support.builders import NOW, TODAY, expense, make_group, make_person

FIRST = date(2025, 3, 1)
FOOD = Budget(UUID(int=1), "food", Money(40000, "EUR"), Cycle.MONTH, FIRST)
ALL = Budget(UUID(int=2), None, Money(100000, "EUR"), Cycle.MONTH, FIRST)


class OneSheet:
    """Two dollars for a euro, always."""

    async def sheet(self, day: date) -> Sheet:
        return Sheet(day, "ECB", {"USD": Decimal(2)})


async def stand(uow: UnitOfWork, budget: Budget, whose: Whose, *, rates: OneSheet | None = None, today: date = TODAY) -> Standing:
    (found,) = await standings(uow, [budget], whose, today=today, payday=None, history=rates)
    return found


class CountedSheets(OneSheet):
    """How often rates were looked up."""

    def __init__(self) -> None:
        self.days: list[date] = []

    async def sheet(self, day: date) -> Sheet:
        self.days.append(day)
        return await super().sheet(day)


async def trio(uow: UnitOfWork) -> tuple[Book, UUID]:
    book = await make_group(uow, "Anna", "Ben", "Cleo")
    return book, book.members[0].member_id


async def test_a_part_counts_or_the_whole_bill(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        uow.post(expense(book, 9000, category="food"))
        assert (await stand(uow, FOOD, {book.book_id: [anna]})).status.spent == 3000
        assert (await stand(uow, FOOD, {book.book_id: None})).status.spent == 9000
        assert (await stand(uow, FOOD, {book.book_id: []})).status.spent == 0


async def test_what_was_taken_back_and_what_is_of_another_category_does_not_count(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        wrong = expense(book, 9000, category="food")
        uow.post(wrong)
        uow.post(expense(book, 600, category="transport"))
        uow.post(expense(book, 300, category=None))
        uow.post(reverse(wrong, entry_id=new_id(), recorded_at=NOW, actor_id=anna, reason="undone", effect_key=b"k" * 34))
        assert (await stand(uow, FOOD, {book.book_id: [anna]})).status.spent == 0
        assert (await stand(uow, ALL, {book.book_id: [anna]})).status.spent == 300


async def test_several_books_add_up(database: Database) -> None:
    async with database.unit_of_work() as uow:
        (one, anna), (two, again) = await trio(uow), await trio(uow)
        uow.post(expense(one, 900, category="food"))
        uow.post(expense(two, 600, category="food"))
        assert (await stand(uow, FOOD, {one.book_id: [anna], two.book_id: [again]})).status.spent == 500


async def test_another_currency_is_converted_in_one_sum_or_named(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        for _ in range(3):
            uow.post(expense(book, 303, currency="USD", category="food"))
        known = await stand(uow, FOOD, {book.book_id: [anna]}, rates=OneSheet())
        assert (known.status.spent, known.without) == (152, ())  # 303 cents of a dollar, halved and rounded once
        assert known.sheet is not None
        unknown = await stand(uow, FOOD, {book.book_id: [anna]})
        assert (unknown.status.spent, unknown.without, unknown.sheet) == (0, ("USD",), None)


async def test_what_is_written_down_for_a_later_day_counts_and_is_expected(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        uow.post(expense(book, 9000, category="food", on=TODAY + timedelta(days=3)))
        found = await stand(uow, FOOD, {book.book_id: [anna]})
        assert (found.status.spent, found.forecast.expected, found.forecast.basis) == (3000, 3000, Basis.NOTHING)


async def test_earlier_months_say_what_is_to_come_and_how_likely_it_is_too_much(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        for month in (9, 10, 11, 12):
            uow.post(expense(book, 60000, people=[anna], category="food", on=date(2024, month, 20)))
        for month in (1, 2):
            uow.post(expense(book, 60000, people=[anna], category="food", on=date(2025, month, 20)))
        found = await stand(uow, FOOD, {book.book_id: [anna]})
        assert (found.status.spent, found.forecast.expected, found.forecast.basis) == (0, 60000, Basis.ENOUGH)
        assert found.chance_above > 800


async def test_rollover_goes_by_the_ledger(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        rolling = Budget(UUID(int=3), "food", Money(40000, "EUR"), Cycle.MONTH, date(2025, 1, 1), rollover=True)
        uow.post(expense(book, 50000, people=[anna], category="food", on=date(2025, 1, 31)))
        uow.post(expense(book, 10000, people=[anna], category="food", on=date(2025, 2, 1)))
        assert (await stand(uow, rolling, {book.book_id: [anna]})).status.carried == 20000


@pytest.mark.parametrize("again", [Money(50000, "EUR"), Money(500, "USD")])
async def test_a_book_has_one_budget_of_a_category_and_cycle(database: Database, again: Money) -> None:
    async with database.unit_of_work() as uow:
        book, _ = await trio(uow)
        for budget in (FOOD, ALL, Budget(new_id(), "food", again, Cycle.MONTH, FIRST), Budget(new_id(), None, again, Cycle.WEEK, FIRST)):
            await budgets.keep(uow, book.book_id, budget)
        kept = await budgets.of_book(uow, book.book_id)
        assert [(each.category, each.cycle, each.amount) for each in kept] == [
            (None, Cycle.WEEK, again),
            (None, Cycle.MONTH, ALL.amount),
            ("food", Cycle.MONTH, again),
        ]
        await budgets.remove(uow, book.book_id, kept[2].budget_id)
        assert len(await budgets.of_book(uow, book.book_id)) == 2
        await budgets.keep(uow, book.book_id, FOOD)
        assert (await budgets.of_book(uow, book.book_id))[2].amount == FOOD.amount


async def test_budgets_stay_where_somebody_is_left_and_go_with_the_last(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna = await make_person(uow)
        own = anna.personal_book_id
        await uow.load_books([own])
        await budgets.keep(uow, own, FOOD)
        await people.update_book(uow, own, payday=25)
        await budgets.erase_rows(uow, anna.person_id)
        assert len(await budgets.of_book(uow, own)) == 1
        await uow.execute("UPDATE members SET person_id = NULL WHERE book_id = $1", own)
        await budgets.erase_rows(uow, anna.person_id)
        assert await budgets.of_book(uow, own) == []
        assert await uow.connection.fetchval("SELECT payday FROM books WHERE book_id = $1", own) is None


async def test_rates_are_looked_up_for_the_days_on_which_something_is_converted(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna = await trio(uow)
        uow.post(expense(book, 9000, category="food", on=TODAY - timedelta(days=50), currency="USD"))
        daily = Budget(UUID(int=3), "food", Money(1000, "EUR"), Cycle.DAY, TODAY - timedelta(days=100), rollover=True)
        rates = CountedSheets()
        status = (await stand(uow, daily, {book.book_id: [anna]}, rates=rates)).status
        assert status.carried == 100 * 1000 - 1500
        assert rates.days == [TODAY, TODAY - timedelta(days=50)]
