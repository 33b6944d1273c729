"""What spliit exports: a JSON document with everybody's parts, or a table that looks like Splitwise's and holds shares instead of nets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.domain.imports import Aside, FileRow, GroupFile, NotARow, Part, RowKind, distinct
from integrations.imports.rows import Carry, column_of, gather, records_of, text_of
from integrations.imports.table import Row, Table
from integrations.imports.values import Days, clean, currency, days_of, decimal_mark, minor_of, name, whole
from integrations.imports.vocabulary import category_of, folded, words

SOURCE = "spliit"
_HEADER = ("date", "description", "category", "currency", "cost", "original cost", "original currency", "conversion rate", "is reimbursement")
_SPLIT_MODE = "split mode"


# ------------------------------------------------------------------ the document


def read_document(document: Any, *, fallback: str) -> GroupFile | None:
    """`fallback`: the currency of a group that names none. None where it is none of spliit's."""
    if not isinstance(document, dict) or not isinstance(document.get("participants"), list) or not isinstance(document.get("expenses"), list):
        return None
    participants = [each for each in document["participants"] if isinstance(each, dict) and isinstance(each.get("id"), str)]
    people = dict(zip((each["id"] for each in participants), distinct(name(each.get("name", "")) for each in participants), strict=True))
    try:
        code = currency(document.get("currencyCode") or document.get("currency"), fallback)
    except NotARow:
        code = fallback
    carry = Carry()
    rows, aside = gather(records_of(document["expenses"]), lambda line, expense: _expense(line, expense, people, code, carry))
    return GroupFile(SOURCE, tuple(people.values()), rows, aside)


def _expense(line: int, expense: Mapping[str, Any], people: Mapping[str, str], code: str, carry: Carry) -> FileRow:
    amount = whole(expense.get("amount"))
    payer = people.get(text_of(expense, "paidById"))
    sharers = [each for each in records_of(expense.get("paidFor")) if text_of(each, "participantId") in people]
    if payer is None or not sharers or len(sharers) != len(expense["paidFor"]):
        raise NotARow("person")
    shares = _shares(carry, amount, code, expense.get("splitMode"), {people[each["participantId"]]: each.get("shares") for each in sharers}, payer)
    is_transfer = expense.get("isReimbursement") is True and len(shares) == 1 and shares[0][0] != payer and amount > 0
    category = expense.get("category")
    return FileRow(
        line=line,
        kind=RowKind.TRANSFER if is_transfer else RowKind.EXPENSE,
        on=Days().read(text_of(expense, "expenseDate")),
        description=clean(text_of(expense, "title")),
        category=None if is_transfer else category_of(text_of(category, "name")) if isinstance(category, dict) else None,
        currency=code,
        paid=((payer, amount),),
        shares=shares,
    )


def _shares(carry: Carry, amount: int, code: str, mode: object, parts: Mapping[str, Any], payer: str) -> tuple[Part, ...]:
    """By the mode; what is stored beside an even one says nothing."""
    if not amount:
        raise NotARow("zero")
    if mode == "BY_AMOUNT":
        said = tuple((person, whole(part)) for person, part in parts.items() if part)
        if sum(minor for _, minor in said) != amount:
            raise NotARow("does_not_add_up")
        return said
    weighted = mode in ("BY_SHARES", "BY_PERCENTAGE")
    return carry.parts(amount, code, {person: Decimal(whole(part)) if weighted else Decimal(1) for person, part in parts.items()}, payer)


# ------------------------------------------------------------------ the table


def read_table(table: Table, *, fallback: str) -> GroupFile | None:
    """None where it is none of spliit's."""
    header = next((row for row in table.rows if any(row.cells)), None)
    if header is None:
        return None
    titles = [folded(cell) for cell in header.cells]
    if not {"date", "cost", "is reimbursement", _SPLIT_MODE} <= set(titles):
        return None
    first = titles.index(_SPLIT_MODE) + 1
    people = distinct(name(cell, f"#{place}") for place, cell in enumerate(header.cells[first:], first + 1))
    body = [row for row in table.rows if row.line > header.line and any(row.cells)]
    at = {title: column_of(titles, title) for title in (*_HEADER, _SPLIT_MODE)}
    days = days_of([row.cells[at["date"]] for row in body if len(row.cells) > at["date"]])
    mark = decimal_mark({cell for row in body for cell in row.cells[at["cost"] : at["cost"] + 1] + row.cells[first:]})

    def row_of(line: int, row: Row) -> FileRow:
        cells = row.cells + [""] * (len(titles) + 1 - len(row.cells))  # one more, for titles that are not there
        code = currency(cells[at["currency"]], fallback)
        cost = minor_of(cells[at["cost"]], code, mark)
        nets = {person: minor_of(cell, code, mark) if cell else 0 for person, cell in zip(people, cells[first:], strict=False)}
        payer, shares = _by_shares(cost, nets)
        is_transfer = folded(cells[at["is reimbursement"]]) in words("others", "yes") and len(shares) == 1 and shares[0][0] != payer and cost > 0
        return FileRow(
            line,
            RowKind.TRANSFER if is_transfer else RowKind.EXPENSE,
            days.read(cells[at["date"]]),
            clean(cells[at["description"]]),
            None if is_transfer else category_of(cells[at["category"]]),
            code,
            ((payer, cost),),
            shares,
        )

    rows, aside = gather([(row.line, row) for row in body], row_of)
    return GroupFile(SOURCE, tuple(people), rows, _in_order(*table.broken, *aside), {}, tuple(sorted(table.damaged & {row.line for row in rows})))


def _by_shares(cost: int, columns: Mapping[str, int]) -> tuple[str, tuple[Part, ...]]:
    """Who paid and what each owes: the payer's column holds their own share, every other the negative of it.

    A payer without a share is one of those with nothing: known only where there is one. Each column was rounded by itself; what the rounding left
    goes to the first who shares. Raises NotARow.
    """
    if not cost:
        raise NotARow("zero")
    sign = 1 if cost > 0 else -1
    above = [person for person, minor in columns.items() if sign * minor > 0]
    idle = [person for person, minor in columns.items() if not minor]
    if len(above) > 1 or (not above and len(idle) != 1):
        raise NotARow("payer_unknown")
    payer = (above or idle)[0]
    shares = {person: sign * abs(minor) for person, minor in columns.items() if minor}
    left = cost - sum(shares.values())
    if not shares or abs(left) > len(shares):
        raise NotARow("does_not_add_up")
    first = payer if payer in shares else next(iter(shares))
    shares[first] += left
    return payer, tuple((person, minor) for person, minor in shares.items() if minor)


def _in_order(*aside: Aside) -> tuple[Aside, ...]:
    return tuple(sorted(aside, key=lambda each: each.line))
