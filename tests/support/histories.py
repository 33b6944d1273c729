"""Made-up histories of spending, the same for the same seed: households with bills, errands, treats, yearly payments and things that just break."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.domain.ahead.spending import Spending, months

SHOPS = ("green basket", "corner mill", "north market", "daily bread")
PLACES = ("blue door", "noodle yard", "old harbour", "tea corner", "pizza lab")
RARE = (("health", "dr. moss", 9_000), ("shopping", "lamp & sofa", 24_000), ("travel", "rail away", 16_000), ("gifts", "paper crane", 4_500))


@dataclass(frozen=True, slots=True)
class Habits:
    """Of one household, in minor units."""

    rent: int
    shop: int
    treat: int
    shops_a_week: int
    treats_a_week: int
    december: int  # percent of what other months have


def habits(random: Random) -> Habits:
    """Those of a household at random."""
    return Habits(
        rent=random.randrange(500_00, 1500_00, 10_00),
        shop=random.randrange(15_00, 60_00),
        treat=random.randrange(8_00, 35_00),
        shops_a_week=random.randrange(1, 5),
        treats_a_week=random.randrange(1, 5),
        december=random.randrange(100, 180),
    )


def household(seed: int, *, first: date = date(2021, 1, 1), last: date = date(2024, 6, 30)) -> list[Spending]:
    """All that one household spends, the days in order."""
    random = Random(seed)
    own = habits(random)
    rows = [*_bills(random, own, first, last), *_errands(random, own, first, last)]
    return sorted((row for row in rows if first <= row.on <= last), key=lambda row: row.on)


def _bills(random: Random, own: Habits, first: date, last: date) -> Iterator[Spending]:
    rent, phone, insured = own.rent, random.randrange(9_99, 49_99), random.randrange(1, 13)
    for period in months(first, last):
        rent += 20_00 * (period.first.month == 4)
        cold = abs(period.first.month - 7)
        yield Spending(_weekday(period.first), rent, "housing", "hall & sons")
        yield Spending(_weekday(period.first.replace(day=12)), phone, "utilities", "tin can mobile")
        yield Spending(_weekday(period.first.replace(day=20)), 30_00 + 12_00 * cold + random.randrange(15_00), "utilities", "city power")
        if period.first.month == insured:
            yield Spending(period.first.replace(day=15), own.rent // 2, "fees", "safe harbour")


def _errands(random: Random, own: Habits, first: date, last: date) -> Iterator[Spending]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        more = own.december if day.month == 12 else 100
        if random.random() * 7 < own.shops_a_week:
            yield Spending(day, _around(random, own.shop) * more // 100, "groceries", random.choice(SHOPS))
        if random.random() * 7 < own.treats_a_week * (2 if day.weekday() > 3 else 0.5):
            yield Spending(day, _around(random, own.treat) * more // 100, "food", random.choice(PLACES))
        if random.random() < 0.05:
            category, merchant, usual = random.choice(RARE)
            yield Spending(day, _around(random, usual), category, merchant)


def _around(random: Random, usual: int) -> int:
    return max(100, round(usual * random.lognormvariate(0, 0.45)))


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.isoweekday()) if day.isoweekday() > 5 else 0) + timedelta(days=1 if day.isoweekday() > 5 else 0)
