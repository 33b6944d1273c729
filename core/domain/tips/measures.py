"""The kinds of measure about what is bought: each looks at a history and says what it found, or None where that is too little. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from statistics import median_low

from core.domain.ahead.ranks import WHOLE
from core.domain.budgets import Cycle, period_of
from core.domain.tips import standing
from core.domain.tips.history import MONTH, Finding, History, Part, What, exact
from core.domain.tips.rules import Library, Rule

SATURDAY = 5
WEEKS = 3  # of a pattern by weekdays
BY_THE_MONTH = 28  # days: a place where one thing comes as seldom as that is no habit; several at once only look so
Measure = Callable[[History, Rule], Finding | None]


def measure(history: History, rule: Rule, library: Library) -> Finding | None:
    """What a rule finds; None below its evidence, or where so little could be saved that nobody should be told."""
    found = _MEASURES[rule.measure](history, rule)
    if found is None or len(found.evidence) < rule.at_least or found.saving <= 0:
        return None
    return found if found.saving * WHOLE >= library.floor * history.spending else None


# ------------------------------------------------------------------ what a rule is about


def about(parts: Iterable[Part], rule: Rule) -> list[Part]:
    """Those of the rule's categories (where it has any) and of its occasion (where it has one)."""
    return [each for each in parts if _of(each, rule.categories, rule.occasion)]


def _of(part: Part, categories: Sequence[str], occasion: str) -> bool:
    return (not categories or part.category in categories) and (not occasion or occasion in part.occasions)


def named(rule: Rule) -> What:
    """An occasion or one category by its name, several as everything."""
    if rule.occasion:
        return What("occasion", rule.occasion)
    return What("category", rule.categories[0]) if len(rule.categories) == 1 else What()


def total(parts: Iterable[Part]) -> int:
    return sum(each.minor for each in parts)


def _estimated(history: History, what: What, parts: Sequence[Part], saved: Callable[[int], int], /, **amounts: int) -> Finding:
    """Of what parts cost a month `saved` says how much could be saved; from the least to the most of thirty days, where each had some."""
    by_month = [
        saved(total(part for part in parts if start <= (history.today - part.on).days < start + MONTH))
        for start in range(0, history.days - MONTH + 1, MONTH)
    ]
    saving = saved(history.monthly(total(parts)))
    steady = len(by_month) > 1 and min(by_month) > 0
    low, high = (min(saving, *by_month), max(saving, *by_month)) if steady else (saving, saving)
    return Finding(what, tuple(parts), saving, low, high, {"amount": total(parts), **amounts}, {"days": history.days})


# ------------------------------------------------------------------ habits


def habit(history: History, rule: Rule) -> Finding | None:
    """Small and often: one in `every` times fewer. With `by` the merchant at which that is most."""
    parts = about(history.recent, rule)
    if rule.size and history.recent:
        usual = median_low([each.minor for each in history.recent])
        parts = [each for each in parts if each.minor <= usual]
    if rule.by:
        return _best_place(history, rule, parts)
    return _fewer(history, rule, named(rule), parts) if parts else None


def _best_place(history: History, rule: Rule, parts: Sequence[Part]) -> Finding | None:
    by_place: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        if part.place:
            by_place[part.place].append(part)
    streams = Counter(each.subscription.merchant for each in history.recurring if each.subscription.rhythm.days >= BY_THE_MONTH)
    found = [each for place, each in sorted(by_place.items()) if streams[place] != 1 and len(each) >= rule.at_least]
    best = max(found, key=total, default=None)
    return _fewer(history, rule, What("place", best[-1].title), best) if best else None


