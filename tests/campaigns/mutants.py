"""Seeded bugs, each of which a campaign must find: they show that the campaigns are able to fail."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

import bot.answering
import bot.inbox
import bot.worker
from bot.inbox import Inbox
from core.db import answers, inbox
from core.db.crypto import Keys
from core.db.session import Database
from core.domain.messages import InboundMessage
from core.ports import Channel

MUTANTS = ("ack_before_commit", "two_transactions", "no_unique_key", "reply_before_commit")


def plant(name: str, channels: dict[str, Channel]) -> None:
    """Replace a part of the product in this process by one with the named bug."""
    assert name in MUTANTS, f"no mutant is called {name}"
    globals()[f"_{name}"](channels)


def _ack_before_commit(_channels: dict[str, Channel]) -> None:
    async def accept(self: Inbox, message: InboundMessage) -> None:
        task = asyncio.create_task(original(self, message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    original = Inbox.accept
    tasks: set[asyncio.Task[None]] = set()
    bot.inbox.Inbox.accept = accept  # type: ignore[method-assign]


def _two_transactions(_channels: dict[str, Channel]) -> None:
    """The letters are written after the ledger's commit, in a transaction of their own."""
    held: list[tuple[Any, ...]] = []

    async def hold(
        _connection: asyncpg.Connection, keys: Keys, letters: Sequence[answers.Letter], data_keys: dict[UUID, bytes | None], *, now: datetime
    ) -> None:
        held.append((keys, letters, data_keys, now))

    async def answer(database: Database, *arguments: Any, **options: Any) -> Any:
        answered = await original(database, *arguments, **options)
        while held:
            keys, letters, data_keys, now = held.pop()
            async with database.unit_of_work() as uow:
                await post(uow.connection, keys, letters, data_keys, now=now)
        return answered

    original, post = bot.worker.answer, answers.post_letters
    answers.post_letters = hold  # type: ignore[assignment]
    bot.worker.answer = answer  # type: ignore[assignment]


def _no_unique_key(_channels: dict[str, Channel]) -> None:
    inbox.message_key = lambda keys, _message: keys.digest("inbox", secrets.token_hex(8))


def _reply_before_commit(channels: dict[str, Channel]) -> None:
    """The reply goes out from within the transaction, and no letter is kept."""

    async def post(_connection: asyncpg.Connection, _keys: Keys, letters: Sequence[answers.Letter], _data_keys: object, *, now: datetime) -> None:
        for letter in letters:
            await channels[letter.message.address.channel].send(letter.message)

    answers.post_letters = post  # type: ignore[assignment]
