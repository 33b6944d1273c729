"""What the letter of Monday says besides alerts: three facts of the week, what was seen to come back, and the best tip. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation import reporting
from bot.conversation.handlers import subscriptions, tips
from bot.conversation.handlers.subscriptions import Seen
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.reporting import Reader
from bot.conversation.turn import Button
from core.db import notices, recurring, report_schedules
from core.db.notices import Looked, Told
from core.db.session import UnitOfWork
from core.domain.figures import By
from core.domain.money import sums
from core.domain.notices import MONDAY, SELDOM, Kind, Manners, Wish, when
from core.domain.people import BookKind
from core.domain.recurrence import Every
from core.domain.reports import Report, just_over
from core.ports import RateHistory
from core.services import recurring as rules
from core.services import spendings
from core.services import tips as savings

FACTS_MOST = 3
BILLS_LEAST = 3  # of a week: of fewer everybody knows by themselves
ODD_PERCENT = 25  # away from the usual
DUE_MOST = 3
SEEN_MOST = 1  # of what comes back: the others have their turn in other weeks
OFTEN = ("weekly", "fortnightly")  # shopping comes back too, and needs no word
AHEAD = timedelta(days=6)
_EVER = date(1970, 1, 5)  # the period of what is told once


@dataclass(frozen=True, slots=True)
class Weekly:
    """Paragraphs in their order, what can be pressed, and what is noted as told once it is sent."""

    paragraphs: tuple[str, ...]
    buttons: tuple[Button, ...]
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whose week: `own` has by loaded book the members that are the person, their own book first."""

    uow: UnitOfWork
    person_id: UUID
    home: UUID
    own: Mapping[UUID, Sequence[UUID]]
    voice: Voice
    today: date
    history: RateHistory | None

    @property
    def homes(self) -> list[UUID]:
        return [book for book in self.own if book == self.home or self.uow.book(book).kind is BookKind.PERSONAL]

    @property
    def currency(self) -> str:
        book = self.uow.book(self.home)
        return book.settles_in or book.currency

    @property
    def saver(self) -> savings.Reader:
        book = self.uow.book(self.home)
        return savings.Reader(self.own, self.homes, book.currency, book.payday)


async def letter(
    uow: UnitOfWork, looked: Looked, manners: Manners, voice: Voice, *, room: int, now: datetime, zone: ZoneInfo, history: RateHistory | None
) -> Weekly | None:
    """On a Monday, of who has a week that can be held against earlier ones, and no report that says so. The books are loaded.

    `room`: the most characters.
    """
    assert looked.person_id is not None, "a group has no letter of its own"
    today = now.astimezone(zone).date()
    week = Told(Kind.LETTER, "week", today)
    if today.weekday() != MONDAY or not await _wanted(uow, looked.book_id, manners, week, now=now, zone=zone):
        return None
    if await report_schedules.tells_of_weeks(uow, looked.person_id):
        return None
    books = dict.fromkeys((looked.book_id, *looked.books))
    own = {book: [member.member_id for member in uow.book(book).positions_of(looked.person_id)] for book in books}
    whom = _Whom(uow, looked.person_id, looked.book_id, own, voice, today, history)
    facts = await _facts(whom)
    if not facts or len(facts[0]) > room:
        return None
    if voice.plain:
        return Weekly(_that_fit(facts, room), (), (week,))
    seen, once = await _seen(whom, manners, now=now, zone=zone)
    back = "\n".join(subscriptions.lines(voice, seen))
    heard = when(manners, Kind.TIP, now=now, zone=zone) == now
    tip = await savings.best(uow, whom.saver, today=today, history=history) if heard else None
    book = uow.book(whom.home)
    advice = tips.sentence(voice, book.categories, tip, book.currency) if tip is not None else ""
    paragraphs = _that_fit([each for each in (*facts, back, advice) if each], room)
    pressed: tuple[Button, ...] = ()
    if tip is not None and advice in paragraphs:
        await savings.keep_shown(uow, whom.saver, [tip], today=today)
        pressed = tips.buttons(voice, whom.home, tip)
    if not back or back not in paragraphs:
        return Weekly(paragraphs, pressed, (week,))
    watched = subscriptions.buttons(voice, seen, book_id=whom.home, person_id=whom.person_id)
    return Weekly(paragraphs, (*pressed, *watched), (week, *once))


