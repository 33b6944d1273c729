"""Owns what an amount came to in another currency, as the text says it: "taxi 20 usd = 18.50 eur". Knows no rate but that one."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount


def equated(scan: Scan) -> Scan:
    """The scan with one amount for two of which the text says that they are the same: the one in the chat's currency counts, else the first.

    One that is only roughly the same ("about 18 euros") is left out.
    """
    shape = scan.shape
    if len(shape.marks(AMOUNT)) < 2:
        return scan
    for pattern in scan.patterns("pairs.equated"):
        for match in pattern.finditer(shape.text):
            shape = _one(scan, shape, match)
    return replace(scan, shape=shape) if shape is not scan.shape else scan


def _one(scan: Scan, shape: Shape, match: re.Match[str]) -> Shape:
    """The shape with one item for the two of a match; itself where they are not of two currencies."""
    (first,), (second,) = scan.shape.span(match, "one"), scan.shape.span(match, "other")
    sure = "=" in match.group()  # of a number without a currency: "20 usd (2)" may be shared by two
    pair = [_named(item.amount, scan.context.currency, sure=sure) for item in (first, second)]
    if pair[0] is None or pair[1] is None or pair[0].currency == pair[1].currency or any(item not in shape.items for item in (first, second)):
        return shape
    counts, said = (pair[1], pair[0]) if pair[1].currency == scan.context.currency else (pair[0], pair[1])
    amount = replace(counts, foreign=(said.value, said.currency or ""))
    if "roughly" in match.re.groupindex and match["roughly"]:
        amount = pair[0]
    whole = Item(AMOUNT, first.first, second.last, amount=replace(amount, first=first.first, last=second.last), number=amount.value)
    dropped = [item for item in scan.shape.span(match) if item is not first]
    return Shape(tuple(whole if item is first else item for item in shape.without(dropped).items))


def _named(amount: Amount | None, currency: str, *, sure: bool) -> Amount | None:
    """An amount that is sure, with its currency; None for one that may be two things."""
    if amount is None or (amount.strength == 0 and not sure):
        return None
    if amount.other is not None or amount.currencies or amount.negative or not amount.value:
        return None
    return replace(amount, currency=amount.currency or currency, strength=2)


def foreign_of(amount: Amount) -> Money | None:
    """What the text says that an amount was in another currency; None where that cannot be."""
    if amount.foreign is None:
        return None
    try:
        return Money.of(*amount.foreign)
    except DomainError:
        return None
