"""Letters reach their chat in order, are tried again as long as it makes sense, and hold up nobody else."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import uvloop

from bot.clock import SystemClock
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.refusals import WAITS
from bot.wake import OUTBOX, LocalWake
from core.db.queues import drop_dead, list_dead, retry_dead
from core.db.session import Database
from core.errors import SendError, SendErrorKind
from tests.support.running import Running, message, running


def refused(kind: SendErrorKind = SendErrorKind.RETRY, *, after: int | None = None) -> SendError:
    return SendError(kind, "no", retry_after_seconds=after)


async def outbox(service: Running) -> tuple[object, ...]:
    row = await service.owner.fetchrow("SELECT state, reason, tries FROM outbox ORDER BY no LIMIT 1")
    return tuple(row) if row else ()


async def test_a_letter_that_is_not_taken_keeps_its_place(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].extend([refused(), refused()])
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2))
        await service.until(lambda: service.channel.attempts == 2)
        service.clock.forward(seconds=2)
        service.runtime.nudge()
        await service.quiet()
        assert service.channel.texts() == ["noted 1", "noted 2"]


async def test_the_platforms_own_pause_is_kept_and_only_for_its_chat(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].append(refused(after=40))
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("bob", 1))
        await service.until(lambda: service.channel.texts("bob"))
        await service.until(lambda: service.channel.attempts == 2)
        for seconds in (10, 29):
            service.clock.forward(seconds=seconds)
            service.runtime.nudge()
            await asyncio.sleep(0.1)
            assert service.channel.attempts == 2
        service.clock.forward(seconds=2)
        service.runtime.nudge()
        await service.until(lambda: service.channel.texts("anna") == ["noted 1"])


async def test_a_chat_that_hangs_holds_up_nobody(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.hold["anna"] = asyncio.Event()
        await service.runtime.accept(message("anna", 1))
        for number in range(40):
            await service.runtime.accept(message(f"chat{number}", 1))
        await service.until(lambda: len(service.channel.sent) == 40)
        service.channel.hold["anna"].set()
        await service.quiet()
        assert service.channel.texts("anna") == ["noted 1"]


async def test_a_reply_is_given_up_after_its_last_try(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        tries = len(WAITS["reply"])
        service.channel.refuse["anna"].extend(refused() for _ in range(tries + 1))
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2))
        for attempts in range(2, tries + 2):
            await service.until(lambda attempts=attempts: service.channel.attempts >= attempts)
            await asyncio.sleep(0.05)
            service.clock.forward(seconds=800)
            service.runtime.nudge()
        await service.quiet()
        assert await outbox(service) == ("dead", "retry", tries)
        assert service.channel.texts() == ["noted 2"], "the chat goes on"


@pytest.mark.parametrize("kind", [SendErrorKind.REJECTED, SendErrorKind.OPTED_OUT, SendErrorKind.WINDOW_CLOSED])
async def test_what_will_never_be_taken_is_tried_once(database: Database, dsn: str, kind: SendErrorKind) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].append(refused(kind))
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        assert await outbox(service) == ("dead", kind.value, 0)
        assert service.channel.attempts == 1


async def test_an_unexpected_error_of_a_channel_is_tried_again(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].append(ValueError("nonsense from the platform"))
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        assert service.channel.texts() == ["noted 1"]


async def test_a_notification_that_waits_for_hours_does_not_hold_up_replies(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].extend([refused(), refused()])
        await service.runtime.accept(message("anna", 1, "notify"))
        await service.until(lambda: service.channel.attempts == 1)
        service.clock.forward(seconds=7)
        service.runtime.nudge()
        await service.until(lambda: service.channel.attempts == 2)
        await service.runtime.accept(message("anna", 2))
        await service.until(lambda: service.channel.texts() == ["noted 2"])
        service.clock.forward(seconds=600)
        service.runtime.nudge()
        await service.until(lambda: service.channel.texts() == ["noted 2", "noted 1"])


async def test_an_operator_lists_retries_and_drops_dead_letters(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.refuse["anna"].append(refused(SendErrorKind.REJECTED))
        service.channel.refuse["bob"].append(refused(SendErrorKind.REJECTED))
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("bob", 1))
        await service.quiet()
        async with database.pool.acquire() as connection:
            dead = await list_dead(connection, limit=10)
        assert {(row.queue, row.reason, row.readable) for row in dead} == {("outbox", "rejected", True)}
        async with database.unit_of_work() as uow:
            assert await retry_dead(uow, [dead[0].row_id], now=service.clock()) == 1
            assert await drop_dead(uow, [dead[1].row_id]) == 1
        service.runtime.nudge()
        await service.quiet()
        assert len(service.channel.sent) == 1
        async with database.pool.acquire() as connection:
            assert await list_dead(connection, limit=10) == []
        assert await service.owner.fetchval("SELECT count(*) FROM outbox WHERE state = 'dropped' AND body IS NULL") == 1


async def test_nothing_that_is_sent_is_stored_in_clear(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        service.channel.hold["anna-canary-chat"] = asyncio.Event()
        await service.runtime.accept(message("anna-canary-chat", 1))
        await service.until(lambda: service.channel.attempts)
        rows = await service.owner.fetch("SELECT body, c.address, c.state FROM outbox JOIN conversations c ON c.id = conversation_id")
        assert len(rows) == 1
        for row in rows:
            for value in row:
                assert b"noted" not in value
                assert b"canary" not in value
        service.channel.hold.pop("anna-canary-chat").set()
        await service.quiet()
        assert await service.owner.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent' AND body IS NULL") == 1


async def test_a_process_without_that_channel_leaves_its_letters_to_others(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
    async with running(database, dsn) as without:
        del without.runtime.channels["fake"]  # type: ignore[attr-defined]
        without.runtime.nudge()

        async def posted() -> bool:
            return await without.owner.fetchval("SELECT count(*) FROM outbox") == 1

        await without.until(posted)
        async with running(database, dsn) as other:
            await other.until(lambda: other.channel.texts() == ["noted 1"])


def test_an_alarm_is_set_again_after_it_rang() -> None:
    """On the loop of the product, which gives no timer for a moment that is almost here."""

    async def ring() -> float:
        clock, wake = SystemClock(), LocalWake()
        delivery = Delivery(SimpleNamespace(pool=None), {}, clock=clock, wake=wake, metrics=Metrics())
        started = time.monotonic()
        for number in range(50):
            delivery._wake_at(clock() + timedelta(microseconds=10 * number))
            await wake.wait(OUTBOX, timeout_seconds=1)
        return time.monotonic() - started

    assert uvloop.run(ring()) < 20, "each of them rang"
