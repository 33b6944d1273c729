"""What is due of what repeats: claimed once, on its own day, at its time in the zone; missed days; pauses; what comes until a day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.db import inbox, people, recurring
from core.db.recurring import Outcome, Recurring, State
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.recurrence import Every, Rule
from core.errors import DomainError
from core.services.recurring import begin, deal_with, due_until, stop, take_due
from tests.support.builders import NOW, TODAY, repeating

MONTHLY = Rule(Every.MONTH, date(2025, 3, 31))


@asynccontextmanager
async def ruled(database: Database, rule: Rule = MONTHLY, *, zone: str = "UTC", **fields: Any) -> AsyncIterator[Recurring]:
    """A rule in a person's own book."""
    async with database.unit_of_work() as uow:
        person = await people.create_person(
            uow, sender=Person("anna", "Anna"), address=ChatAddress("fake", "", "anna"), language="en", time_zone=zone, now=NOW
        )
        message = InboundMessage(ChatAddress("fake", "", "anna"), ChatKind.PRIVATE, Person("anna", "Anna"), "1", InboundKind.TEXT, NOW)
        incoming = inbox.prepare(uow.keys, message, trace_id="", now=NOW)
        chats = await inbox.find_conversations(uow, [incoming])
        member = uow.book(person.personal_book_id).members[0]
        common = {"person_id": person.person_id, "conversation_id": chats[incoming.address_hash]}
        begun = await begin(uow, repeating(person.personal_book_id, member.member_id, rule, **common, **fields), today=TODAY)
    yield begun


async def taken(database: Database, now: datetime) -> list[tuple[date, ...]]:
    async with database.unit_of_work() as uow:
        return [due.days for due in (await take_due(uow, now=now))[0]]


async def kept(uow: UnitOfWork, found: Recurring) -> Recurring:
    await uow.load_books([found.book_id])
    again = await recurring.find(uow, found.book_id, found.rule_id)
    assert again is not None
    return again


async def outcomes(database: Database, book_id: UUID) -> dict[date, str]:
    async with database.unit_of_work() as uow:
        await uow.load_books([book_id])
        rows = await uow.connection.fetch("SELECT day, outcome FROM occurrences WHERE book_id = $1", book_id)
    return {row["day"]: row["outcome"] for row in rows}


async def test_a_day_is_due_at_its_time_and_once(database: Database) -> None:
    async with ruled(database, zone="America/New_York"):
        assert await taken(database, datetime(2025, 3, 31, 12, 59, tzinfo=UTC)) == []
        assert await taken(database, datetime(2025, 3, 31, 13, 0, tzinfo=UTC)) == [(date(2025, 3, 31),)]
        assert await taken(database, datetime(2025, 3, 31, 13, 0, tzinfo=UTC)) == []


async def test_a_time_that_the_clocks_leave_out_comes_later(database: Database) -> None:
    async with ruled(database, Rule(Every.DAY, date(2025, 3, 30), until=date(2025, 3, 30)), zone="Europe/Berlin", at=time(2, 30)):
        assert await taken(database, datetime(2025, 3, 30, 1, 29, tzinfo=UTC)) == []
        assert await taken(database, datetime(2025, 3, 30, 1, 30, tzinfo=UTC)) == [(date(2025, 3, 30),)]


async def test_missed_days_come_with_their_own_dates(database: Database) -> None:
    async with ruled(database) as found:
        assert await taken(database, datetime(2025, 6, 3, 12, tzinfo=UTC)) == [(date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 31))]
        async with database.unit_of_work() as uow:
            assert (await kept(uow, found)).next_on == date(2025, 6, 30)


async def test_of_what_is_asked_about_only_the_newest_is(database: Database) -> None:
    async with ruled(database, asks=True) as found:
        assert await taken(database, datetime(2025, 6, 3, 12, tzinfo=UTC)) == [(date(2025, 5, 31),)]
        assert await outcomes(database, found.book_id) == {
            date(2025, 3, 31): "skipped",
            date(2025, 4, 30): "skipped",
            date(2025, 5, 31): "asked",
        }
        async with database.unit_of_work() as uow:
            await uow.load_books([found.book_id])
            assert await recurring.decide(uow, found, date(2025, 5, 31), Outcome.POSTED)
            assert not await recurring.decide(uow, found, date(2025, 5, 31), Outcome.SKIPPED)


async def test_what_is_not_committed_is_due_again(database: Database) -> None:
    async with ruled(database):
        with pytest.raises(RuntimeError):
            async with database.unit_of_work() as uow:
                await take_due(uow, now=datetime(2025, 4, 1, tzinfo=UTC))
                raise RuntimeError("the process dies")
        assert await taken(database, datetime(2025, 4, 1, tzinfo=UTC)) == [(date(2025, 3, 31),)]


