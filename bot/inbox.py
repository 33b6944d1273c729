"""Takes messages in: durable before it returns, many in one commit, each at most once. Knows nothing of what they mean."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from bot.conversation.guesses import language_of
from bot.conversation.replies.formats import Voice
from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.metrics import Metrics
from bot.wake import INBOX, OUTBOX, Waker
from core.db import contacts, conversations, inbox
from core.db.answers import Letter, post_letters
from core.db.ids import new_id
from core.db.session import Database, UnitOfWork
from core.domain.intake import cleaned
from core.domain.messages import ChatAddress, InboundMessage, OutboundMessage
from core.errors import DomainError, ServiceUnavailable
from core.ports import Clock

QUEUE_LIMIT = 5_000  # messages that wait for a commit; more are refused, to be sent again by their platform
BATCH_LIMIT = 500
KNOWN_CONVERSATIONS = 50_000
FULL_FOR = timedelta(seconds=1)  # a chat that was found full is not looked at again so soon: a flood must not cost what it would cost to take it in


@dataclass(frozen=True, slots=True)
class _Waiting:
    item: inbox.Incoming
    stored: asyncio.Future[None]


class Inbox:
    """`accept` from any task; `run` is the one task that writes."""

    def __init__(self, database: Database, *, clock: Clock, wake: Waker, metrics: Metrics, waiting_most: int | None = None) -> None:
        """`waiting_most`: how many messages of one chat may wait for an answer, more are refused; None: any number."""
        self._database = database
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._closing = False
        self._known: dict[bytes, UUID] = {}  # address hash to conversation: rows are never removed
        self._waiting_most = waiting_most
        self._full_until: dict[ChatAddress, datetime] = {}
        self._waiting: Counter[UUID] = Counter()  # by conversation, at most: those answered since the last count are in it

    async def accept(self, message: InboundMessage, *, received_at: datetime | None = None) -> None:
        """Return once the message is on disk, or was there before (a repeat has no effect). `received_at`: when its platform got it, if long ago.

        Raises DomainError for what is not stored, however often it is sent (see core.domain.intake, and `too_many_waiting`: the chat is told)
        and ServiceUnavailable where it should be sent again.
        """
        channel = message.address.channel
        if self._closing or len(self._queue) >= QUEUE_LIMIT:
            self._metrics.failures.labels("accept", "full").inc()
            raise ServiceUnavailable("inbox")
        if self._full_until and self._full_until.get(message.address, self._clock()) > self._clock():
            self._metrics.messages.labels("refused", channel).inc()
            raise DomainError("too_many_waiting")
        try:
            message = cleaned(message)
        except DomainError as error:
            self._metrics.messages.labels("refused", channel).inc()
            log.warning("refused", stage="accept", channel=channel, reason=error.code)
            raise
        start = self._clock()
        item = inbox.prepare(self._database.keys, message, trace_id=secrets.token_hex(8), now=received_at or start)
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
            repeats, refused = await self._write([waiting.item for waiting in batch])
        except Exception as error:  # whatever it is, nobody may be told "stored"
            self._known.clear()
            self._waiting.clear()
            self._metrics.failures.labels("accept", type(error).__name__).inc(len(batch))
            log.error("not stored", stage="accept", count=len(batch), **error_fields(error))
            for waiting in batch:
                _resolve(waiting, ServiceUnavailable("database"))
            return
        failpoint("after_inbox_commit")
        self._wake.notify(INBOX)
        if refused:
            self._wake.notify(OUTBOX)
        for waiting in batch:
            if id(waiting.item) in refused:
                self._refuse(waiting)
                continue
            self._report(waiting.item, repeats)
            _resolve(waiting, None)

    def _refuse(self, waiting: _Waiting) -> None:
        now, address = self._clock(), waiting.item.message.address
        channel = address.channel
        if len(self._full_until) > KNOWN_CONVERSATIONS:
            self._full_until = {chat: until for chat, until in self._full_until.items() if until > now}
        self._full_until[address] = now + FULL_FOR
        self._metrics.messages.labels("refused", channel).inc()
        log.warning("refused", stage="accept", channel=channel, reason="too_many_waiting", trace_id=waiting.item.trace_id)
        _resolve(waiting, DomainError("too_many_waiting"))

    async def _write(self, items: list[inbox.Incoming]) -> tuple[dict[bytes, bytes], set[int]]:
        """Returns the repeats (key to body hash) and the ids (in memory) of the items that were refused."""
        async with self._database.unit_of_work() as uow:
            await self._follow(uow, [item for item in items if item.message.moved_to is not None])
            unknown = [item for item in items if item.address_hash not in self._known]
            found = await inbox.find_conversations(uow, unknown) if unknown else {}
            chats = self._known | found if found else self._known
            over = await self._over(uow, items, chats)
            kept = [item for item in items if id(item) not in over] if over else items
            repeats = await inbox.store(uow, kept, chats) if kept else {}
            await contacts.mirror(uow, [item for item in items if item.message.consent and item.key not in repeats])
            failpoint("before_inbox_commit")
        if len(self._known) > KNOWN_CONVERSATIONS:
            self._known.clear()
            self._waiting.clear()
        self._known.update(found)  # only now: before the commit they may yet vanish
        return repeats, over

    async def _over(self, uow: UnitOfWork, items: list[inbox.Incoming], chats: Mapping[bytes, UUID]) -> set[int]:
        """The items of chats that have too many waiting. The database counts only where it may have come to that; each such chat is told."""
        most = self._waiting_most
        if most is None:
            return set()
        here = [chats[item.address_hash] for item in items]
        self._waiting.update(here)
        full = {chat for chat in here if self._waiting[chat] > most}
        if not full:
            return set()
        waiting = Counter(await inbox.count_waiting(uow, sorted(full)))
        over: dict[int, tuple[UUID, inbox.Incoming]] = {}
        for item, chat in zip(items, here, strict=True):
            if chat in full and waiting[chat] >= most:
                over[id(item)] = (chat, item)
            elif chat in full:
                waiting[chat] += 1
        self._waiting.update({chat: waiting[chat] - self._waiting[chat] for chat in full})
        for chat, item in dict(reversed(over.values())).items():
            await self._tell(uow, chat, item)
        return set(over)

    async def _tell(self, uow: UnitOfWork, chat: UUID, item: inbox.Incoming) -> None:
        """Once an hour: this is for a chat that is written to by a machine."""
        now = self._clock()
        text = Voice(language_of(item.message.language)).say("too_many_waiting", count=self._waiting_most)
        letter = Letter(
            letter_id=new_id(),
            conversation_id=chat,
            dedupe_key=uow.keys.digest("too many waiting", chat.hex, now.strftime("%Y-%m-%dT%H")),
            urgency="reply",
            message=OutboundMessage(item.message.address, text),
            trace_id=item.trace_id,
        )
        await post_letters(uow.connection, uow.keys, [letter], {}, now=now)

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
