"""The first sheet of an XLSX workbook as the text of a table: values alone, no formula is looked at. Trusts neither the archive nor its XML."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Context, Decimal, InvalidOperation
from xml.etree import ElementTree

from core.errors import DomainError
from integrations.imports.vocabulary import limit

_SHEET = re.compile(r"xl/worksheets/sheet([0-9]{1,4})\.xml")
_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, their leap year 1900 allowed for
_LAST_DAY = 80_000
_DAY_FORMATS = frozenset([*range(14, 18), 22])  # numbers of formats that are built in
_DIGITS = Context(prec=15)  # as many as a spreadsheet shows of a number
_COLUMNS_MOST = 16_384
_ELEMENTS_MOST = 4 * _COLUMNS_MOST  # within one row, text or table of styles, and of all that is none of it
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ElementTree.ParseError, ValueError, KeyError)


def is_spreadsheet(data: bytes) -> bool:
    return data.startswith(b"PK\x03\x04")


def text_of_spreadsheet(data: bytes) -> str:
    """Rows as comma-separated values. Raises DomainError `unreadable_import`: `unknown_format` for any other archive, `too_large`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sheets = sorted((int(found[1]), each) for each in archive.namelist() if (found := _SHEET.fullmatch(each)) is not None)
            if not sheets:
                raise DomainError("unreadable_import", reason="unknown_format")
            strings, days = _strings(archive), _day_styles(archive)
            written = io.StringIO()
            table = csv.writer(written, lineterminator="\n")
            length = 0
            for number, row in enumerate(_rows(_elements(archive, sheets[0][1], "row"), strings, days)):
                if number >= limit("rows_most"):
                    raise DomainError("unreadable_import", reason="too_many_rows")
                length += len(row) + sum(map(len, row))  # one text may stand in every cell
                if length > limit("bytes_most"):
                    raise DomainError("unreadable_import", reason="too_large")
                table.writerow(row)
            return written.getvalue()
    except _BROKEN as problem:
        raise DomainError("unreadable_import", reason="unknown_format") from problem


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpacked no further than it may be; nothing that declares entities, and nothing in UTF-16, where that would not be seen."""
    with archive.open(name) as packed:
        data = packed.read(limit("sheet_bytes_most") + 1)
    if len(data) > limit("sheet_bytes_most"):
        raise DomainError("unreadable_import", reason="too_large")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\0" in data:
        raise DomainError("unreadable_import", reason="unknown_format")
    return data


def _elements(archive: zipfile.ZipFile, name: str, *wanted: str) -> Iterator[ElementTree.Element]:
    """Each outermost element of these names, whole; what was passed is let go, so that never more than one is in memory."""
    path: list[ElementTree.Element] = []
    inside = held = passed = 0
    for event, element in ElementTree.iterparse(io.BytesIO(_part(archive, name)), ("start", "end")):  # noqa: S314  # nothing to expand
        if event == "start":
            path.append(element)
            inside += bool(inside or _local(element) in wanted)
            held += bool(inside)
            passed += not inside
            if max(held, passed) > _ELEMENTS_MOST:
                raise DomainError("unreadable_import", reason="too_large")
            continue
        path.pop()
        if inside > 1:
            inside -= 1
            continue
        if inside:
            yield element
            inside = held = 0
        (path[-1] if path else element).clear()


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(element: ElementTree.Element) -> str:
    return "".join(each.text or "" for each in element.iter() if _local(each) == "t")


def _strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    return [_texts(each) for each in _elements(archive, "xl/sharedStrings.xml", "si")]


def _day_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the styles that show a number as a day."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    own: dict[str, str] = {}
    used: list[str] = []
    for each in _elements(archive, "xl/styles.xml", "numFmt", "cellXfs"):
        if _local(each) == "numFmt":
            own[each.get("numFmtId", "")] = each.get("formatCode", "")
        else:
            used = used or [style.get("numFmtId", "0") for style in each]
    return frozenset(place for place, number in enumerate(used) if int(number) in _DAY_FORMATS or {"y", "d"} <= set(own.get(number, "").casefold()))


def _rows(rows: Iterator[ElementTree.Element], strings: list[str], days: frozenset[int]) -> Iterator[list[str]]:
    for row in rows:
        cells: list[str] = []
        for cell in row:
            place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
            if not len(cells) <= place < _COLUMNS_MOST:
                continue
            cells += [""] * (place - len(cells)) + [_value(cell, strings, days)]
        yield cells


def _column(name: str) -> int:
    found = _CELL.fullmatch(name)
    if found is None:
        raise ValueError(name)
    place = 0
    for letter in found[1]:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _value(cell: ElementTree.Element, strings: list[str], days: frozenset[int]) -> str:
    kind, style = cell.get("t", "n"), cell.get("s", "0")
    if kind == "inlineStr":
        return _texts(cell)
    text = next((each.text or "" for each in cell if _local(each) == "v"), "")
    if kind == "s":
        return strings[int(text)] if text.isdecimal() and int(text) < len(strings) else ""
    if kind != "n" or not text:
        return text
    return _number(text, is_day=style.isdecimal() and int(style) in days)


def _number(text: str, *, is_day: bool) -> str:
    try:
        value = _DIGITS.create_decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or abs(value.adjusted()) > 20:
        return text
    if is_day and 0 < value < _LAST_DAY:
        return (_EPOCH + timedelta(days=int(value))).isoformat()
    return f"{value.normalize(_DIGITS):f}" if value else str(Decimal(0))
