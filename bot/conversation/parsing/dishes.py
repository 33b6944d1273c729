"""Owns reading who had what of a bill: "bill 60: Bob pizza 22, Anna pasta 14, wine 24 shared". Sums decide; without them it is no such bill."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.conversation.intents import SplitSpec
from bot.conversation.parsing.people import MEMBER, NEW, SPEAKER
from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from bot.conversation.parsing.sharing import Sharing
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_MOST_WORDS = 4  # of a dish
_FEWEST_PARTS = 2


def read_dishes(scan: Scan, shape: Shape) -> tuple[Amount, Sharing] | None:
    """The total that opens the list, and each one's dishes; what nobody had alone is everyone's. None where the sums do not make up the total."""
    amounts = shape.marks(AMOUNT)
    parts = _parts(scan, shape) if len(amounts) > _FEWEST_PARTS else []
    if len({who.first for who, _, _ in parts}) < _FEWEST_PARTS or not any(words for _, words, _ in parts):
        return None
    total, taken = amounts[0], {part.first for _, _, part in parts}
    values = [item.amount for item in amounts if item.amount is not None and item.amount.other is None and not item.amount.negative]
    if total.first > parts[0][0].first or total.amount is None or len(values) < len(amounts):
        return None
    if any(value.currency not in (None, total.amount.currency) for value in values):
        return None
    if sum((value.value for value in values), Decimal(0)) != 2 * total.amount.value:
        return None
    in_common = any(item.first not in taken for item in amounts[1:])
    split = _split(scan, parts, total.amount, in_common=in_common)
    if split is None:
        return None
    last = max(item.first for item in amounts)
    left = [item for item in shape.items if item.first < parts[0][0].first and item is not total]
    after = [item for item in shape.items if item.first > last] if not in_common else []
    new = tuple(dict.fromkeys(_name(who) for who, _, _ in parts if who.mark == NEW))
    return total.amount, Sharing(split, Shape((*left, *after)), new=new)


def _parts(scan: Scan, shape: Shape) -> list[tuple[Item, tuple[Item, ...], Item]]:
    """Somebody, the words of what they had, and its price. Who paid something had nothing by that."""
    paying = scan.lexicon.words["words.payers"] | scan.lexicon.words["words.put_in"] | scan.lexicon.words["words.spent"]
    paying -= scan.lexicon.words["leftovers.had"]
    found, items = [], shape.items
    for place, item in enumerate(items):
        if item.mark not in (MEMBER, SPEAKER, NEW) or item.mention is None:
            continue
        words: list[Item] = []
        for other in items[place + 1 : place + 2 + _MOST_WORDS]:
            if other.mark == AMOUNT:
                found.append((item, tuple(words), other))
                break
            if scan.tokens[other.first].kind != "w" or other.mention is not None or other.mark in paying or other.amount is not None:
                break
            words.append(other)
    return found


def _name(item: Item) -> str:
    assert item.mention is not None, "a part is somebody's"
    return item.mention.name


def _split(scan: Scan, parts: Sequence[tuple[Item, tuple[Item, ...], Item]], total: Amount, *, in_common: bool) -> SplitSpec | None:
    """What each had; with something in common, on top of an equal part of that."""
    sums: dict[str, Decimal] = {}
    for who, _, part in parts:
        assert part.amount is not None, "a part is money"
        sums[_name(who)] = sums.get(_name(who), Decimal(0)) + part.amount.value
    try:
        exact = tuple((person, Money.of(value, total.currency or scan.context.currency)) for person, value in sums.items())
    except DomainError:
        return None
    if not in_common:
        return SplitSpec("exact", tuple(sums), exact=exact)
    people = scan.people.members if scan.context.default_split == "everyone" else tuple(sums)
    return SplitSpec("adjusted", tuple(dict.fromkeys((*people, *sums))), exact=exact)
