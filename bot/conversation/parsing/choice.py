"""Owns choosing which of the amounts in a note is the expense's, and which others it might be. Books nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from core.reading.amounts import Amount

_LARGEST_COUNT, _EARLIEST_YEAR, _LATEST_YEAR = 20, 1900, 2100  # beside an amount, a number up to here counts things, one from here may be a year


def choose(scan: Scan, shape: Shape) -> tuple[Item, tuple[Amount, ...]] | None:
    """The amount that is the expense's: with a currency before one written like money, before a bare number; others of equal rank are doubts."""
    found = [item for item in shape.marks(AMOUNT) if item.amount is not None]
    for strength in (2, 1, 0):
        ranked = [item for item in found if item.amount is not None and item.amount.strength == strength]
        if len(ranked) == 1:
            return ranked[0], _besides(scan, shape, ranked[0])
        if ranked:
            return _first_of(scan, shape, ranked, strength)
    return None


def _besides(scan: Scan, shape: Shape, chosen: Item) -> tuple[Amount, ...]:
    """A number written less like money that adds to the amount, "20 euros and 30 for the tip", "20 € pizza and 30": it and the sum are doubts.

    A small one after a comma or nothing at all counts something ("20 €, 2 pizzas"), and a year dates it.
    """
    if chosen.amount is None:
        return ()
    last = shape.items[-1]
    if last.amount is not None and last is not chosen and _is_joined(scan, shape.items[-2:-1]):
        return _apart_and_together(chosen.amount, last.amount)
    joins, place = scan.lexicon.words["words.joins"], shape.items.index(chosen)
    for step in (1, -1):
        end = place + step
        while 0 <= end < len(shape.items) and shape.items[end].mark in joins:
            end += step
        item = shape.items[end] if 0 <= end < len(shape.items) else chosen
        between = shape.items[min(place, end) + 1 : max(place, end)]
        if item.amount is None or item is chosen or (not _is_joined(scan, between) and not _LARGEST_COUNT < item.amount.value < _EARLIEST_YEAR):
            continue
        return _apart_and_together(chosen.amount, item.amount)
    return _priced_apart(scan, shape, chosen)


def _priced_apart(scan: Scan, shape: Shape, chosen: Item) -> tuple[Amount, ...]:
    """Bare numbers that each stand behind a word and at the end of what is said, as prices do: "soup 6, taxi 9.50", "20 dollars tip 4 on it"."""
    edges, joins = scan.lexicon.edges, scan.lexicon.words["words.joins"] | {".", "\n"}
    things, sold = scan.lexicon.categories, scan.lexicon.words["words.sold"]
    found: list[Amount] = []
    for place, item in enumerate(shape.items):
        if item is chosen or item.mark != AMOUNT or item.amount is None or place == 0 or _EARLIEST_YEAR <= item.amount.value < _LATEST_YEAR:
            continue
        before, after = shape.items[place - 1], shape.items[place + 1].mark if place + 1 < len(shape.items) else ","
        named = before.mark.isalpha() and len(before.mark) > 2 and (before.mark,) not in edges
        lined_up = after not in sold and things.at([before.mark], 0) is not None and things.at([after], 0) is not None  # "beer 12 snacks 18.40"
        if named and not item.amount.words and (after in joins or (after,) in edges or lined_up):
            found.append(item.amount)
    if not found or chosen.amount is None:
        return ()
    whole = chosen.amount.value + sum((amount.value for amount in found), Decimal(0))
    return (*found, replace(found[0], value=whole))


def _is_joined(scan: Scan, between: Sequence[Item]) -> bool:
    return any(item.mark in scan.lexicon.words["words.joins"] - {",", ";", "/"} for item in between)


def _apart_and_together(amount: Amount, more: Amount) -> tuple[Amount, ...]:
    return more, replace(more, value=amount.value + more.value)


def _first_of(scan: Scan, shape: Shape, ranked: Sequence[Item], strength: int) -> tuple[Item, tuple[Amount, ...]]:
    values = {item.number for item in ranked}
    if len(values) == 1:
        side_by_side = shape.items.index(ranked[1]) - shape.items.index(ranked[0]) == 1  # "100 100": once each, or said twice
        once = ranked[0].amount
        return ranked[0], (replace(once, value=once.value * 2),) if side_by_side and once is not None else ()
    if strength == 0 and len(ranked) == 2:
        # "2 beers 9": a small number before a word counts; "breakfast 20 for 2" counts people.
        first, second = ranked
        place = shape.items.index(first)
        word_after = place + 1 < len(shape.items) and len(shape.items[place + 1].mark) > 2 and shape.items[place + 1] is not second
        if (first.number or 0) <= 20 and word_after and shape.items[-1] is second and (second.number or 0) > (first.number or 0) and place == 0:
            return second, ()
        before = shape.items[shape.items.index(second) - 1].mark
        divides = before in scan.lexicon.words["words.counting"] or before in scan.lexicon.words["words.splitting"]
        if divides and (second.number or 0) <= 20 and (second.number or 0) < (first.number or 0) and shape.items[-1] is second:
            return first, ()
    return ranked[0], tuple(item.amount for item in ranked[1:] if item.amount is not None)
