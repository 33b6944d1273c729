"""How regularly days follow each other: weekly to yearly, with weekends in between, days that differ by a little, and ones that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low

REGULAR = 80  # percent of the gaps that must fit
LEFT_OUT = 3  # a gap may be up to three times as long as usual
DRIFT = 5  # tenths of days a time: thirty days are nearly a month, two a month are no fortnights


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`tenths`: tenths of days from one to the next; `slack`: days that one may be off, for weekends, short months and slow banks."""

    name: str
    tenths: int
    slack: int

    @property
    def days(self) -> int:
        """From one to the next, rounded."""
        return (self.tenths + 5) // 10

    def steps(self, gap: int) -> int | None:
        """How many times the rhythm fits into a gap of so many days, None where it does not."""
        times = max(1, (20 * gap + self.tenths) // (2 * self.tenths))
        return times if abs(10 * gap - times * self.tenths) <= 10 * self.slack else None

    def after(self, day: date) -> date:
        """When the next one is due."""
        return day + timedelta(days=self.days)


RHYTHMS = (
    Rhythm("weekly", 70, 1),
    Rhythm("fortnightly", 140, 2),
    Rhythm("four-weekly", 280, 1),
    Rhythm("monthly", 304, 4),
    Rhythm("bimonthly", 609, 5),
    Rhythm("quarterly", 913, 7),
    Rhythm("half-yearly", 1826, 9),
    Rhythm("yearly", 3652, 14),
)


def rhythm_of(days: Sequence[date]) -> Rhythm | None:
    """The rhythm of three days or more, ascending: four fifths of the gaps fit it, most of them once, and they do not drift from it."""
    gaps = [(after - before).days for before, after in pairwise(days)]
    return next((each for each in RHYTHMS if _fits(each, gaps)), None) if len(gaps) > 1 else None


def _fits(rhythm: Rhythm, gaps: Sequence[int]) -> bool:
    if rhythm.steps(median_low(gaps)) != 1:
        return False
    fitting = [(gap, times) for gap in gaps if (times := rhythm.steps(gap)) is not None and times <= LEFT_OUT]
    once, together = sum(times == 1 for _, times in fitting), sum(times for _, times in fitting)
    drift = abs(sum(10 * gap - times * rhythm.tenths for gap, times in fitting))
    return 100 * len(fitting) >= REGULAR * len(gaps) and 2 * once > len(gaps) and drift <= 10 * rhythm.slack + DRIFT * together


def chains(days: Sequence[date], rhythm: Rhythm, *, most: int) -> list[list[int]]:
    """The places of ascending days in chains of the rhythm, each day in the one that expects it most; none where it takes more than `most`."""
    made: list[list[int]] = []
    for place, day in enumerate(days):
        waiting = [chain for chain in made if (rhythm.steps((day - days[chain[-1]]).days) or LEFT_OUT) < LEFT_OUT]
        best = min(waiting, key=lambda chain: _off(rhythm, days[chain[-1]], day), default=None)
        if best is None and len(made) == most:
            return []
        if best is None:
            made.append([place])
        else:
            best.append(place)
    return made


def _off(rhythm: Rhythm, before: date, day: date) -> int:
    gap = (day - before).days
    return abs(10 * gap - (rhythm.steps(gap) or 1) * rhythm.tenths)
