"""Works the inbox off: claims chats, has their messages understood and answered, and sees to those that fail. Knows nothing of what they mean."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.answering import Conversant, Item, MessageFailed, answer, give_up, let_wait, reject
from bot.conversation.intents import Understanding
from bot.conversation.turn import Turn
from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.metrics import Metrics
from bot.second_reading import SecondReading
from bot.throttle import Limits, Throttle
from bot.turns import load_turns
from bot.wake import INBOX, OUTBOX, RECEIPTS, Waker
from core.db import inbox
from core.db.claims import Identity
from core.db.failures import is_database_gone, is_retryable
from core.db.inbox import ClaimedMessage
from core.db.session import Database
from core.ports import Channel, Clock

BATCH = 100  # conversations a transaction
LANES = 2  # batches at the same time
TRIES = 5
BACKOFF = (0, 1, 5, 30, 60)  # seconds after the first, second, ... failure
# Who kills processes at random hits the same message a few times now and then: a message is held to be what kills them only after more than that.
CRASHES = 12
CRASH_BACKOFF = (0, 0, 1, 2, 4, 8, 15)
UNDERSTAND_SECONDS = 60
TRANSACTION_TRIES = 5
SECOND_READINGS = 2  # tries of one message in which a model is asked; after that it may be what fails


class Worker:
    """`run` until `close`; several processes may run one each on the same database."""

    def __init__(
        self,
        database: Database,
        engine: Conversant,
        *,
        channels: Mapping[str, Channel],
        clock: Clock,
        wake: Waker,
        metrics: Metrics,
        limits: Limits | None = None,
        second: SecondReading | None = None,
    ) -> None:
        """Without `limits` everyone is answered as fast as they write. `second`: who is asked what the rules did not understand."""
        self._database = database
        self._engine = engine
        self._channels = channels
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._limits = limits
        self._second = second
        self._readings: dict[UUID, asyncio.Task[Understanding]] = {}  # by conversation: its claim is kept as long as it is asked about
        self._throttle = Throttle(limits) if limits is not None else None
        self._identity = Identity(database.pool)
        self._lanes = asyncio.Semaphore(LANES)
        self._suspect = False  # a message that failed or crashed before is at work: one at a time, so that it is known which kills the process
        self._tasks: set[asyncio.Task[None]] = set()
        self._unreleased: set[UUID] = set()
        self._cursor: UUID | None = None
        self._full = False  # the last claim did not take all that was due
        self._again = False  # more waits in a chat that was claimed: look again as soon as a batch has ended
        self._closing = False

    async def run(self) -> None:
        """Claim and answer until `close` was called and every claimed message has come to an end."""
        while not self._closing:
            await self._lanes.acquire()
            found = False
            try:
                found = await self._claim()
            except Exception as error:  # the database is away: try again until it is back
                log.error("no claim", stage="claim", **error_fields(error))
                await asyncio.sleep(0.5)
            finally:
                if not found:
                    self._lanes.release()
            if not self._full and not self._closing:
                await self._wake.wait(INBOX, timeout_seconds=1)
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._release(set())
        await self._identity.close()

    def close(self) -> None:
        """Claim no more; what is claimed is finished first."""
        self._closing = True
        for reading in self._readings.values():
            reading.cancel()
        self._wake.notify(INBOX)

    async def _claim(self) -> bool:
        """Claim a batch and start on it in a task of its own, which gives the lane back. False where nothing is due."""
        worker = await self._identity.number()
        await self._release(set())
        fresh: list[ClaimedMessage] = []
        suspect: ClaimedMessage | None = None
        self._again = self._again or bool(self._tasks)  # what has come may be for a chat that is being answered
        self._full = False
        while not fresh and suspect is None:
            claim = await self._next(worker)
            failpoint("after_claim")
            if not claim.messages:
                return False
            fresh, suspect = await self._sort_out(claim.messages)
            self._full = len(claim.messages) >= BATCH or self._cursor is not None or suspect is not None
        task = asyncio.create_task(self._work(fresh, suspect, worker))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return True

    async def _next(self, worker: int) -> inbox.Claim:
        """The next claim; going round, until there is one or all was looked at."""
        from_start = False
        while True:
            from_start = from_start or self._cursor is None
            async with self._database.pool.acquire() as connection:
                claim = await inbox.claim(
                    connection, worker=worker, after=self._cursor, limit=BATCH, suspects=0 if self._suspect else 1, now=self._clock()
                )
                self._cursor = claim.scanned_to
                if claim.empty:
                    await inbox.release(connection, claim.empty, worker=worker)
            if claim.messages or (from_start and self._cursor is None):
                return claim

    async def _sort_out(self, claimed: Sequence[ClaimedMessage]) -> tuple[list[ClaimedMessage], ClaimedMessage | None]:
        """Messages tried for the first time, and the one that failed or crashed before, unless it has to wait after another crash."""
        fresh = [each for each in claimed if each.tries == 0]
        suspect = next((each for each in claimed if each.tries), None)
        if suspect is not None and suspect.crashed and 1 < suspect.tries < CRASHES:
            async with self._database.pool.acquire() as connection:
                await inbox.wait_after_crash(connection, suspect.inbox_id, next_at=self._clock() + _wait(CRASH_BACKOFF, suspect.tries))
            await self._release({suspect.conversation_id})
            suspect = None
        self._suspect = self._suspect or suspect is not None
        return fresh, suspect

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._lanes.release()
        if self._again or task.cancelled() or task.exception():
            self._again = False
            self._wake.notify(INBOX)

    async def _work(self, fresh: Sequence[ClaimedMessage], suspect: ClaimedMessage | None, worker: int) -> None:
        for batch in (fresh, [suspect] if suspect is not None else []):
            if not batch:
                continue
            try:
                if batch[0] is suspect:
                    async with self._database.pool.acquire() as connection:
                        await inbox.begin_again(connection, suspect.inbox_id)
                await self._attempt(batch, worker)
            except Exception as error:
                log.error("batch lost", stage="answer", count=len(batch), **error_fields(error))
                self._metrics.failures.labels("answer", type(error).__name__).inc()
                await self._release({each.conversation_id for each in batch} - self._readings.keys())
                self._again = True
        if suspect is not None:
            self._suspect = False
            self._again = True

    async def _release(self, conversations: set[UUID]) -> None:
        """Give claims back; what cannot be given back now (the database is away) is given back before the next claim."""
        self._unreleased |= conversations
        if not self._unreleased:
            return
        try:
            worker = await self._identity.number()
            async with self._database.pool.acquire() as connection:
                await inbox.release(connection, list(self._unreleased), worker=worker)
            self._unreleased.clear()
        except Exception as error:
            log.error("not released", stage="claim", count=len(self._unreleased), **error_fields(error))

    async def _attempt(self, claimed: Sequence[ClaimedMessage], worker: int) -> None:
        """Answer what can be answered of `claimed`; each one that fails is counted, and given up in the end."""
        now = self._clock()
        capabilities = {name: channel.capabilities for name, channel in self._channels.items()}
        async with self._database.unit_of_work() as uow:
            claimed = [await inbox.reopen(uow, each) for each in claimed]
            turns, unreadable = await load_turns(uow, claimed, capabilities=capabilities, now=now)
        for each in claimed:
            if each.body is None:
                await self._close_off(each, worker)
            elif each.tries >= CRASHES:
                await self._give_up(each, turns.get(each.inbox_id), worker, reason="crashed")
            elif each.inbox_id in unreadable:
                await self._failed(each, None, worker, unreadable[each.inbox_id])
        todo = await self._without_twins([each for each in claimed if each.inbox_id in turns and each.tries < CRASHES], turns)
        todo = await self._in_time(todo, turns)
        items = [item for item in await asyncio.gather(*(self._understand(each, turns[each.inbox_id], worker) for each in todo)) if item]
        await self._answer([item for item in items if not self._read_again(item, worker)], worker)

    def _read_again(self, item: Item, worker: int) -> bool:
        """Ask a model about what the rules did not understand: outside the lanes, so that nobody else waits for it. The chat stays claimed,
        which keeps its order.
        """
        reading = self._second.start(item.turn, item.understood) if self._second is not None and item.claimed.tries < SECOND_READINGS else None
        if reading is None:
            return False
        self._readings[item.claimed.conversation_id] = reading
        if self._closing:
            reading.cancel()
        task = asyncio.create_task(self._answer_late(item, reading, worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _answer_late(self, item: Item, reading: asyncio.Task[Understanding], worker: int) -> None:
        """With what was found out. On the way out the chat is given back instead: whoever claims it next asks again."""
        chat = item.claimed.conversation_id
        try:
            await asyncio.wait({reading})
            del self._readings[chat]
            if reading.cancelled():
                await self._release({chat})
            else:
                await self._answer([replace(item, understood=reading.result())], worker)
        except Exception as error:
            log.error("batch lost", stage="answer", count=1, **error_fields(error))
            self._metrics.failures.labels("answer", type(error).__name__).inc()
            await self._release({chat})
        self._wake.notify(INBOX)

    async def _in_time(self, claimed: list[ClaimedMessage], turns: Mapping[UUID, Turn]) -> list[ClaimedMessage]:
        """Those whose people do not write too fast; the others wait, with all that stands behind them in their chats."""
        if self._throttle is None or self._limits is None:
            return claimed
        now = self._clock()
        delays = {each.inbox_id: None if each.tries else self._throttle.delay(turns[each.inbox_id], now=now) for each in claimed}
        waiting = [
            (each, turns[each.inbox_id], now + timedelta(seconds=delay.seconds), delay.own)
            for each in claimed
            if (delay := delays[each.inbox_id]) is not None
        ]
        if not waiting:
            return claimed
        for each, _, _, _ in waiting:
            self._metrics.messages.labels("paced", each.channel).inc()
        if await let_wait(self._database, self._engine, waiting, every=self._limits.tell_every, now=now):
            self._wake.notify(OUTBOX)
        await self._release({each.conversation_id for each, _, _, _ in waiting})
        self._look_again(min(delay.seconds for delay in delays.values() if delay is not None))
        return [each for each in claimed if delays[each.inbox_id] is None]

    def _look_again(self, seconds: float) -> None:
        """Somebody is due then; to look sooner now and then does no harm."""
        asyncio.get_running_loop().call_later(seconds, self._wake.notify, INBOX)

    async def _without_twins(self, claimed: Sequence[ClaimedMessage], turns: Mapping[UUID, Turn]) -> list[ClaimedMessage]:
        """A newcomer who writes in two chats at once is met in one first: else the person would be made twice."""
        seen: set[tuple[str, str, str]] = set()
        kept, later = [], set()
        for each in claimed:
            message, known = turns[each.inbox_id].message, turns[each.inbox_id].sender is not None
            sender = (message.address.channel, message.address.account, message.sender.user)
            if not known and sender in seen:
                later.add(each.conversation_id)
            else:
                kept.append(each)
            seen.add(sender)
        if later:
            await self._release(later)
            self._again = True
        return kept

    async def _understand(self, claimed: ClaimedMessage, turn: Turn, worker: int) -> Item | None:
        try:
            async with asyncio.timeout(UNDERSTAND_SECONDS):
                return Item(claimed, turn, await self._engine.understand(turn, now=self._clock()))
        except Exception as error:
            await self._failed(claimed, turn, worker, error)
            return None

    async def _answer(self, items: Sequence[Item], worker: int) -> None:
        """In one transaction; without those that fail in their handler; each alone where the database refuses the whole."""
        left = list(items)
        tries = 0
        while left:
            tries += 1
            try:
                await self._commit(left, worker)
                return
            except MessageFailed as failure:
                cause = failure.__cause__ or failure
                if is_database_gone(cause):
                    raise cause from None
                if not (isinstance(cause, Exception) and is_retryable(cause) and tries < TRANSACTION_TRIES):
                    left.remove(failure.item)
                    await self._failed(failure.item.claimed, failure.item.turn, worker, cause)
            except Exception as error:
                if is_database_gone(error):
                    raise
                if is_retryable(error) and tries < TRANSACTION_TRIES:
                    continue
                if len(left) == 1:
                    await self._failed(left[0].claimed, left[0].turn, worker, error)
                    return
                for item in left:
                    await self._answer([item], worker)
                return

    async def _commit(self, items: Sequence[Item], worker: int) -> None:
        answered, more = await answer(self._database, self._engine, items, worker=worker, clock=self._clock)
        self._again = self._again or more
        self._wake.notify(OUTBOX)
        now = self._clock()
        for each in answered:
            claimed = each.item.claimed
            if each.receipt_waits:
                self._wake.notify(RECEIPTS)
            stage = "answered" if each.state == "done" else each.state
            self._metrics.messages.labels(stage, claimed.channel).inc()
            self._metrics.took("answer", start=claimed.received_at, now=now)
            log.info(stage, stage="answer", channel=claimed.channel, trace_id=claimed.trace_id, reason=each.reason)
        done = {each.item.claimed.conversation_id for each in answered}
        await self._release({item.claimed.conversation_id for item in items} - done)

    async def _failed(self, claimed: ClaimedMessage, turn: Turn | None, worker: int, error: BaseException) -> None:
        """Count a failure and let the message wait, or give it up."""
        reason = getattr(error, "code", None) or type(error).__name__
        self._metrics.failures.labels("answer", type(error).__name__).inc()
        log.error("failed", stage="answer", channel=claimed.channel, trace_id=claimed.trace_id, tries=claimed.tries + 1, **error_fields(error))
        if claimed.tries + 1 >= TRIES:
            await self._give_up(claimed, turn, worker, reason=str(reason))
            return
        async with self._database.pool.acquire() as connection:
            await inbox.postpone(connection, claimed.inbox_id, reason=str(reason), next_at=self._clock() + _wait(BACKOFF, claimed.tries + 1))
        await self._release({claimed.conversation_id})
        self._again = True

    async def _close_off(self, claimed: ClaimedMessage, worker: int) -> None:
        """Its words were erased before it was its turn."""
        await reject(self._database, claimed, reason="erased", worker=worker, now=self._clock())
        self._again = True
        self._metrics.messages.labels("rejected", claimed.channel).inc()

    async def _give_up(self, claimed: ClaimedMessage, turn: Turn | None, worker: int, *, reason: str) -> None:
        await give_up(self._database, self._engine, claimed, turn, reason=reason, worker=worker, now=self._clock())
        self._again = True
        self._wake.notify(OUTBOX)
        self._metrics.messages.labels("dead", claimed.channel).inc()
        log.error("given up", stage="answer", channel=claimed.channel, trace_id=claimed.trace_id, reason=reason, tries=claimed.tries)


def _wait(waits: Sequence[int], tries: int) -> timedelta:
    """How long after so many tries; as the last of `waits` (seconds) from then on."""
    return timedelta(seconds=waits[min(tries, len(waits)) - 1])
