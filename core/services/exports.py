"""A book as the value of which files are made: what stands in it, by names, and what everybody's balance is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.db import books, ledger
from core.db.session import UnitOfWork
from core.domain.categories import Categories, is_own
from core.domain.imports import FileRow, GroupFile, Part, RowKind, distinct
from core.domain.ledger import EntryKind, JournalEntry, Role
from core.domain.people import name_key

SOURCE = "tuppence"
_KINDS = {EntryKind.EXPENSE: RowKind.EXPENSE, EntryKind.SETTLEMENT: RowKind.TRANSFER, EntryKind.INCOME: RowKind.INCOME}
_SIDES = {
    Role.PAID: ("paid", 1),
    Role.SHARE: ("shares", -1),
    Role.SENT: ("paid", 1),
    Role.RECEIVED: ("shares", -1),
    Role.EARNED: ("paid", -1),
    Role.ENTITLED: ("shares", 1),
}


async def book_file(uow: UnitOfWork, book_id: UUID) -> GroupFile:
    """Everything that stands in a loaded book, oldest first. `checks` holds the balances as the ledger keeps them."""
    members = uow.book(book_id).members
    names = dict(zip((member.member_id for member in members), distinct(member.name for member in members), strict=True))
    entries = await ledger.bills(uow, book_id, kinds=ledger.ALL_KINDS)
    kinds = uow.book(book_id).categories
    rows = tuple(_row(number, entry, names, kinds) for number, entry in enumerate(reversed(entries), 1))
    checks = {(names[member], currency): balance.amount for (member, currency), balance in uow.balances(book_id).items()}
    return GroupFile(SOURCE, tuple(names.values()), rows, checks=checks)


async def find_books(uow: UnitOfWork, said: str | None = None) -> list[tuple[UUID, str, str]]:
    """(id, name, kind) of the books that an operator means by a name or an id; of all without one."""
    found = [(row["book_id"], row["name"], row["kind"]) for row in await books.all_books(uow.connection)]
    if said is None:
        return found
    return [each for each in found if str(each[0]) == said.casefold() or (each[1] and name_key(each[1]) == name_key(said))]


def _row(number: int, entry: JournalEntry, names: dict[UUID, str], kinds: Categories) -> FileRow:
    sides: dict[str, dict[str, int]] = {"paid": {}, "shares": {}}
    for posting in entry.postings:
        side, sign = _SIDES[posting.role]
        name = names[posting.member_id]
        sides[side][name] = sides[side].get(name, 0) + sign * posting.amount.minor
    remainders = {names[posting.member_id]: posting.remainder for posting in entry.postings if posting.remainder}
    return FileRow(
        line=number,
        kind=_KINDS[entry.kind],
        on=entry.occurred_on,
        description=entry.description,
        category=_category(entry.category, kinds),
        currency=entry.postings[0].amount.currency,
        paid=_parts(sides["paid"]),
        shares=_parts(sides["shares"]),
        split=_named_split(entry, names) if entry.kind is EntryKind.EXPENSE else _handed_over(entry),
        remainders=_parts(remainders),
        origin=str(entry.bill_id),
    )


def _category(code: str | None, kinds: Categories) -> str | None:
    """One that comes along by its code, which means it everywhere; one of the book's own by its name."""
    meant = kinds.get(code) if code is not None else None
    return None if meant is None else meant.name or None if is_own(meant.code) else meant.code


def _parts(sums: dict[str, int]) -> tuple[Part, ...]:
    return tuple(sums.items())


def _named_split(entry: JournalEntry, names: dict[UUID, str]) -> dict[str, Any]:
    """What the entry keeps of how it was split, with names for ids: pairs, so that it reads the same whoever is called what."""
    kept: Any = entry.split
    if not {"type", "people", "payments"} <= kept.keys():
        return {}
    found: dict[str, Any] = {
        "type": kept["type"],
        "people": [names[UUID(each)] for each in kept["people"]],
        "payments": [[names[UUID(member)], minor] for member, minor in kept["payments"]],
        "weights": sorted([names[UUID(member)], weight] for member, weight in kept["weights"].items()),  # in no order of their own
        "exact": sorted([names[UUID(member)], minor] for member, minor in kept["exact"].items()),
    }
    if "lines" in kept:
        found["lines"] = [[*line, [[names[UUID(member)], part] for member, part in claims]] for *line, claims in kept["lines"]]
    return found | _handed_over(entry)


def _handed_over(entry: JournalEntry) -> dict[str, Any]:
    """What was handed over in another currency, with its rate."""
    return {"paid": entry.split["paid"]} if "paid" in entry.split else {}
