"""The one transaction of answered messages: ledger entries, conversation, letters and the end of the inbox rows, together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog

from bot.conversation.intents import Understanding
from bot.conversation.turn import Outcome, Reply, Turn
from bot.failpoints import failpoint
from bot.letters import effect_of, letters_of, superseded
from core.db import answers, inbox
from core.db.inbox import ClaimedMessage
from core.db.pacing import slow_down
from core.db.session import Connection, Database, UnitOfWork
from core.domain.messages import InboundKind
from core.errors import ServiceUnavailable
from core.ports import Clock


class Conversant(Protocol):
    """What the worker needs of the conversation's engine."""

    async def understand(self, turn: Turn, *, now: datetime) -> Understanding: ...

    async def respond(self, uow: UnitOfWork, turn: Turn, understood: Understanding, *, now: datetime) -> Outcome: ...

    def apology(self, turn: Turn) -> Reply:
        """What the sender is told when a message was given up."""
        ...

    def slow_down(self, turn: Turn) -> Reply:
        """What a chat is told that writes too fast."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """A claimed message with its turn and what was understood; a `turn` of None cannot be read any more."""

    claimed: ClaimedMessage
    turn: Turn
    understood: Understanding


@dataclass(frozen=True, slots=True)
class Answered:
    """An item's end, for the log and for who has work of it."""

    item: Item
    state: str
    reason: str
    receipt_waits: bool


class MessageFailed(Exception):
    """One message of a batch could not be answered: the transaction was rolled back, and the others can go on without it."""

    def __init__(self, item: Item) -> None:
        super().__init__("message failed")
        self.item = item


async def answer(database: Database, engine: Conversant, items: Sequence[Item], *, worker: int, clock: Clock) -> tuple[list[Answered], bool]:
    """Answer messages of different conversations in one unit of work.

    Returns those that nobody else had finished, and whether more waits in their conversations.

    Raises MessageFailed (nothing was written) for the message whose handler failed, and the database's errors.
    """
    now = clock()
    answered: list[Answered] = []
    async with database.unit_of_work() as uow:
        pending = await inbox.lock_pending(uow, [item.claimed.inbox_id for item in items])
        todo = [item for item in items if item.claimed.inbox_id in pending]
        await uow.load_books(_books(todo))
        finished: list[answers.Finished] = []
        letters: list[answers.Letter] = []
        used: list[str] = []
        for item in todo:
            outcome, end, posted = await _respond(uow, engine, item, now=now)
            finished.append(end)
            letters += posted
            used += [outcome.used_button] if outcome.used_button else []
            answered.append(Answered(item, end.state, end.reason, outcome.receipt_waits))
        more = _queue(uow, finished, letters, used, todo, worker=worker, now=now)
    failpoint("after_ledger_commit")
    return answered, any(more)


def _books(items: Sequence[Item]) -> set[UUID]:
    """All books of a batch are locked at once, in order of id: batches that overlap wait for each other instead of deadlocking."""
    people = [item.turn.sender for item in items if item.turn.sender is not None]
    return {book_id for item in items for book_id in item.turn.books} | {person.personal_book_id for person in people}


async def _respond(uow: UnitOfWork, engine: Conversant, item: Item, *, now: datetime) -> tuple[Outcome, answers.Finished, list[answers.Letter]]:
    turn = item.turn
    with structlog.contextvars.bound_contextvars(trace_id=turn.trace_id):
        if superseded(turn):
            outcome = Outcome(reason="superseded", erase_body=True)
            return (
                outcome,
                answers.Finished(
                    turn.inbox_id, turn.conversation.conversation_id, "rejected", outcome.reason, erase_body=True, heard_at=heard_at(item)
                ),
                [],
            )
        try:
            _refuse_erased(uow, turn)
            outcome = await engine.respond(uow, turn, item.understood, now=now)
            letters = letters_of(turn, outcome.replies, keys=uow.keys, now=now)
        except Exception as error:
            raise MessageFailed(item) from error
    end = answers.Finished(
        inbox_id=turn.inbox_id,
        conversation_id=turn.conversation.conversation_id,
        state="done",
        reason=outcome.reason,
        erase_body=outcome.erase_body,
        chat_state=None if outcome.state is None else answers.encrypt_state(uow.keys, item.claimed.data_key, outcome.state),
        chat_book_id=outcome.chat_book_id,
        heard_at=heard_at(item),
        effect=effect_of(turn, outcome, letters, keys=uow.keys),
    )
    return outcome, end, letters


