"""The auditor of the hash chain: walks every book from its first link and names the place where a link does not hold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from core.db.chain import GENESIS, canonical, link
from core.db.session import Connection

SAYS = {
    "chain_link_missing": "the links of a book are numbered from 1 without a gap, and every entry is in one of them",
    "chain_link_broken": "a link names the hash of the one before it",
    "chain_entries_changed": "the entries of a link are what was hashed when they were recorded",
}
ROWS_A_TRIP = 2000

_HASHED = (
    *("entry_id", "bill_id", "kind", "reverses", "category", "occurred_on"),
    *("recorded_at", "actor_id", "split", "reason", "effect_key", "text_commitment"),
)
_ROWS = f"""SELECT book_id, chain_no, c.previous, c.hash, {", ".join(f"e.{name}" for name in _HASHED)}, p.legs
FROM chain c FULL JOIN entries e USING (book_id, chain_no)
LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_array(member_id, role, currency, amount, remainder) ORDER BY no) AS legs
  FROM postings p WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id) p ON true
ORDER BY book_id, chain_no, e.entry_id"""


@dataclass(slots=True)
class _Walk:
    """Where the walk is: what the next link of this book must be called and follow."""

    book_id: UUID | None = None
    expected: int = 1
    previous: bytes | None = GENESIS  # None: not known, the link before is missing
    rows: list[asyncpg.Record] = field(default_factory=list)


async def breaks(connection: Connection, *, most: int) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """(name, place) of the first `most` places where a chain does not hold, books in order of id. Needs a transaction."""
    walk, told = _Walk(), 0
    async for rows in _links(connection):
        for name in _broken(walk, rows):
            yield name, _place(rows, expected=walk.expected)
            told += 1
            if told == most:
                return
        walk.expected, walk.previous = rows[0]["chain_no"] + 1, rows[0]["hash"]


async def _links(connection: Connection) -> AsyncIterator[list[asyncpg.Record]]:
    """The rows of one link after the other: one row an entry."""
    rows: list[asyncpg.Record] = []
    async for row in connection.cursor(_ROWS, prefetch=ROWS_A_TRIP):
        if rows and (row["book_id"], row["chain_no"]) != (rows[0]["book_id"], rows[0]["chain_no"]):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _broken(walk: _Walk, rows: Sequence[asyncpg.Record]) -> list[str]:
    """What is wrong with one link. Its own hash is checked over the previous hash that it names, so that one break is told once."""
    first = rows[0]
    if first["book_id"] != walk.book_id:
        walk.book_id, walk.expected, walk.previous = first["book_id"], 1, GENESIS
    if first["hash"] is None:
        return ["chain_link_missing"]
    found = []
    if first["chain_no"] != walk.expected:
        found.append("chain_link_missing")
    elif walk.previous is not None and first["previous"] != walk.previous:
        found.append("chain_link_broken")
    bodies = [_canonical(row) for row in rows if row["entry_id"] is not None]
    if not bodies or link(first["previous"], first["chain_no"], bodies) != first["hash"]:
        found.append("chain_entries_changed")
    return found


def _canonical(row: asyncpg.Record) -> bytes:
    return canonical(book_id=row["book_id"], legs=row["legs"] or [], **{name: row[name] for name in _HASHED})


def _place(rows: Sequence[asyncpg.Record], *, expected: int) -> dict[str, str]:
    entries = " ".join(str(row["entry_id"]) for row in rows if row["entry_id"] is not None)
    return {"book_id": str(rows[0]["book_id"]), "chain_no": str(rows[0]["chain_no"]), "expected": str(expected), "entries": entries}
