"""Files that wait to be taken over, encrypted by a key of each one's own, and which of their rows the ledger has already."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db.ids import new_id
from core.db.ledger import STANDS, entries_where
from core.db.session import UnitOfWork
from core.domain.imports import Aside, FileRow, GroupFile, RowKind
from core.domain.ledger import JournalEntry

UNDONE = "import_undone"  # the reason of reversals that take a whole import back: its rows may come again


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that somebody is to decide on. `matches`: name in the file -> member; who is not in it becomes a new one."""

    import_id: UUID
    book_id: UUID
    file: GroupFile
    matches: dict[str, UUID]
    data_key: bytes


async def add(
    uow: UnitOfWork, file: GroupFile, matches: Mapping[str, UUID], *, book_id: UUID, conversation_id: UUID, person_id: UUID, now: datetime
) -> Waiting:
    """Keep a file; one that waited in the same chat for the same person is dropped."""
    data_key = uow.keys.new_data_key()
    waiting = Waiting(new_id(), book_id, file, dict(matches), data_key)
    await uow.execute(
        """UPDATE imports SET state = 'dropped', content = NULL, matches = NULL, decided_at = $3
        WHERE conversation_id = $1 AND person_id = $2 AND state = 'proposed'""",
        conversation_id,
        person_id,
        now,
    )
    await uow.execute(
        """INSERT INTO imports (id, conversation_id, person_id, book_id, state, data_key, content, matches, created_at)
        VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8)""",
        waiting.import_id,
        conversation_id,
        person_id,
        book_id,
        data_key,
        uow.keys.encrypt(data_key, zlib.compress(_encoded(file))),
        _sealed(uow, waiting),
        now,
    )
    return waiting


async def waiting(uow: UnitOfWork, import_id: UUID, *, person_id: UUID) -> Waiting | None:
    """The person's own file, locked, as long as it waits."""
    await uow.flush()
    row = await uow.connection.fetchrow(
        """SELECT book_id, data_key, content, matches FROM imports
        WHERE id = $1 AND person_id = $2 AND state = 'proposed' AND content IS NOT NULL FOR UPDATE""",
        import_id,
        person_id,
    )
    if row is None:
        return None
    file = _decoded(zlib.decompress(uow.keys.decrypt(row["data_key"], row["content"])))
    matches = {name: UUID(member) for name, member in orjson.loads(uow.keys.decrypt(row["data_key"], row["matches"])).items()}
    return Waiting(import_id, row["book_id"], file, matches, row["data_key"])


async def keep_matches(uow: UnitOfWork, kept: Waiting) -> None:
    await uow.execute("UPDATE imports SET matches = $2 WHERE id = $1", kept.import_id, _sealed(uow, kept))


async def decide(uow: UnitOfWork, import_id: UUID, state: str, *, now: datetime) -> None:
    """`state`: booked, dropped or undone. The file is not needed any more."""
    await uow.execute("UPDATE imports SET state = $2, content = NULL, matches = NULL, decided_at = $3 WHERE id = $1", import_id, state, now)


async def last_booked(uow: UnitOfWork, book_id: UUID, *, person_id: UUID) -> UUID | None:
    """The newest import of a person into a book that stands."""
    await uow.flush()
    found: UUID | None = await uow.connection.fetchval(
        "SELECT id FROM imports WHERE book_id = $1 AND person_id = $2 AND state = 'booked' ORDER BY decided_at DESC, id DESC LIMIT 1",
        book_id,
        person_id,
    )
    return found


async def forget(uow: UnitOfWork, *, before: datetime) -> None:
    """Erase files that nobody decided on."""
    await uow.execute(
        "UPDATE imports SET state = 'dropped', content = NULL, matches = NULL, decided_at = $1 WHERE content IS NOT NULL AND created_at < $1", before
    )


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    await uow.execute("DELETE FROM imports WHERE person_id = $1", person_id)


# ------------------------------------------------------------------ the ledger's side


async def known_keys(uow: UnitOfWork, book_id: UUID, keys: Sequence[bytes]) -> dict[bytes, bool]:
    """Of these effect keys those that the book has; True where what came of them was taken back with its whole import."""
    await uow.flush()
    rows: list[asyncpg.Record] = await uow.connection.fetch(
        """SELECT e.effect_key, EXISTS (SELECT 1 FROM entries r WHERE r.book_id = e.book_id AND r.bill_id = e.bill_id AND r.reason = $3) AS undone
        FROM entries e WHERE e.book_id = $1 AND e.effect_key = ANY($2::bytea[])""",
        book_id,
        list(keys),
        UNDONE,
    )
    return {row["effect_key"]: row["undone"] for row in rows}


async def known_bills(uow: UnitOfWork, book_id: UUID, bill_ids: Sequence[UUID]) -> set[UUID]:
    """Of these bills those that were ever in the book."""
    rows = await uow.connection.fetch(
        "SELECT DISTINCT bill_id FROM entries WHERE book_id = $1 AND bill_id = ANY($2::uuid[])", book_id, list(bill_ids)
    )
    return {row["bill_id"] for row in rows}


async def standing_of(uow: UnitOfWork, book_id: UUID, import_id: UUID) -> list[JournalEntry]:
    """What stands of all that an import brought, as it is by now."""
    return await entries_where(
        uow,
        f"""e.book_id = $1 AND {STANDS}
        AND e.bill_id IN (SELECT bill_id FROM entries WHERE book_id = $1 AND split ? 'import' AND split ->> 'import' = $2)""",
        book_id,
        str(import_id),
    )


async def newest_standing(uow: UnitOfWork, book_id: UUID) -> UUID | None:
    """The import that came last of those of which anything stands."""
    found: str | None = await uow.connection.fetchval(
        f"""SELECT i.split ->> 'import' FROM entries i WHERE i.book_id = $1 AND i.split ? 'import'
        AND EXISTS (SELECT 1 FROM entries e WHERE e.book_id = $1 AND e.bill_id = i.bill_id AND {STANDS}) ORDER BY i.entry_id DESC LIMIT 1""",
        book_id,
    )
    return UUID(found) if found is not None else None


# ------------------------------------------------------------------ the stored form


def _sealed(uow: UnitOfWork, kept: Waiting) -> bytes:
    return uow.keys.encrypt(kept.data_key, orjson.dumps({name: str(member) for name, member in kept.matches.items()}))


def _encoded(file: GroupFile) -> bytes:
    checks = [[name, currency, minor] for (name, currency), minor in file.checks.items()]
    rows = [asdict(row) for row in file.rows]
    body = {"source": file.source, "people": file.people, "rows": rows, "aside": file.aside, "checks": checks, "damaged": file.damaged}
    return orjson.dumps(body, default=str)  # a fraction in a split that somebody made up


def _decoded(data: bytes) -> GroupFile:
    raw: dict[str, Any] = orjson.loads(data)
    return GroupFile(
        source=raw["source"],
        people=tuple(raw["people"]),
        rows=tuple(map(_row, raw["rows"])),
        aside=tuple(Aside(**each) for each in raw["aside"]),
        checks={(name, currency): minor for name, currency, minor in raw["checks"]},
        damaged=tuple(raw["damaged"]),
    )


def _row(raw: dict[str, Any]) -> FileRow:
    parts = {key: tuple((name, minor) for name, minor in raw.pop(key)) for key in ("paid", "shares", "remainders")}
    return FileRow(**{**raw, **parts, "kind": RowKind(raw["kind"]), "on": date.fromisoformat(raw["on"])})
