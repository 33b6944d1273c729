"""Reminds groups, once a receipt and by day, of the lines that nobody has claimed. Changes no bill."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers.receipt_cards import card_state, numbered
from bot.conversation.reminders import unclaimed
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.letters import notice_of
from bot.log import log
from core.db import ledger, reminders
from core.db.answers import post_letters
from core.db.reminders import Due
from core.db.session import UnitOfWork
from core.domain.bills import amount_of
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.reminders import by_day
from core.ports import Channel

AT_ONCE = 20


class UnclaimedLines:
    """`remind` is the work of a job. `channels`: what each can show."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def remind(self, uow: UnitOfWork, now: datetime) -> None:
        """What is due, each in its chat: the letter and the note that it was written are one commit, so that no other scheduler writes it too."""
        found = await reminders.claim(uow, limit=AT_ONCE, now=now)
        await uow.load_books({due.kept.book_id for due in found if due.kept.book_id is not None}, lock=False)

        async def put_off(due: Due) -> None:
            await reminders.plan(uow, due.kept.receipt_id, at=now + TRY_AGAIN)

        await one_by_one(uow, found, lambda due: self._remind_of(uow, due, now=now), put_off, job="unclaimed_lines")

    async def _remind_of(self, uow: UnitOfWork, due: Due, *, now: datetime) -> None:
        entry, reading = await standing(uow, due.kept.book_id, due.kept.bill_id), due.kept.reading
        channel = self._channels.get(due.channel)
        if entry is None or reading is None or channel is None or due.silent or await is_settled(uow, entry):
            await reminders.plan(uow, due.kept.receipt_id, at=None)
            return
        book = uow.book(entry.book_id)
        morning = by_day(now, zone=ZoneInfo(book.time_zone))
        if morning > now:
            await reminders.plan(uow, due.kept.receipt_id, at=morning)
            return
        voice = Voice(book.language, plain=not channel.capabilities.emoji)
        reply = unclaimed(voice, book, entry, reading, buttons_most=channel.capabilities.buttons)
        if reply is None:
            await reminders.plan(uow, due.kept.receipt_id, at=None)
            return
        state = due.state | {"card": card_state(entry, numbered(entry, reading))}  # "2 me" is about this receipt from now on
        await reminders.done(uow, due, state=state, now=now)
        await self._post(uow, due, reply, now=now)

    async def _post(self, uow: UnitOfWork, due: Due, reply: Reply, *, now: datetime) -> None:
        key, trace_id = uow.keys.digest("unclaimed lines", due.kept.receipt_id.hex), secrets.token_hex(8)
        letter = notice_of(reply, conversation_id=due.conversation_id, key=key, trace_id=trace_id, now=now, thread=due.thread)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {due.conversation_id: due.data_key}, now=now))
        log.info("reminded", job="unclaimed_lines", trace_id=trace_id)


async def standing(uow: UnitOfWork, book_id: UUID | None, bill_id: UUID | None) -> JournalEntry | None:
    """The expense as it stands; None where it was taken back."""
    if book_id is None or bill_id is None:
        return None
    entry = await ledger.standing(uow, book_id, bill_id=bill_id)
    return entry if entry is not None and entry.kind is EntryKind.EXPENSE else None


async def is_settled(uow: UnitOfWork, entry: JournalEntry) -> bool:
    """Whether people paid back since the bill was divided, or nobody owes anything in its currency: to divide it anew would undo that."""
    currency = amount_of(entry).currency
    even = not any(balance.amount for (_, code), balance in uow.balances(entry.book_id).items() if code == currency)
    return even or await reminders.paid_back_since(uow, entry.book_id, since=entry.recorded_at)
