"""A book as an XLSX workbook: the table of bills and a sheet of balances. Texts are written as texts: nothing in them is run."""

from __future__ import annotations

import io
from typing import Any

from core.domain.imports import GroupFile, balances
from core.domain.money import Money
from integrations.exports.safety import safe
from integrations.exports.table import HEADER, TOTAL, category, cost

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True}
_WIDTHS = (12, 32, 14, 12, 10)
_PERSON_WIDTH = 12


def as_xlsx(file: GroupFile) -> bytes:
    """Amounts are numbers, days are days."""
    import xlsxwriter  # slow to load, and wanted seldom

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _OPTIONS) as book:
        day, amount = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00##"})
        bold = book.add_format({"bold": True})
        _bills(book.add_worksheet("Bills"), file, day=day, amount=amount, bold=bold)
        _balances(book.add_worksheet("Balances"), file, amount=amount, bold=bold)
    return written.getvalue()


def _bills(sheet: Any, file: GroupFile, *, day: Any, amount: Any, bold: Any) -> None:
    for column, title in enumerate((*HEADER, *map(safe, file.people))):
        sheet.write_string(0, column, title, bold)
        sheet.set_column(column, column, _WIDTHS[column] if column < len(_WIDTHS) else _PERSON_WIDTH)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(file.rows, 1):
        nets = {name: minor for (name, _), minor in balances([row]).items()}
        sheet.write_datetime(number, 0, row.on, day)
        sheet.write_string(number, 1, safe(row.description))
        sheet.write_string(number, 2, safe(category(row)))
        sheet.write_number(number, 3, cost(row).decimal, amount)
        sheet.write_string(number, 4, row.currency)
        for column, name in enumerate(file.people, len(HEADER)):
            sheet.write_number(number, column, Money(nets.get(name, 0), row.currency).decimal, amount)


def _balances(sheet: Any, file: GroupFile, *, amount: Any, bold: Any) -> None:
    currencies = sorted({currency for _, currency in file.checks})
    for column, title in enumerate((TOTAL, *currencies)):
        sheet.write_string(0, column, title, bold)
    for line, name in enumerate(file.people, 1):
        sheet.write_string(line, 0, safe(name))
        for column, currency in enumerate(currencies, 1):
            sheet.write_number(line, column, Money(file.checks.get((name, currency), 0), currency).decimal, amount)
