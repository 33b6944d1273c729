"""Messages are answered once, in each chat's order, and one that cannot be answered holds up nobody for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import cast

import asyncpg
import pytest

from bot.conversation.intents import Understanding
from bot.conversation.turn import Outcome, Reply, Turn
from bot.worker import CRASHES
from core.db import inbox
from core.db.claims import Identity
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatKind, InboundKind, Person
from core.errors import ServiceUnavailable
from tests.support.running import Running, message, running
from tests.support.stub_engine import StubEngine


async def fill(service: Running, *messages: object) -> None:
    await asyncio.gather(*(service.runtime.accept(each) for each in messages))  # type: ignore[arg-type]


async def test_a_chat_is_answered_in_the_platforms_order(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await fill(service, *(message("anna", number) for number in (3, 1, 5, 2, 4)))
    async with running(database, dsn) as service:
        await service.quiet()
        assert await service.effects() == [f"anna:{number}" for number in range(1, 6)]
        assert service.channel.texts() == [f"noted {number}" for number in range(1, 6)]


async def test_two_workers_share_the_work_without_doubling_any(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await fill(service, *(message(f"chat{number % 20}", number) for number in range(200)))
    async with running(database, dsn) as one, running(database, dsn) as other:
        await one.quiet()
        effects = await one.effects()
        assert sorted(effects) == sorted(f"chat{number % 20}:{number}" for number in range(200))
        for chat in range(20):
            of_chat = [int(effect.split(":")[1]) for effect in effects if effect.startswith(f"chat{chat}:")]
            assert of_chat == sorted(of_chat)
        assert len(one.channel.sent) + len(other.channel.sent) == 200


async def test_a_poison_message_is_parked_the_sender_is_told_and_the_chat_goes_on(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await fill(service, message("anna", 1), message("anna", 2, "poison"), message("anna", 3), message("bob", 1))

        async def tries() -> int:
            waiting = "SELECT max(tries) FROM inbox WHERE reason = 'RuntimeError' AND next_at > $1"
            return int(await service.owner.fetchval(waiting, service.clock()) or 0)

        await service.until(lambda: "noted 1" in service.channel.texts("bob"))
        for expected, seconds in ((2, 1.5), (3, 6), (4, 31)):
            await service.until(lambda expected=expected: at_least(tries, expected))
            service.clock.forward(seconds=seconds)
            service.runtime.nudge()
        await service.quiet()
        assert service.channel.texts("anna") == ["noted 1", "sorry 2", "noted 3"]
        assert await service.effects() == ["bob:1", "anna:1", "anna:3"] or await service.effects() == ["anna:1", "bob:1", "anna:3"]
        dead = await service.owner.fetchrow("SELECT reason, tries FROM inbox WHERE state = 'dead'")
        assert dead is not None
        assert dead["reason"] == "RuntimeError"


async def test_a_failing_message_waits_longer_each_time(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await service.runtime.accept(message("anna", 1, "poison"))

        async def tries() -> int:
            return int(await service.owner.fetchval("SELECT tries FROM inbox"))

        for expected, wait in ((2, 1), (3, 5), (4, 30)):
            await service.until(lambda expected=expected: at_least(tries, expected))
            await asyncio.sleep(0.05)
            assert await tries() == expected
            service.clock.forward(seconds=wait + 0.5)
            service.runtime.nudge()


async def at_least(count: object, expected: int) -> bool:
    return await count() >= expected  # type: ignore[operator]


async def test_an_older_version_changes_nothing(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await service.runtime.accept(message("anna", 1, "46", kind=InboundKind.EDIT, version=9))
        await service.quiet()
        await service.runtime.accept(message("anna", 1, "45"))
        await service.runtime.accept(message("anna", 1, "44", kind=InboundKind.EDIT, version=5))
        await service.quiet()
        assert len(await service.effects()) == 1
        rows = await service.owner.fetch("SELECT state, reason FROM inbox ORDER BY no")
        assert [tuple(row) for row in rows] == [("done", "expense"), ("rejected", "superseded"), ("rejected", "superseded")]


async def test_an_edit_replaces_the_answer_in_place(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        await service.runtime.accept(message("anna", 1, kind=InboundKind.EDIT, version=5))
        await service.quiet()
        assert [sent.edits for sent in service.channel.sent] == [None, "sent-1"]


class Looking(StubEngine):
    """Keeps the turns that it sees."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
        self.turns.append(turn)
        return await super().understand(turn, now=now)


