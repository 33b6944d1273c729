"""Made-up histories of spending for tips: for each rule of the library one that it finds something in, and shorthands to make others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from uuid import UUID

from core.domain.tips.history import History, Kept, Part
from core.domain.tips.rules import Rule

TODAY = date(2025, 6, 16)  # a Monday
_ids = count(1)


def part(ago: int, minor: int, category: str = "other", place: str = "", *occasions: str, foreign: bool = False) -> Part:
    """What was paid so many days ago."""
    on = TODAY - timedelta(days=ago)
    return Part(UUID(int=0), UUID(int=next(_ids)), on, minor, category, place, place, frozenset(occasions), foreign)


def history(
    parts: Iterable[Part], *, known: int = 150, payday: int | None = None, budgets: Iterable[Kept] = (), owed: Iterable[Part] = ()
) -> History:
    """Of somebody who has been here for `known` days."""
    first = part(known - 1, 1, "gifts", "first")
    found = sorted([first, *parts], key=lambda each: (each.on, each.bill_id))
    return History(found, TODAY, budgets=tuple(budgets), owed=tuple(owed), payday=payday)


def shown_by(rule: Rule) -> History:
    """A history in which a rule finds something."""
    category = rule.categories[0] if rule.categories else "other"
    return _SHOWN[rule.measure](rule, category)


def _habit(rule: Rule, category: str) -> History:
    return history([part(ago, 1000, category, "a place", *_said(rule)) for ago in range(2 * rule.at_least)])


def _said(rule: Rule) -> tuple[str, ...]:
    return (rule.occasion,) if rule.occasion else ()


def _large(rule: Rule, category: str) -> History:
    small = [part(2 * each, 1000, category) for each in range(2 * rule.at_least + 2)]
    return history([*small, *(part(each, 9000, category) for each in range(rule.at_least))])


def _weekend(rule: Rule, category: str) -> History:
    return history(part(1 + 7 * week + day, 2000, category) for week in range(9) for day in (0, 1))


def _workdays(rule: Rule, category: str) -> History:
    return history(part(3 + 7 * week + day, 2000, category) for week in range(9) for day in range(5))


def _twice(rule: Rule, category: str) -> History:
    return history([part(9, 4000, "food", "luigi"), part(9, 4000, "food", "luigi")])


def _swap(rule: Rule, category: str) -> History:
    cheaper = (rule.other_occasion,) if rule.other_occasion else ()
    other = [part(4 * each, 300, rule.other_category or category, "cheap", *cheaper) for each in range(6)]
    return history([*other, *(part(each, 2500, category, "dear", *_said(rule)) for each in range(rule.at_least + 2))])


def _monthly(category: str, **prices: int) -> list[Part]:
    return [part(3 + 30 * each, minor, category, name) for each in range(5) for name, minor in prices.items()]


def _overlap(rule: Rule, category: str) -> History:
    return history(replace(each, occasions=frozenset(_said(rule))) for each in _monthly("subscriptions", one=999, two=1299))


def _dearer(rule: Rule, category: str) -> History:
    return history(part(3 + 30 * each, 1999 if each < 1 else 1499, category, "film club") for each in range(5))


def _standing(rule: Rule, category: str) -> History:
    return history(_monthly("subscriptions", one=999, two=1299, three=4999))


def _charges(rule: Rule, category: str) -> History:
    return history(part(9 * each, 700, category if rule.categories else "fees", "bank", *_said(rule)) for each in range(rule.at_least + 1))


def _above(rule: Rule, category: str) -> History:
    before = [part(31 + 10 * each, 1000, category) for each in range(9)]
    return history([*before, *(part(3 * each, 2000, category) for each in range(max(5, rule.at_least)))])


def _drift(rule: Rule, category: str) -> History:
    each_month = ((2, 10), (1, 14), (0, 20))
    return history(part(30 * month + 2 * each, tens * 100, category) for month, tens in each_month for each in range(5))


def _payday(rule: Rule, category: str) -> History:
    days = [part(ago, 500, category) for ago in range(90)]
    first = [part(ago, 3000, category) for ago in range(90) if (TODAY - timedelta(days=ago)).day <= 3]
    return history([*days, *first], payday=1)


def _quiet(rule: Rule, category: str) -> History:
    return history(part(2 * each, 1500, category) for each in range(rule.at_least + 10))


def _rounding(rule: Rule, category: str) -> History:
    return history(part(each, 310, "food") for each in range(rule.at_least + 1))


def _foreign(rule: Rule, category: str) -> History:
    return history(part(each, 5000, "travel", foreign=True) for each in range(rule.at_least + 1))


def _owed(rule: Rule, category: str) -> History:
    return history([part(2, 1000)], owed=[part(50, 6000)])


def _slack(rule: Rule, category: str) -> History:
    return history([part(2, 9000, "food")], budgets=[Kept("food", 40000, (20000, 21000, 22000))])


def _over(rule: Rule, category: str) -> History:
    return history([part(2, 9000, "food")], budgets=[Kept("food", 40000, (50000, 51000, 52000))])


_SHOWN: dict[str, Callable[[Rule, str], History]] = {
    "habit": _habit, "large": _large, "weekend": _weekend, "workdays": _workdays, "twice": _twice, "swap": _swap, "overlap": _overlap,
    "dearer": _dearer, "standing": _standing, "charges": _charges, "above": _above, "drift": _drift, "payday": _payday, "quiet": _quiet,
    "rounding": _rounding, "foreign": _foreign, "owed": _owed, "slack": _slack, "over": _over,
}  # fmt: skip