async def _wanted(uow: UnitOfWork, owner: UUID, manners: Manners, told: Told, *, now: datetime, zone: ZoneInfo) -> bool:
    """Not while it is muted, at most once in 30 days for who wants less of it, and never twice."""
    if when(manners, told.kind, now=now, zone=zone) != now:
        return False
    if manners.wish(told.kind) is Wish.LESS and told.kind in await notices.kinds_since(uow, owner, now - SELDOM):
        return False
    return bool(await notices.untold(uow, owner, [told], within=[], edited=False))


def _that_fit(paragraphs: Sequence[str], room: int) -> tuple[str, ...]:
    """As many of the first as there is room for."""
    kept: list[str] = []
    for each in paragraphs:
        if sum(len(other) + 1 for other in kept) + len(each) > room:
            break
        kept.append(each)
    return tuple(kept)


# ------------------------------------------------------------------ facts


async def _facts(whom: _Whom) -> list[str]:
    """What the week came to and how that stands to the usual; what stands out in it; what comes due. Nothing where too little is known."""
    period = just_over(Every.WEEK, whom.today)
    made = await spendings.report(whom.uow, whom.own, period, currency=whom.currency, today=whom.today, history=whom.history)
    usual = reporting.usual(_reader(whom), made.usual)
    if made.count < BILLS_LEAST or not usual:
        return []
    found = [f"{reporting.head(_reader(whom), made)} {usual}", _odd(whom, made), await _due(whom), _biggest(whom, made)]
    return [each for each in found if each][:FACTS_MOST]


def _reader(whom: _Whom) -> Reader:
    return Reader(whom.voice, whom.today, {book: whom.uow.book(book) for book in whom.own})


def _odd(whom: _Whom, made: Report) -> str:
    """The category that is furthest from its usual; nothing where none is far."""
    far = [each for each in made.trends.values() if each.percent is not None and abs(each.percent) >= ODD_PERCENT]
    most = max(far, key=lambda each: (each.difference.minor, str(each.category)), default=None)
    row = next((row for row in made.categories.rows if most is not None and row.key == most.category), None)
    return reporting.row(_reader(whom), made, By.CATEGORY, row) + "." if row is not None else ""


async def _due(whom: _Whom) -> str:
    """What repeats and comes in this week."""
    last = whom.today + AHEAD
    coming = await rules.due_until(whom.uow, whom.homes, last)
    if not coming:
        return ""
    voice = whom.voice
    lines = [voice.say("upcoming_line", day=day, what=f"{voice.name(each.what)} {voice.amount(each.amount)}") for day, each in coming[:DUE_MOST]]
    more = [voice.say("upcoming_more", count=len(coming) - DUE_MOST)] if len(coming) > DUE_MOST else []
    return "\n".join([voice.say("upcoming_title", day=last, amount=voice.amounts(sums(each.amount for _, each in coming))), *lines, *more])


def _biggest(whom: _Whom, made: Report) -> str:
    most = made.biggest
    if most is None:
        return ""
    words = opening(whom.voice.name(most.words)) or whom.voice.say("what_default")
    return whom.voice.say("report_biggest", what=words, amount=most.amount, day=most.on)


# ------------------------------------------------------------------ what comes back


async def _seen(whom: _Whom, manners: Manners, *, now: datetime, zone: ZoneInfo) -> tuple[list[Seen], list[Told]]:
    """What comes back in the person's own book and was neither confirmed nor ever told."""
    if when(manners, Kind.SEEN, now=now, zone=zone) != now or not whom.own[whom.home]:
        return [], []
    known = await recurring.of_books(whom.uow, whom.homes)
    found = await subscriptions.seen(whom.uow, whom.home, whom.own[whom.home][0], known, today=whom.today)
    found = [(each, amount) for each, amount in found if each.rhythm.name not in OFTEN]
    told = {each.merchant: Told(Kind.SEEN, each.merchant, _EVER) for each, _ in found}
    new = await notices.untold(whom.uow, whom.home, list(told.values()), within=[], edited=False)
    shown = [pair for pair in found if told[pair[0].merchant] in new][:SEEN_MOST]
    return shown, [told[each.merchant] for each, _ in shown]
