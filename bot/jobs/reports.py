"""Sends the reports that people want every so often: each once, whenever its moment has come, also after a pause. Plans none."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation import reporting
from bot.conversation.turn import Reply
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.letters import notice_of
from bot.log import log
from bot.report_files import figures_for, opened
from core.db import report_schedules
from core.db.answers import post_letters
from core.db.report_links import Slip, report_document
from core.db.report_schedules import Due, Standing
from core.db.session import UnitOfWork
from core.domain.messages import Capabilities, Document
from core.domain.reports import just_over, next_moment
from core.errors import DomainError
from core.ports import Channel, RateHistory

AT_ONCE = 10


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
        kept, channel = due.kept, self._channels.get(due.channel)
        following: datetime | None = next_moment(kept.every, weekday=kept.weekday, at=kept.at, zone=ZoneInfo(kept.zone), after=now)
        if channel is not None and not due.silent:
            try:
                await self._send(uow, due, channel.capabilities, now=now)
            except DomainError as problem:
                if problem.code != "not_found":
                    raise
                following = None  # who wanted it is not in the book any more
        await report_schedules.move_on(uow, kept.schedule_id, to=following)

    async def _send(self, uow: UnitOfWork, due: Due, shown: Capabilities, *, now: datetime) -> None:
        reply = await self._reply(uow, due.kept, shown, now=now)
        key = uow.keys.digest("planned report", due.kept.schedule_id.hex, due.kept.next_at.isoformat())
        trace_id = secrets.token_hex(8)
        letter = notice_of(reply, conversation_id=due.conversation_id, key=key, trace_id=trace_id, now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {due.conversation_id: due.data_key}, now=now))
        log.info("report sent", job="planned_reports", trace_id=trace_id)

    async def _reply(self, uow: UnitOfWork, kept: Standing, shown: Capabilities, *, now: datetime) -> Reply:
        """In words, and as the file that was asked for where the chat can show it. DomainError `not_found`."""
        today = now.astimezone(ZoneInfo(kept.zone)).date()
        period = just_over(kept.every, today)
        form = kept.form if kept.form != "text" else "pdf"
        slip = Slip(kept.person_id, kept.book_id, period.first, period.last, today, form, kept.language, currency="")
        short, shared = shown.cheap_limit is not None, kept.book_id is not None
        apart = reporting.told_apart(short=short, shared=shared)
        reader, slip, whose = await opened(uow, slip, plain=not shown.emoji)
        made = await figures_for(uow, slip, whose, apart=apart, history=self._history)
        if not made.count:
            nothing = reader.voice.say("spend_none", what=reader.voice.say("spend_all"), period=reader.period(period.first, period.last))
            return Reply(text=nothing, book_id=kept.book_id)
        text = reporting.text(reader, made, short=short, shared=shared)
        return Reply(text=text, book_id=kept.book_id, documents=self._file(uow, kept, slip, shown, now=now))

    def _file(self, uow: UnitOfWork, kept: Standing, slip: Slip, shown: Capabilities, *, now: datetime) -> tuple[Document, ...]:
        if kept.form == "text" or not (shown.documents or (shown.pictures and kept.form in ("png", "pdf"))):
            return ()
        return (report_document(uow.keys, slip, address=self._address, now=now),)
