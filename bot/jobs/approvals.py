"""Reminds groups, once a bill and by day, of what waits for somebody's approval. Decides nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.handlers.approvals import approve_button, waiting_text
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.letters import notice_of
from core.db import addresses, approvals
from core.db.addresses import Reader
from core.db.answers import post_letters
from core.db.approvals import Waiting
from core.db.session import UnitOfWork
from core.domain.reminders import after_quiet, by_day
from core.ports import Channel

AT_ONCE = 20


class WaitingBills:
    """`remind` is the work of a job. `channels`: what each can show."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def remind(self, uow: UnitOfWork, now: datetime) -> None:
        found = await approvals.due(uow, limit=AT_ONCE, now=now)
        await uow.load_books({waiting.book_id for waiting in found}, lock=False)

        async def put_off(waiting: Waiting) -> None:
            await approvals.remind_at(uow, waiting.approval_id, at=now + TRY_AGAIN)

        await one_by_one(uow, found, lambda waiting: self._remind_of(uow, waiting, now=now), put_off, job="waiting_bills")

    async def _remind_of(self, uow: UnitOfWork, waiting: Waiting, *, now: datetime) -> None:
        later = moment(uow, waiting, now=now)
        await approvals.remind_at(uow, waiting.approval_id, at=later if later > now else None)
        if later <= now:
            for reader in await addresses.group_chats(uow, waiting.book_id):
                self._post(uow, waiting, reader, now=now)

    def _post(self, uow: UnitOfWork, waiting: Waiting, reader: Reader, *, now: datetime) -> None:
        channel = self._channels.get(reader.channel)
        book = uow.book(waiting.book_id)
        voice = Voice(book.language, plain=channel is not None and not channel.capabilities.emoji)
        text = voice.say("approval_reminder", text=waiting_text(voice, book, waiting))
        button = approve_button(voice, book, waiting)
        reply = Reply(text=text, buttons=(button,), book_id=waiting.book_id, bill_ids=(waiting.bill_id,), urgency="notification")
        key = uow.keys.digest("waiting bill", waiting.approval_id.hex, reader.conversation_id.hex)
        letter = notice_of(reply, conversation_id=reader.conversation_id, key=key, trace_id=secrets.token_hex(8), now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {}, now=now))


def moment(uow: UnitOfWork, waiting: Waiting, *, now: datetime) -> datetime:
    """Now, or when the day begins or the quiet hours of the group end."""
    book = uow.book(waiting.book_id)
    zone = ZoneInfo(book.time_zone)
    at = by_day(now, zone=zone)
    quiet = book.rules.quiet
    return after_quiet(at, quiet, zone=zone) if quiet is not None and book.rules.is_quiet(at.astimezone(zone).time()) else at
