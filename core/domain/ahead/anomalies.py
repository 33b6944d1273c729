"""What is unusual: an amount, the same charge twice, a price that rose, a bill that did not come. States facts, and does not say them.

Amounts are judged by their logarithm's modified z-score (Iglewicz & Hoaglin 1993) among what was paid to the same merchant, or where that was rarely,
in the same category, or at all. Logarithms are in thousandths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import log
from statistics import median_high, median_low

from core.domain.ahead.spending import Spending
from core.domain.ahead.subscriptions import CHANGE, State, Subscription, subscriptions

PEERS = 5  # fewer tell nothing
RECENT = 60  # payments; what was usual years ago is no more
LIMITS = ((35, 110), (10, 140))  # tenths of the modified z-score, with percent of the largest amount so far: far out, or rather and far above all
SCALE = 6745  # ten-thousandths: 0.6745 of the deviation is a standard deviation of what is normal
FLOOR = 95  # the least deviation: a tenth
TWICE_DAYS = 2  # the same charge within so many days
BILL_EVERY = timedelta(days=25)  # what is paid more often has a price that one knows


class Oddity(StrEnum):
    """`new`: large, at a merchant where nothing was ever paid. `missing`: a bill that is overdue."""

    AMOUNT = "amount"
    NEW = "new"
    TWICE = "twice"
    PRICE = "price"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """`payment`: what is odd, or the last before a missing one, which was `due`. `usual`: what it mostly costs, or cost before, in minor units."""

    oddity: Oddity
    payment: Spending
    usual: int
    due: date | None = None


def judge(payment: Spending, past: Iterable[Spending]) -> Finding | None:
    """What is odd about a payment, seen from all that one person paid before it in the same currency; None where nothing is."""
    if payment.minor <= 0:
        return None
    before = sorted((each for each in past if each.minor > 0 and each.on <= payment.on), key=lambda each: each.on)
    there = [each for each in before if _place(each) == _place(payment)]
    return _twice(payment, there) or _price(payment, there) or _amount(payment, before, there)


def missing(past: Iterable[Spending], today: date) -> list[Finding]:
    """Bills that are later than their rhythm allows, and that came often enough to be missed."""
    late = [each for each in subscriptions(past, today) if _is_missed(each, today)]
    return [Finding(Oddity.MISSING, each.payments[-1], each.minor, each.due) for each in late]


def _is_missed(bill: Subscription, today: date) -> bool:
    known = bill.state in (State.CONFIRMED, State.CHANGED) and len(bill.payments) >= PEERS
    return known and (today - bill.due).days > bill.rhythm.slack


def _place(spending: Spending) -> str:
    return spending.merchant or spending.category


def _twice(payment: Spending, there: Sequence[Spending]) -> Finding | None:
    """The same amount again within days, unless that is a habit there."""
    same = [each for each in there if each.minor == payment.minor]
    pairs = sum((after.on - before.on).days <= TWICE_DAYS for before, after in pairwise(same))
    if same and (payment.on - same[-1].on).days <= TWICE_DAYS and not pairs:
        return Finding(Oddity.TWICE, payment, same[-1].minor)
    return None


def _price(payment: Spending, there: Sequence[Spending]) -> Finding | None:
    """A bill that is due and costs more than all of the last times."""
    if not there or payment.on - there[-1].on < BILL_EVERY or payment.minor <= min(each.minor for each in there):
        return None
    for bill in subscriptions(there, payment.on):
        due = bill.state is not State.CANDIDATE and bill.rhythm.steps((payment.on - bill.payments[-1].on).days) == 1
        if (
            due
            and not bill.varies
            and 100 * payment.minor > CHANGE * max(each.minor for each in bill.payments[-3:])
            and payment.minor < 2 * bill.minor
        ):
            return Finding(Oddity.PRICE, payment, bill.minor)
    return None


def _amount(payment: Spending, before: Sequence[Spending], there: Sequence[Spending]) -> Finding | None:
    """Far above its peers, and above all of them: what somebody has paid there before is not odd."""
    peers = next((each[-RECENT:] for each in (there, _of_category(payment, before), before) if len(each) >= PEERS), None)
    if peers is None:
        return None
    amounts = [each.minor for each in peers]
    score, largest = _score(payment.minor, amounts), max(amounts)
    if any(score >= limit and 100 * payment.minor >= beyond * largest for limit, beyond in LIMITS):
        return Finding(Oddity.AMOUNT if there else Oddity.NEW, payment, median_low(amounts))
    return None


def _of_category(payment: Spending, before: Sequence[Spending]) -> list[Spending]:
    return [each for each in before if each.category == payment.category]


def _score(minor: int, amounts: Sequence[int]) -> int:
    """The modified z-score in tenths."""
    logs = [_log(each) for each in amounts]
    middle = median_high(logs)
    deviation = max(FLOOR, median_high([abs(each - middle) for each in logs]))
    return SCALE * (_log(minor) - middle) // (1000 * deviation)


def _log(minor: int) -> int:
    return round(1000 * log(minor))