async def test_a_turn_knows_the_chat_the_sender_and_the_message_replied_to(database: Database, dsn: str) -> None:
    engine = Looking()
    async with running(database, dsn, engine=engine) as service:
        await service.runtime.accept(message("anna", 1, "button"))
        await service.quiet()
        pressed = service.channel.sent[0].choices[0].id
        await service.runtime.accept(message("anna", 2, reply_to="sent-1"))
        await service.quiet()
        await service.runtime.accept(message("anna", 3, kind=InboundKind.BUTTON, button=pressed, reply_to="sent-1"))
        await service.runtime.accept(message("bob", 1, kind=InboundKind.BUTTON, button=pressed, reply_to="sent-1"))
        await service.quiet()
    first, second, third, stranger = sorted(engine.turns, key=lambda turn: (turn.message.address.chat, turn.message.position))
    assert first.sender is None
    assert first.books == {}
    assert second.sender is not None
    assert second.conversation.state == {"seen": 1}
    assert second.conversation.message_book_id == second.sender.personal_book_id
    assert second.books[second.sender.personal_book_id].members[0].name == "Anna"
    assert second.replied_to is not None
    assert second.replied_to.book_id == second.sender.personal_book_id
    assert len(second.replied_to.bill_ids) == 1
    assert third.button is not None
    assert third.button.action == {"do": "undo"}
    assert not third.button.expired
    assert stranger.button is None, "a button of another chat is not found"
    assert stranger.replied_to is None, "nor is a message of another chat"


