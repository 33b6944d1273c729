"""Owns reading a bill that several people paid: each a part, one a part and another the rest, two a half each."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.conversation.intents import Payment
from bot.conversation.parsing.people import MEMBER, NEW, SPEAKER
from bot.conversation.parsing.shape import AMOUNT, Item, Scan, Shape
from bot.conversation.parsing.sharing import Pair, named, read_pairs, read_payments
from bot.conversation.parsing.weights import take_rest
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_SOMEBODY = frozenset((MEMBER, NEW, SPEAKER))
Joint = tuple[Amount, tuple[Payment, ...], tuple[str, ...], Shape, str | None]


def read_joint(scan: Scan, shape: Shape) -> Joint | None:
    """The amount, the payments, new names, the shape without them, and why to ask about it; None where no more than one is said to have paid."""
    if not shape.peopled:
        return None
    return _in_halves(scan, shape) or and_the_rest(scan, shape) or _in_parts(scan, shape)


def and_the_rest(scan: Scan, shape: Shape) -> Joint | None:
    """ "Concert 100, Bob paid 40, I paid the rest": the rest of what stands apart from their parts. Who merely has a part of it paid nothing.

    Without payments where it is not said what each of several put in.
    """
    found = _parts_and_rest(scan, shape)
    if found is None or len(found.totals) != 1:
        return None
    total, parts = found.totals[0].amount, [pair.part.amount for pair in found.pairs]
    if total is None or total.other is not None or any(part is None or part.currency not in (None, total.currency) for part in parts):
        return None
    if not found.takers:
        return total, (), (), shape, None
    code = total.currency or scan.context.currency
    try:
        payments = [Payment(pair.person, Money.of(pair.part.amount.value, code)) for pair in found.pairs if pair.part.amount is not None]
    except DomainError:
        return None
    if sum((part.value for part in parts if part is not None), Decimal(0)) >= total.value:
        return None
    new = tuple(pair.person for pair in found.pairs if pair.new)
    everybody = (*payments, *(Payment(person) for person in found.takers))
    return total, everybody, new, found.left.without(found.totals), None if found.sure else "who_shares"


def rest_of_unknown(scan: Scan, shape: Shape) -> bool:
    """Whether somebody paid a part and others the rest of a bill whose amount is not said: "Bob paid 40, I paid the rest"."""
    found = _parts_and_rest(scan, shape) if shape.peopled else None
    return found is not None and not found.totals


@dataclass(frozen=True, slots=True)
class _Rest:
    """Who put in a part, who paid the rest (nobody where the parts are not clear), and the amounts and the shape apart from them."""

    pairs: tuple[Pair, ...]
    takers: tuple[str, ...]
    totals: tuple[Item, ...]
    left: Shape
    sure: bool


def _parts_and_rest(scan: Scan, shape: Shape) -> _Rest | None:
    if scan.lexicon.words["words.remainder"].isdisjoint(item.mark for item in shape.items):
        return None
    verbs = scan.lexicon.words["words.put_in"]
    pairs = [pair for pair in read_pairs(scan, shape, "paid") if any(item.mark in verbs for item in pair.items)]
    if not pairs:
        return None
    used = {item.first for pair in pairs for item in pair.items}
    takers, left, sure = _of_rest(scan, Shape(tuple(item for item in shape.items if item.first not in used)))
    people = {pair.person for pair in pairs}
    if not takers or len(takers) == len(scan.people.members) or people & {*takers}:
        return None
    totals = tuple(left.marks(AMOUNT))
    several = [found for pair in pairs if (found := _joined(scan, shape, pair, used))]
    if not several:
        return _Rest(tuple(pairs), takers, totals, left, sure)
    each = next((match for pattern in scan.patterns("pairs.each") if (match := pattern.search(shape.text)) is not None), None)
    said = shape.span(each, "each") if each is not None else ()
    if not said or len(several) != len(pairs) or people & {name for found in several for name in _names(found)}:
        return _Rest(tuple(pairs), (), totals, left, sure=False)
    more = [
        Pair(item.mention.name, item.mark == NEW, pair.part, (item,))
        for pair, found in zip(pairs, several, strict=True)
        for item in found
        if item.mention
    ]
    return _Rest((*pairs, *more), takers, totals, left.without([*said, *(item for found in several for item in found)]), sure)


def _names(items: Sequence[Item]) -> tuple[str, ...]:
    return tuple(item.mention.name for item in items if item.mention is not None)


def _joined(scan: Scan, shape: Shape, pair: Pair, used: Container[int]) -> tuple[Item, ...]:
    """Somebody in the list of people that ends with who paid a part ("Bob and Cleo paid 100 each"), with the words between them."""
    items = [item for item in shape.items if item.first < pair.items[0].first]
    found: list[Item] = []
    while len(items) > 1 and items[-1].mark in scan.lexicon.words["words.joins"] and items[-2].mark in _SOMEBODY and items[-2].first not in used:
        found += (items.pop(), items.pop())
    return tuple(found)


def _of_rest(scan: Scan, shape: Shape) -> tuple[tuple[str, ...], Shape, bool]:
    """Who paid the rest, the shape without it, and whether that is sure: not where two are named with it, nor where somebody owes it."""
    found = [(match, _names(shape.span(match, "who"))) for match in _rests(scan, shape) if match.groupdict().get("who")]
    if not any(names for _, names in found):
        return _by_another_verb(scan, shape)
    found = sorted(((match, names) for match, names in found if names), key=lambda each: each[0].start("who"))
    match, names = found[0]  # "I paid the rest for Cleo"
    bears = any(item.mark in scan.lexicon.words["words.bearing"] for item in shape.span(match))
    return names, shape.without(shape.span(match)), not bears and len({names for _, names in found}) == 1


def _rests(scan: Scan, shape: Shape) -> Iterator[re.Match[str]]:
    return (match for pattern in scan.patterns("pairs.rest") if (match := pattern.search(shape.text)) is not None)


def _by_another_verb(scan: Scan, shape: Shape) -> tuple[tuple[str, ...], Shape, bool]:
    """As said of the rest without anybody beside it: somebody stands before a verb in the same clause ("Cleo sorts out the rest"), or it is all."""
    takers, left = take_rest(scan, shape)
    start = next((item.first for item in shape.items if item not in left.items), 0)
    clause: list[Item] = []
    for item in reversed([item for item in left.items if item.first < start]):
        if item.mark in scan.lexicon.words["words.joins"]:
            break
        clause.append(item)
    people = [item for item in clause if item.mark in _SOMEBODY]
    return (_names(people), left.without(clause), False) if people and start else (takers, left, True)


def _in_halves(scan: Scan, shape: Shape) -> Joint | None:
    """ "Concert 100, half paid by Bob, half by me"."""
    for pattern in scan.patterns("pairs.paid_halves"):
        match = pattern.search(shape.text)
        if match is None:
            continue
        mentions = [item for name in ("one", "two", "people") for item in shape.span(match, name)]
        (people, new), left = named(scan, mentions), shape.without(shape.span(match))
        totals = left.marks(AMOUNT)
        if len(people) == 2 and len(totals) == 1 and totals[0].amount is not None and totals[0].amount.other is None:
            return totals[0].amount, tuple(Payment(person) for person in people), new, left.without(totals), None
    return None


def _in_parts(scan: Scan, shape: Shape) -> Joint | None:
    """ "Anna paid 30 and Bob 20": what all of them put in is the bill."""
    found = read_payments(scan, shape)
    if found is None:
        return None
    pairs, left = found
    parts = [pair.part.amount for pair in pairs if pair.part.amount is not None]
    totals = [item for item in left.marks(AMOUNT) if item.amount is not None]
    codes = {amount.currency for amount in [*parts, *(item.amount for item in totals)] if amount is not None and amount.currency}
    if len(totals) > 1 or len(codes) > 1:
        return None
    code = next(iter(codes), None)
    value = sum((part.value for part in parts), Decimal(0))
    amount = replace(parts[0], value=value, currency=code, strength=max(part.strength for part in parts), words=False)
    try:
        payments = tuple(Payment(pair.person, Money.of(part.value, code or scan.context.currency)) for pair, part in zip(pairs, parts, strict=True))
    except DomainError:
        return None
    differs = totals and totals[0].amount is not None and totals[0].amount.value != value
    new = tuple(pair.person for pair in pairs if pair.new)
    return amount, payments, new, left.without(totals), "split_does_not_add_up" if differs else None