def _fewer(history: History, rule: Rule, what: What, parts: Sequence[Part], **amounts: int) -> Finding:
    found = _estimated(history, what, parts, lambda minor: minor // rule.every, **amounts)
    return replace(found, counts={**found.counts, "every": rule.every})


def large(history: History, rule: Rule) -> Finding | None:
    """Purchases of `times` what is usual in the same categories: one in `every` of them not made."""
    parts = about(history.recent, rule)
    if len(parts) < 2 * rule.at_least:
        return None
    least = median_low([each.minor for each in parts]) * rule.times // WHOLE
    dear = [each for each in parts if each.minor >= least]
    return _fewer(history, rule, named(rule), dear, each=least) if dear else None


def weekend(history: History, rule: Rule) -> Finding | None:
    """Saturdays and Sundays that take more than `share` of it."""
    return _on_days(history, rule, lambda day: day.weekday() >= SATURDAY)


def workdays(history: History, rule: Rule) -> Finding | None:
    """Mondays to Fridays, the same."""
    return _on_days(history, rule, lambda day: day.weekday() < SATURDAY)


def _on_days(history: History, rule: Rule, fits: Callable[[date], bool]) -> Finding | None:
    parts = about(history.recent, rule)
    there = [each for each in parts if fits(each.on)]
    weeks = {each.on.isocalendar()[:2] for each in there}
    if len(weeks) < WEEKS or total(there) * WHOLE < rule.share * total(parts):
        return None
    return _fewer(history, rule, named(rule), there, total=total(parts))


def twice(history: History, rule: Rule) -> Finding | None:
    """The same amount at the same place on the same day, where that is seldom: what was noted once too often. Once, so a month is part of it."""
    second: list[Part] = []
    days: Counter[str] = Counter()
    for _, group in groupby(sorted(history.recent, key=_alike), key=_alike):
        same = list(group)
        if same[0].place and len({each.bill_id for each in same}) > 1:
            days[same[0].place] += 1
            second += same[1:]
    seldom = [each for each in second if days[each.place] == 1]
    if not seldom:
        return None
    dearest = max(seldom, key=lambda each: each.minor)
    both = [each for each in history.recent if _alike(each) == _alike(dearest)]
    amount = total(both) - dearest.minor
    return exact(What("place", dearest.title), both, history.monthly(amount), amount=amount)


def _alike(part: Part) -> tuple[str, date, int]:
    return part.place, part.on, part.minor


def swap(history: History, rule: Rule) -> Finding | None:
    """One in `every` done the cheaper way, by what both cost this person on average."""
    parts = about(history.recent, rule)
    others = [each for each in history.recent if _of(each, (rule.other_category,) if rule.other_category else (), rule.other_occasion)]
    others = [each for each in others if each not in parts]
    if not parts or len(others) < WEEKS:
        return None
    each, less = total(parts) // len(parts), total(others) // len(others)
    if 2 * less > each:
        return None
    saved = (each - less) * len(parts) // rule.every
    return replace(exact(named(rule), parts, history.monthly(saved), each=each, less=less), counts={"days": history.days, "every": rule.every})


def charges(history: History, rule: Rule) -> Finding | None:
    """What buys nothing: all of it."""
    parts = about(history.recent, rule)
    return _estimated(history, named(rule), parts, lambda minor: minor) if parts else None


# ------------------------------------------------------------------ more than before


def above(history: History, rule: Rule) -> Finding | None:
    """The last thirty days at least `times` what the usual ones of the ninety before them cost."""
    months = [about(history.within(start, start + MONTH), rule) for start in range(0, 4 * MONTH, MONTH)]
    if not all(months) or (history.today - history.parts[0].on).days + 1 < 4 * MONTH:
        return None
    now, usual = total(months[0]), median_low([total(month) for month in months[1:]])
    if usual <= 0 or now * WHOLE < rule.times * usual:
        return None
    return exact(named(rule), months[0], now - usual, amount=now, usual=usual)


def drift(history: History, rule: Rule) -> Finding | None:
    """Each of three times thirty days at least `times` the one before."""
    newest, middle, oldest = (about(history.within(start, start + MONTH), rule) for start in range(0, 3 * MONTH, MONTH))
    sums = [total(month) for month in (oldest, middle, newest)]
    grows = all(one > 0 and two * WHOLE >= rule.times * one for one, two in ((sums[0], sums[1]), (sums[1], sums[2])))
    if not grows or history.days < 3 * MONTH:
        return None
    return exact(named(rule), [*oldest, *middle, *newest], sums[2] - sums[0], first=sums[0], second=sums[1], amount=sums[2])


def payday(history: History, rule: Rule) -> Finding | None:
    """The first `span` days after payday cost `times` as much a day as the others: half of what is more."""
    if history.payday is None or history.days < 2 * MONTH:
        return None
    parts = about(history.recent, rule)
    days = [date.fromordinal(history.today.toordinal() - ago) for ago in range(history.days)]
    early = {day for day in days if (day - period_of(Cycle.MONTH, day, payday=history.payday).first).days < rule.span}
    first = [each for each in parts if each.on in early]
    rest = total(parts) - total(first)
    if not early or len(early) == len(days):
        return None
    each, usual = total(first) // len(early), rest // (len(days) - len(early))
    if usual <= 0 or each * WHOLE < rule.times * usual:
        return None
    saving = history.monthly((each - usual) * len(early)) // 2
    return replace(exact(named(rule), first, saving, each=each, usual=usual), counts={"span": rule.span})


def quiet(history: History, rule: Rule) -> Finding | None:
    """One more day a week on which nothing of it is bought."""
    parts = about(history.recent, rule)
    spent_on = {each.on for each in parts}
    without = history.days - len(spent_on)
    if without < WEEKS or not parts:
        return None
    each = total(parts) // len(spent_on)
    return replace(exact(named(rule), parts, each * MONTH // 7, each=each), counts={"days": history.days, "without": without})


# ------------------------------------------------------------------ by the way


def rounding(history: History, rule: Rule) -> Finding | None:
    """Each purchase rounded up to a whole unit, and the rest laid aside."""
    unit = history.unit if history.unit > 1 else 100
    return _rounded(history, [each for each in history.recent if each.minor % unit], unit)


def _rounded(history: History, parts: Sequence[Part], unit: int) -> Finding | None:
    if not parts:
        return None
    return exact(What(), parts, history.monthly(sum(-each.minor % unit for each in parts)), unit=unit)


def foreign(history: History, rule: Rule) -> Finding | None:
    """What was paid in other currencies, `share` of which many banks keep."""
    parts = [each for each in history.recent if each.foreign]
    if not parts:
        return None
    found = _estimated(history, What(), parts, lambda minor: minor * rule.share // WHOLE)
    return replace(found, counts={**found.counts, "percent": rule.share // 10})


_MEASURES: dict[str, Measure] = {
    "habit": habit, "large": large, "weekend": weekend, "workdays": workdays, "twice": twice, "swap": swap, "charges": charges,
    "above": above, "drift": drift, "payday": payday, "quiet": quiet, "rounding": rounding, "foreign": foreign, **standing.MEASURES,
}  # fmt: skip
