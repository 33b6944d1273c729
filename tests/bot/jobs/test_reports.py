"""Reports that come by themselves: once for each moment, however many look, late after a pause."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.jobs.schedule import Schedule, jobs_with
from bot.rehearsal import Rehearsal, SimulatedClock
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
MONDAY = datetime(2025, 3, 17, 9, tzinfo=UTC)
LETTERS = "SELECT count(*) FROM outbox WHERE urgency = 'notification'"
NEXT = "SELECT next_at FROM report_schedules"


async def test_each_is_sent_once_however_many_look_and_late_after_a_pause(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:
        for number, text in enumerate(("coffee 3.50", "every monday 9:00 send report")):
            address = ChatAddress("telegram", "", "1")
            said = InboundMessage(address, ChatKind.PRIVATE, Person("anna", "Anna"), str(number), InboundKind.TEXT, START, text=text, position=number)
            sent = await stage.play(said, at=START + timedelta(minutes=number))
            assert sent, text
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
