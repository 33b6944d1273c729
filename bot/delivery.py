"""Carries letters from the outbox to their channels: in each chat's order, no chat in the way of another, again as long as it makes sense."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.metrics import Metrics
from bot.wake import OUTBOX, Waker
from core.db import outbox
from core.db.claims import Identity
from core.db.outbox import Carried, ClaimedLetter
from core.db.session import Database
from core.errors import SendError, SendErrorKind
from core.ports import Channel, Clock

SLOTS = 32  # letters on their way at the same time, a channel
SEND_SECONDS = 30
# Seconds to wait after the first, second, ... failure. A person waits for a reply now; a notification may come hours later.
WAITS = {
    "reply": (0, 1, 5, 30, 120, 600),
    "notification": (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000),
}
TOAST_LASTS = timedelta(seconds=60)


class Delivery:
    """`run` until `close`; several processes may run one each on the same database."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], *, clock: Clock, wake: Waker, metrics: Metrics) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._identity = Identity(database.pool)
        self._in_flight: dict[UUID, str] = {}  # letter id to channel
        self._tasks: set[asyncio.Task[None]] = set()
        self._carried: list[Carried] = []
        self._to_mark = asyncio.Event()
        self._unnoted: set[UUID] = set()
        self._cursor: UUID | None = None
        self._again = False
        self._closing = False

    async def run(self) -> None:
        """Claim and send until `close` was called and every claimed letter has come to an end."""
        marker = asyncio.create_task(self._mark_loop())
        while not self._closing:
            found = False
            try:
                found = await self._claim()
            except Exception as error:  # the database is away: try again until it is back
                log.error("no claim", stage="deliver", **error_fields(error))
                await asyncio.sleep(0.5)
            if not found and not self._closing:
                await self._wake.wait(OUTBOX, timeout_seconds=1)
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._to_mark.set()
        await marker
        await self._identity.close()

    def close(self) -> None:
        """Claim no more; letters on their way are waited for."""
        self._closing = True
        self._wake.notify(OUTBOX)

    async def _claim(self) -> bool:
        """Claim letters of channels that have room and send each in a task of its own. False where nothing more can be started now."""
        busy = Counter(self._in_flight.values())
        room = {name: SLOTS - busy[name] for name in self._channels if busy[name] < SLOTS}
        self._again = self._again or bool(busy)  # what was posted may be for a chat, or a channel, that is busy now
        if not room:
            return False
        worker = await self._identity.number()
        async with self._database.pool.acquire() as connection:
            if self._unnoted:
                await outbox.release(connection, list(self._unnoted), worker=worker)
                self._unnoted.clear()
            letters, self._cursor = await outbox.claim(
                connection,
                self._database.keys,
                worker=worker,
                after=self._cursor,
                room=room,
                now=self._clock(),
            )
        for letter in letters:
            if letter.letter_id in self._in_flight:  # claimed again after a lost connection: it is on its way already
                continue
            self._in_flight[letter.letter_id] = letter.channel
            task = asyncio.create_task(self._carry(letter))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._cursor is not None

    async def _carry(self, letter: ClaimedLetter) -> None:
        message = letter.message
        try:
            if message is None:
                raise SendError(SendErrorKind.REJECTED, "erased")
            if message.toast and self._clock() - letter.created_at > TOAST_LASTS:
                raise SendError(SendErrorKind.REJECTED, "late")
            if letter.tries > len(WAITS[letter.urgency]):
                raise SendError(SendErrorKind.REJECTED, "crashed")
            failpoint("before_send")
            async with asyncio.timeout(SEND_SECONDS):
                platform_id = await self._channels[letter.channel].send(message)
            failpoint("after_send_before_mark")
        except Exception as error:
            await self._failed(letter, error)
            return
        self._carried.append(Carried(letter, platform_id))
        self._to_mark.set()

    async def _mark_loop(self) -> None:
        """Mark what was sent, many letters at once. A letter that cannot be marked now is marked later: it must not be sent again."""
        while not (self._closing and not self._tasks and not self._carried):
            await self._to_mark.wait()
            self._to_mark.clear()
            batch, self._carried = self._carried, []
            if not batch:
                continue
            try:
                async with self._database.unit_of_work() as uow:
                    more = await outbox.mark_sent(uow, batch, now=self._clock())
            except Exception as error:
                log.error("not marked", stage="deliver", count=len(batch), **error_fields(error))
                self._carried = batch + self._carried
                self._to_mark.set()
                await asyncio.sleep(0.5)
                continue
            self._sent(batch, more=more)

    def _sent(self, batch: list[Carried], *, more: bool) -> None:
        now = self._clock()
        more = more or self._again
        self._again = False
        for carried in batch:
            letter = carried.letter
            self._in_flight.pop(letter.letter_id, None)
            self._metrics.messages.labels("sent", letter.channel).inc()
            self._metrics.took("deliver", start=letter.created_at, now=now)
            log.info("sent", stage="deliver", channel=letter.channel, trace_id=letter.trace_id)
        if more:
            self._wake.notify(OUTBOX)

    async def _failed(self, letter: ClaimedLetter, error: Exception) -> None:
        kind = error.kind if isinstance(error, SendError) else SendErrorKind.RETRY
        self._metrics.failures.labels("deliver", kind.value).inc()
        fields = error_fields(error) | {"kind": kind.value, "tries": letter.tries + 1}
        log.warning("not sent", stage="deliver", channel=letter.channel, trace_id=letter.trace_id, **fields)
        wait = _wait(letter, error, kind)
        try:
            async with self._database.pool.acquire() as connection:
                if wait is None:
                    self._metrics.messages.labels("dead_letter", letter.channel).inc()
                    await outbox.bury(connection, letter.letter_id, reason=kind.value)
                else:
                    paused = isinstance(error, SendError) and error.retry_after_seconds is not None
                    await outbox.postpone(connection, letter.letter_id, reason="paused" if paused else kind.value, next_at=self._clock() + wait)
        except Exception as problem:  # the database is away: the letter is given back before the next claim
            self._unnoted.add(letter.letter_id)
            log.error("not noted", stage="deliver", trace_id=letter.trace_id, **error_fields(problem))
        self._in_flight.pop(letter.letter_id, None)
        self._wake.notify(OUTBOX)


def _wait(letter: ClaimedLetter, error: Exception, kind: SendErrorKind) -> timedelta | None:
    """How long until the next try, with a little chance in it so that many failures do not come back at once; None: never again."""
    if kind in (SendErrorKind.REJECTED, SendErrorKind.OPTED_OUT, SendErrorKind.WINDOW_CLOSED):
        return None
    asked = error.retry_after_seconds if isinstance(error, SendError) else None
    waits = WAITS["notification" if kind is SendErrorKind.MISCONFIGURED else letter.urgency]
    if asked is None and letter.tries >= len(waits):
        return None
    own = waits[min(letter.tries, len(waits) - 1)]
    return timedelta(seconds=max(asked or 0, own) + random.random() * own * 0.2)  # noqa: S311
