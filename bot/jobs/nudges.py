"""Reminds members of what they owe, where whoever is owed asked for it and it is still open: alone, by day, once. Changes no debt."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Button, Reply
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.jobs.chats import place_of
from bot.letters import notice_of
from bot.log import log
from core.db import payment_manners, payment_reminders
from core.db.addresses import Reader
from core.db.answers import post_letters
from core.db.payment_reminders import Asked
from core.db.session import UnitOfWork
from core.domain.people import Member
from core.domain.reminders import by_day
from core.ports import Channel
from core.services import dues
from core.services.dues import Due

AT_ONCE = 20


class OwedMoney:
    """`remind` is the work of a job. `channels`: what each can show."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def remind(self, uow: UnitOfWork, now: datetime) -> None:
        """What is due: the letter and the note that it was written are one commit, so that no other scheduler writes it too."""
        found = await payment_reminders.claim(uow, limit=AT_ONCE, now=now)
        await uow.load_books({asked.book_id for asked in found}, lock=False)

        async def plan(asked: Asked, at: datetime | None) -> None:
            await payment_reminders.plan(uow, asked.book_id, sender=asked.sender_id, receiver=asked.receiver_id, at=at)

        async def remind(asked: Asked) -> None:
            at = await self._remind_of(uow, asked, now=now)
            if at is None or at > now:
                await plan(asked, at)

        await one_by_one(uow, found, remind, lambda asked: plan(asked, now + TRY_AGAIN), job="owed_money")

    async def _remind_of(self, uow: UnitOfWork, asked: Asked, *, now: datetime) -> datetime | None:
        """When it was sent (now) or is to be; None: not any more, since it is paid, not wanted, or nobody can be reached."""
        book = uow.book(asked.book_id)
        debtor = book.first(book.member(asked.sender_id))
        owed = [
            due for due in await dues.dues(uow, book.book_id) if (due.sender, due.receiver) == (debtor.member_id, asked.receiver_id) and due.amount
        ]
        if not owed or debtor.person_id is None or not debtor.active:
            return None
        manners = await payment_manners.of_person(uow, debtor.person_id)
        if manners.quiet:
            return None
        morning = by_day(now, zone=ZoneInfo(manners.time_zone or book.time_zone))
        if morning > now:
            return morning
        there = await place_of(uow, self._channels, asked.book_id, debtor, now=now)
        if there is None:
            return None
        await payment_reminders.done(uow, asked, now=now)
        self._post(uow, asked, there.reader, there.data_key, self._letter(uow, owed, there.reader, debtor), now=now)
        return now

    def _letter(self, uow: UnitOfWork, owed: list[Due], reader: Reader, debtor: Member) -> Reply:
        book, channel = uow.book(owed[0].book_id), self._channels[reader.channel]
        voice = Voice(reader.language or book.language, plain=not channel.capabilities.emoji)
        receiver = voice.name(book.first(book.member(owed[0].receiver)).name)
        text = voice.say("remind_text", receiver=receiver, amount=" + ".join(voice.amount(due.amount) for due in owed))
        text = voice.say("in_book", book=voice.name(book.name), text=text) if reader.person_id is not None else f"{voice.name(debtor.name)}: {text}"
        people = (debtor.person_id,) if debtor.person_id is not None else ()
        buttons = [
            Button(
                voice.say("button_pay_to", receiver=receiver, amount=due.amount),
                {"do": "pay_one", "book": str(due.book_id), "to": str(due.receiver), "currency": due.amount.currency},
                people,
            )
            for due in owed
        ]
        return Reply(text=text, buttons=tuple(buttons), book_id=book.book_id, urgency="notification", language=voice.language)

    def _post(self, uow: UnitOfWork, asked: Asked, reader: Reader, data_key: bytes, reply: Reply, *, now: datetime) -> None:
        planned = asked.remind_at.isoformat() if asked.remind_at is not None else ""
        key = uow.keys.digest("payment reminder", asked.book_id.hex, asked.sender_id.hex, asked.receiver_id.hex, planned)
        trace_id = secrets.token_hex(8)
        letter = notice_of(reply, conversation_id=reader.conversation_id, key=key, trace_id=trace_id, now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {reader.conversation_id: data_key}, now=now))
        log.info("reminded", job="owed_money", trace_id=trace_id)
