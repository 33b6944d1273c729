"""A book as JSON that loses nothing: bills, days, categories, parts and how they were split. What reads it again is among the imports."""

from __future__ import annotations

import json
from typing import Any

from core.domain.imports import FileRow, GroupFile, Part
from core.domain.money import Money

VERSION = 1


def as_json(file: GroupFile, *, title: str, currency: str) -> str:
    """`balances`: currency -> name -> amount; amounts are decimal texts with the currency's own number of decimals."""
    balances: dict[str, dict[str, str]] = {}
    for (name, code), minor in sorted(file.checks.items(), key=lambda each: (each[0][1], file.people.index(each[0][0]))):
        balances.setdefault(code, {})[name] = str(Money(minor, code))
    document = {
        "format": file.source,
        "version": VERSION,
        "name": title,
        "currency": currency,
        "people": list(file.people),
        "rows": [_row(row) for row in file.rows],
        "balances": balances,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _row(row: FileRow) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.origin,
        "kind": row.kind.value,
        "date": row.on.isoformat(),
        "description": row.description,
        "category": row.category,
        "currency": row.currency,
        "paid": _amounts(row.paid, row.currency),
        "shares": _amounts(row.shares, row.currency),
    }
    if row.split:
        shown["split"] = row.split
    if row.remainders:
        shown["remainders"] = dict(row.remainders)
    return shown


def _amounts(parts: tuple[Part, ...], currency: str) -> dict[str, str]:
    return {name: str(Money(minor, currency)) for name, minor in parts}
