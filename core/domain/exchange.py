"""Settling debts of several currencies by payments in one: what is handed over, and which debts to the unit it settles. Stores nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, Generic, TypeVar

from core.domain import settlement
from core.domain.ledger import JournalEntry, parties
from core.domain.money import Money, sums
from core.domain.rates import Rate, Sheet, exact_sum, exactly, fairly, stated
from core.domain.settlement import Transfer

K = TypeVar("K", bound=Hashable)

_RATE = re.compile(r"[0-9]{1,40}(?:/[0-9]{1,40})?")
_SOURCE = re.compile(r"[A-Za-z]{1,12}")


@dataclass(frozen=True, slots=True)
class Paid:
    """What was handed over for an amount of the book, which stays the one that counts: money in another currency, and the rate between the two."""

    money: Money
    rate: Rate


def handed(amount: Money, foreign: Money | None, *, day: date) -> Paid | None:
    """What was handed over for an amount where somebody says both; None where they say but the amount. Raises DomainError `zero_amount`."""
    return Paid(foreign, stated(amount, foreign, day=day)) if foreign is not None else None


@dataclass(frozen=True, slots=True)
class Cover(Generic[K]):
    """A debt that a payment settles, to the unit, in its own currency, and what of the payment was for it. Where debts go both ways, the sum of
    those the other way is taken off."""

    debt: Transfer[K]
    paid: Paid


@dataclass(frozen=True, slots=True)
class Exchange(Generic[K]):
    """`sender` hands `receiver` `paid`, never nothing, and that settles what it covers."""

    sender: K
    receiver: K
    paid: Money
    covers: tuple[Cover[K], ...]


def exchanges(
    balances: Mapping[str, Mapping[K, int]], plans: Mapping[str, Sequence[Transfer[K]]], sheet: Sheet, currency: str
) -> tuple[Exchange[K], ...]:
    """Payments in `currency` that settle balances in several (minor units by currency and member), largest first; all is even after them.

    Either the fewest payments of the balances counted in one currency, or (where these would leave a debt of one currency against a debt of another)
    `plans`, the plans of each currency, set off between the same two people. What is worth less than the smallest unit is covered by the first
    payment. None where all that is open is worth less than that. Raises DomainError `no_rate`.
    """
    apart = _netted(plans, sheet, currency)
    together = _as_one(balances, sheet, currency)
    found = together if together is not None and len(together) <= len(apart) else apart
    return tuple(sorted(found, key=lambda exchange: -exchange.paid.minor))


# ------------------------------------------------------------------ one plan over all currencies


def _as_one(balances: Mapping[str, Mapping[K, int]], sheet: Sheet, currency: str) -> list[Exchange[K]] | None:
    """The fewest payments, each with the debts of all currencies that have to pass between its two sides. None where they leave something open."""
    members = list(dict.fromkeys(member for row in balances.values() for member in row))
    held = {member: {code: row[member] for code, row in balances.items() if row.get(member)} for member in members}
    whole = fairly({member: exact_sum(sums, sheet, currency) for member, sums in held.items()}, 0)
    moves = settlement.plan(whole, currency).transfers
    found = []
    for number, move in enumerate(moves):
        side = _side(move.sender, [other for place, other in enumerate(moves) if place != number])
        owed = {code: -sum(row.get(member, 0) for member in side) for code, row in balances.items()}
        if move.receiver in side or exact_sum(owed, sheet, currency) <= 0:  # a payment of nothing but rounding
            return None
        found.append(_exchange(move.sender, move.receiver, owed, sheet, move.amount))
    return found if _settles(found, held) else None


def _side(member: K, moves: Sequence[Transfer[K]]) -> set[K]:
    """Everybody whom payments connect with a member."""
    side, waiting = {member}, [member]
    while waiting:
        each = waiting.pop()
        for move in moves:
            if each in (move.sender, move.receiver):
                fresh = {move.sender, move.receiver} - side
                side |= fresh
                waiting += fresh
    return side


def _settles(found: Sequence[Exchange[K]], held: Mapping[K, Mapping[str, int]]) -> bool:
    """Whether nothing is left open in any currency."""
    left: dict[tuple[K, str], int] = defaultdict(int, {(member, code): minor for member, sums in held.items() for code, minor in sums.items()})
    for cover in (cover for exchange in found for cover in exchange.covers):
        left[cover.debt.sender, cover.debt.amount.currency] += cover.debt.amount.minor
        left[cover.debt.receiver, cover.debt.amount.currency] -= cover.debt.amount.minor
    return not any(left.values())


# ------------------------------------------------------------------ the plans of each currency, set off


def _netted(plans: Mapping[str, Sequence[Transfer[K]]], sheet: Sheet, currency: str) -> list[Exchange[K]]:
    """One payment between any two who owe each other by the plans of the currencies."""
    between: dict[tuple[K, K], dict[str, int]] = {}
    for code, moves in plans.items():
        for move in moves:
            back = (move.receiver, move.sender) in between
            row = between.setdefault((move.receiver, move.sender) if back else (move.sender, move.receiver), defaultdict(int))
            row[code] += -move.amount.minor if back else move.amount.minor
    made = [_exchange(sender, receiver, owed, sheet, _worth(owed, sheet, currency)) for (sender, receiver), owed in between.items()]
    paying = [exchange for exchange in made if exchange.paid]
    trifles = tuple(cover for exchange in made if not exchange.paid for cover in exchange.covers)
    return [replace(paying[0], covers=(*paying[0].covers, *trifles)), *paying[1:]] if paying else []


def _worth(owed: Mapping[str, int], sheet: Sheet, currency: str) -> Money:
    return Money.nearest(exact_sum(owed, sheet, currency), currency)


def _exchange(sender: K, receiver: K, owed: Mapping[str, int], sheet: Sheet, paid: Money) -> Exchange[K]:
    """What `sender` owes by currency (negative: is owed) settled by one payment; below zero it is the other who pays."""
    if paid.minor < 0:
        return _exchange(receiver, sender, {code: -minor for code, minor in owed.items()}, sheet, -paid)
    rates = {code: sheet.rate(code, paid.currency) for code, minor in owed.items() if minor}
    parts = fairly({code: exactly(Money(owed[code], code), rate) for code, rate in rates.items()}, paid.minor)
    covers = []
    for code, rate in sorted(rates.items(), key=lambda each: owed[each[0]] < 0):  # what the payment is for, then what is taken off it
        debt = Transfer(sender, receiver, Money(owed[code], code)) if owed[code] > 0 else Transfer(receiver, sender, Money(-owed[code], code))
        covers.append(Cover(debt, Paid(Money(parts[code] if owed[code] > 0 else -parts[code], paid.currency), rate)))
    return Exchange(sender, receiver, paid, tuple(covers))


# ------------------------------------------------------------------ what a ledger entry keeps of it


def kept(paid: Paid) -> dict[str, Any]:
    """What was handed over, as an entry keeps it beside its amount (JSON without a float: the rate is an exact fraction)."""
    rate = paid.rate
    return {
        "paid": {
            "minor": paid.money.minor,
            "currency": paid.money.currency,
            "base": rate.base,
            "quote": rate.quote,
            "rate": str(rate.value),
            "day": rate.day.isoformat(),
            "source": rate.source,
        }
    }


def handed_over(entries: Sequence[JournalEntry]) -> Paid | None:
    """What was handed over in all for settlements that were booked together, from the sender of the first to its receiver; None where they were paid
    in their own currency. Payments between others, of trifles, do not count."""
    if not entries or (first := paid_of(entries[0])) is None:
        return None
    sender, receiver = parties(entries[0])
    whole = Money(0, first.money.currency)
    for entry in entries:
        part = paid_of(entry)
        if part is not None and set(parties(entry)) == {sender, receiver}:
            whole += part.money if parties(entry)[0] == sender else -part.money
    return Paid(whole, first.rate)


def debts_of(entries: Sequence[JournalEntry]) -> tuple[dict[str, int], dict[str, int]]:
    """Sums by currency that such settlements settle: what the payment was for, and what was taken off it."""
    sender, receiver = parties(entries[0])
    mine = [entry.amount() for entry in entries if parties(entry) == (sender, receiver)]
    return sums(mine), sums(entry.amount() for entry in entries if parties(entry) == (receiver, sender))


def paid_of(entry: JournalEntry) -> Paid | None:
    """What an entry keeps of money in another currency; None where there was none."""
    return read_paid(entry.split, entry.postings[0].amount.currency) if "paid" in entry.split else None


def read_paid(split: Mapping[str, Any], currency: str) -> Paid:
    """What `kept` made of it, for an amount in `currency`. Raises what a value of another shape raises, ValueError and DomainError among it."""
    found = split["paid"]
    money = Money(int(found["minor"]), str(found["currency"]))
    if (found["base"], found["quote"]) != (currency, money.currency) or not _RATE.fullmatch(found["rate"]) or not _SOURCE.fullmatch(found["source"]):
        raise ValueError("this is no rate between the two")
    return Paid(money, Rate(currency, money.currency, Fraction(found["rate"]), date.fromisoformat(found["day"]), found["source"]))
