"""Payments that nobody finished: closed after a month without a word, told to both once and kindly, and nothing is booked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Flat

CLOSED = (
    "[flat] ben → anna €12.50: for 30 days nobody said that it arrived, so this payment is closed and nothing was booked. What is owed is as it was."
)


@pytest.fixture
async def flat(database: Database) -> AsyncIterator[Flat]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        await flat.move_in()
        await flat.annas.says("dinner 25")
        yield flat


async def states(database: Database) -> list[str]:
    async with database.unit_of_work() as uow:
        await uow.connection.execute("SELECT set_config('tuppence.books', (SELECT array_agg(book_id)::text FROM person_books), true)")
        return [row["state"] for row in await uow.connection.fetch("SELECT state FROM payments ORDER BY payment_id")]


async def test_both_are_told_once_and_nothing_is_booked(flat: Flat, database: Database) -> None:
    await flat.ben.says("pay")
    await flat.ben.presses("In cash")
    assert await flat.later(days=29) == []
    assert await states(database) == ["payer_says_paid"]
    assert sorted(await flat.later(days=1, hours=1)) == [("alone-anna", CLOSED), ("alone-ben", CLOSED)]
    assert await states(database) == ["cancelled"]
    assert await flat.later(days=40) == []
    assert (await flat.annas.says("who owes whom"))[0].startswith("ben → anna €12.50")


async def test_a_word_begins_the_month_anew(flat: Flat, database: Database) -> None:
    await flat.ben.says("pay")
    await flat.later(days=20)
    await flat.ben.presses("In cash")
    assert await flat.later(days=20) == []
    assert await states(database) == ["payer_says_paid"]


async def test_who_paid_all_the_same_says_so_and_it_is_booked_once(flat: Flat) -> None:
    await flat.ben.says("pay")
    assert len(await flat.later(days=31)) == 2
    await flat.ben.says("I paid anna 12.50")
    assert (await flat.annas.says("who owes whom"))[0].startswith("Everyone is even")


async def test_whoever_wants_no_reminders_is_not_told(flat: Flat) -> None:
    await flat.ben.says("stop reminding me")
    await flat.ben.says("pay")
    assert await flat.later(days=31) == [("alone-anna", CLOSED)]


async def test_nobody_is_told_of_what_was_settled_otherwise(flat: Flat, database: Database) -> None:
    await flat.ben.says("pay")
    await flat.bens.says("taxi 25")
    assert (await flat.annas.says("who owes whom"))[0].startswith("Everyone is even")
    assert await flat.later(days=31) == []
    assert await states(database) == ["cancelled"]


async def test_at_night_it_waits_for_the_morning(flat: Flat, database: Database) -> None:
    await flat.ben.says("pay")
    assert await flat.later(days=30, hours=11) == []
    assert await states(database) == ["cancelled"]
    assert sorted(await flat.later(hours=11)) == [("alone-anna", CLOSED), ("alone-ben", CLOSED)]
