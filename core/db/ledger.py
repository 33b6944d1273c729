"""Reads of the ledger: bills that stand, their versions, what was spent or paid. Only of books that the unit of work names; queued ones too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

import asyncpg

from core.db.session import UnitOfWork
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.money import Money

ALL_KINDS = ("expense", "settlement", "income")
_ENTRY = """SELECT e.book_id, e.entry_id, e.bill_id, e.kind, e.reverses, e.category, e.occurred_on, e.recorded_at, e.actor_id, e.split, e.reason,
  e.effect_key, t.description, t.author_id FROM entries e LEFT JOIN entry_texts t USING (book_id, entry_id)"""
# That it is not null follows, but says to a planner without statistics that a book has few reversals: else it may look through all entries for each.
STANDS = """e.kind <> 'reversal' AND NOT EXISTS (
  SELECT 1 FROM entries r WHERE r.book_id = e.book_id AND r.reverses = e.entry_id AND r.reverses IS NOT NULL)"""


async def _entries(uow: UnitOfWork, rows: Sequence[asyncpg.Record]) -> list[JournalEntry]:
    """Rows of one book with their postings."""
    if not rows:
        return []
    legs: dict[UUID, list[Posting]] = defaultdict(list)
    found = await uow.connection.fetch(
        """SELECT entry_id, member_id, role, currency, amount, remainder FROM postings
        WHERE book_id = $1 AND entry_id = ANY($2::uuid[]) ORDER BY entry_id, no""",
        rows[0]["book_id"],
        [row["entry_id"] for row in rows],
    )
    for leg in found:
        legs[leg["entry_id"]].append(Posting(leg["member_id"], Role(leg["role"]), Money(leg["amount"], leg["currency"]), leg["remainder"]))
    return [entry_from(row, tuple(legs[row["entry_id"]])) for row in rows]


def entry_from(row: asyncpg.Record, postings: tuple[Posting, ...]) -> JournalEntry:
    return JournalEntry(
        book_id=row["book_id"],
        entry_id=row["entry_id"],
        bill_id=row["bill_id"],
        kind=EntryKind(row["kind"]),
        occurred_on=row["occurred_on"],
        recorded_at=row["recorded_at"],
        actor_id=row["actor_id"],
        reason=row["reason"],
        effect_key=row["effect_key"],
        postings=postings,
        description=row["description"] or "",
        category=row["category"],
        author_id=row["author_id"],
        reverses=row["reverses"],
        split=row["split"],
    )


async def entries_where(uow: UnitOfWork, condition: str, book_id: UUID, *values: object) -> list[JournalEntry]:
    """Entries of one book ($1) by a condition on them (e) and their texts (t), in the order in which they were written.

    The condition is text of this package, never of a person.
    """
    await uow.flush()
    return await _entries(uow, await uow.connection.fetch(f"{_ENTRY} WHERE {condition} ORDER BY e.chain_no, e.entry_id", book_id, *values))


async def standing(uow: UnitOfWork, book_id: UUID, *, bill_id: UUID) -> JournalEntry | None:
    """The version of a bill that is not taken back; None where none stands."""
    await uow.flush()
    rows = await uow.connection.fetch(f"{_ENTRY} WHERE e.book_id = $1 AND e.bill_id = $2 AND {STANDS}", book_id, bill_id)
    return next(iter(await _entries(uow, rows)), None)


async def versions(uow: UnitOfWork, book_id: UUID, *, bill_id: UUID) -> list[JournalEntry]:
    """Everything that ever happened to a bill, reversals included, oldest first."""
    await uow.flush()
    rows = await uow.connection.fetch(f"{_ENTRY} WHERE e.book_id = $1 AND e.bill_id = $2 ORDER BY e.chain_no, e.entry_id", book_id, bill_id)
    return await _entries(uow, rows)


async def last_bill_by(
    uow: UnitOfWork, book_id: UUID, *, member_id: UUID | None, kinds: Sequence[str] = ALL_KINDS, any_version: bool = False
) -> JournalEntry | None:
    """The newest of what stands: recorded or changed last by this member (None: by anyone).

    `any_version`: also bills that the member recorded and somebody else changed since.
    """
    await uow.flush()
    by = "e.actor_id = $2"
    if any_version:
        by = "EXISTS (SELECT 1 FROM entries v WHERE v.book_id = e.book_id AND v.bill_id = e.bill_id AND v.actor_id = $2)"
    rows = await uow.connection.fetch(
        f"{_ENTRY} WHERE e.book_id = $1 AND ($2::uuid IS NULL OR {by}) AND e.kind = ANY($3::text[]) AND {STANDS} "
        "ORDER BY e.chain_no DESC, e.entry_id DESC LIMIT 1",
        book_id,
        member_id,
        list(kinds),
    )
    return next(iter(await _entries(uow, rows)), None)


async def last_shared_by(uow: UnitOfWork, book_id: UUID, *, members: Sequence[UUID]) -> JournalEntry | None:
    """The newest expense that stands and that one of these positions shares, whoever recorded it."""
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""{_ENTRY} WHERE e.book_id = $1 AND e.kind = 'expense' AND {STANDS} AND EXISTS (
          SELECT 1 FROM postings p WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.member_id = ANY($2::uuid[]) AND p.role = 'share')
        ORDER BY e.chain_no DESC, e.entry_id DESC LIMIT 1""",
        book_id,
        list(members),
    )
    return next(iter(await _entries(uow, rows)), None)


