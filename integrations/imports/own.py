"""Our own JSON: what an export of ours holds comes back as it was, with how each bill was split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.imports import MONEY_MOST, FileRow, GroupFile, NotARow, Part, RowKind, distinct, total
from integrations.imports.rows import gather, records_of, text_of
from integrations.imports.values import Days, clean, currency, minor_of, name, whole

SOURCE = "tuppence"
VERSION = 1
_DEPTH_MOST = 4  # lists in lists: lines, each with its claims, each of a person and a number
_KINDS = {kind.value: kind for kind in RowKind}


def read(document: Any) -> GroupFile | None:
    """None where it is none of ours, or of a version to come."""
    if not isinstance(document, dict) or document.get("format") != SOURCE or document.get("version") != VERSION:
        return None
    people = distinct(name(each) for each in document.get("people", []) if isinstance(each, str))
    rows, aside = gather(records_of(document.get("rows")), lambda line, row: _row(line, row, frozenset(people)))
    return GroupFile(SOURCE, tuple(people), rows, aside, _checks(document.get("balances"), frozenset(people)))


def _row(line: int, row: Mapping[str, Any], people: frozenset[str]) -> FileRow:
    kind, code = _KINDS.get(text_of(row, "kind")), currency(row.get("currency"))
    if kind is None:
        raise NotARow("kind")
    paid, shares = (_parts(row.get(side), code, people) for side in ("paid", "shares"))
    if not paid or not shares or total(paid) != total(shares) or not any(minor for _, minor in (*paid, *shares)):
        raise NotARow("does_not_add_up")
    if kind is not RowKind.EXPENSE and any(minor <= 0 for _, minor in (*paid, *shares)):
        raise NotARow("amount")
    if kind is RowKind.TRANSFER and (len(paid) != 1 or len(shares) != 1 or paid[0][0] == shares[0][0]):
        raise NotARow("person")
    said = row.get("remainders") or {}
    remainders = tuple((person, whole(value)) for person, value in said.items()) if isinstance(said, dict) else ()
    if not dict(remainders).keys() <= dict(shares).keys():
        raise NotARow("person")
    if sum(value for _, value in remainders) or any(abs(value) > 2 * 10**6 for _, value in remainders):
        raise NotARow("does_not_add_up")
    category = row.get("category")
    return FileRow(
        line=line,
        kind=kind,
        on=Days().read(text_of(row, "date")),
        description=clean(text_of(row, "description"), 1000),
        category=clean(category, 60) if isinstance(category, str) else None,
        currency=code,
        paid=paid,
        shares=shares,
        split=_split(row.get("split")),
        remainders=remainders,
        origin=clean(text_of(row, "id"), 64),
    )


def _split(said: Any) -> Mapping[str, Any]:
    """How the bill was shared, where what says so is of what ours say it with; else nothing, and the parts stand for themselves."""
    return said if isinstance(said, dict) and all(_is_said(key) and _is_said(value) for key, value in said.items()) else {}


def _is_said(value: Any, depth: int = 0) -> bool:
    """Texts that can be written, whole numbers of a size, and lists and tables of these."""
    if isinstance(value, dict):
        return depth < _DEPTH_MOST and all(_is_said(key) and _is_said(each, depth + 1) for key, each in value.items())
    if isinstance(value, list):
        return depth < _DEPTH_MOST and all(_is_said(each, depth + 1) for each in value)
    if isinstance(value, str):
        return value.isprintable()
    return value is None or (isinstance(value, int) and abs(value) <= MONEY_MOST)


def _parts(said: Any, code: str, people: frozenset[str]) -> tuple[Part, ...]:
    if not isinstance(said, dict) or not said.keys() <= people:
        raise NotARow("person")
    return tuple((person, minor_of(value, code, ".")) for person, value in said.items() if isinstance(value, str))


def _checks(said: Any, people: frozenset[str]) -> dict[tuple[str, str], int]:
    """What the file says everything comes to, as far as it can be read."""
    found: dict[tuple[str, str], int] = {}
    for code, amounts in said.items() if isinstance(said, dict) else ():
        for person, value in amounts.items() if isinstance(amounts, dict) else ():
            try:
                if person in people and isinstance(value, str):
                    found[(person, currency(code))] = minor_of(value, currency(code), ".")
            except NotARow:
                continue
    return found
