"""What a rule that repeats is in words, which one is meant, and the rule that a recurrence as it was read stands for. Writes nothing."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from bot.conversation.intents import Recurrence
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from core.db import recurring
from core.db.recurring import Recurring
from core.domain.recurrence import WORKING_DAYS, Every, Rule
from core.errors import DomainError
from core.reading.text import folded_words
from core.services.recurring import zone_of

_EVERY = {"daily": Every.DAY, "weekly": Every.WEEK, "monthly": Every.MONTH, "yearly": Every.YEAR}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def rule_of(read: Recurrence, today: date) -> Rule:
    """From the day that was said, else from today. Raises DomainError `no_such_day`, `no_days_left`."""
    weekdays = frozenset({_WEEKDAYS.index(read.weekday) + 1}) if read.weekday and not read.weekdays else frozenset(read.weekdays)
    start = read.next or today
    if read.until is not None and read.until < start:
        raise DomainError("no_days_left")
    return Rule(
        every=_EVERY[read.freq],
        start=start,
        interval=read.interval,
        until=read.until,
        weekdays=weekdays,
        day=None if read.nth is not None else read.day,
        nth=read.nth,
        month=read.month,
    )


def today_of(scene: Scene, book_id: UUID | None = None) -> date:
    """A rule's days are those of its book's zone, whoever writes."""
    return day_in(scene, book_id or scene.book_id, scene.now)


def day_in(scene: Scene, book_id: UUID, now: datetime) -> date:
    return now.astimezone(zone_of(scene.uow, book_id)).date()


def how_often(voice: Voice, rule: Rule) -> str:
    """ "Every month", "every 2 weeks": the day itself is told by when the next one is."""
    if rule.weekdays == WORKING_DAYS:
        return voice.say("every_month_working" if rule.nth is not None else "every_working_day")
    if rule.nth is not None or (rule.weekdays and rule.every is Every.WEEK):
        days = [voice.weekday(number) for number in sorted(rule.weekdays)]
        return voice.say("every_month_weekday" if rule.nth is not None else "every_weekday", count=rule.interval, days=days)
    return voice.say(f"every_{rule.every}", count=rule.interval)


def titled(scene: Scene, found: Recurring) -> str:
    return f"{called(scene, found)} {scene.voice.amount(found.amount)}"


def called(scene: Scene, found: Recurring) -> str:
    return scene.voice.name(found.what) or scene.say("what_default")


async def all_of(scene: Scene) -> list[Recurring]:
    """What repeats in the books that are read together here."""
    return await recurring.of_books(scene.uow, scene.own_books)


async def meant(scene: Scene, words: str) -> Recurring:
    """The one that words name, or the only one. Raises DomainError `recurring_none`, `recurring_unknown`, `recurring_which`."""
    there = await all_of(scene)
    if not there:
        raise DomainError("recurring_none")
    said = folded_words(words)
    named = [each for each in there if folded_words(each.what) == said] or [each for each in there if set(said) <= set(folded_words(each.what))]
    names = list(dict.fromkeys(called(scene, each) for each in named or there))
    if not named:
        raise DomainError("recurring_unknown", what=scene.voice.name(words), there=names)
    if len(named) > 1:
        raise DomainError("recurring_which", there=[titled(scene, each) for each in named])
    return named[0]


def at_time(read: Recurrence, usual: time) -> time:
    """When on its day: as it was said, else as usual."""
    return time.fromisoformat(read.at) if read.at is not None else usual
