"""The table that split-pro exports of what is between two people: "You" and a friend."""

from __future__ import annotations

from core.domain.imports import FileRow, GroupFile, NotARow, RowKind
from integrations.imports.rows import gather
from integrations.imports.table import Row, Table
from integrations.imports.values import clean, currency, days_of, decimal_mark, minor_of, name
from integrations.imports.vocabulary import category_of, folded, words

SOURCE = "split-pro"
_HEADER = ("paid by", "name", "category", "amount", "split type", "expense date", "currency", "you lent", "you owe")
_SETTLEMENT = "settlement"
YOU, FRIEND = "You", "Friend"  # a friend who never paid has no name in the file


def read(table: Table) -> GroupFile | None:
    """None where the table is none of split-pro's."""
    header = next((row for row in table.rows if any(row.cells)), None)
    titles = [folded(cell) for cell in header.cells] if header is not None else []
    if header is None or not set(_HEADER) <= set(titles):
        return None
    at = {title: titles.index(title) for title in (*_HEADER, *({_SETTLEMENT} & set(titles)))}
    body = [row for row in table.rows if row.line > header.line and any(row.cells)]
    friend = next(
        (name(cell) for row in body if folded(cell := row.cells[at["paid by"]] if row.cells else "") not in ("", *words("others", "you"))), FRIEND
    )
    days = days_of([row.cells[at["expense date"]] for row in body if len(row.cells) > at["expense date"]])
    mark = decimal_mark({row.cells[at[each]] for row in body for each in ("amount", "you lent", "you owe") if len(row.cells) > at[each]})

    def row_of(line: int, row: Row) -> FileRow:
        cells = {title: row.cells[place] if place < len(row.cells) else "" for title, place in at.items()}
        code = currency(cells["currency"])
        amount, lent, owed = (minor_of(cells[each], code, mark) if cells[each] else 0 for each in ("amount", "you lent", "you owe"))
        payer = YOU if folded(cells["paid by"]) in words("others", "you") else name(cells["paid by"])
        if payer not in (YOU, friend):
            raise NotARow("person")
        other, part = (friend, lent) if payer == YOU else (YOU, owed)
        settled = folded(cells["split type"]) in words("others", "payments") or folded(cells.get(_SETTLEMENT, "")) in words("others", "yes")
        if not amount or (settled and not part):
            part = amount if settled else part
        if not amount or not 0 <= part <= amount:
            raise NotARow("does_not_add_up" if amount else "zero")
        kind = RowKind.TRANSFER if settled and part == amount else RowKind.EXPENSE
        shares = tuple((person, minor) for person, minor in ((payer, amount - part), (other, part)) if minor)
        category = None if kind is RowKind.TRANSFER else category_of(cells["category"])
        return FileRow(line, kind, days.read(cells["expense date"]), clean(cells["name"]), category, code, ((payer, amount),), shares)

    rows, aside = gather([(row.line, row) for row in body], row_of)
    broken = tuple(sorted([*table.broken, *aside], key=lambda each: each.line))
    return GroupFile(SOURCE, (YOU, friend), rows, broken, {}, tuple(sorted(table.damaged & {row.line for row in rows})))
