"""Takes messages in: durable before it returns, many in one commit, each at most once. Knows nothing of what they mean."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from uuid import UUID

from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.metrics import Metrics
from bot.wake import INBOX, Waker
from core.db import conversations, inbox
from core.db.session import Database, UnitOfWork
from core.domain.intake import cleaned
from core.domain.messages import InboundMessage
from core.errors import DomainError, ServiceUnavailable
from core.ports import Clock

QUEUE_LIMIT = 5_000  # messages that wait for a commit; more are refused, to be sent again by their platform
BATCH_LIMIT = 500
KNOWN_CONVERSATIONS = 50_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    item: inbox.Incoming
    stored: asyncio.Future[None]


class Inbox:
    """`accept` from any task; `run` is the one task that writes."""

    def __init__(self, database: Database, *, clock: Clock, wake: Waker, metrics: Metrics) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._known: dict[bytes, UUID] = {}  # address hash to conversation: rows are never removed

    async def accept(self, message: InboundMessage) -> None:
        """Return once the message is on disk, or was there before (a repeat has no effect).

        Raises DomainError for what can never be stored (see core.domain.intake) and ServiceUnavailable where it should be sent again.
        """
        channel = message.address.channel
        if self._closing or len(self._queue) >= QUEUE_LIMIT:
            self._metrics.failures.labels("accept", "full").inc()
            raise ServiceUnavailable("inbox")
        try:
            message = cleaned(message)
        except DomainError as error:
            self._metrics.messages.labels("refused", channel).inc()
            log.warning("refused", stage="accept", channel=channel, reason=error.code)
            raise
        start = self._clock()
        item = inbox.prepare(self._database.keys, message, trace_id=secrets.token_hex(8), now=start)
        waiting = _Waiting(item, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._filled.set()
        await waiting.stored
        self._metrics.took("accept", start=start, now=self._clock())

    async def run(self) -> None:
        """Write what waits, up to 500 messages a commit, until `close` was called and nothing waits any more."""
        while not (self._closing and not self._queue):
            await self._filled.wait()
            self._filled.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(BATCH_LIMIT, len(self._queue)))]
                await self._flush(batch)

    def close(self) -> None:
        """Take no more; `run` ends when what waits is written."""
        self._closing = True
        self._filled.set()

    async def _flush(self, batch: list[_Waiting]) -> None:
        try:
            repeats = await self._write([waiting.item for waiting in batch])
        except Exception as error:  # whatever it is, nobody may be told "stored"
            self._known.clear()
            self._metrics.failures.labels("accept", type(error).__name__).inc(len(batch))
            log.error("not stored", stage="accept", count=len(batch), **error_fields(error))
            for waiting in batch:
                _resolve(waiting, ServiceUnavailable("database"))
            return
        failpoint("after_inbox_commit")
        self._wake.notify(INBOX)
        for waiting in batch:
            self._report(waiting.item, repeats)
            _resolve(waiting, None)

    async def _write(self, items: list[inbox.Incoming]) -> dict[bytes, bytes]:
        async with self._database.unit_of_work() as uow:
            await self._follow(uow, [item for item in items if item.message.moved_to is not None])
            unknown = [item for item in items if item.address_hash not in self._known]
            found = await inbox.find_conversations(uow, unknown) if unknown else {}
            repeats = await inbox.store(uow, items, self._known | found if found else self._known)
            failpoint("before_inbox_commit")
        if len(self._known) > KNOWN_CONVERSATIONS:
            self._known.clear()
        self._known.update(found)  # only now: before the commit they may yet vanish
        return repeats

    async def _follow(self, uow: UnitOfWork, moves: list[inbox.Incoming]) -> None:
        """Chats that go on under another id: before anything that comes under that id is stored, so that it finds the chat's book."""
        if moves:
            await inbox.find_conversations(uow, moves)
        for item in moves:
            assert item.message.moved_to is not None, "it says where to"
            await conversations.move_chat(uow, item.message.address, to=item.message.moved_to, now=item.received_at)

    def _report(self, item: inbox.Incoming, repeats: dict[bytes, bytes]) -> None:
        channel = item.message.address.channel
        if item.key not in repeats:
            self._metrics.messages.labels("accepted", channel).inc()
            log.info("accepted", stage="accept", channel=channel, trace_id=item.trace_id)
            return
        self._metrics.messages.labels("repeated", channel).inc()
        if repeats[item.key] != item.body_hash:
            log.warning("same key, other body", stage="accept", channel=channel, trace_id=item.trace_id)


def _resolve(waiting: _Waiting, error: Exception | None) -> None:
    if waiting.stored.done():  # the caller went away meanwhile
        return
    if error is None:
        waiting.stored.set_result(None)
    else:
        waiting.stored.set_exception(error)
