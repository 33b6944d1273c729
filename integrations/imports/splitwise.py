"""The table that Splitwise exports, in any of its languages: each person's column holds what they paid minus what they owe of the row."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.imports import Aside, FileRow, GroupFile, NotARow, Part, RowKind, distinct, from_nets
from core.errors import DomainError
from integrations.imports.table import Row, Table
from integrations.imports.values import Days, clean, currency, days_of, decimal_mark, minor_of, name
from integrations.imports.vocabulary import category_of, currency_of, folded, limit, splitwise_headers, words

SOURCE = "splitwise"
DAY, DESCRIPTION, CATEGORY, COST, CURRENCY, FIRST_PERSON = range(6)
_HEADER_WITHIN_ROWS = 20  # a note may stand above it
_LOOKED_AT_ROWS = 30
_MIDDLE_WORDS_MOST = 4  # between the two names of "Anna paid back to Ben"


def read(table: Table) -> GroupFile | None:
    """None where the table is none of Splitwise's. Raises DomainError `unreadable_import`: too many people."""
    place = _header(table.rows)
    if place is None:
        return None
    header, body = table.rows[place], [row for row in table.rows[place + 1 :] if any(row.cells)]
    columns = _columns(header, body)
    people = distinct(name(header.cells[column], f"#{column + 1}") for column in columns)
    if len(people) > limit("people_most"):
        raise DomainError("unreadable_import", reason="too_many_people")
    bills, totals = _parted(body)
    mark = decimal_mark({cell for row in body for cell in row.cells[COST : COST + 1] + row.cells[FIRST_PERSON:]})
    reader = _Reader(people, columns, days_of([row.cells[DAY] for row in bills]), mark)
    rows: list[FileRow] = []
    aside = list(table.broken)
    for row in bills:
        try:
            rows += reader.rows(row)
        except NotARow as problem:
            aside.append(Aside(row.line, problem.reason))
    checks, unread = reader.checks(totals)
    damaged = tuple(sorted(table.damaged & {row.line for row in rows}))
    return GroupFile(SOURCE, tuple(people), tuple(rows), tuple(sorted([*aside, *unread], key=lambda each: each.line)), checks, damaged)


def _header(rows: Sequence[Row]) -> int | None:
    """Where it is: its words in a language that is known, else a row above rows that look like Splitwise's."""
    for place, row in enumerate(rows[:_HEADER_WITHIN_ROWS]):
        if len(row.cells) <= FIRST_PERSON:
            continue
        if tuple(map(folded, row.cells[:FIRST_PERSON])) in splitwise_headers():
            return place
        below = [each for each in rows[place + 1 : place + 1 + _LOOKED_AT_ROWS] if any(each.cells)]
        if below and not _looks_right(row) and sum(map(_looks_right, below)) * 2 > len(below):
            return place
    return None


def _looks_right(row: Row) -> bool:
    """A day, an amount (or none: a sum of all), a currency code, and nets that come to nothing."""
    if len(row.cells) <= FIRST_PERSON or currency_of(row.cells[CURRENCY]) is None:
        return False
    try:
        Days(day_first=True).read(row.cells[DAY])
        code, mark = currency(row.cells[CURRENCY]), decimal_mark(row.cells[COST : COST + 1] + row.cells[FIRST_PERSON:])
        if row.cells[COST]:
            minor_of(row.cells[COST], code, mark)
        nets = [minor_of(cell, code, mark) for cell in row.cells[FIRST_PERSON:] if cell]
    except NotARow:
        return False
    return any(nets) and sum(nets) == 0


def _columns(header: Row, body: Sequence[Row]) -> list[int]:
    """Those of people: with a name, or with anything below."""
    width = len(header.cells)
    used = {place for row in body for place, cell in enumerate(row.cells[FIRST_PERSON:], FIRST_PERSON) if cell}
    return [place for place in range(FIRST_PERSON, width) if header.cells[place] or place in used]