async def test_where_nothing_may_be_said_nothing_is_due_before_it_may(database: Database) -> None:
    async with ruled(database):
        await database.pool.execute("UPDATE conversations SET stopped_at = now()")
        assert await taken(database, datetime(2025, 5, 1, tzinfo=UTC)) == []
        await database.pool.execute("UPDATE conversations SET stopped_at = NULL")
        assert await taken(database, datetime(2025, 5, 2, tzinfo=UTC)) == [(date(2025, 3, 31), date(2025, 4, 30))]


async def test_two_at_once_share_the_work(database: Database) -> None:
    async with ruled(database), database.unit_of_work() as one:
        mine = (await take_due(one, now=datetime(2025, 4, 1, tzinfo=UTC)))[0]
        assert await taken(database, datetime(2025, 4, 1, tzinfo=UTC)) == []
        assert [due.days for due in mine] == [(date(2025, 3, 31),)]


async def test_another_zone_neither_loses_nor_doubles_a_day(database: Database) -> None:
    async with ruled(database, zone="Asia/Tokyo") as found:
        async with database.unit_of_work() as uow:
            await uow.load_books([found.book_id])
            await people.update_book(uow, found.book_id, time_zone="America/Los_Angeles")
        assert await taken(database, datetime(2025, 3, 31, 1, tzinfo=UTC)) == []  # nine in Tokyo
        assert await taken(database, datetime(2025, 3, 31, 16, tzinfo=UTC)) == [(date(2025, 3, 31),)]


async def test_a_zone_that_is_known_no_more_is_utc(database: Database) -> None:
    async with ruled(database, zone="Mars/Olympus_Mons"):
        assert await taken(database, datetime(2025, 3, 31, 9, tzinfo=UTC)) == [(date(2025, 3, 31),)]


async def test_who_may_be_another_by_now_is_waited_for(database: Database) -> None:
    async with ruled(database):
        now = datetime(2025, 3, 31, 9, tzinfo=UTC)
        async with database.unit_of_work() as uow:
            assert (await take_due(uow, now=now, silent={"fake": now}))[0] == []
        assert await taken(database, now) == []
        assert await taken(database, now + timedelta(days=1)) == [(date(2025, 3, 31),)]


async def test_what_is_paused_is_not_due_and_not_made_up(database: Database) -> None:
    async with ruled(database) as found:
        async with database.unit_of_work() as uow:
            await uow.load_books([found.book_id])
            await stop(uow, found, State.PAUSED)
        assert await taken(database, datetime(2025, 5, 1, tzinfo=UTC)) == []
        async with database.unit_of_work() as uow:
            assert (await begin(uow, await kept(uow, found), today=date(2025, 5, 2))).next_on == date(2025, 5, 31)
        assert await taken(database, datetime(2025, 6, 1, tzinfo=UTC)) == [(date(2025, 5, 31),)]


async def test_a_day_that_was_dealt_with_before_is_not_due(database: Database) -> None:
    async with ruled(database) as found:
        async with database.unit_of_work() as uow:
            await uow.load_books([found.book_id])
            assert await deal_with(uow, found, date(2025, 3, 31), Outcome.SKIPPED, now=NOW)
            assert not await deal_with(uow, found, date(2025, 3, 31), Outcome.POSTED, now=NOW)
        assert await taken(database, datetime(2025, 4, 1, tzinfo=UTC)) == []


async def test_the_last_day_ends_it(database: Database) -> None:
    async with ruled(database, Rule(Every.MONTH, date(2025, 3, 31), until=date(2025, 4, 1))) as found:
        assert await taken(database, datetime(2025, 4, 1, tzinfo=UTC)) == [(date(2025, 3, 31),)]
        async with database.unit_of_work() as uow:
            assert (await kept(uow, found)).state is State.ENDED
            assert await recurring.of_books(uow, [found.book_id]) == []


async def test_what_comes_until_a_day(database: Database) -> None:
    async with ruled(database) as found, database.unit_of_work() as uow:
        await uow.load_books([found.book_id])
        coming = await due_until(uow, [found.book_id], date(2025, 5, 30))
        assert [(day, each.what) for day, each in coming] == [(date(2025, 3, 31), "rent"), (date(2025, 4, 30), "rent")]


def test_there_is_no_31_february() -> None:
    with pytest.raises(DomainError, match="no_such_day"):
        Rule(Every.YEAR, TODAY, month=2, day=31)
