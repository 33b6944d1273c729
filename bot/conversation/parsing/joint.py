"""Owns reading a bill that several people paid: each a part, one a part and another the rest, two a half each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.conversation.intents import Payment
from bot.conversation.parsing.shape import AMOUNT, Scan, Shape
from bot.conversation.parsing.sharing import named, read_pairs, read_payments
from bot.conversation.parsing.weights import take_rest
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

Joint = tuple[Amount, tuple[Payment, ...], tuple[str, ...], Shape, str | None]


def read_joint(scan: Scan, shape: Shape) -> Joint | None:
    """The amount, the payments, new names, the shape without them, and why to ask about it; None where no more than one is said to have paid."""
    if not shape.peopled:
        return None
    return _in_halves(scan, shape) or and_the_rest(scan, shape) or _in_parts(scan, shape)


def and_the_rest(scan: Scan, shape: Shape) -> Joint | None:
    """ "Concert 100, Bob paid 40, I paid the rest": the rest of what stands apart from their parts. Who merely has a part of it paid nothing."""
    if scan.lexicon.words["words.remainder"].isdisjoint(item.mark for item in shape.items):
        return None
    verbs = scan.lexicon.words["words.put_in"]
    pairs = [pair for pair in read_pairs(scan, shape, "paid") if any(item.mark in verbs for item in pair.items)]
    used = {item.first for pair in pairs for item in pair.items}
    takers, left = take_rest(scan, Shape(tuple(item for item in shape.items if item.first not in used)))
    totals = left.marks(AMOUNT)
    people = [pair.person for pair in pairs]
    if not pairs or not takers or len(takers) == len(scan.people.members) or {*people} & {*takers} or len(totals) != 1:
        return None
    total, parts = totals[0].amount, [pair.part.amount for pair in pairs]
    if total is None or total.other is not None or any(part is None or part.currency not in (None, total.currency) for part in parts):
        return None
    code = total.currency or scan.context.currency
    try:
        payments = [Payment(pair.person, Money.of(pair.part.amount.value, code)) for pair in pairs if pair.part.amount is not None]
    except DomainError:
        return None
    if sum((part.value for part in parts if part is not None), Decimal(0)) >= total.value:
        return None
    new = tuple(pair.person for pair in pairs if pair.new)
    return total, (*payments, *(Payment(person) for person in takers)), new, left.without(totals), None


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
