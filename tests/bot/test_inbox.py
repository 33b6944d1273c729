"""Messages are durable before they are accepted, and each at most once."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import datetime

import asyncpg
import pytest

import bot.inbox
from bot import log
from bot.conversation.intents import Understanding
from bot.conversation.turn import Turn
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.wake import LocalWake
from core.db.session import Database
from core.domain.messages import InboundKind, Person
from core.errors import DomainError, ServiceUnavailable
from tests.support.doubles import FakeClock
from tests.support.running import message, running
from tests.support.stub_engine import StubEngine


async def test_an_accepted_message_is_in_the_database(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1, "secret words"))
        row = await service.owner.fetchrow("SELECT state, body FROM inbox")
    assert row is not None
    assert row["state"] == "pending"
    assert b"secret words" not in row["body"]


async def test_a_repeat_is_accepted_and_has_no_effect(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        for _ in range(3):
            await service.runtime.accept(message("anna", 1))
        await asyncio.gather(*(service.runtime.accept(message("anna", 1)) for _ in range(50)))
        await service.quiet()
        assert await service.effects() == ["anna:1"]
        assert service.channel.texts() == ["noted 1"]


async def test_the_same_key_with_another_body_is_logged(database: Database, dsn: str) -> None:
    stream = io.StringIO()
    log.configure(stream)
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1, "45"))
        await service.runtime.accept(message("anna", 1, "46"))
    log.configure()
    assert "same key, other body" in stream.getvalue()


async def test_an_edit_and_presses_are_messages_of_their_own(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 1, kind=InboundKind.EDIT, version=5))
        await service.runtime.accept(message("anna", 1, kind=InboundKind.BUTTON, button="b"))
        await service.runtime.accept(message("anna", 1, kind=InboundKind.REACTION, sender=Person("bob", "Bob")))
        assert await service.owner.fetchval("SELECT count(*) FROM inbox") == 4


async def test_many_at_once_are_stored_in_their_order(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await asyncio.gather(*(service.runtime.accept(message(f"chat{number % 7}", number)) for number in range(700)))
        numbers = [row[0] for row in await service.owner.fetch("SELECT position FROM inbox ORDER BY no")]
        assert numbers == list(range(700))
        assert await service.owner.fetchval("SELECT count(*) FROM conversations") == 7


async def test_two_processes_that_take_in_the_same_messages_do_not_deadlock(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as one, running(database, dsn, roles=("web",)) as other:
        numbers = list(range(300))
        first = [one.runtime.accept(message(f"c{number}", number)) for number in numbers]
        second = [other.runtime.accept(message(f"c{number}", number)) for number in reversed(numbers)]
        await asyncio.gather(*first, *second)
        assert await one.owner.fetchval("SELECT count(*) FROM inbox") == 300


@pytest.mark.parametrize(
    ("text", "kept"),
    [("nul\x00byte", "nul\ufffdbyte"), ("lone \ud83d surrogate", "lone \ufffd surrogate"), ("\u202eright to left", "\u202eright to left")],
)
async def test_text_that_cannot_be_stored_is_cleaned(database: Database, dsn: str, text: str, kept: str) -> None:
    seen: list[str] = []

    class Seeing(StubEngine):
        async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
            seen.append(turn.message.text)
            return await super().understand(turn, now=now)

    async with running(database, dsn, engine=Seeing()) as service:
        await service.runtime.accept(message("anna", 1, text, sender=Person("anna", text), chat_title=text))
        await service.quiet()
    assert seen == [kept]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "x" * 20_001}, "message_too_long"),
        ({"message_id": "a\x00b"}, "bad_identifier"),
        ({"message_id": ""}, "bad_identifier"),
        ({"sender": Person("\udc00", "Anna")}, "bad_identifier"),
        ({"reply_to": "x" * 300}, "bad_identifier"),
        ({"position": 2**63}, "bad_number"),
        ({"version": -(2**70)}, "bad_number"),
        ({"mentions": (Person("a", "b"),) * 51}, "too_many_parts"),
    ],
)
async def test_what_can_never_be_stored_is_refused_with_a_reason(database: Database, dsn: str, change: dict[str, object], code: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        with pytest.raises(DomainError) as refused:
            await service.runtime.accept(replace(message("anna", 1), **change))
        assert refused.value.code == code
        assert await service.owner.fetchval("SELECT count(*) FROM inbox") == 0


async def test_a_full_queue_sheds_load(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.inbox, "QUEUE_LIMIT", 2)
    inbox = Inbox(database, clock=FakeClock(), wake=LocalWake(), metrics=Metrics())
    waiting = [asyncio.create_task(inbox.accept(message("anna", number))) for number in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(ServiceUnavailable):
        await inbox.accept(message("anna", 3))
    inbox.close()
    await inbox.run()
    await asyncio.gather(*waiting)


async def test_without_a_database_nothing_is_accepted_and_then_it_heals(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        await service.owner.execute("ALTER TABLE inbox RENAME TO elsewhere")
        with pytest.raises(ServiceUnavailable):
            await service.runtime.accept(message("anna", 2))
        await service.owner.execute("ALTER TABLE elsewhere RENAME TO inbox")
        await service.owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tuppence'")
        for _ in range(50):
            try:
                await service.runtime.accept(message("anna", 2))
                break
            except ServiceUnavailable:
                await asyncio.sleep(0.02)
        assert await service.owner.fetchval("SELECT count(*) FROM inbox") == 2


async def test_closing_finishes_what_waits_and_takes_no_more(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        waiting = asyncio.create_task(service.runtime.accept(message("anna", 1)))
        await asyncio.sleep(0)
        service.runtime.stop()
        await waiting
        with pytest.raises(ServiceUnavailable):
            await service.runtime.accept(message("anna", 2))
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT count(*) FROM inbox") == 1
    await connection.close()
