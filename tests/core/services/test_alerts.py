"""What is worth telling: budgets as they are reached, what is odd about one's own parts, bills that did not come; once, and less if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from core.db import budgets, notices
from core.db.ids import new_id
from core.db.notices import Told
from core.db.session import Database, UnitOfWork
from core.domain.budgets import Budget, Cycle
from core.domain.ledger import reverse
from core.domain.money import Money
from core.domain.notices import Kind, Manners, Pace, Topic, Wish
from core.domain.people import Book
from core.services import alerts
from core.services.alerts import Alert, Part, part_of
from tests.support.builders import NOW, TODAY, expense, make_group

MARCH = date(2025, 3, 1)
FOOD = Budget(UUID(int=1), "food", Money(10000, "EUR"), Cycle.MONTH, MARCH)
ZONE = ZoneInfo("UTC")
PLAIN = Manners()


def part(description: str, minor: int, on: date, *, category: str = "other", currency: str = "EUR") -> Part:
    return part_of(new_id(), NOW, Money(minor, currency), on, category, description)


def monthly(description: str, minor: int, count: int, *, last: date) -> list[Part]:
    """On the same day of so many months, the last one on a day."""
    months = [last.year * 12 + last.month - 1 - ago for ago in reversed(range(count))]
    return [part(description, minor, date(month // 12, month % 12 + 1, last.day)) for month in months]


def kinds(found: Sequence[Alert]) -> list[Kind]:
    return [each.kind for each in found]


async def reached(uow: UnitOfWork, book: Book, minor: int) -> list[Alert]:
    """What is said of a budget of €100 after expenses of so much."""
    if minor:
        uow.post(expense(book, minor, category="food"))
    await budgets.keep(uow, book.book_id, FOOD)
    return await alerts.of_budgets(uow, [FOOD], {book.book_id: None}, today=TODAY, payday=None, history=None)


@pytest.mark.parametrize(
    ("minor", "found"),
    [(0, []), (7999, []), (8000, [Kind.NEARLY]), (9999, [Kind.NEARLY]), (10000, [Kind.OVER]), (25000, [Kind.OVER])],
)
async def test_what_a_budget_has_reached(database: Database, minor: int, found: list[Kind]) -> None:
    async with database.unit_of_work() as uow:
        assert kinds(await reached(uow, await make_group(uow, "Anna"), minor)) == found


async def test_of_several_expenses_the_ledger_is_read_once_and_the_last_that_counts_sets_it_off(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        for _ in range(3):
            uow.post(expense(book, 3000, category="food"))
        parts = [
            part("pizza", 3000, TODAY, category="food"),
            part("taxi", 900, TODAY),
            part("long ago", 100, MARCH - timedelta(days=1), category="food"),
        ]
        await uow.flush()
        asked: list[str] = []
        with uow.connection.query_logger(lambda query: asked.append(query.query)):
            found = await alerts.of_budgets(uow, [FOOD], {book.book_id: None}, today=TODAY, payday=None, history=None, spent=[parts[0], *parts])
        assert [(each.kind, each.bill_ids) for each in found] == [(Kind.NEARLY, (parts[0].bill_id,))]
        assert len([each for each in asked if "postings" in each]) == 1
        assert await alerts.of_budgets(uow, [FOOD], {book.book_id: None}, today=TODAY, payday=None, history=None, spent=parts[1:]) == []


async def test_before_a_budget_is_exceeded_it_is_told_with_how_much_and_how_sure(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        for month in range(1, 7):
            for day in (3, 20):
                uow.post(expense(book, 7000, category="food", on=date(2024, 6 + month, day)))
        for month in (1, 2):
            for day in (3, 20):
                uow.post(expense(book, 7000, category="food", on=date(2025, month, day)))
        [alert] = await reached(uow, book, 5000)
        assert alert.kind is Kind.AHEAD and alert.standing is not None
        assert (alert.standing.forecast.expected, alert.standing.expected_over) == (12000, 2000)
        assert alerts.in_tenths(alert.standing.chance_above) >= 8
        [alert, lesser] = await reached(uow, book, 3500)
        assert (alert.kind, lesser.kind) == (Kind.AHEAD, Kind.NEARLY)
        assert lesser.told in alert.along, "who is told the one need not be told the other"


async def test_without_enough_past_there_is_no_telling(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        uow.post(expense(book, 30000, category="food", on=date(2025, 2, 20)))
        assert await reached(uow, book, 5000) == []


# ------------------------------------------------------------------ spendings


def test_an_amount_far_above_what_is_usual_there() -> None:
    shell = [part("Shell", 5000 + 100 * week, TODAY - timedelta(weeks=week)) for week in range(1, 7)]
    alert = alerts.of_expense(part("shell", 16500, TODAY), shell)
    assert alert is not None and (alert.kind, alert.amount, alert.usual) == (Kind.AMOUNT, Money(16500, "EUR"), Money(5300, "EUR"))
    assert alerts.of_expense(part("shell", 5700, TODAY), shell) is None, "nor is what one buys each week a bill that rose"
    assert alerts.of_expense(part("shell", 16500, TODAY, currency="USD"), shell) is None, "of another currency nothing is known"


def test_who_has_just_begun_is_told_nothing_of_what_is_usual() -> None:
    coffees = [part("coffee", 350, TODAY - timedelta(days=day), category="food") for day in range(1, 8)]
    assert alerts.of_expense(part("lunch", 1800, TODAY, category="food"), coffees) is None
    assert alerts.of_expense(part("rent", 90000, TODAY, category="housing"), coffees) is None


def test_something_large_and_new_for_who_is_known() -> None:
    weeks = [part(f"shop {place % 4}", 4000 + 37 * place, TODAY - timedelta(days=4 * place)) for place in range(1, 30)]
    weeks.reverse()
    alert = alerts.of_expense(part("sofa", 90000, TODAY), weeks)
    assert alert is not None and alert.kind is Kind.NEW


def test_the_same_twice_where_it_matters() -> None:
    rows = [part("bus", 280, TODAY - timedelta(days=day)) for day in (40, 30, 20)] + [part("tea", 300, TODAY - timedelta(days=9)) for _ in "ab"]
    rows += [part("shoes", 8000, TODAY - timedelta(days=1)), part("bus", 280, TODAY)]
    twice = alerts.of_expense(part("shoes", 8000, TODAY), rows)
    assert twice is not None and twice.kind is Kind.TWICE
    assert alerts.of_expense(part("bus", 280, TODAY), rows) is None, "there and back"


def test_a_dearer_bill_and_one_that_did_not_come() -> None:
    netflix = monthly("Netflix", 1299, 6, last=date(2025, 2, 10))
    alert = alerts.of_expense(part("netflix", 1599, date(2025, 3, 10)), netflix)
    assert alert is not None and (alert.kind, alert.usual) == (Kind.PRICE, Money(1299, "EUR"))
    assert alert.bill_ids[:-1] == tuple(each.bill_id for each in netflix[-5:])
    assert alerts.of_missing(netflix, today=date(2025, 3, 12)) == []
    [late] = alerts.of_missing(netflix, today=date(2025, 3, 16))
    assert (late.kind, late.told.period, late.description) == (Kind.MISSING, date(2025, 3, 10), "Netflix")


async def test_only_ones_own_part_counts(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben")
        anna, ben = (member.member_id for member in book.members)
        theirs = expense(book, 9000, people=[ben])
        assert alerts.own_part(theirs, {anna}, str) is None
        shared = alerts.own_part(expense(book, 9000), {anna}, str)
        assert shared is not None and shared.amount == Money(4500, "EUR")


# ------------------------------------------------------------------ once, and less of it


async def worth(
    uow: UnitOfWork, book: Book, found: Sequence[Alert], manners: Manners = PLAIN, *, answer: bool = False, edited: bool = False
) -> list[Kind]:
    within = [book.book_id]
    told = await alerts.worth_telling(uow, book.book_id, found, manners, now=NOW, zone=ZONE, within=within, answer=answer, edited=edited)
    await alerts.note(uow, book.book_id, told, now=NOW)
    return kinds(told)


async def test_a_thing_is_told_once_of_each_book(database: Database) -> None:
    async with database.unit_of_work() as uow:
        one, other = await make_group(uow, "Anna"), await make_group(uow, "Ben")
        found = [Alert(Told(Kind.OVER, "food month", MARCH))]
        assert await worth(uow, one, found) == [Kind.OVER]
        assert await worth(uow, one, found) == []
        assert await worth(uow, other, found) == [Kind.OVER]
        assert await worth(uow, one, [Alert(Told(Kind.OVER, "food month", date(2025, 4, 1)))]) == [Kind.OVER]


async def test_what_was_told_with_a_bill_that_was_taken_back_may_be_told_again(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        wrong = expense(book, 90000)
        uow.post(wrong)
        await uow.flush()
        told = [Alert(Told(Kind.OVER, "food month", MARCH, wrong.bill_id))]
        assert await worth(uow, book, told, answer=True) == [Kind.OVER]
        assert await worth(uow, book, told, answer=True, edited=True) == [Kind.OVER], "an answer that is edited says it again"
        assert await worth(uow, book, told, answer=True) == []
        uow.post(reverse(wrong, entry_id=new_id(), recorded_at=NOW, actor_id=None, reason="undone", effect_key=b"k" * 34))
        await uow.flush()
        assert await worth(uow, book, [Alert(Told(Kind.OVER, "food month", MARCH, new_id()))]) == [Kind.OVER]


async def test_who_wants_less_hears_the_strong_and_seldom(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        less = Manners(wishes={Topic.BUDGETS: Wish.LESS})
        both = [Alert(Told(kind, "food month", MARCH)) for kind in (Kind.NEARLY, Kind.OVER)]
        assert await worth(uow, book, both, less) == [Kind.OVER]
        assert await worth(uow, book, [Alert(Told(Kind.OVER, "fun month", MARCH))], less) == [], "one was told lately"
        assert await worth(uow, book, [Alert(Told(Kind.PRICE, "netflix", MARCH))], less) == [Kind.PRICE]


@pytest.mark.parametrize(
    "manners", [Manners(pace=Pace.OFF), Manners(wishes={Topic.BUDGETS: Wish.MUTED}), Manners(muted_until=NOW + timedelta(days=1))]
)
async def test_what_is_muted_is_neither_told_nor_noted(database: Database, manners: Manners) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        found = [Alert(Told(Kind.OVER, "food month", MARCH))]
        assert await worth(uow, book, found, manners) == await worth(uow, book, found, manners, answer=True) == []
        assert await notices.kinds_since(uow, book.book_id, NOW - timedelta(days=1)) == {}
        assert await worth(uow, book, found) == [Kind.OVER]
