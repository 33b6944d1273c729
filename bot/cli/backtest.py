"""`tuppence backtest`: a history of spending in, how right forecasts would have been out. The replay is the domain's (core.domain.ahead.backtest)."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bot.cli.jsonl import Json, dump
from core.domain.ahead.backtest import DAYS, Score, replay, score
from core.domain.ahead.spending import Spending
from core.domain.categories import OTHER

HELP = "a spending history: how right forecasts, intervals and warnings would have been"

NEEDED = ("date", "amount")
LARGEST = Decimal(10) ** 13
Accounts = dict[str, list[Spending]]


class BadHistory(Exception):
    """The file is no history of spending; the message says where and why, for the person who made it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="date,amount,category,account with a header; one row a spending, in any order")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """0 with the figures, 1 where the file cannot be used."""
    try:
        accounts = read_history(options.file)
        figures = score(list(replay(accounts)))
        if not figures.months:
            raise BadHistory("no month can be forecast: it takes one with four whole months before it, and one after")
    except (OSError, BadHistory) as problem:
        print(f"tuppence backtest: {problem}", file=sys.stderr)
        return 1
    print(dump(as_json(figures)) if options.json else as_table(figures))
    return 0


def read_history(path: Path) -> Accounts:
    """Account to its spendings, in hundredths. Raises BadHistory with the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise BadHistory(f"{path}: line 1: no column {' and '.join(missing)}; the header is date,amount,category,account")
            return _grouped(_rows(path, reader))
    except UnicodeDecodeError as problem:
        raise BadHistory(f"{path}: not UTF-8") from problem
    except csv.Error as problem:
        raise BadHistory(f"{path}: not CSV ({problem})") from problem


def _grouped(rows: Iterator[tuple[str, Spending]]) -> Accounts:
    accounts: Accounts = {}
    for account, spending in rows:
        accounts.setdefault(account, []).append(spending)
    return accounts


def _rows(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[str, Spending]]:
    for row in reader:
        where = f"{path}: line {reader.line_num}"
        spending = Spending(_day(row["date"], where), _hundredths(row["amount"], where), row.get("category") or OTHER)
        yield row.get("account") or "", spending


def _day(text: str | None, where: str) -> date:
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError as problem:
        raise BadHistory(f'{where}: the date must be a day like "2025-03-14", not "{(text or "")[:40]}"') from problem


def _hundredths(text: str | None, where: str) -> int:
    try:
        amount = Decimal((text or "").strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise BadHistory(f'{where}: the amount must be a number like "45.00", not "{(text or "")[:40]}"')
    return round(amount * 100)


def as_json(figures: Score) -> Json:
    """The contract's object: `wape` in percent, the others as shares; null where nothing was exceeded or nobody warned."""
    return {
        "wape": {str(day): _scaled(figures.wape[day], 10) for day in DAYS},
        "coverage80": _scaled(figures.coverage, 1000),
        "alerts": {str(day): {"precision": _scaled(figures.precision[day], 1000), "recall": _scaled(figures.recall[day], 1000)} for day in DAYS},
        "months": figures.months,
    }


def as_table(figures: Score) -> str:
    """The same for reading."""
    rows: list[tuple[str, ...]] = [("evening of day", "off by", "alerts right", "overspending seen")]
    rows += [(str(day), *(_percent(each[day]) for each in (figures.wape, figures.precision, figures.recall))) for day in DAYS]
    lines = ["  ".join(f"{cell:>17}" for cell in row) for row in rows]
    return "\n".join([*lines, "", f"months: {figures.months}    inside the 80 % interval: {_percent(figures.coverage)}"])


def _scaled(thousandths: int | None, by: int) -> float | None:
    return None if thousandths is None else thousandths / by


def _percent(thousandths: int | None) -> str:
    return "-" if thousandths is None else f"{thousandths / 10:.1f} %"
