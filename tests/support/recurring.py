"""Made-up payments that come back in hard ways, and ones that only look so; the same for the same seed. Each has the merchant it is known by."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.domain.ahead.spending import Spending, months

LAST = date(2025, 6, 30)
Rows = list[tuple[date, int, int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`make`: its payments as day, minor units and the number of the subscription that they belong to, nought for none."""

    name: str
    make: Callable[[Random], Rows]


def _monthly(random: Random, *, count: int | None = None, day: int | None = None) -> Iterator[date]:
    day = day or random.randrange(1, 32)
    for period in months(LAST - timedelta(days=31 * (count or random.randrange(5, 25))), LAST)[:-1]:
        yield period.first.replace(day=min(day, monthrange(period.first.year, period.first.month)[1]))


def _price(random: Random) -> int:
    return random.choice((4_99, 7_99, 9_99, 12_00, 14_50, 29_90, 49_00, 89_00)) + random.randrange(3)


def plain(random: Random) -> Rows:
    price = _price(random)
    return [(day, price, 1) for day in _monthly(random)]


def weekend(random: Random) -> Rows:
    price = _price(random)
    return [(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0), price, 1) for day in _monthly(random)]


def rises(random: Random) -> Rows:
    price, days = _price(random), list(_monthly(random, count=random.randrange(8, 25)))
    at, dearer = random.randrange(2, len(days)), price * random.randrange(108, 150) // 100  # the newest payment alone may be the dearer one
    return [(day, price if place < at else dearer, 1) for place, day in enumerate(days)]


def skips(random: Random) -> Rows:
    price, days = _price(random), list(_monthly(random, count=random.randrange(10, 25)))
    gone = set(random.sample(range(2, len(days) - 1), 2))
    return [(day, price, 1) for place, day in enumerate(days) if place not in gone]


def trial(random: Random) -> Rows:
    price, days = _price(random) + 300, list(_monthly(random))
    return [(days[0], random.choice((1, 99, 1_00)), 1)] + [(day, price, 1) for day in days[1:]]


def short_trial(random: Random) -> Rows:
    price, days = _price(random), list(_monthly(random, day=15))
    return [(days[0] - timedelta(days=random.choice((7, 14))), 1_00, 1)] + [(day, price, 1) for day in days]


