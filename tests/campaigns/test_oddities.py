"""The short form of the campaign of odd payments, and proof that it counts what it is there to count."""

from __future__ import annotations

from datetime import date

from core.domain.ahead.anomalies import Oddity
from core.domain.ahead.spending import Spending, months
from tests.campaigns import oddities
from tests.support.histories import household


def test_what_is_odd_is_found_and_nobody_is_troubled_often():
    histories = {str(seed): household(seed, first=date(2023, 1, 1), last=date(2023, 12, 31)) for seed in range(5)}
    figures = oddities.campaign(histories, seed=1)
    assert figures.put_in.total() >= 15
    assert figures.recall >= 0.9
    assert figures.alarms_a_month <= 0.3


def test_alarms_over_a_history_as_it_is_are_counted_as_false():
    bill = [Spending(period.first, 30_00, "utilities", "city power") for period in months(date(2023, 1, 1), date(2023, 12, 31))]
    figures = oddities.campaign({"a": bill}, seed=1)
    assert figures.alarms.total() == 0
    twice = oddities.campaign({"a": [*bill, Spending(date(2023, 9, 2), 30_00, "utilities", "city power")]}, seed=1)
    assert twice.alarms == {Oddity.TWICE: 1, Oddity.MISSING: 0}


def test_what_is_not_odd_is_not_found():
    """A tenth more for a coffee, put in as an odd amount, must not count as found."""
    before = [Spending(date(2023, 1, day), 3_00 + day, "food", "tea corner") for day in range(1, 29)]
    assert oddities.judge(Spending(date(2023, 2, 1), 3_50, "food", "tea corner"), before) is None
