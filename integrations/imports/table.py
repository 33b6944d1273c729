"""Text as the rows of a table, each with its line; a row that is broken does not take those after it along. Knows no format."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain.imports import Aside
from core.errors import DomainError
from integrations.imports.vocabulary import limit

DELIMITERS = (",", ";", "\t", "|")
_FORMULA = "=+-@\t\r"


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """`broken`: lines that are no rows."""

    rows: list[Row]
    broken: tuple[Aside, ...]
    damaged: frozenset[int]


def tabulate(text: str, delimiter: str, *, damaged: frozenset[int] = frozenset()) -> Table:
    """All rows, empty ones too: they part the sections of some files. Raises DomainError `unreadable_import`: more than may be."""
    rows: list[Row] = []
    broken: list[Aside] = []
    for line, record in _records(text):
        if record is None:
            broken.append(Aside(line, "broken"))
            continue
        try:
            cells = next(csv.reader([record], delimiter=delimiter), [])
        except csv.Error:
            cells = None
        if cells is None or len(cells) > limit("columns_most"):
            broken.append(Aside(line, "broken"))
            continue
        rows.append(Row(line, [unescaped(cell.strip()) for cell in cells]))
        if len(rows) + len(broken) > limit("rows_most"):
            raise DomainError("unreadable_import", reason="too_many_rows")
    return Table(rows, tuple(broken), damaged)


def places_of(titles: Sequence[str], wanted: Collection[str]) -> dict[str, int]:
    """In which column each of the wanted titles stands, of those that are there; of two alike the last one counts."""
    return {title: place for place, title in enumerate(titles) if title in wanted}


def under(places: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    """The cells of a row by their titles, "" behind its end."""
    return {title: cells[place] if place < len(cells) else "" for title, place in places.items()}


def unescaped(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from running what stands behind it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in _FORMULA else cell


def _records(text: str) -> Iterator[tuple[int, str | None]]:
    """(line, the row's text) with what quotes span put together; None for a line whose quote is never closed."""
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    place = 0
    while place < len(lines):
        taken = _taken(lines, place)
        yield place + 1, "\n".join(lines[place : place + taken]) if taken else None
        place += taken or 1


def _taken(lines: list[str], place: int) -> int:
    """How many lines make a row: until all quotes are closed. 0 where they are not within what a row may be."""
    quotes = length = 0
    for count, line in enumerate(lines[place : place + limit("quoted_lines_most")], 1):
        quotes += line.count('"')
        length += len(line) + 1
        if length > limit("cell_characters_most"):
            return 0
        if quotes % 2 == 0:
            return count
    return 0
