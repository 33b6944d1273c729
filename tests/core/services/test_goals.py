"""Money put aside by the ledger: whose it is, what can be taken out, and that it is neither spent nor owed."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from core.db import figures, ledger
from core.db import goals as rows
from core.db.audit import audit
from core.db.erasure import erase_person
from core.db.figures import Asked
from core.db.session import Database, UnitOfWork
from core.domain.money import Money
from core.domain.people import Book
from core.errors import DomainError
from core.services import bills, goals
from core.services.alerts import of_goals
from core.services.bills import Effects
from core.services.goals import Standing
from tests.support.builders import NOW, TODAY, expense, make_group, make_person

DUE = TODAY + timedelta(days=84)


def euros(amount: int) -> Money:
    return Money(amount * 100, "EUR")


async def sofa(uow: UnitOfWork) -> tuple[Book, UUID, UUID]:
    book = await make_group(uow, "Anna", "Ben")
    await goals.set_up(uow, book.book_id, name="sofa", amount=euros(900), due_on=DUE, today=TODAY)
    return book, book.members[0].member_id, book.members[1].member_id


async def now(uow: UnitOfWork, book: Book, *, today: date = TODAY) -> Standing:
    (found,) = await goals.standings(uow, [book.book_id], today=today)
    return found


async def put(uow: UnitOfWork, book: Book, member: UUID, amount: Money, *, key: bytes) -> None:
    effects = Effects(key, member, None)
    goals.put_aside(uow, await now(uow, book), amount, member=member, on=TODAY, effects=effects, now=NOW)


async def test_what_is_put_aside_is_neither_spent_nor_owed(dsn: str, database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, ben = await sofa(uow)
        uow.post(expense(book, 1000))
        await put(uow, book, anna, euros(100), key=b"a")
        await put(uow, book, ben, euros(50), key=b"b")
        assert (await now(uow, book)).aside == euros(150)
        assert {kept.amount for kept in uow.balances(book.book_id).values()} == {500, -500}
        spent = await figures.by_day(uow, {book.book_id: None}, Asked(first=TODAY))
        assert [each.amount for each in spent] == [Money(1000, "EUR")]
        assert await ledger.payments_since_bill(uow, book.book_id, entries_most=100) == {}
        assert await rows.parts(uow, book.book_id, (await now(uow, book)).goal.goal_id) == {anna: 10000, ben: 5000}
    assert (await audit(dsn))[1] == []


async def test_taking_out_begins_with_ones_own_and_never_takes_more_than_there_is(dsn: str, database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, ben = await sofa(uow)
        await put(uow, book, anna, euros(100), key=b"a")
        await put(uow, book, ben, euros(50), key=b"b")
        standing, effects = await now(uow, book), Effects(b"c", ben, None)
        with pytest.raises(DomainError, match="goal_too_much"):
            await goals.take_out(uow, standing, euros(151), member=ben, on=TODAY, effects=effects, now=NOW)
        taken = await goals.take_out(uow, standing, euros(60), member=ben, on=TODAY, effects=effects, now=NOW)
        assert len(taken) == 2 and await rows.parts(uow, book.book_id, standing.goal.goal_id) == {anna: 9000}
        with pytest.raises(DomainError, match="goal_too_much"):
            await goals.move_anew(uow, taken[1], euros(500), on=TODAY, effects=effects, now=NOW)
        await goals.move_anew(uow, taken[1], euros(20), on=TODAY, effects=effects, now=NOW)
        assert (await now(uow, book)).aside == euros(80)
    assert (await audit(dsn))[1] == []


async def test_a_changed_move_can_be_undone_and_none_that_was_taken_out_meanwhile(dsn: str, database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, _ = await sofa(uow)
        effects = Effects(b"c", anna, None)
        first = goals.put_aside(uow, await now(uow, book), euros(100), member=anna, on=TODAY, effects=effects, now=NOW)
        await uow.flush()
        changed = await goals.move_anew(uow, first, euros(120), on=TODAY, effects=effects, now=NOW)
        await uow.flush()
        back = await bills.undo(uow, changed, effects, now=NOW)
        assert back is not None and (await now(uow, book)).aside == euros(100)
        await goals.take_out(uow, await now(uow, book), euros(60), member=anna, on=TODAY, effects=effects, now=NOW)
        with pytest.raises(DomainError, match="goal_too_much"):
            async with goals.none_overdrawn(uow, [back]):
                bills.take_back(uow, back, effects, now=NOW, reason="deleted")
    assert (await audit(dsn))[1] == []


async def test_a_goal_keeps_its_currency(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, _ = await sofa(uow)
        with pytest.raises(DomainError, match="goal_currency"):
            await put(uow, book, anna, Money(100, "USD"), key=b"a")
        with pytest.raises(DomainError, match="goal_currency"):
            await goals.change(uow, await now(uow, book), today=TODAY, amount=Money(100, "USD"), due_on=None)


async def test_a_changed_goal_is_planned_anew_and_may_be_reached_again(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, _ = await sofa(uow)
        await put(uow, book, anna, euros(900), key=b"a")
        assert await goals.reach(uow, await now(uow, book), today=TODAY)
        assert not await goals.reach(uow, await now(uow, book), today=TODAY), "said once"
        await goals.change(uow, await now(uow, book), today=TODAY, amount=euros(1200), due_on=None)
        changed = await now(uow, book)
        assert (changed.goal.planned_aside, changed.goal.reached_on, changed.left, changed.each) == (90000, None, euros(300), euros(25))


async def test_what_is_dropped_frees_what_lay_there_and_comes_back_with_it(dsn: str, database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, ben = await sofa(uow)
        await put(uow, book, anna, euros(10), key=b"a")
        await put(uow, book, ben, euros(20), key=b"b")
        effects = Effects(b"c", anna, None)
        freed = await goals.drop(uow, await now(uow, book), today=TODAY, effects=effects, now=NOW)
        assert await goals.standings(uow, [book.book_id], today=TODAY) == []
        async with goals.none_overdrawn(uow, freed):
            for entry in freed:
                await bills.undo(uow, entry, effects, now=NOW)
        assert (await now(uow, book)).aside == euros(30)
        await goals.take_out(uow, await now(uow, book), euros(30), member=anna, on=TODAY, effects=effects, now=NOW)
        assert not (await now(uow, book)).aside, "it is a goal as before"
    assert (await audit(dsn))[1] == []


async def test_a_low_pace_is_found_by_what_was_put_aside(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, _ = await sofa(uow)
        assert of_goals([await now(uow, book)], today=TODAY) == []
        later = TODAY + timedelta(days=15)
        [alert] = of_goals([await now(uow, book, today=later)], today=later)
        assert alert.told.period == TODAY + timedelta(days=7) and alert.goal is not None and alert.goal.behind == euros(150)
        await put(uow, book, anna, euros(150), key=b"a")
        assert of_goals([await now(uow, book, today=later)], today=later) == []


async def test_what_somebody_saved_for_goes_with_them(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna = await make_person(uow, "Anna")
        own = anna.personal_book_id
        await goals.set_up(uow, own, name="velvet gondola", amount=euros(900), due_on=None, today=TODAY)
        [standing] = await goals.standings(uow, [own], today=TODAY)
        member = uow.book(own).members[0].member_id
        goals.put_aside(uow, standing, euros(10), member=member, on=TODAY, effects=Effects(b"a", member, anna.person_id), now=NOW)
    async with database.unit_of_work() as uow:
        await erase_person(uow, anna.person_id, now=NOW)
        await uow.load_books([own])
        assert await rows.of_book(uow, own) == []
        kept = await uow.connection.fetchrow("SELECT name, data_key, amount FROM goals WHERE book_id = $1", own)
        assert tuple(kept) == (None, None, None)
        assert await uow.connection.fetchval("SELECT count(*) FROM entry_texts WHERE book_id = $1 AND description IS NOT NULL", own) == 0


async def test_nothing_of_another_book_is_seen(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book, anna, _ = await sofa(uow)
        other = await make_person(uow, "Mallory")
        await put(uow, book, anna, euros(10), key=b"a")
    async with database.unit_of_work() as uow:
        await uow.load_books([other.personal_book_id])
        assert await rows.of_book(uow, book.book_id) == []


def test_a_name_means_the_goal_that_has_its_words() -> None:
    def named(*names: str) -> list[Standing]:
        return [Standing(UUID(int=1), goal_called(name), None) for name in names]  # type: ignore[arg-type]  # how they stand does not matter

    def goal_called(name: str) -> goals.Goal:
        return goals.Goal(UUID(int=2), name, euros(1), None, TODAY, 0)

    found = named("red bike", "blue bike", "bike", "Ferien")
    assert [each.goal.name for each in goals.called(found, "bike")] == ["bike"]
    assert [each.goal.name for each in goals.called(found[:2], "bike")] == ["red bike", "blue bike"]
    assert [each.goal.name for each in goals.called(found, "the FERIEN")] == ["Ferien"]
    assert goals.called(found, "boat") == goals.called(found, "bikes") == []
