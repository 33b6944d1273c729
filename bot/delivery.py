"""Carries letters from the outbox to their channels: in each chat's order, no chat in the way of another, again as long as it makes sense."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from bot.caps import Purse
from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.mailing import in_chat
from bot.metrics import Metrics
from bot.pacing import Pacer
from bot.refusals import WAITS, NotSent, asked_to_wait, kind_of, settle
from bot.wake import OUTBOX, Waker
from core.db import fallbacks, outbox
from core.db.claims import Identity
from core.db.coalescing import absorb_edits
from core.db.failures import is_database_gone, is_retryable
from core.db.outbox import Carried, ClaimedLetter
from core.db.pacing import Call
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatAddress, OutboundMessage
from core.errors import DomainError, SendError, SendErrorKind
from core.ports import Channel, Clock

SLOTS = 32  # letters on their way at the same time, a channel; those that hang take nobody's place
HANGS_AFTER_SECONDS = 3.0
HANGING_MOST = 200
SEND_SECONDS = 30
TOAST_LASTS = timedelta(seconds=60)
PLAIN_WAIT_SECONDS = 60
WINDOW_MARGIN = timedelta(minutes=5)  # a window is held to be closed so long before it is: the send takes time, and clocks differ

Note = Callable[[UnitOfWork], Awaitable[str]]


class MoveChat(Protocol):
    """Lets a chat go on under the chat id `to`, as the same conversation or as another one. Again changes nothing."""

    async def __call__(self, uow: UnitOfWork, old: ChatAddress, *, to: str, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    channel: str
    since: float


async def nothing_kept(_token: str) -> bytes:
    """There are no pictures. Raises DomainError."""
    raise DomainError("not_found")


class Delivery:
    """`run` until `close`; several processes may run one each on the same database."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        *,
        clock: Clock,
        wake: Waker,
        metrics: Metrics,
        countries: Mapping[str, tuple[str, ...]] | None = None,
        move_chat: MoveChat | None = None,
        open_picture: Callable[[str], Awaitable[bytes]] = nothing_kept,
    ) -> None:
        """`countries`: see bot.caps.Purse. Without `move_chat` a chat that moved is a failure like others.

        `open_picture`: the bytes behind a document's token; it raises DomainError where there are none.
        """
        self._database = database
        self._channels = channels
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._move_chat = move_chat
        self._open_picture = open_picture
        self._pacer = Pacer(channels)
        self._purse = Purse(database, channels, countries)
        self._identity = Identity(database.pool)
        self._in_flight: dict[UUID, _OnItsWay] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._carried: list[tuple[Carried, Call | None]] = []
        self._to_mark = asyncio.Event()
        self._unnoted: list[tuple[ClaimedLetter, Note]] = []
        self._moved: set[UUID] = set()  # letters whose chat moved while they were sent: a second time it is a failure
        self._cursor: UUID | None = None
        self._again = False
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0  # by the loop's time; kept here: uvloop gives no timer that could be asked where the moment is almost there
        self._closing = False

    async def run(self) -> None:
        """Claim and send until `close` was called and every claimed letter has come to an end."""
        marker = asyncio.create_task(self._mark_loop())
        while not self._closing:
            found = False
            if marker.done():  # what is sent would never be marked: better to end, and be started again
                marker.result()
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

    # ------------------------------------------------------------------ claiming

    def _free_places(self) -> dict[str, int]:
        """By channel: how many letters may be begun, as far as this process can carry them."""
        old = asyncio.get_running_loop().time() - HANGS_AFTER_SECONDS
        busy = Counter(each.channel for each in self._in_flight.values() if each.since > old)
        everything = Counter(each.channel for each in self._in_flight.values())
        free = {name: min(SLOTS - busy[name], HANGING_MOST - everything[name]) for name in self._channels}
        return {name: places for name, places in free.items() if places > 0}

    async def _claim(self) -> bool:
        """Claim letters of channels that have room and send each in a task of its own. False where nothing more can be started now."""
        unnoted, self._unnoted = self._unnoted, []
        for letter, note in unnoted:
            await self._note(letter, note)
        places = self._free_places()
        self._again = self._again or bool(self._in_flight)  # what was posted may be for a chat, or a channel, that is busy now
        if not places:
            return False
        worker, now = await self._identity.number(), self._clock()
        async with self._database.pool.acquire() as connection:
            room = await self._pacer.room(connection, places, worker=worker, now=now)
            letters, self._cursor = await outbox.claim(
                connection, self._database.keys, worker=worker, after=self._cursor, room=room, now=self._clock()
            )
        for letter in letters:
            if letter.letter_id in self._in_flight:  # claimed again after a lost connection: it is on its way already
                continue
            self._in_flight[letter.letter_id] = _OnItsWay(letter.channel, asyncio.get_running_loop().time())
            self._pacer.claimed(letter)
            task = asyncio.create_task(self._carry(letter, worker))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        full = [name for name, each in room.items() if each.counted < each.letters and each.counted <= sum(each.channel == name for each in letters)]
        for name in full:
            self._wake_at(self._pacer.next_free(name))
        return self._cursor is not None and (bool(letters) or not full)

    def _wake_at(self, moment: datetime | None) -> None:
        """Look again then, or before."""
        if moment is None or self._closing:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(0.001, (moment - self._clock()).total_seconds())
        if self._alarm is not None and self._alarm_at <= when:
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = loop.call_at(when, self._ring), when

    def _ring(self) -> None:
        self._alarm = None
        self._wake.notify(OUTBOX)

    # ------------------------------------------------------------------ sending

    async def _carry(self, claimed: ClaimedLetter, worker: int) -> None:
        letter: ClaimedLetter | None = claimed
        called_at: datetime | None = None
        try:
            letter = await self._ready(claimed, worker)
            if letter is None:
                return
            message = await self._opened(await self._allowed(letter))
            failpoint("before_send")
            now = self._clock()
            if not self._pacer.begin(letter, now):
                await self._give_back(letter, worker)
                return
            called_at = now
            async with asyncio.timeout(SEND_SECONDS):
                platform_id = await self._channels[letter.channel].send(message)
            failpoint("after_send_before_mark")
        except Exception as error:
            await self._failed(letter or claimed, error, called_at and self._ended(letter or claimed))
            return
        self._carried.append((Carried(letter, platform_id), self._pacer.call(letter, self._ended(letter))))
        self._pacer.taken(letter.channel)
        self._to_mark.set()

    def _ended(self, letter: ClaimedLetter) -> datetime:
        """The moment from which its chat and its slot rest: when it was begun tells little of when it arrived."""
        now = self._clock()
        self._pacer.ended(letter, now)
        return now

    async def _ready(self, letter: ClaimedLetter, worker: int) -> ClaimedLetter | None:
        """The letter with the newest words; None where it is not to be sent now."""
        if letter.stale and (call := self._pacer.call(letter, self._clock())) is not None:
            await self._give_back(letter, worker, call)  # whoever had it may have sent it a moment ago: the chat rests first
            return None
        if not letter.edited:
            return letter
        async with self._database.unit_of_work() as uow:
            newest = await absorb_edits(uow, letter)
        if newest is None:
            self._count(letter, "coalesced")
            self._end(letter)
        return newest

    async def _allowed(self, letter: ClaimedLetter) -> OutboundMessage:
        """What is to be sent. Raises NotSent and SendError for what must not be, and counts what costs money."""
        message, now = letter.message, self._clock()
        if letter.reason == "held":  # claimed although nobody wrote: its time is over
            raise NotSent("expired")
        if message is None:
            raise NotSent("erased")
        if message.good_until is not None and now > message.good_until:
            raise NotSent("expired")
        if message.toast and now - letter.created_at > TOAST_LASTS:
            raise NotSent("late")
        if letter.tries > len(WAITS[letter.urgency]):
            raise NotSent("crashed")
        if letter.opted_out:
            raise SendError(SendErrorKind.OPTED_OUT, "remembered")
        refusal = await self._purse.refusal(letter, now=now)
        if refusal is not None:
            raise NotSent("capped", refusal)
        shown = self._channels[letter.channel].capabilities
        message, hours = in_chat(message) if shown.talks else message, shown.window_hours
        if hours is None:
            return message
        closes_at = letter.heard_at + timedelta(hours=hours) - WINDOW_MARGIN if letter.heard_at is not None else now
        return replace(message, notice=now >= closes_at)

    async def _opened(self, message: OutboundMessage) -> OutboundMessage:
        """With the pictures that it brings. Raises NotSent where one is gone: so is whoever sent it."""
        if not any(document.token for document in message.documents):
            return message
        try:
            opened = [replace(each, data=await self._open_picture(each.token)) if each.token else each for each in message.documents]
        except DomainError:
            raise NotSent("erased") from None
        return replace(message, documents=tuple(opened))

    # ------------------------------------------------------------------ what came of it

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
                    await self._pacer.record(uow.connection, [call for _, call in batch])
                    more = await outbox.mark_sent(uow, [carried for carried, _ in batch], now=self._clock())
            except Exception as error:
                log.error("not marked", stage="deliver", count=len(batch), **error_fields(error))
                self._carried = batch + self._carried
                self._to_mark.set()
                await asyncio.sleep(0.5)
                continue
            self._sent(batch, more=more)

    def _sent(self, batch: list[tuple[Carried, Call | None]], *, more: bool) -> None:
        now = self._clock()
        if more:
            self._wake_at(min((call.at + call.gap for _, call in batch if call is not None), default=None))
        more = more or self._again
        self._again = False
        for carried, _ in batch:
            letter = carried.letter
            self._in_flight.pop(letter.letter_id, None)
            self._moved.discard(letter.letter_id)
            self._metrics.messages.labels("sent", letter.channel).inc()
            self._count(letter, "taken")
            self._metrics.took("deliver", start=letter.created_at, now=now)
            log.info("sent", stage="deliver", channel=letter.channel, trace_id=letter.trace_id)
        if more:
            self._wake.notify(OUTBOX)

    async def _failed(self, letter: ClaimedLetter, error: Exception, called_at: datetime | None) -> None:
        now = self._clock()
        kind = error.reason if isinstance(error, NotSent) else kind_of(error).value
        self._metrics.failures.labels("deliver", kind).inc()
        fields = error_fields(error) | {"kind": kind, "tries": letter.tries + 1}
        if isinstance(error, NotSent) and error.detail:
            fields["reason"] = error.detail
        log.warning("not sent", stage="deliver", channel=letter.channel, trace_id=letter.trace_id, **fields)
        if isinstance(error, SendError) and error.moved_to and self._move_chat is not None and letter.letter_id not in self._moved:
            self._moved.add(letter.letter_id)
            await self._note(letter, self._following(letter, error.moved_to, called_at))
            return

        async def note(uow: UnitOfWork) -> str:
            if called_at is not None:
                await self._pacer.record(uow.connection, [self._pacer.call(letter, called_at)])
            asked = asked_to_wait(error)
            if asked is not None and isinstance(error, SendError):
                await self._pacer.paused(uow.connection, letter, until=now + timedelta(seconds=asked), everywhere=error.everywhere)
            chats = [name for name, each in self._channels.items() if each.capabilities.talks]  # where what one refused may go
            return await settle(uow, letter, error, channels=chats, now=now)

        await self._note(letter, note)

    def _following(self, letter: ClaimedLetter, to: str, called_at: datetime | None) -> Note:
        """The chat goes on elsewhere, and the letter with it: it is due at once, and what failed was no try of its own."""

        async def note(uow: UnitOfWork) -> str:
            assert self._move_chat is not None and letter.message is not None, "it was sent, and is to follow"
            await self._move_chat(uow, letter.message.address, to=to, now=self._clock())
            await fallbacks.follow(uow, letter, to=to, now=self._clock())
            await self._pacer.record(uow.connection, [self._pacer.call(letter, called_at)] if called_at is not None else [])
            return "moved"

        return note

    async def _give_back(self, letter: ClaimedLetter, worker: int, call: Call | None = None) -> None:
        """It may not go now, and nothing is held against it."""

        async def note(uow: UnitOfWork) -> str:
            await self._pacer.record(uow.connection, [call])
            await outbox.release(uow.connection, [letter.letter_id], worker=worker)
            return "paced"

        await self._note(letter, note)

    async def _note(self, letter: ClaimedLetter, note: Note) -> None:
        """While the database is away it is kept, and written before the next claim; a note that cannot be written makes way for a plain one."""
        try:
            await self._write(letter, note)
        except Exception as problem:
            self._unnoted.append((letter, note if is_database_gone(problem) or is_retryable(problem) else self._plain(letter)))
            self._wake.notify(OUTBOX)
            log.error("not noted", stage="deliver", trace_id=letter.trace_id, **error_fields(problem))

    def _plain(self, letter: ClaimedLetter) -> Note:
        async def note(uow: UnitOfWork) -> str:
            next_at = self._clock() + timedelta(seconds=PLAIN_WAIT_SECONDS)
            await outbox.postpone(uow.connection, letter.letter_id, reason="retry", next_at=next_at, unsure=True)
            return "retry"

        return note

    async def _write(self, letter: ClaimedLetter, note: Note) -> None:
        async with self._database.unit_of_work() as uow:
            outcome = await note(uow)
        self._count(letter, outcome)
        if outcome in ("dead", "capped"):
            self._metrics.messages.labels("dead_letter", letter.channel).inc()
        self._end(letter)

    def _count(self, letter: ClaimedLetter, outcome: str) -> None:
        self._metrics.sends.labels(letter.channel, outcome).inc()

    def _end(self, letter: ClaimedLetter) -> None:
        self._pacer.left(letter)
        self._in_flight.pop(letter.letter_id, None)
        self._wake.notify(OUTBOX)
