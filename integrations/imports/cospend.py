"""The table that Cospend exports: sections parted by empty lines, each with a header of its own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote_plus

from core.domain.imports import FileRow, GroupFile, NotARow, RowKind, distinct
from integrations.imports.rows import Carry, gather
from integrations.imports.table import Table, places_of, under
from integrations.imports.values import clean, currency, days_of, decimal_mark, minor_of, name
from integrations.imports.vocabulary import category_of, folded, words

SOURCE = "cospend"
_BILLS = {"what", "amount", "date", "payer_name", "payer_weight", "owers", "repeat"}
_TITLES = _BILLS | {"deleted", "categoryid", "comment", "name", "weight", "categoryname", "currencyname", "exchange_rate"}
_INTRODUCES = "deletemeifyouwant"  # a bill that is only there so that its people are
_REIMBURSEMENT = "-11"  # the number of the category that is built in for it
Cells = Mapping[str, str]


def read(table: Table, *, fallback: str) -> GroupFile | None:
    """`fallback`: the currency where the file names none. None where the table is none of Cospend's."""
    sections = _sections(table)
    bills = next((section for section in sections if section and section[0][1].keys() >= _BILLS), None)
    if bills is None:
        return None
    members = next((section for section in sections if section and {"name", "weight"} <= section[0][1].keys()), [])
    weights = {name(cells["name"]): _weight(cells["weight"]) for _, cells in members if cells["name"]}
    weights = _weights_in(bills) | weights
    categories = _named(sections, "categoryid", "categoryname")
    main = next((title for title, rate in _named(sections, "currencyname", "exchange_rate").items() if rate.strip() in ("1", "1.0")), "")
    code = _code(main, fallback)
    people = distinct([*weights, *dict.fromkeys(each for _, cells in bills for each in _owers(cells) if each not in weights)])
    rows, aside = gather([each for each in bills if folded(each[1]["what"]) != _INTRODUCES], _Reader(bills, weights, categories, code).row)
    broken = tuple(sorted([*table.broken, *aside], key=lambda each: each.line))
    return GroupFile(SOURCE, tuple(people), rows, broken, {}, tuple(sorted(table.damaged & {row.line for row in rows})))


def _sections(table: Table) -> list[list[tuple[int, Cells]]]:
    """For each section its rows as (line, title -> cell)."""
    found: list[list[tuple[int, Cells]]] = []
    places: dict[str, int] | None = None
    for row in table.rows:
        if not any(row.cells):
            places = None
        elif places is None:
            places = places_of([folded(cell) for cell in row.cells], _TITLES)
            found.append([])
        else:
            found[-1].append((row.line, under(places, row.cells)))
    return found


def _named(sections: list[list[tuple[int, Cells]]], key: str, value: str) -> dict[str, str]:
    return {cells[key]: cells[value] for section in sections for _, cells in section if key in cells and value in cells}


def _code(title: str, fallback: str) -> str:
    try:
        return currency(title, fallback)
    except NotARow:
        return fallback


def _weight(text: str) -> Decimal:
    """1 for what is none; a weight of 0 counts as 1 there too."""
    try:
        weight = Decimal(text)
    except InvalidOperation:
        return Decimal(1)
    return weight if weight.is_finite() and 0 < weight < 10**6 and int(weight.as_tuple().exponent) > -7 else Decimal(1)


def _weights_in(bills: list[tuple[int, Cells]]) -> dict[str, Decimal]:
    return {name(cells["payer_name"]): _weight(cells["payer_weight"]) for _, cells in bills if cells["payer_name"]}


def _owers(cells: Cells) -> list[str]:
    return [name(each) for each in cells["owers"].split(",") if each.strip()]


class _Reader:
    def __init__(self, bills: list[tuple[int, Cells]], weights: Mapping[str, Decimal], categories: Mapping[str, str], code: str) -> None:
        self._weights = weights
        self._categories = categories
        self._code = code
        self._carry = Carry()
        self._mark = decimal_mark({cells["amount"] for _, cells in bills})
        self._days = days_of([cells["date"] for _, cells in bills])

    def row(self, line: int, cells: Cells) -> FileRow:
        """Raises NotARow."""
        if folded(cells.get("deleted", "")) in words("others", "yes"):
            raise NotARow("deleted")
        owers = list(dict.fromkeys(_owers(cells)))
        if not cells["payer_name"] or not owers:
            raise NotARow("person")
        payer, amount = name(cells["payer_name"]), minor_of(cells["amount"], self._code, self._mark)
        shares = self._carry.parts(amount, self._code, {each: self._weights.get(each, Decimal(1)) for each in owers}, payer)
        number = cells.get("categoryid", "").strip()
        is_transfer = number == _REIMBURSEMENT and len(shares) == 1 and shares[0][0] != payer and amount > 0
        return FileRow(
            line=line,
            kind=RowKind.TRANSFER if is_transfer else RowKind.EXPENSE,
            on=self._days.read(cells["date"]),
            description=clean(cells["what"]) or clean(unquote_plus(cells.get("comment", ""))),
            category=None if is_transfer else category_of(self._categories.get(number, "")),
            currency=self._code,
            paid=((payer, amount),),
            shares=shares,
        )
