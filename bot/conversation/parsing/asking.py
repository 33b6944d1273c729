"""Owns the rules that read questions which compare, count, average and ask why, and those that go on from the last one. Counts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args

from bot.conversation.intents import Query
from bot.conversation.parsing.categories import named_category
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Item, Scan, Shape
from bot.conversation.parsing.sharing import named
from core.domain.money import Money
from core.errors import DomainError
from core.reading import calendar
from core.reading.dates import DateSpan, dates
from core.reading.merchants import Trust, in_name
from core.reading.text import folded_words, tokenise

Unit = Literal["day", "week", "month"]
Step = Literal["day", "week", "month", "quarter", "year"]
_MOST = 120
_BARE_MOST = 3  # words of a question that names but a time or a category
_HEARD_MOST = 20  # messages of the chat
_WORDS_MOST = 3  # that can name what money went to
_ASKED = frozenset("?？")
_BEFORE_FOLLOW = frozenset(("previous", "next", "beside", "follow_average"))
_FOLLOWS = frozenset(("follow", "previous", "next", "follow_why", "follow_list", "follow_average"))  # only where another question was asked
_WHOLE: dict[str, Literal["previous", "next", "why", "list", "average"]] = {
    "previous": "previous",
    "next": "next",
    "follow_why": "why",
    "follow_list": "list",
    "follow_average": "average",
}
_PAID = frozenset(("paid", "paid_marked"))
_SIZES = ("between", "over", "under")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is about: the words that no pattern takes, the person, and the times in their order."""

    category: str | None
    text: str | None
    person: str | None
    times: tuple[DateSpan, ...]


def asking(scan: Scan) -> Candidate | None:
    """A question as a whole. One that goes on from another only where another was asked."""
    likely = scan.section("asking")
    if not likely and not scan.context.asked and not scan.section("asking_sizes"):
        return None
    shape = scan.shape.plain.less(("?", "!", ".", "¿", "¡", "~", '"', "-"))
    if not shape.items or len(shape.text) > _MOST:
        return None
    if shape.marks("AC"):
        sized = _sized(scan, shape)
        return Candidate("query.sized", sized, 81) if sized is not None else None
    marked = scan.tokens[-1].folded in _ASKED
    unsaid = _WHOLE if scan.context.chat == "group" and not marked else ()  # "before", "the average": people talk to each other
    for kind, patterns in sorted(likely.items(), key=lambda each: each[0] not in _BEFORE_FOLLOW):
        heard = (kind not in _FOLLOWS or scan.context.asked) and (kind != "paid_marked" or marked) and kind not in unsaid
        for pattern in patterns if heard else ():
            match = pattern.fullmatch(shape.text)
            found = _found(scan, shape, kind, match) if match is not None else None
            if found is not None:
                return Candidate(f"query.{kind}", found, 81)
    bare = _follow_bare(scan, shape) if scan.context.asked and marked and len(shape.items) <= _BARE_MOST else None
    return Candidate("query.follow", bare, 81) if bare is not None else None


def _found(scan: Scan, shape: Shape, kind: str, match: re.Match[str]) -> Query | None:
    if kind in _WHOLE:
        return Query("follow", instead=_WHOLE[kind], step=_step(scan, shape) if kind in ("previous", "next") else None)
    beside = _beside(scan, shape) if kind in ("compare", "beside") and _weighs(scan) else None
    return beside or (_read(scan, shape, kind, match) if kind != "beside" else None)


def _read(scan: Scan, shape: Shape, kind: str, match: re.Match[str]) -> Query | None:
    besides = scan.lexicon.words["asking_words.paying" if kind in _PAID else "asking_words.that"]
    besides = besides if kind in (*_PAID, "compare") else frozenset[str]()
    asked = _about(scan, shape.span(match, "rest") if kind == "follow" else shape.items, besides=besides)
    if kind in _PAID and _says_more(scan, shape.span(match, "what")):
        asked = None
    if asked is None or not _means(kind, asked, match) or (kind == "times" and _only_went(scan, shape, asked)):
        return None
    if kind == "compare" and scan.context.asked and (asked.category, asked.text) == (None, None) and len(asked.times) == 1 and _points(scan, shape):
        than_start, than_end = _days(asked.times[0])
        return Query("follow", person=asked.person, than_start=than_start, than_end=than_end)
    if kind == "compare":
        return _compared(scan, asked, now=bool(match.groupdict().get("than")))
    if kind == "follow" and (asked.category, asked.text, asked.person) == (None, None, None) and _is_previous(scan, asked.times):
        return Query("follow", instead="previous", step=_step(scan, shape))
    start, end = _days(asked.times[0]) if asked.times else (None, None)
    unit = _unit(scan, shape, match) if kind == "per" else None
    if kind in _PAID:  # whoever it is that is said to have paid: it is told who did
        return Query("paid", asked.category, None, None, asked.text, start, end)
    return Query(kind, asked.category, asked.person, None, asked.text, start, end, unit=unit)