async def booked_with(uow: UnitOfWork, entry: JournalEntry) -> list[JournalEntry]:
    """An entry, and of a payment the others that the same message noted and that stand: the parts of one in another currency, or a whole plan."""
    if entry.kind is not EntryKind.SETTLEMENT or ("paid" not in entry.split and entry.reason != "recorded"):
        return [entry]
    message = entry.effect_key[:-2]  # what one message led to has keys that differ in the number of the effect alone
    of_message = "e.kind = 'settlement' AND (e.split ? 'paid' OR e.reason = 'recorded') AND e.effect_key BETWEEN $2 AND $3"
    return await entries_where(uow, f"e.book_id = $1 AND {of_message} AND {STANDS}", entry.book_id, message + b"\x00\x00", message + b"\xff\xff")


async def bills(
    uow: UnitOfWork,
    book_id: UUID,
    *,
    kinds: Sequence[str] = ("expense",),
    start: date | None = None,
    end: date | None = None,
    categories: Sequence[str] | None = None,
    payers: Sequence[UUID] | None = None,
    text: str | None = None,
    limit: int | None = None,
) -> list[JournalEntry]:
    """What stands, newest day first. `end` is included; `categories` by code; `payers`: one of them paid; `text` is part of the description."""
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""{_ENTRY} WHERE e.book_id = $1 AND e.kind = ANY($2::text[]) AND {STANDS}
        AND ($3::date IS NULL OR e.occurred_on >= $3) AND ($4::date IS NULL OR e.occurred_on <= $4)
        AND ($5::text[] IS NULL OR e.category = ANY($5)) AND ($6::text IS NULL OR t.description ILIKE $6)
        AND ($7::uuid[] IS NULL OR EXISTS (SELECT 1 FROM postings p WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id
          AND p.member_id = ANY($7) AND p.role = 'paid'))
        ORDER BY e.occurred_on DESC, e.entry_id DESC LIMIT $8""",
        book_id,
        list(kinds),
        start,
        end,
        categories,
        contains(text),
        list(payers) if payers is not None else None,
        limit,
    )
    return await _entries(uow, rows)


def contains(text: str | None) -> str | None:
    """The pattern of LIKE for texts with this one in them."""
    return None if text is None else "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


async def month_spending(uow: UnitOfWork, book_id: UUID, *, member_id: UUID, month: date) -> dict[tuple[str, str], int]:
    """(category, currency) to minor units spent in the month that begins at `month`, queued entries included."""
    rows = await uow.connection.fetch(
        "SELECT category, currency, amount FROM spending WHERE book_id = $1 AND member_id = $2 AND month = $3", book_id, member_id, month
    )
    sums: dict[tuple[str, str], int] = defaultdict(int, {(row["category"], row["currency"]): row["amount"] for row in rows})
    for entry in uow.queued(book_id):
        for posting in entry.postings:
            if posting.role is Role.SHARE and posting.member_id == member_id and entry.occurred_on.replace(day=1) == month:
                sums[(entry.category or "other", posting.amount.currency)] -= posting.amount.minor
    return dict(sums)


def by_currency(sums: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Sums over all categories, under the category ""."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (_, currency), minor in sums.items():
        found[("", currency)] += minor
    return dict(found)


async def sharers(uow: UnitOfWork, book_id: UUID, *, bills_most: int) -> list[tuple[UUID, ...]]:
    """The groups of members who paid or shared the newest expenses of a book, taken back or not: each group once."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT DISTINCT array_agg(DISTINCT p.member_id) AS members FROM (SELECT entry_id FROM entries WHERE book_id = $1 AND kind = 'expense'
          ORDER BY entry_id DESC LIMIT $2) e JOIN postings p ON p.book_id = $1 AND p.entry_id = e.entry_id GROUP BY e.entry_id""",
        book_id,
        bills_most,
    )
    return [tuple(row["members"]) for row in rows]


async def payments_since_bill(uow: UnitOfWork, book_id: UUID, *, entries_most: int) -> dict[str, list[tuple[UUID, UUID, int]]]:
    """Currency to the payments (sender, receiver, minor units) after which nothing else moved a balance in it, oldest first.

    What was paid and taken back since does not count. Looks at the newest entries alone; income and savings move no balance of their own.
    """
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT e.entry_id, e.kind, e.reverses, p.currency, p.member_id, p.role, p.amount
        FROM (SELECT book_id, entry_id, kind, reverses FROM entries WHERE book_id = $1 ORDER BY entry_id DESC LIMIT $2) e
        JOIN postings p USING (book_id, entry_id) ORDER BY e.entry_id DESC, p.no""",
        book_id,
        entries_most,
    )
    found: dict[str, list[tuple[UUID, UUID, int]]] = defaultdict(list)
    over: set[str] = set()  # currencies in which something else is reached
    gone: set[UUID] = set()
    for entry_id, group in groupby(rows, key=lambda row: row["entry_id"]):
        legs = list(group)
        kind, currency = legs[0]["kind"], legs[0]["currency"]
        if currency in over or kind in ("income", "saving") or entry_id in gone:
            continue
        by_role = {leg["role"]: leg for leg in legs}
        if kind == "reversal" and "sent" in by_role and any(row["entry_id"] == legs[0]["reverses"] for row in rows):
            gone.add(legs[0]["reverses"])
        elif kind == "settlement":
            found[currency].insert(0, (by_role["sent"]["member_id"], by_role["received"]["member_id"], by_role["sent"]["amount"]))
        elif by_role.keys().isdisjoint(("earned", "aside")):
            over.add(currency)
    return found
