"""Taking over files of other programs: proposed first, people matched, then booked in one transaction, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.db import imports
from core.db.ids import new_id
from core.db.imports import UNDONE, Waiting
from core.db.session import UnitOfWork
from core.domain.bills import Bill, frozen, postings
from core.domain.exchange import Paid, kept, read_paid
from core.domain.imports import FileRow, GroupFile, RowKind, keys, same_names
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.money import Money
from core.domain.people import Action, Member, name_key
from core.domain.splits import ClaimedLine
from core.errors import DomainError
from core.services import rights
from core.services.bills import Effects, take_back
from core.services.membership import MEMBERS_MOST, NAME_MOST, add_guest

REASON = "imported"
AT_ONCE = 1000  # rows a statement, so that others are answered meanwhile; it is one transaction all the same
GENERATIONS_MOST = 100  # times that the same rows were taken back and came again
_KINDS = {RowKind.EXPENSE: EntryKind.EXPENSE, RowKind.TRANSFER: EntryKind.SETTLEMENT, RowKind.INCOME: EntryKind.INCOME}
_ROLES = {RowKind.EXPENSE: (Role.PAID, Role.SHARE), RowKind.TRANSFER: (Role.SENT, Role.RECEIVED), RowKind.INCOME: (Role.EARNED, Role.ENTITLED)}


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of an import: how many rows, and who is new in the book."""

    count: int
    new: tuple[Member, ...]


async def propose(uow: UnitOfWork, file: GroupFile, *, book_id: UUID, conversation_id: UUID, person_id: UUID, now: datetime) -> Waiting:
    """Keep a file to be decided on; whoever is called the same in the book is matched already. The book is loaded."""
    matches = same_names(uow.book(book_id), file.people)
    return await imports.add(uow, file, matches, book_id=book_id, conversation_id=conversation_id, person_id=person_id, now=now)


async def find(uow: UnitOfWork, import_id: UUID, *, person_id: UUID) -> Waiting:
    """Raises DomainError `import_gone` for one that is decided, another person's, or a week old."""
    found = await imports.waiting(uow, import_id, person_id=person_id)
    if found is None:
        raise DomainError("import_gone")
    return found


async def match(uow: UnitOfWork, waiting: Waiting, person: str, member_id: UUID | None) -> Waiting:
    """Say who one of the file's people is (None: somebody new). Whoever else was that member before is new."""
    others = {name: known for name, known in waiting.matches.items() if name != person and known != member_id}
    matched = replace(waiting, matches=others if member_id is None else {**others, person: member_id})
    await imports.keep_matches(uow, matched)
    return matched


async def fresh_rows(uow: UnitOfWork, book_id: UUID, file: GroupFile) -> list[tuple[FileRow, bytes]]:
    """The rows that the book does not have, each with the effect key under which it is booked.

    A row that was taken back with its whole import may come again; one that people deleted or changed since may not.
    """
    origins = {row.origin: UUID(row.origin) for row in file.rows if _is_id(row.origin)}
    bills = await imports.known_bills(uow, book_id, list(origins.values())) if origins else set()
    left = [(row, key) for row, key in zip(file.rows, keys(file.rows), strict=True) if origins.get(row.origin) not in bills]
    fresh: dict[int, tuple[FileRow, bytes]] = {}
    waiting = dict(enumerate(left))
    for generation in range(GENERATIONS_MOST):
        tried = {place: b"import" + bytes([generation]) + key for place, (_, key) in waiting.items()}
        known = await imports.known_keys(uow, book_id, list(tried.values()))
        fresh |= {place: (left[place][0], key) for place, key in tried.items() if key not in known}
        waiting = {place: left[place] for place, key in tried.items() if known.get(key)}
        if not waiting:
            break
    return [fresh[place] for place in sorted(fresh)]


def _is_id(origin: str) -> bool:
    try:
        return bool(origin) and str(UUID(origin)) == origin
    except ValueError:
        return False


