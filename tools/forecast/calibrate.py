"""Measure how far off forecasts are: `python -m tools.forecast.calibrate HISTORY.csv` prints calibration.toml from one half of the accounts.

HISTORY is what `tuppence backtest` reads. Which half an account is in follows from its name; `--report` shows how the other half comes out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from bot.cli.backtest import Accounts, as_table, read_history
from core.domain.ahead.backtest import DAYS, Replayed, replay, score
from core.domain.ahead.forecast import look_back
from core.domain.ahead.ranks import WHOLE, Ranked
from core.domain.ahead.spending import Period, Sums, months

POINTS = 20
MONTH = 30_4  # tenths of days


def half(accounts: Accounts, number: int) -> Accounts:
    """The accounts that are fitted to (0), or those held out (1)."""
    return {name: rows for name, rows in accounts.items() if sha256(name.encode()).digest()[0] % 2 == number}


def misses(accounts: Accounts, day: int) -> Iterator[int]:
    """The scaled misses of every forecast of one evening."""
    days = [each.on for rows in accounts.values() for each in rows]
    whole = months(min(days), max(days))[1:-1]
    sums = {name: Sums(rows) for name, rows in accounts.items()}
    for each in replay(accounts):
        if each.day == day:
            yield _miss(sums[each.account], whole[: whole.index(each.period) + 1], each)


def _miss(sums: Sums, periods: Sequence[Period], each: Replayed) -> int:
    past = look_back(sums, periods, each.period.first.replace(day=each.day))
    return past.estimate(len(past.rests)).miss(each.actual - each.forecast.spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", type=Path)
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()
    accounts = read_history(options.history)
    if options.report:
        print(as_table(score(list(replay(half(accounts, 1))))))
        return
    print(
        "# How far off forecasts were, in thousandths of their scale: evenly spread quantiles, by thousandths of the period that were over.\n[after]"
    )
    for day in DAYS:
        ranked = Ranked((miss, 1) for miss in misses(half(accounts, 0), day))
        row = [ranked.at((2 * point + 1) * WHOLE // (2 * POINTS)) for point in range(POINTS)]
        print(f"{day * 10 * WHOLE // MONTH} = {row}")


if __name__ == "__main__":
    main()
