"""Owns sums that a text leaves to the reader: a number of things at a price each, and a price with something off or percents on top.

Who pays is not its matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from bot.conversation.parsing.shape import AMOUNT, DAY, PERCENT, QUANTITY, Item, Scan, Shape
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_NUMBERS = frozenset((AMOUNT, DAY, QUANTITY, PERCENT))
_MOST_THINGS = 99  # a larger number counts nothing that somebody buys
_MANY = 10  # things; so many of them may be a price as well
_LATEST_HOUR = 24
_PRICES = ("price", "weak", "hour", "day", "open")  # from sure to doubtful: what a pattern calls the price of one


def priced(scan: Scan) -> Scan:
    """The scan with what many things at a price cost in the place of that price, and with reductions taken off. Linear in the shape."""
    shape = scan.shape
    if sum(item.mark in _NUMBERS for item in shape.items) < 2:
        return scan
    products = frozenset[int]()
    for pattern in scan.lexicon.patterns["pairs.priced"]:
        changed = dict[int, Item | None]()
        for match in pattern.finditer(shape.text):
            changed |= _multiplied(scan, shape, match, products)
        shape = _changed(shape, changed) if changed else shape
        products |= {first for first, item in changed.items() if item is not None and item.mark == AMOUNT}
    shape = _with_all_said(scan, shape)
    return replace(scan, shape=shape) if shape is not scan.shape else scan


def _changed(shape: Shape, changed: Mapping[int, Item | None]) -> Shape:
    """The shape with other items where some begin, without those that became nothing."""
    found = (changed.get(item.first, item) for item in shape.items)
    return Shape(tuple(item for item in found if item is not None))


def _multiplied(scan: Scan, shape: Shape, match: re.Match[str], products: frozenset[int]) -> dict[int, Item | None]:
    """What becomes of the items of a match: the price is the product. Nothing where the first number counts no things, or it is a product already."""
    kind = next(name for name in _PRICES if match.groupdict().get(name))
    (price,), items, things = shape.span(match, kind), shape.span(match), shape.span(match, "what")
    first = items[0]
    amount, count = _amount_of(scan, price), _count_of(scan, first)
    factor, again = "factor" in match.re.groupindex, match.groupdict().get("again") or ""
    if not _counts_things(scan, first, things, kind, factor=factor, again=again) or any(a.last != b.first for a, b in pairwise(items)):
        return {}
    if price.first in products or count is None or amount is None or amount.other is not None or amount.negative:
        return {}
    other = (amount.value if factor else Decimal(count)) if _doubtful(kind, count, amount) else None
    product = replace(amount, value=amount.value * count, other=other, strength=max(1, amount.strength), words=False)
    changed = dict[int, Item | None]({item.first: None for item in items if item not in things})
    if not factor:
        changed[first.first] = first if first.mark == QUANTITY else Item(scan.tokens[first.first].folded, first.first, first.last)
    return changed | {price.first: Item(AMOUNT, price.first, price.last, amount=product, number=product.value)}


def _counts_things(scan: Scan, first: Item, things: Sequence[Item], kind: str, *, factor: bool, again: str) -> bool:
    """Whether a number stands before things that are sold: not "20 for drinks", and not "5 km at 6.30". `again`: "3 plates of rice 8 a plate"."""
    words, unit = scan.lexicon.words, scan.tokens[first.last - 1].folded
    if again:
        return again in unit or unit in again
    if first.mark == QUANTITY and (factor or kind != "price"):
        return unit in words["words.times" if factor else "words.sold"]
    return not things or (things[0].mark,) not in scan.lexicon.edges


def _count_of(scan: Scan, item: Item) -> int | None:
    """How many things a number counts, None where it is money or no whole number."""
    amount = item.amount or _amount_at(scan, item.first, item.last)
    if amount is not None and (amount.strength > 0 or amount.other is not None or amount.negative):
        return None
    value = item.number if item.number is not None or amount is None else amount.value
    return int(value) if value is not None and value % 1 == 0 and 1 < value <= _MOST_THINGS else None


def _amount_of(scan: Scan, item: Item) -> Amount | None:
    """The money of an item, also of one that could be a day: "at 3.20" as a whole."""
    led = item.last - item.first == 2 and scan.tokens[item.first].folded in scan.lexicon.words["words.leads"]
    return item.amount or _amount_at(scan, item.first + led, item.last)


def _amount_at(scan: Scan, first: int, last: int) -> Amount | None:
    return next((amount for amount in scan.amounts if (amount.first, amount.last) == (first, last)), None)


def _doubtful(kind: str, count: int, amount: Amount) -> bool:
    """Whether the price may be none: an hour ("20 drinks at 9"), or the first number the whole sum."""
    bare = amount.strength == 0
    if kind in ("hour", "day"):
        return amount.strength < 2 and amount.value <= _LATEST_HOUR and (bare or count >= _MANY)
    return kind == "open" or (kind == "weak" and bare and count >= _MANY)


def _with_all_said(scan: Scan, shape: Shape) -> Shape:
    """The shape with prices less what is off them and plus what comes on top; one of which more is said than was counted is asked about."""
    before = shape
    for name, sign in (("reduced", -1), ("raised", 1)):
        for pattern in scan.lexicon.patterns[f"pairs.{name}"]:
            match = pattern.search(shape.text)
            if match is not None and (sign < 0 or not _in_it(scan, shape, match)):
                shape = _moved(scan, shape, match, sign=sign)
    if shape is before or not any(pattern.search(shape.text) for pattern in scan.lexicon.patterns["pairs.uncounted"]):
        return shape
    own = {item.first: item.number for item in before.items}
    return Shape(tuple(_doubted(item, own[item.first]) if item.number != own[item.first] else item for item in shape.items))


def _in_it(scan: Scan, shape: Shape, match: re.Match[str]) -> bool:
    """Whether percents are said to be in a price already: "80 + 10% tip, all included"."""
    start = shape.span(match, "whole")[0].first
    return any(scan.tokens[item.first].folded in scan.lexicon.words["words.included"] for item in shape.items if item.first > start)


def _doubted(item: Item, other: Decimal | None) -> Item:
    return replace(item, amount=replace(item.amount, other=other)) if item.amount is not None else item


def _moved(scan: Scan, shape: Shape, match: re.Match[str], *, sign: int) -> Shape:
    """The shape with a price less (or, with a positive sign, plus) what is said of it, to the cent: percents of that price, or money."""
    whole, *said = shape.span(match, "whole") + tuple(item for item in shape.span(match, "by") if item.mark in (PERCENT, AMOUNT))
    if whole.amount is None or whole.amount.other is not None:
        return shape
    parts = [_part_of(scan, whole.amount, item) for item in said]
    total = sum((part for part in parts if part is not None), Decimal(0))
    if None in parts or not 0 < total < whole.amount.value:
        return shape
    try:
        value = Money.rounded(whole.amount.value + sign * total, whole.amount.currency or scan.context.currency).decimal
    except DomainError:
        return shape
    bare = "loose" in match.re.groupindex and all(item.amount is not None and item.amount.strength == 0 for item in (whole, *said))
    other = whole.amount.value if bare or "open" in match.re.groupindex else None  # "shift 12, 2 off": nothing says that it is money
    moved = replace(whole, amount=replace(whole.amount, value=value, other=other, strength=max(1, whole.amount.strength)), number=value)
    dropped = [item for item in shape.span(match) if item is not whole]
    return Shape(tuple(moved if item is whole else item for item in shape.without(dropped).items))


def _part_of(scan: Scan, whole: Amount, item: Item) -> Decimal | None:
    """What percents or an amount come to of a price; None where that is open, or in another currency."""
    if item.mark == PERCENT:
        return whole.value * item.number / 100 if item.number is not None else None
    amount = item.amount
    if amount is None or amount.other is not None or amount.negative or amount.currency not in (None, whole.currency or scan.context.currency):
        return None
    return amount.value
