"""A book as a table: a row a bill with everybody's net, and below it what all comes to. As CSV, of the shape that other programs take too."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from core.domain.imports import FileRow, GroupFile, RowKind, balances
from core.domain.money import Money
from integrations.exports.safety import safe

HEADER = ("Date", "Description", "Category", "Cost", "Currency")
PAYMENT, INCOME, TOTAL = "Payment", "income", "Total balance"


def as_csv(file: GroupFile) -> str:
    """RFC 4180, with a mark for programs that would not take it for UTF-8. Income is a cost below zero: it came back to the group."""
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    table.writerow([*HEADER, *map(safe, file.people)])
    for row in file.rows:
        table.writerow(_cells(row, file.people))
    table.writerow([])
    for cells in totals(file):
        table.writerow(cells)
    return "\ufeff" + written.getvalue()


def _cells(row: FileRow, people: tuple[str, ...]) -> list[str]:
    nets = {name: minor for (name, _), minor in balances([row]).items()}
    shown = [str(Money(nets.get(name, 0), row.currency)) for name in people]
    return [row.on.isoformat(), safe(row.description), safe(category(row)), str(cost(row)), row.currency, *shown]


def cost(row: FileRow) -> Money:
    """What was put in; income is below zero."""
    sign = -1 if row.kind is RowKind.INCOME else 1
    return Money(sign * sum(minor for _, minor in row.paid), row.currency)


def category(row: FileRow) -> str:
    """As the table says it: payments have a name of their own."""
    return PAYMENT if row.kind is RowKind.TRANSFER else row.category or ""


def totals(file: GroupFile) -> Iterator[list[str]]:
    """A row a currency: what the ledger says everybody's balance is."""
    last = max((row.on for row in file.rows), default=None)
    for currency in sorted({code for _, code in file.checks}):
        sums = [str(Money(file.checks.get((name, currency), 0), currency)) for name in file.people]
        yield [last.isoformat() if last else "", TOTAL, "", "", currency, *sums]
