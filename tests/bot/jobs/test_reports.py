"""Reports that come by themselves: once for each moment, however many look, late after a pause."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bot.jobs import reports
from bot.jobs.schedule import Schedule, jobs_with
from bot.rehearsal import Rehearsal, SimulatedClock
from bot.report_files import opened
from core.db import report_schedules
from core.db.report_links import Slip
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.errors import DomainError
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
MONDAY = datetime(2025, 3, 17, 9, tzinfo=UTC)
LETTERS = "SELECT count(*) FROM outbox WHERE urgency = 'notification'"
NEXT = "SELECT next_at FROM report_schedules"


async def plan(stage: Rehearsal, chat: str) -> None:
    """The person of that name has a bill, and wants a report every Monday."""
    for number, text in enumerate(("coffee 3.50", "every monday 9:00 send report")):
        assert await stage.play(said(chat, text, number), at=START + timedelta(minutes=number)), text


def said(chat: str, text: str, number: int) -> InboundMessage:
    address = ChatAddress("telegram", "", chat)
    return InboundMessage(address, ChatKind.PRIVATE, Person(chat, chat), str(number), InboundKind.TEXT, START, text=text, position=number)


async def test_one_that_fails_holds_up_no_other_and_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:
        for chat in ("anna", "ben", "cleo"):
            await plan(stage, chat)
        broken = await database.pool.fetchval("SELECT person_id FROM report_schedules ORDER BY next_at, id LIMIT 1")

        async def failing(uow: UnitOfWork, slip: Slip, **asked: Any) -> Any:
            if slip.person_id == broken:
                raise DomainError("amount_too_large")
            return await opened(uow, slip, **asked)

        monkeypatch.setattr(reports, "AT_ONCE", 2)
        monkeypatch.setattr(reports, "opened", failing)
        clock = SimulatedClock(MONDAY)
        schedule = Schedule(database, clock=clock, jobs=jobs_with(stage._channels))
        await schedule.run_due()
        assert await database.pool.fetchval(LETTERS) == 2
        monkeypatch.undo()
        clock.move_to(MONDAY + timedelta(minutes=59))
        await schedule.run_due()
        assert await database.pool.fetchval(LETTERS) == 2
        clock.move_to(MONDAY + timedelta(hours=1))
        await schedule.run_due()
        assert await database.pool.fetchval(LETTERS) == 3
        assert await database.pool.fetch(f"SELECT DISTINCT next_at FROM ({NEXT}) s") == [(MONDAY + timedelta(days=7),)]


async def test_a_chat_that_moved_stops_and_replaces_what_was_planned_before(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:
        await plan(stage, "old")
        await stage.play(said("new", "hello", 3), at=START + timedelta(minutes=3))
        move = "UPDATE conversations o SET moved_to = n.id FROM conversations n WHERE o.id <> n.id AND o.id = $1"
        await database.pool.execute(move, await database.pool.fetchval("SELECT conversation_id FROM report_schedules"))
        async with database.unit_of_work() as uow:
            (moved,) = await uow.connection.fetch("SELECT id FROM conversations WHERE moved_to IS NULL")
            (kept,) = await report_schedules.of_chat(uow, moved["id"])
            await report_schedules.keep(uow, replace(kept, schedule_id=uuid4(), conversation_id=moved["id"]))
            (kept,) = await report_schedules.of_chat(uow, moved["id"])
            assert kept.conversation_id == moved["id"]
        await database.pool.execute("UPDATE report_schedules SET conversation_id = (SELECT id FROM conversations WHERE moved_to IS NOT NULL)")
        async with database.unit_of_work() as uow:
            await report_schedules.stop(uow, moved["id"])
        assert await database.pool.fetchval("SELECT count(*) FROM report_schedules") == 0


async def test_each_is_sent_once_however_many_look_and_late_after_a_pause(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:
        await plan(stage, "anna")
        clock = SimulatedClock(MONDAY - timedelta(seconds=1))
        schedules = [Schedule(database, clock=clock, jobs=jobs_with(stage._channels)) for _ in range(4)]

        async def look() -> int:
            await asyncio.gather(*(schedule.run_due() for schedule in schedules))
            return int(await database.pool.fetchval(LETTERS))

        assert await look() == 0
        clock.move_to(MONDAY)
        assert [await look(), await look()] == [1, 1]
        assert await database.pool.fetchval(NEXT) == MONDAY + timedelta(days=7)
        clock.move_to(MONDAY + timedelta(days=25))  # three Mondays were missed: one report, and the next is on the coming one
        assert [await look(), await look()] == [2, 2]
        assert await database.pool.fetchval(NEXT) == MONDAY + timedelta(days=28)