def _refuse_erased(uow: UnitOfWork, turn: Turn) -> None:
    """The sender was loaded before the books were locked. Who was erased meanwhile must not be written down again: the message is read anew."""
    sender = turn.sender
    if sender is not None and uow.book(sender.personal_book_id).member_of(sender.person_id) is None:
        raise ServiceUnavailable("sender")


def heard_at(item: Item) -> datetime | None:
    """When the message was written, at the latest: one that came late does not open a platform's window again. None: nobody wrote it."""
    if item.turn.message.kind is InboundKind.RECURRING:
        return None
    sent_at = item.turn.message.sent_at
    return min(sent_at, item.claimed.received_at) if sent_at.tzinfo else item.claimed.received_at


def _queue(
    uow: UnitOfWork,
    finished: Sequence[answers.Finished],
    letters: Sequence[answers.Letter],
    used: Sequence[str],
    items: Sequence[Item],
    *,
    worker: int,
    now: datetime,
) -> list[bool]:
    """Everything but the ledger is written after it, at the end of the unit of work. What is returned is filled then: whether more waits."""
    more: list[bool] = []

    async def finish(connection: Connection) -> None:
        more.append(await answers.finish(connection, finished, worker=worker, now=now))

    data_keys = {item.claimed.conversation_id: item.claimed.data_key for item in items}
    if letters:
        uow.queue(lambda connection: answers.post_letters(connection, uow.keys, letters, data_keys, now=now))
    if used:
        uow.queue(lambda connection: answers.use_buttons(connection, used, now=now))
    if finished:
        uow.queue(finish)
    uow.queue(_before_commit)
    return more


async def _before_commit(_connection: object) -> None:
    failpoint("before_ledger_commit")


async def give_up(
    database: Database, engine: Conversant, claimed: ClaimedMessage, turn: Turn | None, *, reason: str, worker: int, now: datetime
) -> None:
    """Park a poison message, tell its sender, and let the chat go on. A message that cannot be read has no one to be told."""
    letters = letters_of(turn, [engine.apology(turn)], keys=database.keys, now=now) if turn is not None else []
    end = answers.Finished(claimed.inbox_id, claimed.conversation_id, "dead", reason)
    async with database.unit_of_work() as uow:
        if not await inbox.lock_pending(uow, [claimed.inbox_id]):
            return
        if letters:
            await answers.post_letters(uow.connection, uow.keys, letters, {claimed.conversation_id: claimed.data_key}, now=now)
        await answers.finish(uow.connection, [end], worker=worker, now=now)


async def let_wait(
    database: Database, engine: Conversant, waiting: Sequence[tuple[ClaimedMessage, Turn, datetime, bool]], *, every: timedelta, now: datetime
) -> bool:
    """Put messages off until then, as they are; a chat that wrote too fast (the flag) is told, at most once in `every`. True: one was told."""
    told = False
    async with database.unit_of_work() as uow:
        await inbox.let_wait(uow.connection, [each.inbox_id for each, _, _, _ in waiting], [until for _, _, until, _ in waiting])
        for claimed, turn, _, own in waiting:
            if own and await slow_down(uow.connection, claimed.conversation_id, now=now, every=every):
                (letter,) = letters_of(turn, [engine.slow_down(turn)], keys=uow.keys, now=now)
                key = uow.keys.digest("slow down", claimed.conversation_id.hex, now.isoformat())  # the message's own is for its answer
                letters = [replace(letter, dedupe_key=key)]
                await answers.post_letters(uow.connection, uow.keys, letters, {claimed.conversation_id: claimed.data_key}, now=now)
                told = True
    return told


async def reject(database: Database, claimed: ClaimedMessage, *, reason: str, worker: int, now: datetime) -> None:
    """End a message without an answer."""
    async with database.unit_of_work() as uow:
        if await inbox.lock_pending(uow, [claimed.inbox_id]):
            end = answers.Finished(claimed.inbox_id, claimed.conversation_id, "rejected", reason, erase_body=True)
            await answers.finish(uow.connection, [end], worker=worker, now=now)
