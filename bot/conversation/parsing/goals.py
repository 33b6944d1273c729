"""Owns the rules that read what people save for: a goal set, changed or dropped, money put aside or taken out, and how it goes. Counts nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from bot.conversation.intents import Command, Nothing
from bot.conversation.parsing.addressing import frame
from bot.conversation.parsing.asks import about
from bot.conversation.parsing.budgeting import amounted
from bot.conversation.parsing.people import EVERYONE, SPEAKER
from bot.conversation.parsing.recurring import read_recurrence
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.sentences import wholes
from bot.conversation.parsing.shape import US, Item, Scan, Shape
from core.domain.money import Money
from core.reading.dates import dates
from core.reading.days import DateSpan
from core.reading.text import Token, folded_words, tokenise

_MOST = 140
_PEOPLE = (SPEAKER, EVERYONE, US)  # "save 5 for me" names no goal
_REFUSALS = ("goal_amount", "goal_amount")
_DOUBTFUL = ("ask", "left", "out")  # which may be said of other things: answered only of a goal that there is
_MOVES = ("put", "save", "out")
# What each list of patterns is about, where that is not its name.
_DOES = {
    "set": "set",
    "save": "set",
    "put": "aside",
    "out": "out",
    "show": "show",
    "ask": "show",
    "left": "show",
    "change": "change",
    "rename": "change",
}


def command(scan: Scan) -> Candidate | None:
    """A sentence about a goal, as a whole."""
    if scan.section("goal_talk"):
        often, left = read_recurrence(scan, scan.shape)
        moves = () if often is None else wholes(scan, "goal_talk", most=_MOST, said=left)
        if any(name in _MOVES and _read(scan, form, name, match) is not None for name, form, match in moves):
            code = "chatter" if scan.context.chat == "group" else "goal_rhythm"
            return Candidate("goals.rhythm", Nothing(code), 96)  # nothing is moved by itself, and it is no expense that repeats
    for name, form, match in wholes(scan, "goal_talk", most=_MOST):
        if (found := _read(scan, form, name, match)) is not None:
            return found
    return None


def _read(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Candidate | None:
    rule, slots = f"goals.{name}", {"do": _DOES.get(name, name)}
    words, due = shape.span(match, "name") or shape.span(match, "name2"), shape.span(match, "due")
    words, day = (words, None) if due else _parted(scan, words)
    called = _called(scan, words)
    if called is None or (new := _called(scan, shape.span(match, "new"))) is None:
        return None
    if _DOES.get(name) == "show" and (_is_unit(scan, words) or (name == "left" and about(scan, words)[1] is None)):
        return None  # of a budget: "what is left for the week", or a category is called so
    slots |= ({"name": called} if called else {}) | ({"new": new} if new else {})
    slots |= {"verb": "save"} if name == "save" else {}
    in_group = scan.context.chat == "group"
    slots |= {"maybe": "yes"} if name in _DOUBTFUL or (in_group and name == "show" and called) else {}
    if due:
        day = _due(scan, due, at_end=bool(shape.span(match, "end")))
    if in_group and name == "set" and day is None and not _is_order(scan, shape):
        return Candidate(rule, Nothing("chatter"), 96)
    slots |= {"due": day.isoformat()} if day is not None else {}
    if (on := shape.span(match, "on")) and on[0].day is not None:
        slots["on"] = on[0].day.start.isoformat()
    if amount := shape.span(match, "amount"):
        said = amount[0].amount is not None and amount[0].amount.currency is not None
        return amounted(scan, rule, amount, partial(_priced, slots=slots | ({"said": "yes"} if said else {})), score=96, refusals=_REFUSALS)
    return Candidate(rule, Command("goal", slots), 96)


def _is_unit(scan: Scan, words: Sequence[Item]) -> bool:
    """Whether a length of time is named."""
    found = scan.language.dates.words.at([scan.tokens[words[-1].first].folded], 0) if words else None
    return found is not None and found[0][0] == "U"


def _is_order(scan: Scan, shape: Shape) -> bool:
    """Whether a group is told to set a goal: "set a goal ...", "goal: ...". Without that "goal in minute 30" is one that somebody scored."""
    return frame(scan).orders or any(item.mark == ":" for item in shape.items)


def _priced(money: Money, *, slots: dict[str, str]) -> Command:
    return Command("goal", {**slots, "amount": str(money), "currency": money.currency})


def _called(scan: Scan, items: tuple[Item, ...]) -> str | None:
    """What the goal is called, without articles before it; nothing where nothing is said, None for words that are no name ("it")."""
    words = scan.lexicon.words
    while len(items) > 1 and (items[0].mark in words["words.articles"] or items[0].mark in words["goal_words.article"]):
        items = items[1:]
    said = scan.words(items).strip(" ,:;-'\"")
    if any((found := scan.lexicon.gist.at([item.mark], 0)) is not None and "budget" in found[0] for item in items):
        return None
    if items and (not said or all(item.mark in _PEOPLE for item in items) or " ".join(folded_words(said)) in words["goal_words.nothing"]):
        return None
    return said


def _parted(scan: Scan, items: tuple[Item, ...]) -> tuple[tuple[Item, ...], date | None]:
    """What a goal is called, and the day that is said behind it in a word that is no day elsewhere ("by May", "by Christmas")."""
    words = scan.lexicon.words
    place = next((place for place in range(len(items) - 1, 0, -1) if items[place].mark in words["goal_words.by"]), None)
    if place is None:
        return items, None
    said = " ".join(item.mark for item in items[place + 1 :])
    end = next((phrase for phrase in sorted(words["goal_words.end"], key=len, reverse=True) if said.startswith(f"{phrase} ")), "")
    month = said.removeprefix(end).strip()
    day = next((span.start for span in _dates(scan, tokenise(month)) if span.is_day and span.start > scan.today), None) or _month(scan, month, end)
    return (items, None) if day is None else (items[:place], day)


def _month(scan: Scan, name: str, end: str) -> date | None:
    """The first day of the coming month of that name; its last where that is said, or the month has begun."""
    first = next((span.start for span in _dates(scan, tokenise(f"1 {name}")) if span.is_day), None)
    if first is None:
        return None
    if (now := scan.today.replace(day=1)).month == first.month:
        return _month_end(now)
    return _month_end(first) if end else first


def _due(scan: Scan, items: tuple[Item, ...], *, at_end: bool) -> date | None:
    """The coming day that is named. Of a month or year its first day, as "by June" says; its last where that has begun, or is said (`at_end`)."""
    first, last = items[0].first, items[-1].last
    span = next((each for each in _dates(scan, scan.tokens) if each.first < last and each.last > first), None)
    if span is None:
        return None
    if span.is_day:
        return span.start
    years = 0 if span.end > scan.today or any(token.text in _years_of(span) for token in scan.tokens[span.first : span.last]) else 1
    start, end = (day.replace(year=day.year + years, day=min(day.day, 28) if day.month == 2 else day.day) for day in (span.start, span.end))
    return end if at_end or start <= scan.today else start


def _dates(scan: Scan, tokens: Sequence[Token]) -> Sequence[DateSpan]:
    return dates(tokens, scan.language, today=scan.today, currency=scan.context.currency, lean="future", broad=True)


def _years_of(span: DateSpan) -> tuple[str, str]:
    """As they are written: a period with its year is the one that was said, over or not."""
    return str(span.start.year), str(span.end.year)


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
