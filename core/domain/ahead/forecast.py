"""What a period will come to: what was spent so far and, robustly, what its last days cost in earlier ones; how sure that is, and a budget.

The rest of a period is estimated from the last days of earlier ones, so that month ends meet whatever the months' lengths; the newest count most.
How sure it is follows from how far off such estimates were (split-conformal prediction on scaled residuals: Vovk et al. 2005, Lei et al. 2018): of
many histories, which is a data file, and of this one, which soon outweighs it. What else was tried: docs/decisions/0012-looking-ahead.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from math import isqrt

from core.domain.ahead.calibration import usual_misses
from core.domain.ahead.ranks import WHOLE, Ranked
from core.domain.ahead.spending import Period, Spending, Sums

WINDOW = 12  # earlier periods that count
FADING = (5, 6)  # a period counts five sixths of the one after it: half after four
MIDDLE = (350, 500, 650)  # the mean of these quantiles: nearly as robust as the median, and steadier
ENOUGH = 3  # earlier periods without which a forecast is little more than a guess
OWN_MISSES = 24  # of this history, the newest
TRUST = 3  # one miss of this history counts as much as one of many others' where there are three of them, twice as much where there are six
INTERVAL = (100, 900)  # 80 of 100 outcomes lie between these


class Basis(StrEnum):
    """What a forecast stands on; with `nothing` there is none, with `little` it is to be called a guess."""

    NOTHING = "nothing"
    LITTLE = "little"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of a whole period, in minor units: `spent` so far, `expected` in the end, and with a chance of 80 in 100 between `low` and `high`."""

    basis: Basis
    spent: int
    expected: int
    low: int
    high: int
    rest: Ranked | None  # what may still come; None where nothing is known of it, or nothing can come

    def chance_above(self, budget: int) -> int:
        """How likely the period ends above `budget`, in thousandths; without a basis only what is spent counts."""
        if self.spent > budget:
            return WHOLE
        return self.rest.above(budget - self.spent) if self.rest is not None else 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of what is still to come, in minor units, and the size of the misses to be expected, never nought."""

    rest: int
    scale: int

    def plus(self, planned: int) -> Estimate:
        """With what is known to come besides."""
        return Estimate(self.rest + planned, self.scale)

    def miss(self, actual: int) -> int:
        """How far off it was, in thousandths of its scale."""
        return (actual - self.rest) * WHOLE // self.scale


@dataclass(frozen=True, slots=True)
class Past:
    """Of earlier periods, the oldest first: what their last days cost, and what all of them did."""

    rests: tuple[int, ...]
    totals: tuple[int, ...]
    share_left: int  # of the current period, in thousandths
    year: int | None  # how many periods ago the same days of last year were

    def estimate(self, count: int) -> Estimate:
        """From the first `count` of them, at least one. The scale: their spread, and some of a usual period for what they did not show yet."""
        rests, totals = self.rests[max(0, count - WINDOW) : count], self.totals[max(0, count - WINDOW) : count]
        kept, of = FADING
        weights = [kept ** (len(rests) - 1 - place) * of**place for place in range(len(rests))]
        known = list(zip(rests, weights, strict=True))
        if self.year is not None and count >= self.year:
            known.append((self.rests[count - self.year], weights[-1]))  # Christmas, and what is paid once a year: as telling as the newest
        middle = sum(map(Ranked(known).at, MIDDLE)) // len(MIDDLE)
        spread = sum(weight * abs(rest - middle) for rest, weight in known) // sum(weight for _, weight in known)
        level = abs(sum(totals)) // len(totals)
        return Estimate(middle, max(1, spread + 3 * level * isqrt(self.share_left * WHOLE) // (10 * WHOLE)))

    def misses(self) -> list[int]:
        """Of the newest periods, each estimated from those before it alone."""
        counts = range(max(2, len(self.rests) - OWN_MISSES), len(self.rests))
        return [self.estimate(count).miss(self.rests[count]) for count in counts]


def forecast(spendings: Iterable[Spending], periods: Sequence[Period], today: date, *, planned: int = 0) -> Forecast:
    """What the last of `periods` comes to, seen on the evening of `today`, a day of it; spendings of later days are left out.

    `periods` are consecutive, the oldest first. Spendings are of one currency; the oldest says from when on they are kept. `planned`: minor
    units that are known to come in the rest of the period and that earlier ones do not hold, such as a new bill or the rise of an old one.
    """
    return forecast_from(Sums(spendings), periods, today, planned=planned)


def forecast_from(sums: Sums, periods: Sequence[Period], today: date, *, planned: int = 0) -> Forecast:
    """The same where the sums are at hand."""
    current = periods[-1]
    spent, past = sums.between(current.first, today), look_back(sums, periods, today)
    if today >= current.last:
        return Forecast(_basis(past), spent, spent, spent, spent, None)
    if not past.rests:
        return Forecast(Basis.NOTHING, spent, spent + planned, spent, spent + planned, None)
    estimate = past.estimate(len(past.rests)).plus(planned)
    own = past.misses()
    misses = [(miss, TRUST) for miss in usual_misses(WHOLE - past.share_left)] + [(miss, len(own)) for miss in own]
    least = min(0, *past.rests)  # what is spent stays spent, but for refunds where there were some
    rest = Ranked((max(least, estimate.rest + estimate.scale * miss // WHOLE), weight) for miss, weight in misses)
    low, high = (spent + rest.at(share) for share in INTERVAL)
    return Forecast(_basis(past), spent, spent + estimate.rest, min(low, spent + estimate.rest), max(high, spent + estimate.rest), rest)


def by_category(spendings: Iterable[Spending], periods: Sequence[Period], today: date) -> dict[str, int]:
    """What each category is expected to come to, in minor units; together what `forecast` expects of all, which is surer than any of them."""
    rows: dict[str, list[Spending]] = {}
    for each in spendings:
        rows.setdefault(each.category, []).append(each)
    whole = forecast((each for category in rows.values() for each in category), periods, today)
    start = min((each.on for category in rows.values() for each in category), default=today)
    parts = {category: forecast([Spending(start, 0), *each], periods, today) for category, each in sorted(rows.items())}
    rests = [max(0, part.expected - part.spent) for part in parts.values()]
    shared = _in_proportion(whole.expected - whole.spent, rests)
    return {category: part.spent + rest for (category, part), rest in zip(parts.items(), shared, strict=True)}


def _in_proportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Whole parts that add up to the amount; equal ones where all weights are nought."""
    weights = weights if any(weights) else [1] * len(weights)
    ends = [amount * upto // sum(weights) for upto in accumulate(weights)]
    return [end - start for start, end in pairwise([0, *ends])]


def look_back(sums: Sums, periods: Sequence[Period], today: date) -> Past:
    """As many earlier periods as matter and are known; the last of `periods` is that of `today`."""
    *earlier, current = periods
    left = (current.last - today).days
    known = [each for each in earlier[-(WINDOW + OWN_MISSES) :] if sums.first is not None and sums.first <= each.last]
    share_left = left * WHOLE // current.days
    return Past(tuple(sums.closing(each, left) for each in known), tuple(map(sums.of, known)), share_left, _year_back(known, current))


def _year_back(known: Sequence[Period], current: Period) -> int | None:
    then = current.first + timedelta(days=current.days // 2 - 365)
    return next((ago for ago, each in enumerate(reversed(known), 1) if each.first <= then <= each.last), None)


def _basis(past: Past) -> Basis:
    if not past.rests:
        return Basis.NOTHING
    return Basis.ENOUGH if len(past.rests) >= ENOUGH else Basis.LITTLE
