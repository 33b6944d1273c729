"""Looks after people and groups once a day or week, in the morning, and writes them one letter of what is worth it. Finds nothing itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers.alerts import Addressee, is_news, letter_buttons, line
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs import weekly
from bot.jobs.batches import TRY_AGAIN, one_by_one
from bot.jobs.chats import Place, own_chats, place
from bot.letters import notice_of
from bot.log import log
from core.db import addresses, budgets, notices
from core.db.answers import post_letters
from core.db.figures import Whose
from core.db.notices import Looked
from core.db.session import UnitOfWork
from core.domain.notices import MONDAY, Manners, next_look, when_to_look
from core.domain.people import BookKind
from core.ports import Channel, RateHistory
from core.services import alerts, goals
from core.services.alerts import Alert, Part

AT_ONCE = 20
ACTIVE = timedelta(days=60)  # who wrote nothing for longer is left alone
FIRST_LOOK = timedelta(days=1)  # how far back the first look goes
MARGIN = 20  # characters of a text that may cost two, and of what a channel writes beside it
MOST_LINES, MOST_LINES_PLAIN = 5, 2  # of a letter; where every character costs. What has no room comes the next time


async def enrol(uow: UnitOfWork, now: datetime) -> None:
    """The work of a job: whoever is new is looked after from now on."""
    await notices.enrol(uow, now=now, active_since=now - ACTIVE)


class DailyLooks:
    """`look` is the work of a job. `channels`: what each can show; `history`: the rates that came along."""

    def __init__(self, channels: Mapping[str, Channel], history: RateHistory | None) -> None:
        self._channels = channels
        self._history = history

    async def look(self, uow: UnitOfWork, now: datetime) -> bool:
        """Who is due: the letter and the notes of what it says are one commit. Whether more may be due."""
        found = await notices.claim(uow, limit=AT_ONCE, now=now)
        await uow.load_books({book for looked in found for book in (looked.book_id, *looked.books)}, lock=False)

        async def look(looked: Looked) -> None:
            await self._look_after(uow, looked, now=now)

        async def put_off(looked: Looked) -> None:
            await notices.looked(uow, looked.book_id, looked_at=None, look_at=now + TRY_AGAIN)

        await one_by_one(uow, found, look, put_off, job="notices")
        return len(found) == AT_ONCE

    async def _look_after(self, uow: UnitOfWork, looked: Looked, *, now: datetime) -> None:
        book = uow.book(looked.book_id)
        zone = ZoneInfo(looked.time_zone or book.time_zone)
        manners = looked.manners if looked.person_id is not None else replace(looked.manners, quiet=book.rules.quiet)
        at = when_to_look(manners, now=now, zone=zone)
        if at == now:
            await self._write(uow, looked, manners, zone=zone, now=now)
            await notices.looked(uow, looked.book_id, looked_at=now, look_at=next_look(manners, now, zone=zone))
        else:
            await notices.looked(uow, looked.book_id, looked_at=None, look_at=at)

    async def _write(self, uow: UnitOfWork, looked: Looked, manners: Manners, *, zone: ZoneInfo, now: datetime) -> None:
        """One letter of what is worth it, where there is anything and they can be reached."""
        person_id, today = looked.person_id, now.astimezone(zone).date()
        found = await (self._of_person(uow, looked, today=today, now=now) if person_id is not None else self._of_group(uow, looked, today=today))
        within = (looked.book_id, *looked.books)
        told = await alerts.worth_telling(uow, looked.book_id, found, manners, now=now, zone=zone, within=within)
        if not told and (person_id is None or today.weekday() != MONDAY):
            return
        chats = await (own_chats(uow, self._channels, person_id, now=now) if person_id is not None else addresses.group_chats(uow, looked.book_id))
        there = await place(uow, self._channels, chats)
        if there is None:
            return
        voice = self._voice(uow, looked, there)
        told = told[: MOST_LINES_PLAIN if voice.plain else MOST_LINES]
        said = [line(voice, each, uow.book(looked.book_id).categories) for each in told]
        room = self._channels[there.reader.channel].capabilities.text_limit - sum(len(each) + 1 for each in said) - MARGIN
        how: dict[str, Any] = {"room": room, "now": now, "zone": zone, "history": self._history}
        week = await weekly.letter(uow, looked, manners, voice, **how) if person_id is not None else None
        if not told and week is None:
            return
        await alerts.note(uow, looked.book_id, told, now=now)
        for each in week.told if week is not None else ():
            await notices.note(uow, looked.book_id, each, now=now)
        self._post(uow, looked, there, self._reply(uow, looked, voice, told, said, week), now=now)

    async def _of_group(self, uow: UnitOfWork, looked: Looked, *, today: date) -> list[Alert]:
        """Its own budgets, of whole bills, and its goals alone."""
        behind = alerts.of_goals(await goals.standings(uow, [looked.book_id], today=today), today=today)
        return [*await self._of_budgets(uow, [looked.book_id], {looked.book_id: None}, today=today), *behind]

    async def _of_person(self, uow: UnitOfWork, looked: Looked, *, today: date, now: datetime) -> list[Alert]:
        """Of their own parts, wherever: budgets, goals, bills that did not come, and what is odd about what was recorded since the last look."""
        assert looked.person_id is not None, "a person's own book"
        whose = {book: [member.member_id for member in uow.book(book).positions_of(looked.person_id)] for book in (looked.book_id, *looked.books)}
        own = [looked.book_id, *(each for each in looked.books if each != looked.book_id and uow.book(each).kind is BookKind.PERSONAL)]
        parts = await alerts.past(uow, whose, since=today - alerts.LONG)
        since = looked.looked_at or now - FIRST_LOOK
        fresh = [part for part in parts if part.recorded_at > since and part.amount.minor > 0 and is_news(part.spending.on, today)]
        odd = [alert for part in fresh if (alert := alerts.of_expense(part, [each for each in parts if _is_earlier(each, part)])) is not None]
        behind = alerts.of_goals(await goals.standings(uow, own, today=today), today=today)
        return [*odd, *alerts.of_missing(parts, today=today), *await self._of_budgets(uow, own, whose, today=today), *behind]

    async def _of_budgets(self, uow: UnitOfWork, kept_in: Sequence[UUID], whose: Whose, *, today: date) -> list[Alert]:
        found = [each for book in kept_in for each in await budgets.of_book(uow, book)]
        return await alerts.of_budgets(uow, found, whose, today=today, payday=uow.book(kept_in[0]).payday, history=self._history)

    def _voice(self, uow: UnitOfWork, looked: Looked, there: Place) -> Voice:
        language = there.reader.language or uow.book(looked.book_id).language
        return Voice(language, plain=not self._channels[there.reader.channel].capabilities.emoji)

    def _reply(self, uow: UnitOfWork, looked: Looked, voice: Voice, told: Sequence[Alert], said: Sequence[str], week: weekly.Weekly | None) -> Reply:
        """Alerts first, in a paragraph, then the week."""
        paragraphs = [*(["\n".join(said)] if said else []), *(week.paragraphs if week is not None else ())]
        buttons = letter_buttons(voice, told, Addressee(looked.book_id, looked.person_id)) if told else ()
        about = told[0].bill_ids[-1:] if len(told) == 1 and week is None else ()
        buttons = (*buttons, *(week.buttons if week is not None else ()))
        return Reply("\n".join(paragraphs), buttons, book_id=looked.book_id, bill_ids=about, urgency="notification", language=voice.language)

    def _post(self, uow: UnitOfWork, looked: Looked, there: Place, reply: Reply, *, now: datetime) -> None:
        key = uow.keys.digest("daily look", looked.book_id.hex, now.isoformat())
        trace_id = secrets.token_hex(8)
        letter = notice_of(reply, conversation_id=there.reader.conversation_id, key=key, trace_id=trace_id, now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {there.reader.conversation_id: there.data_key}, now=now))
        log.info("alerted", job="notices", trace_id=trace_id)


def _is_earlier(one: Part, other: Part) -> bool:
    """By their days, and of one day by when they were recorded."""
    return (one.spending.on, one.recorded_at) < (other.spending.on, other.recorded_at)