def thing_named(scan: Scan, items: tuple[Item, ...], *, heard: bool) -> str | None:
    """The words that name a bill, without the small ones before them. `heard`: in a group only where one of its messages says them too.

    People ask each other who paid for the pizza; of one that we know nothing of nothing is said.
    """
    while len(items) > 1 and items[0].mark in scan.lexicon.words["words.determiners"]:
        items = items[1:]
    words = {scan.tokens[item.first].folded for item in items}
    known = any(words <= set(folded_words(text)) for text in scan.context.context[-_HEARD_MOST:])
    return scan.words(items) if known or not heard or scan.context.chat != "group" else None


def _is_previous(scan: Scan, times: Sequence[DateSpan]) -> bool:
    """Whether the one time is the one before another: "el mes anterior" is the month before the one that was asked about."""
    said = {token.folded for span in times for token in scan.tokens[span.first : span.last]}
    return len(times) == 1 and bool(said & scan.lexicon.words["asking_words.previous"])


def _points(scan: Scan, shape: Shape) -> bool:
    """Whether it is about what was asked before: "compare that with january"."""
    return any(scan.tokens[item.first].folded in scan.lexicon.words["asking_words.that"] for item in shape.items)


def _weighs(scan: Scan) -> bool:
    """Whether two things beside each other are asked about: "pizza vs pasta" alone is what a group talks of."""
    said = {token.folded for token in scan.tokens}
    return scan.context.chat != "group" or bool(said & _ASKED) or bool(said & scan.lexicon.words["asking_words.weighs"])


def _beside(scan: Scan, shape: Shape) -> Query | None:
    """Two things beside each other, in one time: "more on groceries than on food?". Of none that is named, this month."""
    words = scan.lexicon.words["asking_words.beside"]
    for place, item in enumerate(shape.items):
        if scan.tokens[item.first].folded not in scan.lexicon.words["asking_words.apart"] or not 0 < place < len(shape.items) - 1:
            continue
        sides = [_about(scan, items, besides=words) for items in (shape.items[:place], shape.items[place + 1 :])]
        one, two = sides
        if one is None or two is None or one.person or two.person or None in (one.category, two.category):
            continue
        times = (*one.times, *two.times)
        things = tuple((side.category if side.text is None else None, side.text) for side in (one, two))
        if len(times) < 2 and things[0] != things[1]:
            start, end = _days(times[0]) if times else (scan.today.replace(day=1), scan.today)
            return Query("beside", start=start, end=end, things=things)
    return None


def _sized(scan: Scan, shape: Shape) -> Query | None:
    """ "Expenses over 50 in march", "find uber between 10 and 20": of what is kept here, or looked for."""
    for name in _SIZES:
        for pattern in scan.patterns(f"asking_sizes.{name}"):
            match = pattern.search(shape.text)
            left = shape.without(shape.span(match)) if match is not None else shape
            if match is None or left.marks("AC") or not left.items:
                continue
            entries, looks, whole = (scan.lexicon.words[f"asking_words.{name}"] for name in ("entries", "looks", "whole"))
            asked = _about(scan, left.items, besides=entries | looks | whole)
            if asked is None or not _looks_for(scan, left.items, asked):
                return None
            try:
                least, most = (_size(scan, shape.span(match, bound)) for bound in ("least", "most"))
            except DomainError:
                return None
            start, end = _days(asked.times[0]) if asked.times else (None, None)
            return Query("sized", asked.category, asked.person, None, asked.text, start, end, least=least, most=most)
    return None


def _looks_for(scan: Scan, items: tuple[Item, ...], asked: _Asked) -> bool:
    """Whether it is expenses of some size that are looked for: "everything over 30 is hot" tells of other things.

    A group is answered where it names expenses and besides only what sells, or a category.
    """
    words, said = scan.lexicon.words, [scan.tokens[item.first].folded for item in items]
    named = any(word in words["asking_words.entries"] for word in said)
    if asked.text is not None and (_says_more(scan, items) or (scan.context.chat == "group" and not _sells(asked.text))):
        return False
    return named or (scan.context.chat != "group" and said[0] in words["asking_words.looks"])


