"""Sends the reports that people want every so often: each once, whenever its moment has come, also after a pause. Plans none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation import reporting
from bot.conversation.handlers.mail import signed
from bot.conversation.turn import Reply
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.letters import notice_of
from bot.log import log
from bot.report_files import figures_for, opened
from core.db import mailboxes, report_schedules
from core.db.answers import post_letters
from core.db.report_links import Slip, mailed, report_document
from core.db.report_schedules import Due, Standing
from core.db.session import UnitOfWork
from core.domain.mail import CHANNEL
from core.domain.messages import Capabilities, Document
from core.domain.reports import just_over, next_moment
from core.errors import DomainError
from core.ports import Channel, RateHistory

AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a report goes, the key of what is said there, and what it can show."""

    conversation_id: UUID
    data_key: bytes | None
    shown: Capabilities


class PlannedReports:
    """`send` is the work of a job. `channels`: what each can show; `address`: where our own pages are."""

    def __init__(self, channels: Mapping[str, Channel], *, address: str, history: RateHistory | None) -> None:
        self._channels = channels
        self._address = address
        self._history = history

    async def send(self, uow: UnitOfWork, now: datetime) -> bool:
        """What is due: the letter and the next moment are one commit, so that no other scheduler sends it too. What was missed is sent once.

        Whether more may be due.
        """
        found = await report_schedules.claim(uow, limit=AT_ONCE, now=now)

        async def send(due: Due) -> None:
            await self._send_due(uow, due, now=now)

        async def put_off(due: Due) -> None:
            await report_schedules.move_on(uow, due.kept.schedule_id, to=now + TRY_AGAIN)

        await one_by_one(uow, found, send, put_off, job="planned_reports")
        return len(found) == AT_ONCE

    async def _send_due(self, uow: UnitOfWork, due: Due, *, now: datetime) -> None:
        kept = due.kept
        following: datetime | None = next_moment(
            kept.every, weekday=kept.weekday, at=kept.at, zone=ZoneInfo(kept.zone), after=now, interval=kept.interval, before=kept.next_at
        )
        place = await self._place(uow, due)
        if place is not None:
            try:
                await self._send(uow, kept, place, now=now)
            except DomainError as problem:
                if problem.code != "not_found":
                    raise
                following = None  # who wanted it is not in the book any more
        await report_schedules.move_on(uow, kept.schedule_id, to=following)

    async def _place(self, uow: UnitOfWork, due: Due) -> _Place | None:
        """The person's mailbox where they want it there and it takes letters, else the chat; None where nothing may be said."""
        mailbox = await mailboxes.of_person(uow, due.kept.person_id) if due.kept.by_mail and CHANNEL in self._channels else None
        if mailbox is not None and mailbox.open:
            return _Place(mailbox.conversation_id, mailbox.data_key, self._channels[CHANNEL].capabilities)
        channel = self._channels.get(due.channel)
        return None if channel is None or due.silent else _Place(due.conversation_id, due.data_key, channel.capabilities)

    async def _send(self, uow: UnitOfWork, kept: Standing, place: _Place, *, now: datetime) -> None:
        reply = await self._reply(uow, kept, place.shown, now=now)
        key = uow.keys.digest("planned report", kept.schedule_id.hex, kept.next_at.isoformat())
        trace_id = secrets.token_hex(8)
        letter = notice_of(reply, conversation_id=place.conversation_id, key=key, trace_id=trace_id, now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {place.conversation_id: place.data_key}, now=now))
        log.info("report sent", job="planned_reports", trace_id=trace_id)

    async def _reply(self, uow: UnitOfWork, kept: Standing, shown: Capabilities, *, now: datetime) -> Reply:
        """In words, and as the file that was asked for where the chat can show it. DomainError `not_found`."""
        today = now.astimezone(ZoneInfo(kept.zone)).date()
        period = just_over(kept.every, today, kept.interval)
        form = kept.form if kept.form != "text" else "pdf"
        slip = Slip(kept.person_id, kept.book_id, period.first, period.last, today, form, kept.language, currency="")
        short, shared = shown.cheap_limit is not None, kept.book_id is not None
        apart = reporting.told_apart(short=short, shared=shared)
        reader, slip, whose = await opened(uow, slip, plain=not shown.emoji)
        made = await figures_for(uow, slip, whose, apart=apart, history=self._history)
        if not made.count:
            nothing = reader.voice.say("spend_none", what=reader.voice.say("spend_all"), period=reader.period(period.first, period.last))
            return Reply(text=signed(reader.voice, nothing) if shown.post else nothing, book_id=kept.book_id, language=kept.language)
        text = reporting.text(reader, made, short=short, shared=shared)
        if shown.post:
            return Reply(signed(reader.voice, text), book_id=kept.book_id, documents=mailed(uow.keys, slip, address=self._address, now=now))
        return Reply(text=text, book_id=kept.book_id, documents=self._file(uow, kept, slip, shown, now=now), language=kept.language)

    def _file(self, uow: UnitOfWork, kept: Standing, slip: Slip, shown: Capabilities, *, now: datetime) -> tuple[Document, ...]:
        if kept.form == "text" or not (shown.documents or (shown.pictures and kept.form in ("png", "pdf"))):
            return ()
        return (report_document(uow.keys, slip, address=self._address, now=now),)
