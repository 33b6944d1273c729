"""Owns what some pay more or less than a part like the others': "Anna 5 more", "equal but Bob pays 6 less"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.conversation.intents import SplitSpec
from bot.conversation.parsing.people import NEW
from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from bot.conversation.parsing.sharing import Sharing
from core.domain.money import Money
from core.domain.splits import split
from core.errors import DomainError
from core.reading.amounts import Amount


@dataclass(frozen=True, slots=True)
class Extras:
    """`more`: name to major units, negative: less. `new`: names that are no members. `guest`: "Anna +1" may be Anna and somebody with her."""

    more: Mapping[str, Decimal]
    new: tuple[str, ...] = ()
    guest: bool = False


def take_extras(scan: Scan, shape: Shape) -> tuple[Extras, Shape]:
    """Who pays how much more or less than a part of another amount, and the shape without those clauses. Nobody is spoken of twice."""
    extras, left = read_extras(scan, shape) if len(shape.marks(AMOUNT)) > 1 else (Extras({}), shape)
    return (extras, left) if left.marks(AMOUNT) else (Extras({}), shape)


def read_extras(scan: Scan, shape: Shape) -> tuple[Extras, Shape]:
    """The same where the amount may have been said before."""
    found: dict[str, Decimal] = {}
    new: list[str] = []
    guest = False
    for name, sign in (("more", 1), ("less", -1), ("signed", 1)) if shape.peopled else ():
        for pattern in scan.patterns(f"pairs.{name}"):
            taken: list[Item] = []
            for match in pattern.finditer(shape.text):
                [who], [part] = shape.span(match, "who"), shape.span(match, "part")
                value = _value(part, only_signed=name == "signed")
                if value is not None and who.mention is not None and who.mention.name not in found:
                    found[who.mention.name] = sign * value
                    new += [who.mention.name] if who.mark == NEW else []
                    taken += shape.span(match)
                    guest |= value == 1 and part.amount is not None and part.amount.strength == 0 and "+" in match.group().split()
            shape = shape.without(taken)
    return Extras(found, tuple(new), guest), shape


def _value(part: Item, *, only_signed: bool) -> Decimal | None:
    amount = part.amount
    if amount is None or amount.value == 0 or (only_signed and not amount.negative):
        return None
    return -amount.value if amount.negative else amount.value


def with_extras(scan: Scan, sharing: Sharing, extras: Extras, amount: Amount) -> Sharing:
    """The sharing with more or less for some, who share too; asked about where it leaves somebody less than nothing."""
    spec, code = sharing.split, amount.currency or scan.context.currency
    if extras.guest or spec.type not in ("none", "equal", "shares"):
        return replace(sharing, doubt="who_shares")
    people = tuple(dict.fromkeys((*spec.people, *extras.more)))
    weights = tuple((person, dict(spec.weights).get(person, Decimal(1))) for person in people) if spec.weights else ()
    try:
        exact = tuple((person, Money.of(more, code)) for person, more in extras.more.items())
        split(Money.of(amount.value, code), type="adjusted", people=people, weights=dict(weights), exact=dict(exact))
    except DomainError:
        return replace(sharing, said=True, doubt="adjustments_too_large", parameters={"amount": str(amount.value), "currency": code})
    return replace(sharing, split=SplitSpec("adjusted", people, weights, exact), said=True, new=tuple(dict.fromkeys((*sharing.new, *extras.new))))