def _says_more(scan: Scan, items: tuple[Item, ...]) -> bool:
    """Whether words are of a sentence, or stand for people, rather than name a thing: "beer was fun"."""
    return any(scan.tokens[item.first].folded in scan.lexicon.words["asking_words.no_thing"] for item in items)


def _size(scan: Scan, items: tuple[Item, ...]) -> Money | None:
    """Raises DomainError for an amount that no money can be."""
    amount = items[0].amount if items else None
    return Money.of(amount.value, amount.currency or scan.context.currency) if amount is not None else None


def _follow_bare(scan: Scan, shape: Shape) -> Query | None:
    """ "February?": a time or a category and nothing else goes on from what was asked before."""
    small = scan.lexicon.words["asking_words.small"] - scan.lexicon.words["words.articles"] - scan.lexicon.words["words.within"]
    if any(item.day is None and scan.tokens[item.first].folded in small for item in shape.items):
        return None  # "how much on food in march?" is a question of its own
    asked = _about(scan, shape.items)
    if asked is None or asked.person is not None or len(asked.times) > 1 or not (asked.times or asked.category) or (asked.times and asked.text):
        return None
    start, end = _days(asked.times[0]) if asked.times else (None, None)
    return Query("follow", asked.category, None, None, asked.text, start, end)


def _means(kind: str, asked: _Asked, match: re.Match[str]) -> bool:
    """Whether a question is about our books: the sky is high for other reasons, and nobody keeps count of people here."""
    named, than = asked.category is not None, match.groupdict().get("than")
    if kind == "follow":
        return bool(named or asked.text or asked.person or asked.times)
    if kind in _PAID:
        return named or asked.text is not None
    if kind == "times":
        return named or (asked.text is not None and not match.groupdict().get("things"))
    return (named or asked.text is None) and (than is None or bool(asked.times))


def _only_went(scan: Scan, shape: Shape, asked: _Asked) -> bool:
    """Whether it is asked how often somebody went somewhere, which costs something only at a place that sells: "how often did I go to the gym"."""
    going = any(scan.tokens[item.first].folded in scan.lexicon.words["asking_words.going"] for item in shape.items)
    return going and not _sells(asked.text or "")


def _sells(said: str) -> bool:
    words = folded_words(said)
    seller = in_name(words, 0) if words else None
    return seller is not None and seller[0].trust is not Trust.SIGNS


def _about(scan: Scan, items: tuple[Item, ...], *, besides: frozenset[str] = frozenset()) -> _Asked | None:
    """None where more is said than names one thing. `besides`: words that say nothing here either."""
    times = _times(scan, items)
    taken = {place for span in times for place in range(span.first, span.last)}
    small = scan.lexicon.words["asking_words.small"] | besides
    left = [item for item in items if item.first not in taken and not _is_small(scan, item, small)]
    people = tuple(item for item in left if item.mark in ("P", "I"))
    who, new = named(scan, people)
    words = [item for item in left if item not in people and item.mark not in ("T", "D", "E")]
    if new or len(who) > 1 or len(words) > _WORDS_MOST or (words and words[-1].first - words[0].first >= len(words) + 1):
        return None
    said = scan.words(tuple(words)) if words else ""
    category, said = _category(scan, said) if said else (None, "")
    text = said if said and (category is None or not _is_outright(scan, said)) else None
    if text is not None and category is None and not all(word.mark.isalpha() for word in words):
        return None
    return _Asked(category, text, who[0] if who else None, times)


def _is_small(scan: Scan, item: Item, small: frozenset[str]) -> bool:
    return item.mark == "I" or (item.mark not in ("P", "T", "D") and scan.tokens[item.first].folded in small) or not item.mark[0].isalnum()


def _times(scan: Scan, items: tuple[Item, ...]) -> tuple[DateSpan, ...]:
    """Read broadly, for "compare march and april" names two months that no preposition stands before."""
    first, last = items[0].first, items[-1].last
    found = dates(scan.tokens, scan.language, today=scan.today, currency=scan.context.currency, lean="past", broad=True)
    known = {place for span in found for place in range(span.first, span.last)}
    for place in range(first, last):  # "march" and "may" are other words too, but not here
        if place not in known and scan.tokens[place].folded in scan.lexicon.words["asking_words.months"]:
            alone = dates(tokenise(f"in {scan.tokens[place].text}", most=2), scan.language, today=scan.today, lean="past", broad=True)
            found += tuple(replace(span, first=place, last=place + 1) for span in alone)
    return tuple(sorted((span for span in found if first <= span.first and span.last <= last), key=lambda span: span.first))