async def book(uow: UnitOfWork, waiting: Waiting, effects: Effects, *, now: datetime) -> Booked:
    """Post every row that the book does not have, under one id, and forget the file. The book is loaded and locked.

    Raises DomainError `too_many_people`.
    """
    rights.check(uow, waiting.book_id, effects.actor_id, Action.RECORD)
    rows = await fresh_rows(uow, waiting.book_id, waiting.file)
    named = dict.fromkeys(name for row, _ in rows for name, _ in (*row.paid, *row.shares))
    ids, new = await _people(uow, waiting, list(named), by=effects.actor_id, now=now)
    for start in range(0, len(rows), AT_ONCE):
        for row, key in rows[start : start + AT_ONCE]:
            uow.post(_entry(waiting, row, key, ids, effects, now=now))
        await uow.flush()
    await imports.decide(uow, waiting.import_id, "booked" if rows else "dropped", now=now)
    return Booked(len(rows), tuple(new))


async def _people(uow: UnitOfWork, waiting: Waiting, names: Sequence[str], *, by: UUID | None, now: datetime) -> tuple[dict[str, UUID], list[Member]]:
    """Every name's member; whoever has none becomes a guest."""
    members = {member.member_id for member in uow.book(waiting.book_id).members}
    ids = {name: member for name, member in waiting.matches.items() if member in members}
    unknown = [name for name in names if name not in ids]
    if len(members) + len(unknown) > MEMBERS_MOST:
        raise DomainError("too_many_people")
    new = []
    for name in unknown:
        guest = await add_guest(uow, waiting.book_id, _free_name(uow, waiting.book_id, name), by=by, now=now)
        ids[name] = guest.member_id
        new.append(guest)
    return ids, new


def _free_name(uow: UnitOfWork, book_id: UUID, name: str) -> str:
    """Said to be somebody new: not whoever is called so already."""
    book, kept = uow.book(book_id), name[:NAME_MOST] if name_key(name) else "?"
    chosen, number = kept if name_key(kept) else "Somebody", 2
    while book.holder(chosen) is not None:
        chosen, number = f"{kept[: NAME_MOST - 4]} {number}", number + 1
    return chosen


def _entry(waiting: Waiting, row: FileRow, key: bytes, ids: Mapping[str, UUID], effects: Effects, *, now: datetime) -> JournalEntry:
    entry_id = new_id()
    legs, split = _legs(row, ids)
    return JournalEntry(
        book_id=waiting.book_id,
        entry_id=entry_id,
        bill_id=entry_id,
        kind=_KINDS[row.kind],
        occurred_on=row.on,
        recorded_at=now,
        actor_id=effects.actor_id,
        reason=REASON,
        effect_key=key,
        postings=legs,
        description=row.description,
        category={RowKind.EXPENSE: row.category or "other", RowKind.INCOME: row.category or "income", RowKind.TRANSFER: None}[row.kind],
        author_id=effects.author_id,
        split={**split, "import": str(waiting.import_id)},
    )


def _legs(row: FileRow, ids: Mapping[str, UUID]) -> tuple[tuple[Posting, ...], dict[str, Any]]:
    """The postings that the file's numbers make, and what the entry keeps of how the bill was split."""
    put_in, owed = _ROLES[row.kind]
    sign = -1 if row.kind is RowKind.INCOME else 1
    remainders = {ids[name]: value for name, value in row.remainders if name in ids}
    legs = (
        *(Posting(ids[name], put_in, Money(sign * minor, row.currency)) for name, minor in row.paid),
        *(Posting(ids[name], owed, Money(-sign * minor, row.currency), remainders.pop(ids[name], 0)) for name, minor in row.shares),
    )
    assert not remainders, "a remainder is of somebody who shares"
    paid = _handed_over(row)
    if row.kind is RowKind.EXPENSE:
        return legs, frozen(replace(_restored(row, ids) or _exact(row, ids), foreign=paid))
    return legs, kept(paid) if paid is not None and row.kind is RowKind.TRANSFER else {}


