"""Closes payments that nobody finished, with one quiet line to both sides. Books nothing: what is owed is as it was."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs.batches import one_by_one
from bot.jobs.chats import place_of
from bot.letters import notice_of
from bot.log import log
from core.db import payment_manners
from core.db import payments as rows
from core.db.addresses import Reader
from core.db.answers import post_letters
from core.db.payments import Payment
from core.db.session import UnitOfWork
from core.domain.payments.states import State
from core.domain.people import Book, Member
from core.domain.reminders import after_quiet, by_day
from core.ports import Channel
from core.services import dues, payments

SILENT_FOR = timedelta(days=30)
AT_ONCE = 100


class UnfinishedPayments:
    """`close` is the work of a job. `channels`: what each can show."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def close(self, uow: UnitOfWork, now: datetime) -> None:
        """Those of which nobody said a word for so long: the end and the letters about it are one commit."""
        found = await rows.silent_since(uow, now - SILENT_FOR, limit=AT_ONCE)
        await one_by_one(uow, found, lambda payment: self._close(uow, payment, now=now), job="unfinished_payments")

    async def _close(self, uow: UnitOfWork, payment: Payment, *, now: datetime) -> None:
        await payments.lapse(uow, payment, now=now)
        if await _is_worth_a_word(uow, payment):
            await self._tell(uow, payment, now=now)
        log.info("lapsed", job="unfinished_payments", state=payment.state.value)

    async def _tell(self, uow: UnitOfWork, payment: Payment, *, now: datetime) -> None:
        """Each of the two alone, or (once) the group in which both are."""
        book = uow.book(payment.book_id)
        told: set[UUID] = set()
        for member_id in (payment.sender_id, payment.receiver_id):
            member = book.first(book.member(member_id))
            if member.person_id is None or not member.active:
                continue
            manners = await payment_manners.of_person(uow, member.person_id)
            there = None if manners.quiet else await place_of(uow, self._channels, book.book_id, member, now=now)
            if there is None or there.reader.conversation_id in told:
                continue
            told.add(there.reader.conversation_id)
            self._post(uow, payment, there.reader, member, by=moment(book, ZoneInfo(manners.time_zone or book.time_zone), now=now), now=now)

    def _post(self, uow: UnitOfWork, payment: Payment, reader: Reader, member: Member, *, by: datetime, now: datetime) -> None:
        book = uow.book(payment.book_id)
        voice = Voice(reader.language or book.language, plain=not self._channels[reader.channel].capabilities.emoji)
        sender, receiver = (voice.name(book.first(book.member(each)).name) for each in (payment.sender_id, payment.receiver_id))
        plan = voice.say("transfer", sender=sender, receiver=receiver, amount=payment.amount)
        text = voice.say("payment_lapsed", plan=plan, days=SILENT_FOR.days)
        text = voice.say("in_book", book=voice.name(book.name), text=text) if reader.person_id is not None else text
        reply = Reply(text=text, book_id=book.book_id, urgency="notification", not_before=by, language=voice.language)
        key = uow.keys.digest("payment lapsed", payment.payment_id.hex, reader.conversation_id.hex)
        letter = notice_of(reply, conversation_id=reader.conversation_id, key=key, trace_id=secrets.token_hex(8), now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {}, now=now))


async def _is_worth_a_word(uow: UnitOfWork, payment: Payment) -> bool:
    """Where somebody said that it is paid, or was told how and owes it still; who only looked at it, or settled otherwise, knows."""
    if payment.state in (State.PAYER_SAYS_PAID, State.DECLINED):
        return True
    book = uow.book(payment.book_id)
    pair = tuple(book.first(book.member(each)).member_id for each in (payment.sender_id, payment.receiver_id))
    owed = [due for due in await dues.dues(uow, payment.book_id) if (due.sender, due.receiver) == pair and due.amount]
    return payment.state is State.LINK_SENT and bool(owed)


def moment(book: Book, zone: ZoneInfo, *, now: datetime) -> datetime:
    """When it may be said: by day where they live, and not in the quiet hours of the group."""
    at, quiet, home = by_day(now, zone=zone), book.rules.quiet, ZoneInfo(book.time_zone)
    return after_quiet(at, quiet, zone=home) if quiet is not None and book.rules.is_quiet(at.astimezone(home).time()) else at
