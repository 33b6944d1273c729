"""What community programs export of Tricount: a table with who paid and who was involved, or the registry as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.domain.imports import FileRow, GroupFile, NotARow, RowKind
from integrations.imports.rows import Carry, gather, records_of, text_of
from integrations.imports.table import Table, places_of, under
from integrations.imports.values import Days, clean, currency, days_of, decimal_mark, minor_from, minor_of, name
from integrations.imports.vocabulary import category_of, folded, words

SOURCE = "tricount"
_HEADER = ("who paid", "total", "currency", "description", "when", "involved")
_TITLES = frozenset({*_HEADER, "category"})
_KINDS = {"INCOME": RowKind.INCOME, "BALANCE": RowKind.TRANSFER}
_WRAPPED_MOST = 4  # objects around a membership


def read_table(table: Table, *, fallback: str) -> GroupFile | None:
    """None where it is none of Tricount's. The table says no parts: everybody involved has an equal one."""
    header = next((row for row in table.rows if any(row.cells)), None)
    titles = [folded(cell) for cell in header.cells] if header is not None else []
    if header is None or not set(_HEADER) <= set(titles):
        return None
    places = places_of(titles, _TITLES)
    body = [(row.line, under(places, row.cells)) for row in table.rows if row.line > header.line and any(row.cells)]
    carry, days = Carry(), days_of([cells["when"] for _, cells in body])
    mark = decimal_mark({cells["total"] for _, cells in body})

    def row_of(line: int, cells: Mapping[str, str]) -> FileRow:
        involved = _involved(cells["involved"])
        if not cells["who paid"] or not involved:
            raise NotARow("person")
        code, payer = currency(cells["currency"], fallback), name(cells["who paid"])
        amount = minor_of(cells["total"], code, mark)
        shares = carry.parts(amount, code, dict.fromkeys(involved, Decimal(1)), payer)
        said = folded(cells.get("category", ""))
        is_transfer = said in words("others", "payments") and len(shares) == 1 and shares[0][0] != payer and amount > 0
        kind = RowKind.TRANSFER if is_transfer else RowKind.INCOME if said in words("others", "incomes") and amount > 0 else RowKind.EXPENSE
        category = category_of(said) if kind is RowKind.EXPENSE else None
        return FileRow(line, kind, days.read(cells["when"]), clean(cells["description"]), category, code, ((payer, amount),), shares)

    rows, aside = gather(body, row_of)
    people = dict.fromkeys(
        person for _, cells in body for person in ([name(cells["who paid"])] if cells["who paid"] else []) + _involved(cells["involved"])
    )
    broken = tuple(sorted([*table.broken, *aside], key=lambda each: each.line))
    return GroupFile(SOURCE, tuple(people), rows, broken, {}, tuple(sorted(table.damaged & {row.line for row in rows})))


def _involved(cell: str) -> list[str]:
    return list(dict.fromkeys(name(each) for each in cell.split(",") if each.strip()))


# ------------------------------------------------------------------ the registry


def read_document(document: Any, *, fallback: str) -> GroupFile | None:
    """None where it is none of Tricount's."""
    answers = document.get("Response") if isinstance(document, dict) else None
    registry = next((each["Registry"] for each in records_of(answers) if isinstance(each.get("Registry"), dict)), None)
    if registry is None or not isinstance(registry.get("all_registry_entry"), list):
        return None
    people = [found for each in records_of(registry.get("memberships")) if (found := _person(each)) is not None]
    entries = [_unwrapped(each, "RegistryEntry") for each in records_of(registry["all_registry_entry"])]
    rows, aside = gather(entries, lambda line, entry: _entry(line, entry, fallback))
    everybody = dict.fromkeys([*people, *(person for row in rows for person, _ in (*row.paid, *row.shares))])
    return GroupFile(SOURCE, tuple(everybody), rows, aside)


def _entry(line: int, entry: Mapping[str, Any], fallback: str) -> FileRow:
    """Spending is negative there. The parts are amounts; their signs follow the entry's."""
    payer = _person(entry.get("membership_owned"))
    amount, code = _money(entry.get("amount"), fallback)
    parts = [(_person(each.get("membership")), _money(each.get("amount"), code)[0]) for each in records_of(entry.get("allocations"))]
    if payer is None or not parts or any(person is None for person, _ in parts):
        raise NotARow("person")
    kind = _KINDS.get(text_of(entry, "type_transaction"), RowKind.EXPENSE)
    shares: dict[str, int] = {}
    for person, minor in parts:
        shares[person or ""] = shares.get(person or "", 0) + abs(minor)
    if not amount or sum(shares.values()) != abs(amount):
        raise NotARow("does_not_add_up" if amount else "zero")
    sign = -1 if kind is RowKind.EXPENSE and amount > 0 else 1
    named = tuple((person, sign * minor) for person, minor in shares.items() if minor)
    if kind is RowKind.TRANSFER and (len(named) != 1 or named[0][0] == payer):
        kind = RowKind.EXPENSE
    category = category_of(text_of(entry, "category")) if kind is RowKind.EXPENSE else None
    on = Days().read(text_of(entry, "date"))
    return FileRow(line, kind, on, clean(text_of(entry, "description")), category, code, ((payer, sign * abs(amount)),), named)


def _money(said: Any, fallback: str) -> tuple[int, str]:
    if not isinstance(said, dict):
        raise NotARow("amount")
    code = currency(said.get("currency"), fallback)
    return minor_from(said.get("value"), code), code


def _unwrapped(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = record.get(key)
    return inner if isinstance(inner, dict) else record


def _person(membership: Any) -> str | None:
    """Their name, however many objects with one key are around it."""
    for _ in range(_WRAPPED_MOST):
        if not isinstance(membership, dict):
            return None
        alias = membership.get("alias")
        shown = alias.get("display_name") if isinstance(alias, dict) else membership.get("display_name")
        if isinstance(shown, str) and shown.strip():
            return name(shown)
        membership = next((each for each in membership.values() if isinstance(each, dict)), None)
    return None
