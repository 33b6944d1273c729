"""Tips from the ledger itself: one's own parts over all books, other currencies, what others owe, and what is kept of answers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from core.db import budgets
from core.db import tips as rows
from core.db.ids import new_id
from core.db.session import Database, UnitOfWork
from core.domain.budgets import Budget, Cycle
from core.domain.ledger import reverse
from core.domain.money import Money
from core.domain.people import Book
from core.domain.rates import Sheet
from core.domain.tips.history import History
from core.services import bills, tips
from core.services.tips import Reader
from tests.support.builders import NOW, TODAY, expense, make_group, make_person


class OneSheet:
    """Two dollars for a euro, always."""

    async def sheet(self, day: date) -> Sheet:
        return Sheet(day, "ECB", {"USD": Decimal(2)})


async def anna_and_trio(uow: UnitOfWork) -> tuple[Reader, Book, Book]:
    """Anna with a book of her own and a group with two others."""
    anna = await make_person(uow)
    group = await make_group(uow, "Ben", "Cleo", persons=[anna])
    await uow.load_books([anna.personal_book_id, group.book_id])
    books = [uow.book(anna.personal_book_id), uow.book(group.book_id)]
    own = {book.book_id: [position.member_id for position in book.positions_of(anna.person_id)] for book in books}
    return Reader(own, [anna.personal_book_id], "EUR"), books[0], books[1]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


async def look(uow: UnitOfWork, reader: Reader, *, rates: OneSheet | None = None) -> History:
    return await tips.look(uow, reader, today=TODAY, history=rates)


async def habit(uow: UnitOfWork, book: Book, *, days: int = 60) -> None:
    """Taxis every third day, and something bought long before."""
    uow.post(expense(book, 100, on=ago(days + 1), description="bread", category="groceries"))
    for each in range(0, days, 3):
        uow.post(expense(book, 1200, on=ago(each), description="taxi", category="transport"))


async def test_one_s_own_parts_of_what_stands_are_counted_as_sql_counts_them(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, group = await anna_and_trio(uow)
        me = next(iter(reader.own[group.book_id]))
        wrong = expense(group, 9000, on=ago(2), category="food")
        uow.post(wrong)
        uow.post(reverse(wrong, entry_id=new_id(), recorded_at=NOW, actor_id=me, reason="undone", effect_key=b"k" * 34))
        uow.post(expense(group, 3100, on=ago(3), category="food", description="Da Mario"))
        uow.post(expense(home, 500, on=ago(1), category=None, description="flat white"))
        uow.post(expense(home, 700, on=TODAY + timedelta(days=1)))
        known = await look(uow, reader)
        truth = await uow.connection.fetchval(
            "SELECT -sum(amount) FROM postings JOIN entries e USING (book_id, entry_id) WHERE member_id = ANY($1::uuid[]) AND role = 'share' "
            "AND occurred_on <= $2",
            [member for members in reader.own.values() for member in members],
            TODAY,
        )
        assert sum(each.minor for each in known.parts) == truth
        assert [(each.category, each.title) for each in known.parts] == [("food", "Da Mario"), ("other", "flat white")]
        assert known.parts[1].occasions == {"coffee"}


async def test_another_currency_is_converted_or_left_out(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        uow.post(expense(home, 3000, currency="USD", on=ago(3)))
        (there,) = (await look(uow, reader, rates=OneSheet())).parts
        assert (there.minor, there.foreign) == (1500, True)
        assert (await look(uow, reader)).parts == []


async def test_nothing_is_said_before_a_month_is_known(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        nobody = await tips.find(uow, reader, today=TODAY, history=None)
        assert (nobody.tips, nobody.ready_on) == ((), TODAY + timedelta(days=30))
        await habit(uow, home, days=28)
        early = await tips.find(uow, reader, today=TODAY, history=None)
        assert (early.tips, early.ready_on) == ((), ago(29) + timedelta(days=30))
        assert await tips.best(uow, reader, today=TODAY, history=None) is None
        assert await tips.best(uow, reader, today=TODAY + timedelta(days=1), history=None) is not None


async def test_what_was_shown_rests_and_comes_again(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        await habit(uow, home)
        first = await tips.best(uow, reader, today=TODAY, history=None)
        assert first is not None
        assert first.rule.name == "taxi_often"
        everything = (await tips.find(uow, reader, today=TODAY, history=None)).tips
        await tips.keep_shown(uow, reader, everything, today=TODAY)
        for later in (0, 1, 29):
            resting = await tips.find(uow, reader, today=TODAY + timedelta(days=later), history=None)
            assert not {each.rule.name for each in resting.tips} & {each.rule.name for each in everything}
            assert resting.again_on == TODAY + timedelta(days=30)
        again = await tips.find(uow, reader, today=TODAY + timedelta(days=30), history=None)
        assert first.rule.name in {each.rule.name for each in again.tips}
        found = await tips.found_by(uow, reader, first.rule.name, today=TODAY, history=None)
        assert found is not None
        assert found.found == first.found
        assert await tips.found_by(uow, reader, "no_such_rule", today=TODAY, history=None) is None


async def test_one_answer_counts_each_time_it_is_shown(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        for liked in (False, True, True):
            await rows.keep_answer(uow, home.book_id, "taxi_often", liked=liked)
        assert await rows.past(uow, home.book_id) == {}, "it was never shown"
        await rows.keep_shown(uow, home.book_id, "taxi_often", on=ago(40))
        for liked in (False, True, True):
            await rows.keep_answer(uow, home.book_id, "taxi_often", liked=liked)
        await rows.keep_shown(uow, home.book_id, "taxi_often", on=TODAY)
        await rows.keep_answer(uow, home.book_id, "taxi_often", liked=True)
        past = (await rows.past(uow, home.book_id))["taxi_often"]
        assert (past.shown_on, past.shown, past.accepted, past.dismissed) == (TODAY, 2, 1, 1)
        assert reader.homes == [home.book_id]


async def test_what_others_owe_since_long_pays_off_oldest_first(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, _, group = await anna_and_trio(uow)
        me = next(iter(reader.own[group.book_id]))
        ben = next(member.member_id for member in group.members if member.name == "Ben")
        old = expense(group, 9000, on=ago(40), payer=me, description="cabin")
        uow.post(old)
        uow.post(expense(group, 3000, on=ago(5), payer=me, description="fuel"))
        (cabin,) = (await look(uow, reader)).owed
        assert (cabin.bill_id, cabin.minor) == (old.bill_id, 6000)
        await pay(uow, group, ben, me, 2500)
        assert [each.minor for each in (await look(uow, reader)).owed] == [3500]
        await pay(uow, group, ben, me, 3500)
        assert (await look(uow, reader)).owed == [], "what is open now is young"


async def pay(uow: UnitOfWork, group: Book, sender: UUID, receiver: UUID, minor: int) -> None:
    effects = bills.Effects(new_id().bytes * 2, sender, None)
    bills.record_settlement(uow, group.book_id, sender=sender, receiver=receiver, amount=Money(minor, "EUR"), on=TODAY, effects=effects, now=NOW)
    await uow.flush()


@pytest.mark.parametrize(("since", "known"), [(date(2024, 12, 1), 1), (date(2024, 12, 2), 0)])
async def test_budgets_count_where_they_are_three_full_months_old(database: Database, since: date, known: int) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        for on, minor in ((date(2024, 12, 31), 100), (date(2025, 1, 1), 200), (date(2025, 2, 28), 300), (date(2025, 3, 1), 400)):
            uow.post(expense(home, minor, on=on, category="food"))
        await budgets.keep(uow, home.book_id, Budget(new_id(), "food", Money(40000, "EUR"), Cycle.MONTH, since))
        kept = (await look(uow, reader)).budgets
        assert [(each.limit, each.spent) for each in kept] == [(40000, (100, 200, 300))] * known


async def test_somebody_else_s_parts_and_answers_are_their_own(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        other, their_home, _ = await anna_and_trio(uow)
        await habit(uow, home)
        uow.post(expense(their_home, 100, on=ago(61), category="groceries"))
        await rows.keep_shown(uow, home.book_id, "taxi_often", on=TODAY)
        assert (await tips.find(uow, other, today=TODAY, history=None)).tips == []
        assert await rows.past(uow, their_home.book_id) == {}
        assert list(await rows.past(uow, reader.homes[0])) == ["taxi_often"]


async def test_erased_answers_are_gone(database: Database) -> None:
    async with database.unit_of_work() as uow:
        reader, home, _ = await anna_and_trio(uow)
        person = home.members[0].person_id
        assert person is not None
        await rows.keep_shown(uow, home.book_id, "taxi_often", on=TODAY)
        await rows.keep_answer(uow, home.book_id, "taxi_often", liked=True)
        await rows.erase_rows(uow, person)
        assert await rows.past(uow, reader.homes[0]) != {}, "somebody with an account is still in the book"
        await uow.flush()
        await uow.connection.execute("UPDATE members SET person_id = NULL WHERE book_id = $1", home.book_id)
        await rows.erase_rows(uow, person)
        assert await rows.past(uow, home.book_id) == {}
        assert await uow.connection.fetchval("SELECT sum(shown + accepted + dismissed) FROM tips WHERE book_id = $1", home.book_id) == 0
