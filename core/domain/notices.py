"""When a person is told what nobody asked for: by their quiet hours, their digest and what they want to hear less of. Finds and says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.domain.reminders import DAY_BEGINS, after_quiet, by_day, is_quiet
from core.errors import DomainError

SELDOM = timedelta(days=30)  # what somebody wants less of comes at most once in such a time
MONDAY = 0


class Kind(StrEnum):
    """What a notice says: of a budget, of what is odd (see core.domain.ahead.anomalies), of a goal that falls behind, of what was seen to come
    back, of the week as a whole, or how to save.
    """

    OVER = "over"
    NEARLY = "nearly"
    AHEAD = "ahead"
    TWICE = "twice"
    AMOUNT = "amount"
    NEW = "new"
    PRICE = "price"
    MISSING = "missing"
    GOAL = "goal"
    SEEN = "seen"
    LETTER = "letter"
    TIP = "tip"


class Topic(StrEnum):
    """What people call several kinds together, when they want more or less of them."""

    BUDGETS = "budgets"
    UNUSUAL = "unusual"
    BILLS = "bills"
    GOALS = "goals"
    TIPS = "tips"  # of its own accord one comes in the letter alone
    LETTER = "letter"


TOPICS: dict[Kind, Topic] = {
    **dict.fromkeys((Kind.OVER, Kind.NEARLY, Kind.AHEAD), Topic.BUDGETS),
    **dict.fromkeys((Kind.TWICE, Kind.AMOUNT, Kind.NEW), Topic.UNUSUAL),
    **dict.fromkeys((Kind.PRICE, Kind.MISSING, Kind.SEEN), Topic.BILLS),
    Kind.GOAL: Topic.GOALS,
    Kind.LETTER: Topic.LETTER,
    Kind.TIP: Topic.TIPS,
}
WEAK = frozenset((Kind.NEARLY, Kind.NEW))  # the first to go where less is wanted


class Pace(StrEnum):
    """How notices come: as they arise, in one letter a day or a week, or never."""

    ONCE = "once"
    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


class Wish(StrEnum):
    """What somebody said of a topic."""

    LESS = "less"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class Manners:
    """How a person, or a group, wants to be written to. `quiet`: from when until when nothing comes, in their zone; it may lie over midnight."""

    quiet: tuple[time, time] | None = None
    pace: Pace = Pace.ONCE
    muted_until: datetime | None = None
    wishes: Mapping[Topic, Wish] = field(default_factory=dict)
    rests: Mapping[Topic, datetime] = field(default_factory=dict)  # until when nothing of a topic comes

    def is_muted(self, kind: Kind, *, now: datetime) -> bool:
        """Whether nothing of its topic is to be told, for ever or now."""
        rests = self.rests.get(TOPICS[kind])
        return self.wish(kind) is Wish.MUTED or (rests is not None and rests > now)

    def wish(self, kind: Kind) -> Wish | None:
        """What was said of the topic of a kind."""
        return self.wishes.get(TOPICS[kind])


def checked_quiet(begins: time, ends: time) -> tuple[time, time]:
    """Raises DomainError `quiet_hours_same` where they would last no time, or all day."""
    if begins == ends:
        raise DomainError("quiet_hours_same", time=f"{begins:%H:%M}")
    return begins, ends


def out_of_quiet(manners: Manners, moment: datetime, *, zone: ZoneInfo) -> datetime:
    """The moment, or the one by day after the quiet hours that it lies in; where somebody's day is quiet, their end."""
    if manners.quiet is None or not is_quiet(manners.quiet, moment.astimezone(zone).time()):
        return moment
    ends = after_quiet(moment, manners.quiet, zone=zone)
    morning = by_day(ends, zone=zone)
    return ends if is_quiet(manners.quiet, morning.astimezone(zone).time()) else morning


def when(manners: Manners, kind: Kind | None, *, now: datetime, zone: ZoneInfo, answer: bool = False) -> datetime | None:
    """When something is told: now, at a later moment, or (None) never. `kind` None: what concerns somebody's safety, which is always told.

    `answer`: within what answers a message just written, which no quiet hours hold back, but a digest does.
    """
    if kind is None:
        return now
    if manners.pace is Pace.OFF or manners.is_muted(kind, now=now):
        return None
    if answer and (manners.muted_until is None or manners.muted_until <= now):
        return now if manners.pace is Pace.ONCE else next_look(manners, now, zone=zone)
    return when_to_look(manners, now=now, zone=zone)


def when_to_look(manners: Manners, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Now, where a letter may be written now; else the next moment at which it may: by day, in no quiet hours, and not while all is muted."""
    muted = manners.muted_until is not None and manners.muted_until > now
    return next_look(manners, now, zone=zone) if muted else out_of_quiet(manners, by_day(now, zone=zone), zone=zone)


def next_look(manners: Manners, now: datetime, *, zone: ZoneInfo) -> datetime:
    """When there is to be looked next whether something is worth a letter: in the morning, of a Monday where they want it weekly."""
    muted = manners.muted_until if manners.muted_until is not None and manners.muted_until > now else None
    day = (muted or now).astimezone(zone).date()
    while True:
        morning = out_of_quiet(manners, datetime.combine(day, DAY_BEGINS, tzinfo=zone), zone=zone)
        if morning > now and (muted is None or morning >= muted) and (manners.pace is not Pace.WEEKLY or day.weekday() == MONDAY):
            return morning
        day += timedelta(days=1)
