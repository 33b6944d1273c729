"""Owns the currency in which an answer is wanted: "who owes whom in euro", "settle in dollars". What is asked is for others to read."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.intents import Command, Query
from bot.conversation.parsing.changes import currency_named
from bot.conversation.parsing.shape import DAY, PERIOD, Scan, Shape

_LONGEST_NAME = 3  # words: "new zealand dollars"
_CONVERTED = frozenset(("balances", "balance_with", "spend", "spend_by_category", "spend_by_person"))
_SETTLING = frozenset(("settle_plan", "settle_all"))


def asked_in(scan: Scan, shape: Shape) -> tuple[str, Shape] | None:
    """The currency that is named behind a word like "in" (or before one, as in Hindi), and the shape without both. None where there is none."""
    words = scan.lexicon.words
    leads, behind = words["query_words.converted"], words["query_words.converted_behind"]
    for place, item in enumerate(shape.items):
        if item.mark not in leads and item.mark not in behind:
            continue
        for size in range(_LONGEST_NAME, 0, -1):
            after, before = shape.items[place + 1 : place + 1 + size], shape.items[max(0, place - size) : place]
            for near, small in ((after, leads), (before, behind)):
                code = currency_named(scan, scan.words(near)) if item.mark in small and len(near) == size else None
                if code is not None:
                    return code, shape.without((item, *near))
    return None


def converted(query: Query, currency: str) -> Query | None:
    """The same question, answered in a currency; None where its answer is no sum."""
    return replace(query, currency=currency) if query.kind in _CONVERTED else None


def settled_in(command: Command, currency: str) -> Command | None:
    """The same command, in a currency; None where none belongs to it."""
    return replace(command, slots={"currency": currency}) if command.name in _SETTLING else None


def how_much(scan: Scan, shape: Shape, currency: str | None = None) -> Query | None:
    """ "How much this month", "how much in yen": nothing else is asked than how much all of it is; a bare "how much" asks for nothing."""
    ends = [item for item in (shape.items[:1] + shape.items[-1:]) if item.mark in (DAY, PERIOD)]
    period, rest = (ends[-1].day, shape.without(ends[-1:])) if ends else (None, shape)
    if period is not None and len(rest.items) > 1 and rest.items[-1].mark in scan.lexicon.words["words.within"]:
        rest = Shape(rest.items[:-1])
    words = scan.lexicon.words
    asked = rest.text in words["query_words.how_much"] or (currency is not None and rest.text in words["query_words.what_is_it"])
    if not asked or (currency is None and (period is None or period.direction == "future")):
        return None
    return Query("spend", start=period.start if period else None, end=period.end if period else None, currency=currency)
