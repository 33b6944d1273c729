"""Jobs run once a period, whoever runs them, and what they erase is gone."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.jobs.schedule import JOBS, Job, Schedule
from bot.rehearsal import Rehearsal, SimulatedClock
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)


async def test_four_schedulers_do_a_job_once_a_period(database):
    ran: list[str] = []

    async def work(uow, now):
        ran.append(now.isoformat())
        await asyncio.sleep(0.01)

    clock = SimulatedClock(START)
    schedules = [Schedule(database, clock=clock, jobs=(Job("count", "%Y-%m-%dT%H", work),)) for _ in range(4)]
    for hours in range(3):
        clock.move_to(START + timedelta(hours=hours))
        await asyncio.gather(*(schedule.run_due() for schedule in schedules))
    assert len(ran) == 3


async def test_a_job_that_fails_is_tried_again(database):
    tries: list[int] = []

    async def work(uow, now):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("first time")

    schedule = Schedule(database, clock=SimulatedClock(START), jobs=(Job("shaky", "%Y", work),))
    assert await schedule.run_due() == []
    assert await schedule.run_due() == ["shaky"]
    assert await schedule.run_due() == []


async def test_a_job_with_much_to_do_holds_up_no_other(database):
    ran: list[str] = []

    async def much(uow, now):
        ran.append("much")
        return ran.count("much") < 3

    async def little(uow, now):
        ran.append("little")

    await Schedule(database, clock=SimulatedClock(START), jobs=(Job("much", None, much), Job("little", None, little))).run_due()
    assert ran == ["much", "little", "much", "much"]


async def test_bodies_go_after_seven_days_and_the_money_stays(database):
    message = InboundMessage(
        ChatAddress("telegram", "", "1"), ChatKind.PRIVATE, Person("anna", "Anna"), "1", InboundKind.TEXT, START, text="coffee 3.50"
    )
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:
        sent = await stage.play(message, at=START)
        assert "€3.50" in sent[0].message.text
        clock = SimulatedClock(START + timedelta(days=6))
        schedule = Schedule(database, clock=clock, jobs=JOBS)
        count = "SELECT (SELECT count(*) FROM inbox WHERE body IS NOT NULL) + (SELECT count(*) FROM outbox WHERE body IS NOT NULL)"
        async with database.pool.acquire() as connection:
            await schedule.run_due()
            assert await connection.fetchval(count) == 1  # a letter's words go when it is delivered
            clock.move_to(START + timedelta(days=8))
            assert await schedule.run_due() == ["erase_bodies", "sign_heads"]
            assert await connection.fetchval(count) == 0
        final = await stage.final({("telegram", "1"): "notes"})
        assert final["notes"]["expenses"][0]["amount"] == "3.50"