def _parted(body: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Rows, and at their end those without a cost that say what all comes to."""
    named = {row.line for row in body if len(row.cells) > DESCRIPTION and folded(row.cells[DESCRIPTION]) in words("splitwise", "totals")}
    priced = [row.line for row in body if row.line not in named and len(row.cells) > COST and row.cells[COST]]
    last = max(priced, default=0)
    sums = named | {row.line for row in body if row.line > last and _is_sum(row)}
    return [row for row in body if row.line not in sums], [row for row in body if row.line in sums]


def _is_sum(row: Row) -> bool:
    return len(row.cells) > FIRST_PERSON and not row.cells[COST] and not row.cells[CATEGORY] and currency_of(row.cells[CURRENCY]) is not None


class _Reader:
    """Reads the rows of one table: its people by their columns, its way of writing days and amounts."""

    def __init__(self, people: Sequence[str], columns: Sequence[int], days: Days, mark: str | None) -> None:
        self._people = list(zip(people, columns, strict=True))
        self._width = max(columns, default=FIRST_PERSON) + 1
        self._days = days
        self._mark = mark

    def rows(self, row: Row) -> list[FileRow]:
        """One; of a payment to several, or by several, one for each two people. Raises NotARow."""
        if len(row.cells) < FIRST_PERSON or any(row.cells[self._width :]):
            raise NotARow("columns")
        on, code = self._days.read(row.cells[DAY]), currency(row.cells[CURRENCY])
        cost = minor_of(row.cells[COST], code, self._mark) if row.cells[COST] else 0
        nets = self._nets(row, code)
        paid, shares = from_nets(cost, nets)
        said = clean(row.cells[DESCRIPTION])
        if cost > 0 and len(paid) + len(shares) == len(nets) and _is_payment(row, paid, shares):
            moves = [(sender, receiver, min(sent, received)) for sender, sent in paid for receiver, received in shares]  # one side is a single one
            return [
                FileRow(row.line, RowKind.TRANSFER, on, said, None, code, ((sender, minor),), ((receiver, minor),))
                for sender, receiver, minor in moves
            ]
        return [FileRow(row.line, RowKind.EXPENSE, on, said, category_of(row.cells[CATEGORY]), code, paid, shares)]

    def _nets(self, row: Row, code: str) -> dict[str, int]:
        cells = row.cells
        found = {person: minor_of(cells[column], code, self._mark) for person, column in self._people if column < len(cells) and cells[column]}
        return {person: minor for person, minor in found.items() if minor}

    def checks(self, totals: Sequence[Row]) -> tuple[dict[tuple[str, str], int], list[Aside]]:
        """What the rows at the end state for each person and currency, and those that cannot be read."""
        found: dict[tuple[str, str], int] = {}
        aside = []
        for row in totals:
            try:
                code = currency(row.cells[CURRENCY] if len(row.cells) > CURRENCY else "")
                nets = self._nets(row, code)
            except NotARow:
                aside.append(Aside(row.line, "total"))
                continue
            found |= {(person, code): nets.get(person, 0) for person, _ in self._people}
        return found, aside


def _is_payment(row: Row, paid: Sequence[Part], shares: Sequence[Part]) -> bool:
    """Of one, or to one: by its category, else (between two) by what it is called. Who paid whom is not told where both are several."""
    if len(paid) > 1 and len(shares) > 1:
        return False
    two = len(paid) == len(shares) == 1
    return folded(row.cells[CATEGORY]) in words("splitwise", "payments") or (two and _called_payment(row, paid[0][0], shares[0][0]))


def _called_payment(row: Row, payer: str, receiver: str) -> bool:
    """A description that is two names and a word between them ("Anna L. paid Ben O.")."""
    said = folded(row.cells[DESCRIPTION]).split()
    first, last = folded(payer).split(), folded(receiver).split()
    if len(said) < 3 or not first or not last or said[0] != first[0]:
        return False
    ends = [place for place, word in enumerate(said) if place > 1 and word == last[0]]
    return bool(ends) and ends[-1] - 1 <= _MIDDLE_WORDS_MOST and len(said) - ends[-1] <= max(len(last), 2)
