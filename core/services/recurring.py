"""What comes back: when its next day is, which days are due, and what comes until a day. Posts nothing and says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.db import recurring
from core.db.recurring import Chat, Outcome, Recurring, State
from core.db.session import UnitOfWork
from core.domain.messages import ChatKind
from core.domain.recurrence import moment, occurrences

AT = time(9)  # in the book's zone, where no other time is said
AT_ONCE = 100  # rules of one look
DAYS_AT_ONCE = 60  # of one rule; the others are due at the next look
LATER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """Days of a rule that this transaction alone deals with, ascending: to be posted, or (`asks`) the newest to be asked about."""

    recurring: Recurring
    days: tuple[date, ...]
    chat: Chat


async def begin(uow: UnitOfWork, found: Recurring, *, today: date) -> Recurring:
    """Keep a rule, new or changed, whose days count from `today` on. Its next day is set; None where it has no more."""
    first = next(occurrences(found.rule, today, date.max), None)
    begun = replace(found, next_on=first, state=State.ACTIVE if first is not None else State.ENDED)
    await recurring.keep(uow, begun)
    await _wind(uow, begun, first)
    return begun


async def stop(uow: UnitOfWork, found: Recurring, state: State = State.ENDED) -> Recurring:
    """No day of it is due until it begins again."""
    stopped = replace(found, state=state, next_on=None)
    await recurring.keep(uow, stopped)
    await _wind(uow, stopped, None)
    return stopped


async def deal_with(uow: UnitOfWork, found: Recurring, day: date, outcome: Outcome, *, now: datetime) -> bool:
    """Deal with the next day of a rule before it is due. False where somebody did."""
    claimed = await recurring.claim(uow, found, [day], outcome, now=now)
    if found.next_on is not None and found.next_on <= day:
        await _wind(uow, found, next(occurrences(found.rule, day + timedelta(days=1), date.max), None))
    return bool(claimed)


async def take_due(uow: UnitOfWork, *, now: datetime, limit: int = AT_ONCE, silent: Mapping[str, datetime] | None = None) -> tuple[list[Due], bool]:
    """What is due now, and whether more may be. The days are claimed and the clocks wound: with the effect, or not at all.

    A missed day is due on its own day still; of what is asked about, only the newest. Where nothing may be said nothing is booked before it may,
    for nobody would know. `silent`: channel -> in a private chat where nobody has written since then, the number may be another's by now: the same.
    """
    claimed = await recurring.due(uow, limit=limit, now=now)
    await uow.load_books({book_id for book_id, _ in claimed}, lock=False)
    rules = [(rule_id, await recurring.find(uow, book_id, rule_id)) for book_id, rule_id in claimed]
    chats = await recurring.chats(uow, [found for _, found in rules if found is not None])
    taken, more = [], len(claimed) == limit
    for _, found in rules:
        if found is None or found.state is not State.ACTIVE or found.next_on is None:
            continue
        chat = chats.get(found.conversation_id)
        if chat is None or not _stands(uow, found):
            await stop(uow, found, State.PAUSED)
        elif chat.silent or _may_be_anothers(chat, silent or {}):
            await recurring.wind(uow, found, next_on=found.next_on, next_at=now + LATER)
        else:
            due, further = await _take(uow, found, chat, now=now)
            taken += [due] if due is not None else []
            more = more or further
    return taken, more


async def _take(uow: UnitOfWork, found: Recurring, chat: Chat, *, now: datetime) -> tuple[Due | None, bool]:
    """The days of one rule whose moment has come; whether more are left."""
    zone = zone_of(uow, found.book_id)
    assert found.next_on is not None, "a rule without a next day is never due"
    coming = islice(occurrences(found.rule, found.next_on, now.astimezone(zone).date()), DAYS_AT_ONCE)
    days = [day for day in coming if moment(day, found.at, zone) <= now]
    if not days:  # the zone is another since the clock was wound
        await _wind(uow, found, found.next_on)
        return None, False
    following = next(occurrences(found.rule, days[-1] + timedelta(days=1), date.max), None)
    await _wind(uow, found, following)
    if found.asks:
        await recurring.claim(uow, found, days[:-1], Outcome.SKIPPED, now=now)
        fresh = await recurring.claim(uow, found, days[-1:], Outcome.ASKED, now=now)
    else:
        fresh = await recurring.claim(uow, found, days, Outcome.POSTED, now=now)
    return (Due(found, tuple(fresh), chat) if fresh else None), following is not None and moment(following, found.at, zone) <= now


async def due_until(uow: UnitOfWork, books: Sequence[UUID], last_day: date) -> list[tuple[date, Recurring]]:
    """The days to come of all that repeats in loaded books, up to a day; ascending."""
    found = [each for each in await recurring.of_books(uow, books) if each.next_on is not None]
    days = [(day, each) for each in found for day in occurrences(each.rule, each.next_on or last_day, last_day)]
    return sorted(days, key=lambda pair: (pair[0], pair[1].created_at, pair[1].rule_id))


def zone_of(uow: UnitOfWork, book_id: UUID) -> ZoneInfo:
    """The zone of a loaded book; UTC for one that is known no more."""
    try:
        return ZoneInfo(uow.book(book_id).time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


async def _wind(uow: UnitOfWork, found: Recurring, day: date | None) -> None:
    at = moment(day, found.at, zone_of(uow, found.book_id)) if day is not None else None
    await recurring.wind(uow, found, next_on=day, next_at=at)


def _stands(uow: UnitOfWork, found: Recurring) -> bool:
    """Whether who said it is still in the book."""
    try:
        member = uow.book(found.book_id).member_of(found.person_id)
    except KeyError:
        return False
    return member is not None and member.active


def _may_be_anothers(chat: Chat, silent: Mapping[str, datetime]) -> bool:
    since = silent.get(chat.address.channel)
    return since is not None and chat.kind is ChatKind.PRIVATE and (chat.heard_at is None or chat.heard_at <= since)
