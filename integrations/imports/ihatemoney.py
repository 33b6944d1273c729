"""What ihatemoney exports: bills as a table or as a JSON array, each with its payer's weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.domain.imports import FileRow, GroupFile, NotARow, RowKind
from integrations.imports.rows import Carry, gather, records_of
from integrations.imports.table import Table, places_of, under
from integrations.imports.values import clean, currency, days_of, decimal_mark, minor_from, minor_of, name
from integrations.imports.vocabulary import folded, words

SOURCE = "ihatemoney"
_KEYS = ("date", "what", "amount", "payer_name", "payer_weight", "owers")
_TITLES = frozenset({*_KEYS, "currency", "bill_type"})
_NO_CURRENCY = "XXX"
Cells = Mapping[str, Any]


def read_document(document: Any, *, fallback: str) -> GroupFile | None:
    """`fallback`: the currency of bills without one. None where it is none of ihatemoney's."""
    if not isinstance(document, list) or not document or not isinstance(document[0], dict) or not set(_KEYS) <= document[0].keys():
        return None
    return _read(list(enumerate(records_of(document), 1)), fallback=fallback)


def read_table(table: Table, *, fallback: str) -> GroupFile | None:
    """None where it is none of ihatemoney's."""
    header = next((row for row in table.rows if any(row.cells)), None)
    titles = [folded(cell) for cell in header.cells] if header is not None else []
    if header is None or not set(_KEYS) <= set(titles) or "repeat" in titles:
        return None
    places = places_of(titles, _TITLES)
    bills = [(row.line, under(places, row.cells)) for row in table.rows if row.line > header.line and any(row.cells)]
    found = _read(bills, fallback=fallback)
    aside = tuple(sorted([*table.broken, *found.aside], key=lambda each: each.line))
    return GroupFile(SOURCE, found.people, found.rows, aside, {}, tuple(sorted(table.damaged & {row.line for row in found.rows})))


def _read(bills: Sequence[tuple[int, Cells]], *, fallback: str) -> GroupFile:
    """A weight is a person's, over all bills; of who never paid it is not in the file, and counts as 1."""
    weights = {name(cells["payer_name"]): weight for _, cells in bills if cells.get("payer_name") and (weight := _weight(cells.get("payer_weight")))}
    carry, days = Carry(), days_of([str(cells.get("date", "")) for _, cells in bills])
    mark = decimal_mark({cells["amount"] for _, cells in bills if isinstance(cells.get("amount"), str)})

    def row_of(line: int, cells: Cells) -> FileRow:
        owers = _owers(cells.get("owers"))
        if not cells.get("payer_name") or not owers:
            raise NotARow("person")
        said, payer = cells.get("currency"), name(cells["payer_name"])
        code = currency(said if said != _NO_CURRENCY else "", fallback)
        amount = _amount(cells.get("amount"), code, mark)
        shares = carry.parts(amount, code, {each: weights.get(each, Decimal(1)) for each in owers}, payer)
        is_transfer = (
            folded(str(cells.get("bill_type", ""))) in words("others", "payments") and len(shares) == 1 and shares[0][0] != payer and amount > 0
        )
        kind = RowKind.TRANSFER if is_transfer else RowKind.EXPENSE
        return FileRow(line, kind, days.read(str(cells.get("date", ""))), clean(str(cells.get("what", ""))), None, code, ((payer, amount),), shares)

    rows, aside = gather(bills, row_of)
    payers = [name(cells["payer_name"]) for _, cells in bills if cells.get("payer_name")]
    people = dict.fromkeys([*payers, *(person for _, cells in bills for person in _owers(cells.get("owers")))])
    return GroupFile(SOURCE, tuple(people), rows, aside)


def _owers(said: Any) -> list[str]:
    """A list, or its names joined by commas."""
    each = said.split(",") if isinstance(said, str) else said if isinstance(said, list) else []
    return list(dict.fromkeys(name(one) for one in each if isinstance(one, str) and one.strip()))


def _amount(said: Any, code: str, mark: str | None) -> int:
    return minor_of(said, code, mark) if isinstance(said, str) else minor_from(said, code)


def _weight(said: Any) -> Decimal | None:
    """None for what is no sensible weight."""
    try:
        weight = Decimal(said) if isinstance(said, int | str | Decimal) and not isinstance(said, bool) else None
    except ArithmeticError:
        return None
    if weight is None or not weight.is_finite() or not 0 < weight < 10**6 or int(weight.as_tuple().exponent) < -6:
        return None
    return weight