async def test_a_newcomer_who_writes_in_two_chats_at_once_is_one_person(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        anna = Person("anna", "Anna")
        await fill(service, *(message(f"group{number}", number, sender=anna, chat_kind=ChatKind.GROUP) for number in range(5)))
    async with running(database, dsn) as service:
        await service.quiet()
        assert await service.owner.fetchval("SELECT count(*) FROM people") == 1
        assert len(await service.effects()) == 5
        assert await service.owner.fetchval("SELECT sum(tries) FROM inbox") == 0


async def test_a_message_of_a_worker_that_died_is_taken_over_and_counted(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        one, other = Identity(database.pool), Identity(database.pool)
        async with database.pool.acquire() as connection:

            async def claim(worker: Identity) -> tuple[inbox.ClaimedMessage, ...]:
                number = await worker.number()
                return (await inbox.claim(connection, worker=number, after=None, limit=10, suspects=1, now=service.clock())).messages

            assert [each.tries for each in await claim(one)] == [0]
            assert await claim(other) == (), "who lives keeps the claim"
            await one.close()
            assert [(each.tries, each.crashed) for each in await claim(other)] == [(1, True)]
        await other.close()


async def test_a_message_that_kills_its_worker_again_and_again_is_parked(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2))
        await service.owner.execute("UPDATE inbox SET tries = $1 WHERE position = 1", CRASHES)
        await service.owner.execute("UPDATE conversations SET claimed_by = 77")
    async with running(database, dsn) as service:
        await service.quiet()
        assert service.channel.texts() == ["sorry 1", "noted 2"]
        assert await service.owner.fetchval("SELECT reason FROM inbox WHERE state = 'dead'") == "crashed"


async def test_a_lost_claim_never_doubles_an_effect(database: Database, dsn: str) -> None:
    """Both workers have the same message; the row lock decides."""

    class Slow(StubEngine):
        started = asyncio.Event()
        go = asyncio.Event()

        async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
            self.started.set()
            await self.go.wait()
            return await super().understand(turn, now=now)

    slow = Slow()
    async with running(database, dsn, engine=slow) as one:
        await one.runtime.accept(message("anna", 1))
        await slow.started.wait()
        await one.owner.execute("UPDATE conversations SET claimed_by = NULL")
        async with running(database, dsn) as other:
            other.runtime.nudge()
            await other.until(lambda: other.channel.sent)
            slow.go.set()
            await asyncio.sleep(0.1)
            assert await other.effects() == ["anna:1"]
            assert one.channel.texts() == []


async def test_an_exception_in_one_handler_leaves_the_others_of_its_batch_alone(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await fill(service, *(message(f"chat{number}", 1, "poison" if number == 7 else "x") for number in range(20)))
    async with running(database, dsn) as service:
        await service.until(lambda: len(service.channel.sent) == 19)
        assert len(await service.effects()) == 19
        assert await service.owner.fetchval("SELECT count(*) FROM people") == 19, "what the failing handler wrote is gone"


@pytest.mark.parametrize("error", [asyncpg.SerializationError("x"), asyncpg.DeadlockDetectedError("x")])
async def test_a_serialization_failure_or_deadlock_is_tried_again_at_once(database: Database, dsn: str, error: Exception) -> None:
    class Unlucky(StubEngine):
        failures = 2

        async def respond(self, uow: UnitOfWork, turn: Turn, understood: Understanding, *, now: datetime) -> Outcome:
            if self.failures:
                self.failures -= 1
                raise error
            return await super().respond(uow, turn, understood, now=now)

    async with running(database, dsn, engine=Unlucky()) as service:
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        assert await service.owner.fetchval("SELECT tries FROM inbox") == 0
        assert service.channel.texts() == ["noted 1"]


async def test_a_damaged_body_is_parked_in_silence(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2))
        await service.owner.execute("UPDATE inbox SET body = 'damaged', tries = 4 WHERE position = 1")
    async with running(database, dsn) as service:
        await service.quiet()
        assert service.channel.texts() == ["noted 2"]


async def test_an_erased_body_is_rejected(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",)) as service:
        await service.runtime.accept(message("anna", 1))
        await service.owner.execute("UPDATE inbox SET body = NULL")
    async with running(database, dsn) as service:
        await service.quiet()
        assert await service.owner.fetchval("SELECT state || ' ' || reason FROM inbox") == "rejected erased"


async def test_what_records_nothing_is_erased_in_the_same_transaction(database: Database, dsn: str) -> None:
    class Forgetful(StubEngine):
        async def respond(self, uow: UnitOfWork, turn: Turn, understood: Understanding, *, now: datetime) -> Outcome:
            return Outcome("one_time_code", (Reply("kept nothing"),), erase_body=True)

    async with running(database, dsn, engine=Forgetful()) as service:
        await service.runtime.accept(message("anna", 1, "your code is 123456"))
        await service.quiet()
        assert await service.owner.fetchval("SELECT body FROM inbox") is None


async def test_everything_of_a_message_is_in_one_transaction(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await service.runtime.accept(message("anna", 1, "button"))
        await service.quiet()
        rows = await service.owner.fetch(
            """SELECT 'entry' AS what, xmin::text FROM entries UNION ALL SELECT 'button', xmin::text FROM buttons
            UNION ALL SELECT 'effect', xmin::text FROM message_effects WHERE outbox_id IS NOT NULL AND version = 0 AND message_hash IN
              (SELECT message_hash FROM message_effects ORDER BY xmin::text::bigint LIMIT 1)
            UNION ALL SELECT 'inbox', xmin::text FROM inbox UNION ALL SELECT 'chat', xmin::text FROM conversations"""
        )
        assert len({row["xmin"] for row in rows}) == 1, [tuple(row) for row in rows]
        assert {row["what"] for row in rows} == {"entry", "button", "effect", "inbox", "chat"}


async def test_all_loops_heal_after_the_database_dropped_every_connection(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service:
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        await service.owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tuppence'")
        await asyncio.sleep(0.05)
        for number in (2, 3):
            while True:
                try:
                    await service.runtime.accept(message("anna", number))
                    break
                except ServiceUnavailable:
                    await asyncio.sleep(0.02)
        await service.quiet()
        assert service.channel.texts() == ["noted 1", "noted 2", "noted 3"]
        assert await service.effects() == ["anna:1", "anna:2", "anna:3"]


async def test_a_commit_whose_outcome_is_unknown_is_not_done_twice(database: Database, dsn: str) -> None:
    """The connection breaks after the commit, before its confirmation arrives: the message is looked at again and found done."""

    class Unlucky:
        broken = False

        def __getattr__(self, name: str) -> object:
            return getattr(database, name)

        @asynccontextmanager
        async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
            async with database.unit_of_work() as uow:
                yield uow
                posting = bool(uow._entries)
            if posting and not self.broken:
                self.broken = True
                raise ConnectionResetError

    async with running(cast(Database, Unlucky()), dsn) as service:
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2))
        await service.quiet()
        assert await service.effects() == ["anna:1", "anna:2"]
        assert service.channel.texts() == ["noted 1", "noted 2"]