def usage(random: Random) -> Rows:
    usual = random.randrange(30_00, 120_00)
    return [(day + timedelta(days=random.randrange(-1, 3)), usual * random.randrange(65, 140) // 100, 1) for day in _monthly(random, count=14, day=9)]


def foreign(random: Random) -> Rows:
    price = _price(random) + 500
    return [(day, price * random.randrange(970, 1031) // 1000, 1) for day in _monthly(random, count=12)]


def two(random: Random) -> Rows:
    return [(day, 4_99, 1) for day in _monthly(random, day=4)] + [(day, 10_99, 2) for day in _monthly(random, day=random.choice((4, 19)))]


def twins(random: Random) -> Rows:
    price = _price(random)
    return [(day, price, which) for which, number in ((1, 3), (2, random.choice((3, 11, 18)))) for day in _monthly(random, count=12, day=number)]


def among_purchases(random: Random) -> Rows:
    days = list(_monthly(random, count=15))
    return [(day, 8_99, 1) for day in days] + [(LAST - timedelta(days=random.randrange(450)), random.randrange(3_00, 90_00), 0) for _ in range(25)]


def yearly(random: Random) -> Rows:
    price = _price(random) * 4
    return [(date(year, 3, 14) + timedelta(days=random.randrange(4)), price, 1) for year in range(2022, 2026)]


def quarterly(random: Random) -> Rows:
    return [
        (date(year, month, 5) + timedelta(days=random.randrange(3)), 52_50, 1)
        for year in (2024, 2025)
        for month in (1, 4, 7, 10)
        if (year, month) < (2025, 6)
    ]


def weekly(random: Random) -> Rows:
    price, start = _price(random), LAST - timedelta(days=7 * random.randrange(8, 60))
    return [(start + timedelta(days=7 * number), price, 1) for number in range((LAST - start).days // 7)]


def fortnightly(random: Random) -> Rows:
    price, start = _price(random), LAST - timedelta(days=14 * random.randrange(8, 30))
    return [(start + timedelta(days=14 * number), price, 1) for number in range((LAST - start).days // 14)]


def ended(random: Random) -> Rows:
    price, days = _price(random), list(_monthly(random, count=random.randrange(9, 25)))
    return [(day, price, 1) for day in days[: -random.randrange(3, 6)]]


def foreign_rises(random: Random) -> Rows:
    price, days = _price(random) + 500, list(_monthly(random, count=random.randrange(10, 25)))
    at = random.randrange(3, len(days) - 2)
    return [(day, price * (100 if place < at else 125) * random.randrange(975, 1026) // 100_000, 1) for place, day in enumerate(days)]


def two_rising(random: Random) -> Rows:
    one, other = list(_monthly(random, count=16, day=6)), list(_monthly(random, count=10, day=23))
    cheap = [(day, 5_99 if place < 9 else 6_99, 1) for place, day in enumerate(one)]
    return cheap + [(day, 15_99 if place < 5 else 17_99, 2) for place, day in enumerate(other)]


def restarted(random: Random) -> Rows:
    price, days = _price(random), list(_monthly(random, count=20))
    return [(day, price, 1) for place, day in enumerate(days) if not 8 <= place < 11]


def few(random: Random) -> Rows:
    price = _price(random)
    return [(day, price, 1) for day in list(_monthly(random, count=12))[-random.randrange(3, 5) :]]


def seasonal(random: Random) -> Rows:
    """Heating: four times as much in January as in July, and the bank's weekend."""
    usual = random.randrange(20_00, 60_00)
    days = [day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()]) for day in _monthly(random, count=16, day=18)]
    return [(day, usual * (60 + 30 * abs(day.month - 7)) * random.randrange(90, 111) // 10_000, 1) for day in days]


def prepaid(random: Random) -> Rows:
    start, days = LAST - timedelta(days=random.randrange(150, 400)), random.choice((28, 30))
    return [(start + timedelta(days=days * number), 10_00, 1) for number in range((LAST - start).days // days)]


def broken_month(random: Random) -> Rows:
    """One payment was late by ten days, one was taken twice."""
    price, days = _price(random), list(_monthly(random, count=18, day=7))
    rows = [(day, price, 1) for day in days]
    rows[9] = (days[9] + timedelta(days=10), price, 1)
    return [*rows, (days[5] + timedelta(days=1), price, 0)]


def coffee(random: Random) -> Rows:
    return [(LAST - timedelta(days=random.randrange(400)), 3_20, 0) for _ in range(random.randrange(20, 90))]


def cinema(random: Random) -> Rows:
    return [(LAST - timedelta(days=random.randrange(500)), 11_50, 0) for _ in range(random.randrange(4, 15))]


def groceries(random: Random) -> Rows:
    day, rows = LAST - timedelta(days=400), []
    while (day := day + timedelta(days=random.choice((2, 3, 4, 5, 6, 7, 8, 9)))) <= LAST:
        rows.append((day, random.randrange(9_00, 80_00), 0))
    return rows


def saturdays(random: Random) -> Rows:
    """The big shopping of the week: a habit, not a bill; amounts differ by much."""
    start = date(2024, 7, 6)
    return [(start + timedelta(days=7 * week), int(random.lognormvariate(8.5, 0.8)), 0) for week in range(50) if random.random() < 0.8]


def restaurant(random: Random) -> Rows:
    return [(LAST - timedelta(days=random.randrange(500)), random.randrange(18_00, 70_00), 0) for _ in range(random.randrange(3, 20))]


def once_or_twice(random: Random) -> Rows:
    return [(LAST - timedelta(days=random.randrange(500)), 19_99, 0) for _ in range(random.randrange(1, 4))]


RECURRING = (
    *(plain, weekend, rises, skips, trial, short_trial, usage, foreign, two, twins),
    *(among_purchases, yearly, quarterly, weekly, fortnightly, ended),
    *(foreign_rises, two_rising, restarted, few, seasonal, prepaid, broken_month),
)
ONCE = (coffee, cinema, groceries, saturdays, restaurant, once_or_twice)
KINDS = tuple(Kind(make.__name__, make) for make in (*RECURRING, *ONCE))


@dataclass(frozen=True, slots=True)
class Case:
    """One merchant's payments, the days in order, and the subscriptions among them."""

    payments: tuple[Spending, ...]
    streams: tuple[frozenset[Spending], ...]


def case(kind: Kind, seed: int) -> Case:
    """That of a seed."""
    rows = [row for row in sorted(kind.make(Random(f"{kind.name} {seed}"))) if row[0] <= LAST]
    made = [Spending(day, minor, "other", f"{kind.name} {seed}") for day, minor, _ in rows]
    numbers = sorted({number for _, _, number in rows} - {0})
    return Case(tuple(made), tuple(frozenset(each for each, row in zip(made, rows, strict=True) if row[2] == number) for number in numbers))