def _handed_over(row: FileRow) -> Paid | None:
    """What an export of ours says was handed over in another currency; None where it says nothing that can be believed."""
    try:
        return read_paid(row.split, row.currency) if "paid" in row.split else None
    except (KeyError, TypeError, ValueError, ArithmeticError, DomainError):
        return None


def _exact(row: FileRow, ids: Mapping[str, UUID]) -> Bill:
    return Bill(
        amount=Money(sum(minor for _, minor in row.paid), row.currency),
        description=row.description,
        category=row.category,
        date=row.on,
        payments=tuple((ids[name], Money(minor, row.currency)) for name, minor in row.paid),
        split_type="exact",
        people=tuple(ids[name] for name, _ in row.shares),
        exact=tuple((ids[name], Money(minor, row.currency)) for name, minor in row.shares),
    )


def _restored(row: FileRow, ids: Mapping[str, UUID]) -> Bill | None:
    """The bill as an export of ours says it was shared; None where that does not make the row's own numbers."""
    if not row.split:
        return None
    try:
        bill = _as_said(row, ids)
        made = postings(bill, behind={})
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError, DomainError):
        return None
    put_in = {posting.member_id: posting.amount.minor for posting in made if posting.role is Role.PAID}
    shares = {posting.member_id: -posting.amount.minor for posting in made if posting.role is Role.SHARE}
    said = {ids[name]: minor for name, minor in row.shares}
    off = 0 if bill.split_type == "exact" else 1
    fits = all(abs(shares.get(member, 0) - said.get(member, 0)) <= off for member in shares.keys() | said.keys())
    return bill if fits and put_in == {ids[name]: minor for name, minor in row.paid} else None


def _as_said(row: FileRow, ids: Mapping[str, UUID]) -> Bill:
    """Raises what reading a value of another shape raises."""
    split = row.split
    return replace(
        _exact(row, ids),
        payments=tuple((ids[name], None if minor is None else Money(int(minor), row.currency)) for name, minor in split["payments"]),
        split_type=str(split["type"]),
        people=tuple(ids[name] for name in split["people"]),
        weights=tuple((ids[name], Decimal(str(weight))) for name, weight in split["weights"]),
        exact=tuple((ids[name], Money(int(minor), row.currency)) for name, minor in split["exact"]),
        lines=tuple(
            ClaimedLine(int(number), int(minor), int(quantity), tuple((ids[name], int(part)) for name, part in claims))
            for number, minor, quantity, claims in split.get("lines", ())
        ),
    )


async def drop(uow: UnitOfWork, import_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Forget a file unread. Raises DomainError `import_gone`."""
    waiting = await find(uow, import_id, person_id=person_id)
    await imports.decide(uow, waiting.import_id, "dropped", now=now)


async def undo(uow: UnitOfWork, book_id: UUID, import_id: UUID, effects: Effects, *, now: datetime) -> int:
    """Take back all that stands of an import, with what was changed since; how many. The book is loaded and locked.

    Raises DomainError `already_gone`.
    """
    standing = await imports.standing_of(uow, book_id, import_id)
    if not standing:
        raise DomainError("already_gone")
    for start in range(0, len(standing), AT_ONCE):
        for entry in standing[start : start + AT_ONCE]:
            take_back(uow, entry, effects, now=now, reason=UNDONE)
        await uow.flush()
    await imports.decide(uow, import_id, "undone", now=now)
    return len(standing)


async def newest(uow: UnitOfWork, book_id: UUID) -> UUID:
    """The import into a book that came last of those that stand, whoever took it over. Raises DomainError `nothing_to_undo`."""
    found = await imports.newest_standing(uow, book_id)
    if found is None:
        raise DomainError("nothing_to_undo")
    return found


async def undo_last(uow: UnitOfWork, book_id: UUID, person_id: UUID, effects: Effects, *, now: datetime) -> int:
    """The same for the person's newest import into the book. Raises DomainError `nothing_to_undo`."""
    last = await imports.last_booked(uow, book_id, person_id=person_id)
    if last is None:
        raise DomainError("nothing_to_undo")
    return await undo(uow, book_id, last, effects, now=now)
