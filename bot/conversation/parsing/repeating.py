"""Sentences about what repeats: told, paused, resumed, skipped, at a new price, stopped. Sets nothing that comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from bot.conversation.intents import Command, Intent, Question
from bot.conversation.parsing.recurring import last_day
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.sentences import wholes
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, Scan, Shape
from core.domain.money import Money
from core.errors import DomainError

_MOST = 120
_SCORES = {"stop_repeating": 91}  # what takes back a bill goes before: "stop the netflix subscription"
_SCORE = 95
_THEN = "new_price_then"
_NAME_MOST = 3  # words
_LEADING = 4  # words that lead to a day: "a partir de mayo"
Reader = Callable[[Scan, Shape, str, re.Match[str]], Intent | Candidate | None]


def command(scan: Scan) -> Candidate | None:
    """A sentence as a whole."""
    for name, form, match in wholes(scan, "recurring_talk", most=_MOST):
        if name != _THEN and (found := _READERS.get(name, _about)(scan, form, name, match)) is not None:
            return found if isinstance(found, Candidate) else Candidate(f"recurring.{name}", found, _SCORES.get(name, _SCORE))
    return _price_then(scan)


def _price_then(scan: Scan) -> Candidate | None:
    """A price from a day to come on: "rent goes up to 980 from may". Of what does not repeat it is an expense, or a plan."""
    if not scan.context.prices:
        return None
    for since, left in _without_days(scan):
        for name, form, match in wholes(scan, "recurring_talk", most=_MOST, said=left):
            short = len(form.span(match, "what")) <= _NAME_MOST  # "hay que comprar pan que cuesta 3" is a plan
            found = _new_price(scan, form, name, match, since=since) if short and name in ("new_price", _THEN) else None
            if found is not None:
                return found
    return None


def _without_days(scan: Scan) -> Iterator[tuple[date, Shape]]:
    """Each day to come and the shape without it: without the words that say so of a beginning, else without any that stand before it.

    Without such words only a month begins something: "lunch is 12 monday" was last Monday.
    """
    shape = scan.shape
    if len(shape.marks(AMOUNT)) != 1 or len(shape.text) > _MOST:
        return
    for place, item in enumerate(shape.items):
        since = last_day(scan, (item,), first=True) if item.mark in (DAY, PERIOD) else None
        if since is None or since <= scan.today:
            continue
        for pattern in scan.patterns("recurring.starts"):
            if (match := pattern.search(shape.text)) is not None and item in shape.span(match):
                yield since, shape.without(shape.span(match))
        for last in (place + 1, place + 2) if item.mark == PERIOD else ():  # "from may on"
            for first in range(place, max(-1, place - _LEADING), -1):
                yield since, shape.without(shape.items[first:last])


def _bare(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command:
    return Command(name)


def _about(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """Of what words name; small words alone name nothing."""
    what = _named(scan, shape, match)
    return Command(name, {"what": what}) if what else None


def _named(scan: Scan, shape: Shape, match: re.Match[str]) -> str:
    items = shape.span(match, "what")
    while items and items[0].mark in scan.lexicon.words["words.articles"]:
        items = items[1:]
    if all(item.mark in scan.lexicon.words["words.vague"] for item in items):
        return ""
    return scan.words(items)


def _pause(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """Until a day, the first of what is named: "until May" goes on in May."""
    found = _about(scan, shape, name, match)
    until = shape.span(match, "until")
    if found is None or not until:
        return found
    first = last_day(scan, until, first=True)
    return Command(name, {**found.slots, "until": first.isoformat()}) if first is not None else None


def _new_price(scan: Scan, shape: Shape, name: str, match: re.Match[str], *, since: date | None = None) -> Candidate | None:
    """Where the amount can be read in two ways, it is asked which."""
    what, items = _named(scan, shape, match), shape.span(match, "amount")
    amount = items[0].amount if items else None
    if not what or amount is None or amount.negative or amount.value == 0:
        return None
    if any(item.day is not None and item.day.start != scan.today for item in shape.items):  # tomorrow's price is a plan
        return None
    code = amount.currency or scan.context.currency
    try:
        meant = [Money.of(amount.value, code), *([other] if amount.other is not None and (other := Money.rounded(amount.other, code)) else [])]
    except DomainError:
        return None
    more = ({} if amount.currency else {"bare": "yes"}) | ({"since": since.isoformat()} if since is not None else {})
    more |= {"maybe": "yes"} if name == _THEN else {}  # "beer is 5 from friday" may be one that was bought; nobody pays what "goes up"
    options = [(f"{each} {code}", Command("new_price", {"what": what, "amount": str(each), "currency": code, **more})) for each in meant]
    question = Question("ambiguous_amount", {"text": scan.words(items[:1])}, tuple(options)) if len(options) > 1 else None
    return Candidate("recurring.new_price", options[0][1], _SCORE, question)


_READERS: dict[str, Reader] = {
    "repeats": _bare,
    "upcoming": _bare,
    "calendar": _bare,
    "pause": _pause,
    "new_price": _new_price,
}
