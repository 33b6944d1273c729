"""Bills that wait for somebody else to approve them, encrypted by a key of each one's own. Nothing of them is in the ledger yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg
import orjson

from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.bills import Bill, frozen, thawed
from core.domain.money import Money

_COLUMNS = "id, book_id, bill_id, conversation_id, person_id, member_id, data_key, content, created_at"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A bill that waits. `bill_id`: what it becomes, or changes. `member_id`: who wrote it, in the book."""

    approval_id: UUID
    book_id: UUID
    bill_id: UUID
    conversation_id: UUID
    person_id: UUID
    member_id: UUID
    bill: Bill
    created_at: datetime


async def add(
    uow: UnitOfWork,
    bill: Bill,
    *,
    book_id: UUID,
    bill_id: UUID,
    conversation_id: UUID,
    person_id: UUID,
    member_id: UUID,
    now: datetime,
    remind_at: datetime,
) -> Waiting:
    """One more version of the same bill takes the place of the one that waited."""
    await withdraw(uow, [bill_id], now=now)
    data_key, approval_id = uow.keys.new_data_key(), new_id()
    await uow.execute(
        """INSERT INTO approvals (id, book_id, bill_id, conversation_id, person_id, member_id, state, data_key, content, created_at, remind_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10)""",
        approval_id,
        book_id,
        bill_id,
        conversation_id,
        person_id,
        member_id,
        data_key,
        uow.keys.encrypt(data_key, _encoded(bill)),
        now,
        remind_at,
    )
    return Waiting(approval_id, book_id, bill_id, conversation_id, person_id, member_id, bill, now)


async def waiting(uow: UnitOfWork, approval_id: UUID) -> Waiting | None:
    """Locked, as long as it waits."""
    await uow.flush()
    row = await uow.connection.fetchrow(f"SELECT {_COLUMNS} FROM approvals WHERE id = $1 AND state = 'waiting' FOR UPDATE", approval_id)
    return _waiting(uow.keys, row) if row is not None else None


async def of_bills(uow: UnitOfWork, book_id: UUID, bill_ids: Sequence[UUID]) -> list[Waiting]:
    """Those of a book that wait to become, or to change, one of these bills."""
    if not bill_ids:
        return []
    await uow.flush()
    rows = await uow.connection.fetch(
        f"SELECT {_COLUMNS} FROM approvals WHERE book_id = $1 AND bill_id = ANY($2::uuid[]) AND state = 'waiting' ORDER BY id",
        book_id,
        list(bill_ids),
    )
    return [_waiting(uow.keys, row) for row in rows]


async def newest_of(uow: UnitOfWork, book_id: UUID, *, person_id: UUID) -> Waiting | None:
    """The last one that a person wrote in a book, as long as it waits."""
    await uow.flush()
    row = await uow.connection.fetchrow(
        f"SELECT {_COLUMNS} FROM approvals WHERE book_id = $1 AND person_id = $2 AND state = 'waiting' ORDER BY id DESC LIMIT 1", book_id, person_id
    )
    return _waiting(uow.keys, row) if row is not None else None


async def withdraw(uow: UnitOfWork, bill_ids: Sequence[UUID], *, now: datetime) -> None:
    await uow.execute(
        """UPDATE approvals SET state = 'withdrawn', data_key = NULL, content = NULL, remind_at = NULL, decided_at = $2
        WHERE bill_id = ANY($1::uuid[]) AND state = 'waiting'""",
        list(bill_ids),
        now,
    )


async def decide(uow: UnitOfWork, approval_id: UUID, state: str, *, now: datetime) -> None:
    """`state`: approved, refused or withdrawn."""
    await uow.execute(
        "UPDATE approvals SET state = $2, data_key = NULL, content = NULL, remind_at = NULL, decided_at = $3 WHERE id = $1", approval_id, state, now
    )


async def remind_at(uow: UnitOfWork, approval_id: UUID, *, at: datetime | None) -> None:
    await uow.execute("UPDATE approvals SET remind_at = $2 WHERE id = $1", approval_id, at)


async def due(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Waiting]:
    """Those to be reminded of now, for this transaction alone."""
    rows = await uow.connection.fetch(
        f"""SELECT {_COLUMNS} FROM approvals WHERE remind_at <= $1 AND state = 'waiting' ORDER BY remind_at LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED""",
        now,
        limit,
    )
    return [_waiting(uow.keys, row) for row in rows]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    await uow.execute("DELETE FROM approvals WHERE person_id = $1", person_id)


def _waiting(keys: Keys, row: asyncpg.Record) -> Waiting:
    bill = _decoded(keys.decrypt(row["data_key"], row["content"]))
    return Waiting(row["id"], row["book_id"], row["bill_id"], row["conversation_id"], row["person_id"], row["member_id"], bill, row["created_at"])


def _encoded(bill: Bill) -> bytes:
    common = {"minor": bill.amount.minor, "currency": bill.amount.currency, "what": bill.description, "category": bill.category}
    return orjson.dumps({**common, "date": bill.date.isoformat(), "split": frozen(bill)})


def _decoded(content: bytes) -> Bill:
    kept = orjson.loads(content)
    amount = Money(kept["minor"], kept["currency"])
    return thawed(kept["split"], amount=amount, description=kept["what"], category=kept["category"], on=date.fromisoformat(kept["date"]))
