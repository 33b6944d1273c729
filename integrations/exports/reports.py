"""A report as a table and as a workbook: a row a bill with what counts of it, and below what that comes to. Texts are never run."""

from __future__ import annotations

import csv
import io
from typing import Any

from core.domain.sheets import Block, Line, Sheet
from integrations.exports.safety import safe

_COLUMNS = ("day", "what", "category", "group", "amount", "currency")
_WIDTHS = (12, 34, 18, 18, 12, 10)
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "remove_timezone": True}


def as_csv(sheet: Sheet) -> bytes:
    """RFC 4180 in UTF-8, with a mark for programs that would not take it for that."""
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    table.writerow([safe(sheet.words[name]) for name in _COLUMNS])
    for line in sheet.lines:
        table.writerow([*_texts(line), str(line.amount), line.amount.currency])
    table.writerow([])
    for total, _ in sheet.totals:
        table.writerow(["", safe(sheet.words["total"]), "", "", str(total), total.currency])
    return ("\ufeff" + written.getvalue()).encode()


def _texts(line: Line) -> list[str]:
    return [line.on.isoformat(), safe(line.what), safe(line.category), safe(line.book)]


def as_xlsx(sheet: Sheet) -> bytes:
    """Amounts are numbers, days are days; a second sheet has what each category came to."""
    import xlsxwriter  # slow to load, and wanted seldom

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, _OPTIONS) as book:
        formats = {"day": book.add_format({"num_format": "yyyy-mm-dd"}), "amount": book.add_format({"num_format": "#,##0.00##"})}
        formats["bold"] = book.add_format({"bold": True})
        _bills(book.add_worksheet(_name(sheet.words["bills"])), sheet, formats)
        for number, block in enumerate((*sheet.blocks, sheet.times)):
            _sums(book.add_worksheet(_name(block.heading, number)), block, sheet, formats)
    return written.getvalue()


def _name(words: str, number: int | None = None) -> str:
    """What a spreadsheet takes for the name of a sheet, no two alike."""
    kept = "".join(character for character in words if character not in "[]:*?/\\'")[:24].strip()
    return f"{kept} {number + 1}" if number is not None else kept or "1"


def _bills(table: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    for column, name in enumerate(_COLUMNS):
        table.write_string(0, column, safe(sheet.words[name]), formats["bold"])
        table.set_column(column, column, _WIDTHS[column])
    table.freeze_panes(1, 0)
    for number, line in enumerate(sheet.lines, 1):
        table.write_datetime(number, 0, line.on, formats["day"])
        for column, text in enumerate(_texts(line)[1:], 1):
            table.write_string(number, column, text)
        table.write_number(number, 4, line.amount.decimal, formats["amount"])
        table.write_string(number, 5, line.amount.currency)
    for number, (total, _) in enumerate(sheet.totals, len(sheet.lines) + 2):
        table.write_string(number, 1, safe(sheet.words["total"]), formats["bold"])
        table.write_number(number, 4, total.decimal, formats["amount"])
        table.write_string(number, 5, total.currency)


def _sums(table: Any, block: Block, sheet: Sheet, formats: dict[str, Any]) -> None:
    """In the home currency."""
    for column, text in enumerate((block.heading, sheet.words["amount"], sheet.words["currency"])):
        table.write_string(0, column, safe(text), formats["bold"])
        table.set_column(column, column, (34, 14, 10)[column])
    for number, bar in enumerate(block.bars, 1):
        table.write_string(number, 0, safe(bar.label))
        table.write_number(number, 1, bar.amount.decimal, formats["amount"])
        table.write_string(number, 2, bar.amount.currency)