def _category(scan: Scan, said: str) -> tuple[str | None, str]:
    """With the words to look for: of a plural that no expense says the singular."""
    one = said[:-1] if said.endswith("s") else ""
    single = named_category(one, scan.lexicon) if len(one) > 2 else None
    found = named_category(said, scan.lexicon)
    return (single, one) if single is not None and not _is_outright(scan, said) else (found, said)


def _is_outright(scan: Scan, said: str) -> bool:
    found = scan.lexicon.categories.at(folded_words(said), 0)
    return found is not None and found[0].outright


def _days(span: DateSpan) -> tuple[date, date]:
    return span.start, span.end or span.start


def _compared(scan: Scan, asked: _Asked, *, now: bool) -> Query:
    """The later time with the earlier; one that stands alone with the one before it, or (`now`: "more than last month") what runs with it."""
    first, times = scan.today.replace(day=1), [part for span in asked.times for part in _apart(*_days(span))]
    if len(times) > 1:
        (than_start, than_end), (start, end) = sorted(times[:2])
        if start <= scan.today < end:  # what runs is compared with as much of the other
            end = scan.today
            than_end = min(than_start + (end - start), than_end)
    elif times and now and times[0][1] < first:
        start, end = first, scan.today
        than_start = times[0][0]
        than_end = min(than_start + (end - start), times[0][1])
    else:
        start, end = times[0] if times else (first, scan.today)
        end = max(start, min(end, scan.today))
        than_start, than_end = before(start, end)
    return Query("compare", asked.category, asked.person, None, asked.text, start, end, than_start=than_start, than_end=than_end)


def _apart(start: date, end: date) -> list[tuple[date, date]]:
    """Two months that follow each other are read as one time: "january and february"."""
    second = calendar.add(start, "month", 1)
    two = second is not None and calendar.add(start, "month", 2) == end + timedelta(days=1) and start.day == 1
    return [(start, second - timedelta(days=1)), (second, end)] if two and second is not None else [(start, end)]


def before(start: date, end: date) -> tuple[date, date]:
    """The same stretch before it, as beside_it."""
    return beside_it(start, end, -1)


def beside_it(start: date, end: date, way: Literal[-1, 1]) -> tuple[date, date]:
    """As many whole months before (or after) whole months; of a part of one the same part of the month beside it; else as many days."""
    following = end + timedelta(days=1)
    months = (following.year - start.year) * 12 + following.month - start.month
    if start.day == 1 and (following.day == 1 or months == 0):
        first = calendar.add(start, "month", way * (months or 1))
        behind = calendar.add(first, "month", months or 1) if first is not None else None
        assert first is not None and behind is not None, "there are months before and after"
        last = behind - timedelta(days=1)
        return first, last if months else min(first + (end - start), last)
    days = end - start + timedelta(days=1)
    return start + way * days, end + way * days


def stepped(start: date, end: date, step: Step, way: Literal[-1, 1], *, today: date) -> tuple[date, date]:
    """The whole day, week, month ... before the one in which a stretch begins, or after the one in which it ends.

    Of what is longer than that and runs: before, or after, the present one.
    """
    from_there = start if way < 0 else end
    first, last = _around(from_there, step)
    if start <= today <= end and (start < first or end > last):
        first, last = _around(today, step)
    return _around(first - timedelta(days=1) if way < 0 else last + timedelta(days=1), step)


def _around(day: date, step: Step) -> tuple[date, date]:
    """First and last day of what a day is in."""
    return calendar.part_of_year("quarter_this", day) if step == "quarter" else calendar.period(day, step, 0)


def _step(scan: Scan, shape: Shape) -> Step | None:
    """Which is said of "the month before"."""
    said = {token.folded for item in shape.items for token in scan.tokens[item.first : item.last]}
    return next((step for step in get_args(Step) if said & scan.lexicon.words[f"asking_words.{step}"]), None)


def _unit(scan: Scan, shape: Shape, match: re.Match[str]) -> Unit:
    said = {token.folded for item in shape.span(match, "unit") for token in scan.tokens[item.first : item.last]}
    return next((unit for unit in get_args(Unit) if said & scan.lexicon.words[f"asking_words.{unit}"]), "month")
