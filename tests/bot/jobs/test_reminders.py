"""A group is reminded once, by day, of the lines of a receipt that nobody has claimed, and only while that may still change something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.jobs.schedule import Schedule, jobs_with
from core.db.session import Database
from core.domain.messages import ChatKind, InboundKind, Person
from tests.bot.jobs.test_receipts import LINES, MARIO, SURE, Shop, opened
from tests.support.running import Running

GROUP = {"chat": "trip", "chat_kind": ChatKind.GROUP}
ANNA, BOB = Person("anna", "Anna"), Person("bob", "Bob")
FULL = replace(SURE, receipt=replace(MARIO, total=3400, lines=(*LINES, replace(LINES[0], description="Tiramisu", amount=600))))
REMINDER = "Nobody's yet: 2 2× Wine €18.50, 3 Tiramisu €6. Tap what was yours, or they stay shared by all."


@pytest.fixture
async def shop(database: Database, dsn: str) -> AsyncIterator[Shop]:
    """Anna and Bob in a group, and a receipt of three lines; it is Friday noon in London."""
    async with opened(database, dsn) as shop:
        shop.reader.readings[b"mario"] = FULL
        shop.reader.readings[b"other"] = replace(FULL, receipt=replace(FULL.receipt, merchant="Other", total=3400))
        for number, who in enumerate((ANNA, BOB), 1):
            await shop.say(number, "", kind=InboundKind.JOIN, sender=who, **GROUP)
        await shop.photo(3, sender=BOB, **GROUP)
        yield shop


async def tap(shop: Shop, number: int, label: str, who: Person = ANNA) -> None:
    button = next(choice for sent in reversed(shop.service.channel.sent) for choice in sent.choices if choice.label == label)
    await shop.say(number, "", kind=InboundKind.BUTTON, button=button.id, reply_to="sent-1", sender=who, **GROUP)


async def reminded(shop: Shop, **later: float) -> list[str]:
    """What several schedulers make the group read when they look at the same time, so much later."""
    before = len(shop.service.channel.sent)
    shop.service.clock.forward(**later)
    service: Running = shop.service
    jobs = [job for job in jobs_with(service.runtime.channels) if job.name == "unclaimed_lines"]
    schedules = [Schedule(service.runtime.database, clock=service.clock, jobs=tuple(jobs)) for _ in range(4)]
    await asyncio.gather(*(schedule.run_due() for schedule in schedules))
    await service.quiet()
    return [sent.text for sent in service.channel.sent[before:]]


async def test_a_day_after_the_last_claim_once(shop: Shop) -> None:
    assert await reminded(shop, days=3) == [], "nobody has claimed anything"
    await tap(shop, 10, "1")
    assert await reminded(shop, hours=23) == []
    assert await reminded(shop, hours=1) == [REMINDER]
    assert [choice.label for choice in shop.service.channel.sent[-1].choices] == ["2", "3"]
    assert await reminded(shop, days=1) == []
    await tap(shop, 11, "2", BOB)
    assert "2 2× Wine €18.50 (Bob)" in shop.service.channel.sent[-1].text, "its buttons divide the bill"
    assert shop.service.channel.sent[-1].edits == f"sent-{len(shop.service.channel.sent) - 1}", "and the card takes its place"
    assert await reminded(shop, days=2) == [], "never twice for one receipt"


async def test_in_a_forum_it_is_said_in_the_topic_of_the_photo(shop: Shop) -> None:
    await shop.photo(4, sender=BOB, data=b"other", thread="77", **GROUP)
    await tap(shop, 10, "1")
    assert len(await reminded(shop, days=1)) == 1
    assert shop.service.channel.sent[-1].thread == "77"


async def test_a_later_claim_puts_it_off(shop: Shop) -> None:
    await tap(shop, 10, "1")
    shop.service.clock.forward(hours=20)
    await tap(shop, 11, "2", BOB)
    assert await reminded(shop, hours=20) == []
    shop.service.clock.now = datetime.fromisoformat("2025-03-16T12:00+00:00")
    assert await reminded(shop) == ["Nobody's yet: 3 Tiramisu €6. Tap what was yours, or they stay shared by all."]


@pytest.mark.parametrize("asleep_until", ["2025-03-15T21:00", "2025-03-16T03:00"])
async def test_nobody_is_woken(shop: Shop, asleep_until: str) -> None:
    await tap(shop, 10, "1")
    shop.service.clock.now = datetime.fromisoformat(asleep_until + "+00:00")  # of the scheduler
    assert await reminded(shop) == []
    shop.service.clock.now = datetime.fromisoformat("2025-03-16T08:59+00:00")
    assert await reminded(shop) == []
    assert await reminded(shop, minutes=1) == [REMINDER]


async def test_the_zone_is_the_groups(shop: Shop) -> None:
    await shop.service.owner.execute("UPDATE books SET time_zone = 'Asia/Kolkata'")
    shop.service.clock.forward(hours=6)  # half past eleven at night there
    await tap(shop, 10, "1")
    assert await reminded(shop, hours=32) == []
    assert await reminded(shop, hours=2) == [REMINDER]


async def test_not_of_what_was_taken_back(shop: Shop) -> None:
    await tap(shop, 10, "1", BOB)
    await shop.say(11, "undo", sender=BOB, **GROUP)
    await shop.say(12, "undo", sender=BOB, **GROUP)
    assert await shop.amounts() == []
    assert await reminded(shop, days=1) == []


async def test_not_where_the_only_claim_was_taken_back(shop: Shop) -> None:
    await tap(shop, 10, "1")
    await shop.say(11, "undo", sender=ANNA, **GROUP)
    assert await shop.amounts() == [3400]
    assert await reminded(shop, days=1) == []


async def test_not_where_all_or_none_is_claimed(shop: Shop) -> None:
    for number, label in enumerate("123", 10):
        await tap(shop, number, label)
    assert await reminded(shop, days=1) == []
    for number, label in enumerate("123", 20):
        await tap(shop, number, label)
    assert await reminded(shop, days=1) == []


async def test_not_where_the_rest_was_spoken_for(shop: Shop) -> None:
    await shop.say(10, "1 me, rest all", sender=ANNA, **GROUP)
    assert await reminded(shop, days=1) == []
    await tap(shop, 11, "2", BOB)
    assert await reminded(shop, days=2) == []


async def test_not_once_people_pay_back(shop: Shop) -> None:
    await tap(shop, 10, "1")
    await shop.say(11, "I paid Bob 5", sender=ANNA, **GROUP)
    assert await reminded(shop, days=1) == []


async def test_not_to_a_group_that_stopped(shop: Shop) -> None:
    await tap(shop, 10, "1")
    await shop.service.owner.execute("UPDATE conversations SET opted_out_at = $1 WHERE kind = 'group'", shop.service.clock() + timedelta(hours=1))
    assert await reminded(shop, days=1) == []


async def test_not_to_a_group_that_took_us_out(shop: Shop) -> None:
    await tap(shop, 10, "1")
    await shop.say(11, "", kind=InboundKind.REMOVED, sender=BOB, **GROUP)
    assert await reminded(shop, days=1) == []


async def test_bare_numbers_are_about_what_it_named(shop: Shop) -> None:
    await tap(shop, 10, "1")
    await shop.say(11, "taxi 20", sender=BOB, **GROUP)
    assert await reminded(shop, days=1) == [REMINDER]
    await shop.say(12, "2 me, 3 bob", sender=ANNA, **GROUP)
    assert "2 2× Wine €18.50 (Anna) · 3 Tiramisu €6 (Bob)" in shop.said("trip")[-1]


async def test_who_shares_is_named_where_it_is_not_everyone(shop: Shop) -> None:
    await shop.say(9, "", kind=InboundKind.JOIN, sender=Person("carl", "Carl"), **GROUP)
    await tap(shop, 10, "1")
    assert await reminded(shop, days=1) == [REMINDER.replace("by all", "by Bob and Anna")]


async def test_a_receipt_of_one_alone_reminds_nobody(shop: Shop) -> None:
    shop.reader.readings[b"other"] = replace(FULL, receipt=replace(FULL.receipt, merchant="Luigi", date=None))
    await shop.photo(20, data=b"other")
    assert await shop.amounts() == [3400, 3400]
    await shop.say(21, "1 bob", sender=ANNA)
    assert await reminded(shop, days=1) == []
