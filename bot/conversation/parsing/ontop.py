"""Owns what is said to come on top of an amount, or to be in it: a tip, service, delivery ("80 with 20 tip", "80 incl. 10 tip"). Books nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from core.reading.amounts import Amount

_MARKS = frozenset(("(", ")", ",", ":", "=", "-", "+", "."))


def take_on_top(scan: Scan, shape: Shape) -> tuple[tuple[Amount, ...], Shape]:
    """What the other amount comes to with what is on top of it, and the shape without that clause.

    Nothing where it is said to be in it. Nothing is taken that is strung to the amount by "and", or that is as large as it.
    """
    if len(shape.marks(AMOUNT)) != 2 or not any(item.mark in scan.lexicon.words["leftovers.on_top"] for item in shape.items):
        return (), shape
    clauses = [(tip, first, last) for tip, first, last in _clauses(scan, shape) if _whole(shape, tip) is not None]
    if not clauses:
        return (), shape
    tip, first, last = min(clauses, key=lambda each: each[0].number or 0)
    whole = _whole(shape, tip)
    included, leads, joins = (scan.lexicon.words[f"leftovers.{name}"] for name in ("included", "leading", "strung"))
    within = any(item.mark in included for item in shape.items[max(0, first - 2) : last + 3])
    while first and shape.items[first - 1].mark in leads | included | _MARKS | scan.lexicon.words["words.articles"]:
        first -= 1
    while last + 1 < len(shape.items) and shape.items[last + 1].mark in included | {")"}:
        last += 1
    if whole is None or tip.amount is None or (first and shape.items[first - 1].mark in joins):
        return (), shape
    left = shape.without(shape.items[first : last + 1])
    if within:
        return (), left
    return (replace(whole, value=whole.value + tip.amount.value, currency=whole.currency or tip.amount.currency),), left


def _clauses(scan: Scan, shape: Shape) -> Iterator[tuple[Item, int, int]]:
    """Each amount beside a word for what is on top, with where the clause begins and ends: "20 de propina", "tip of 20"."""
    words = scan.lexicon.words
    small = words["words.owning"] | words["words.articles"] | words["words.leads"] | words["leftovers.included"] | {":", "="}
    for place, item in enumerate(shape.items):
        if item.mark not in words["leftovers.on_top"]:
            continue
        for step in (-1, 1):
            end = place + step
            while 0 <= end < len(shape.items) and shape.items[end].mark in small:
                end += step
            if 0 <= end < len(shape.items) and shape.items[end].mark == AMOUNT:
                yield shape.items[end], min(place, end), max(place, end)


def _whole(shape: Shape, tip: Item) -> Amount | None:
    """The other amount, where it is larger, in the same currency, and neither can be read in two ways."""
    [whole] = [item.amount for item in shape.marks(AMOUNT) if item is not tip]
    if whole is None or tip.amount is None or whole.other is not None or tip.amount.other is not None or tip.amount.value >= whole.value:
        return None
    return whole if tip.amount.currency in (None, whole.currency) or whole.currency is None else None
