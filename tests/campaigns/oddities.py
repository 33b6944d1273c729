"""The campaign of odd payments: puts them into a history of real ones, and counts what is found, and how often somebody is troubled for nothing.

`python -m tests.campaigns.oddities HISTORY.csv`: what `tuppence backtest` reads; without a file made-up households. Prints its seed and figures.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from bot.cli.backtest import read_history
from core.domain.ahead.anomalies import PEERS, Finding, Oddity, judge, missing
from core.domain.ahead.spending import Spending
from core.domain.ahead.subscriptions import State, Subscription, subscriptions
from tests.support.histories import household

LEARNING = timedelta(days=120)  # nobody is judged before
LOOKS = 5  # at every so many payments, for bills that are missing
TRIES = 100  # to find a place of a kind in one history


@dataclass
class Figures:
    """Of each oddity how many were put in and found; false alarms by oddity, over all months that were judged."""

    put_in: Counter[Oddity] = field(default_factory=Counter)
    found: Counter[Oddity] = field(default_factory=Counter)
    alarms: Counter[Oddity] = field(default_factory=Counter)
    days: int = 0

    @property
    def recall(self) -> float:
        return self.found.total() / max(1, self.put_in.total())

    @property
    def alarms_a_month(self) -> float:
        return self.alarms.total() / max(1.0, self.days / 30.44)


def campaign(accounts: Mapping[str, Sequence[Spending]], *, seed: int) -> Figures:
    """Every history as it is for false alarms, then with one oddity of each kind at a random place."""
    figures = Figures()
    for name, rows in accounts.items():
        ordered = sorted(rows, key=lambda row: row.on)
        judged = [place for place, row in enumerate(ordered) if row.on >= ordered[0].on + LEARNING]
        if not judged:
            continue
        count_alarms(figures, ordered, judged)
        source = random.Random(f"{seed} {name}")
        for oddity in Oddity:
            put_in(figures, source, oddity, ordered, judged)
    return figures


def count_alarms(figures: Figures, ordered: list[Spending], judged: list[int]) -> None:
    """All that is said of an untouched history; a bill that is missing is said once."""
    figures.days += (ordered[-1].on - ordered[judged[0]].on).days + 1
    for place in judged:
        finding = judge(ordered[place], ordered[:place])
        figures.alarms.update([finding.oddity] if finding else [])
    days = {ordered[place].on for place in judged[::LOOKS]}
    missed = {(place_of(each.payment), each.due) for day in days for each in missed_on(ordered, day)}
    figures.alarms[Oddity.MISSING] += len(missed)


def place_of(row: Spending) -> str:
    return row.merchant or row.category


def missed_on(ordered: list[Spending], day: date) -> list[Finding]:
    return missing([row for row in ordered if row.on <= day], day)


def put_in(figures: Figures, source: random.Random, oddity: Oddity, ordered: list[Spending], judged: list[int]) -> None:
    """One oddity somewhere, if there is a place for it, and whether it is found."""
    for _ in range(TRIES):
        place = source.choice(judged)
        row, before = ordered[place], ordered[:place]
        if not has_place(oddity, row, before):
            continue
        figures.put_in[oddity] += 1
        figures.found[oddity] += is_found(source, oddity, row, before, ordered[place + 1 :])
        return


def has_place(oddity: Oddity, row: Spending, before: list[Spending]) -> bool:
    """A bill can rise or be missing where there is one; an amount can be odd where enough was paid to know what is usual."""
    there = [each for each in before if place_of(each) == place_of(row)]
    if oddity in (Oddity.PRICE, Oddity.MISSING):
        return any(row_pays(bill, row) for bill in subscriptions(there, row.on))
    return oddity is not Oddity.AMOUNT or len(there) >= PEERS


def row_pays(bill: Subscription, row: Spending) -> bool:
    """Whether a payment is one of a bill that came at least five times at one price."""
    steady = bill.state is not State.CANDIDATE and not bill.varies and len(bill.payments) >= 5 and bill.minor == row.minor
    return steady and bill.merchant == place_of(row) and bill.rhythm.steps((row.on - bill.payments[-1].on).days) == 1


def is_found(source: random.Random, oddity: Oddity, row: Spending, before: list[Spending], after: list[Spending]) -> bool:
    if oddity is Oddity.MISSING:
        day = row.on + timedelta(days=15)
        return any(place_of(each.payment) == place_of(row) for each in missing([*before, *(each for each in after if each.on <= day)], day))
    if oddity is Oddity.AMOUNT:  # many times what is usual there, and more than anybody has paid there
        there = [each.minor for each in before if place_of(each) == place_of(row)]
        odd = replace(row, minor=max(int(median(there)) * source.randrange(5, 21), max(there) * source.randrange(15, 30) // 10))
    elif oddity is Oddity.TWICE:
        odd, before = replace(row, on=row.on + timedelta(days=source.randrange(2))), [*before, row]
    elif oddity is Oddity.PRICE:
        odd = replace(row, minor=row.minor * source.randrange(108, 140) // 100)
    else:
        odd = replace(row, merchant="never seen", category="never seen", minor=max(each.minor for each in before) * source.randrange(200, 500) // 100)
    return judge(odd, before) is not None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", type=Path, nargs="?")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    accounts = read_history(options.history) if options.history else {str(number): household(number) for number in range(8)}
    figures = campaign(accounts, seed=options.seed)
    print(f"seed {options.seed}: {figures.recall:.3f} found, {figures.alarms_a_month:.3f} false alarms a month")
    for oddity in Oddity:
        months = max(1.0, figures.days / 30.44)
        print(f"  {oddity:8} {figures.found[oddity]:5} of {figures.put_in[oddity]:5}   {figures.alarms[oddity] / months:.3f} false a month")
    return 0 if figures.recall >= 0.9 and figures.alarms_a_month <= 0.3 else 1


if __name__ == "__main__":
    sys.exit(main())
