"""Payments on their way from one member to another: rows of a book that the unit of work names. What may become of them is the domain's affair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from core.db import books
from core.db.ledger import STANDS
from core.db.session import UnitOfWork
from core.domain.money import Money
from core.domain.payments.rails import Rail
from core.domain.payments.states import OPEN, State

_COLUMNS = """book_id, payment_id, reference, sender_id, receiver_id, currency, amount, state, rail, proposed_at, link_sent_at, said_paid_at,
  closed_at, bill_id"""
_OPEN = [state.value for state in OPEN]
_UNFINISHED = ", ".join(f"'{state}'" for state in sorted(OPEN))  # as the index has them


@dataclass(frozen=True, slots=True)
class Payment:
    """`sender_id` owes `receiver_id`: members of the book. `bill_id`: the settlement that a confirmed one became."""

    book_id: UUID
    payment_id: UUID
    reference: str
    sender_id: UUID
    receiver_id: UUID
    amount: Money
    state: State
    proposed_at: datetime
    rail: Rail | None = None
    link_sent_at: datetime | None = None
    said_paid_at: datetime | None = None
    closed_at: datetime | None = None
    bill_id: UUID | None = None


async def insert(uow: UnitOfWork, payment: Payment) -> None:
    """A new row; the book is loaded."""
    await uow.execute(
        f"INSERT INTO payments ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        payment.book_id,
        payment.payment_id,
        payment.reference,
        payment.sender_id,
        payment.receiver_id,
        payment.amount.currency,
        payment.amount.minor,
        payment.state.value,
        payment.rail.value if payment.rail else None,
        payment.proposed_at,
        payment.link_sent_at,
        payment.said_paid_at,
        payment.closed_at,
        payment.bill_id,
    )


async def update(uow: UnitOfWork, payment: Payment) -> None:
    """What can change of a payment: how far it is, when, by which rail, and what it became."""
    await uow.execute(
        """UPDATE payments SET state = $3, rail = $4, link_sent_at = $5, said_paid_at = $6, closed_at = $7, bill_id = $8
        WHERE book_id = $1 AND payment_id = $2""",
        payment.book_id,
        payment.payment_id,
        payment.state.value,
        payment.rail.value if payment.rail else None,
        payment.link_sent_at,
        payment.said_paid_at,
        payment.closed_at,
        payment.bill_id,
    )


async def find(uow: UnitOfWork, book_id: UUID, payment_id: UUID) -> Payment | None:
    """One of a book that the unit of work names."""
    return await _one(uow, "book_id = $1 AND payment_id = $2", book_id, payment_id)


async def by_reference(uow: UnitOfWork, book_id: UUID, reference: str) -> Payment | None:
    """The one that a bank's line names."""
    return await _one(uow, "book_id = $1 AND reference = $2", book_id, reference)


async def open_alike(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, amount: Money) -> Payment | None:
    """A payment of the same amount between the same two that may still be confirmed."""
    return await _one(
        uow,
        "book_id = $1 AND sender_id = $2 AND receiver_id = $3 AND currency = $4 AND amount = $5 AND state = ANY($6::text[])",
        book_id,
        sender,
        receiver,
        amount.currency,
        amount.minor,
        _OPEN,
    )


async def newest_alike(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, amount: Money) -> Payment | None:
    """The newest payment of the amount between the two, however far it is."""
    where = "book_id = $1 AND sender_id = $2 AND receiver_id = $3 AND currency = $4 AND amount = $5"
    return await _one(uow, where, book_id, sender, receiver, amount.currency, amount.minor)


async def open_in(uow: UnitOfWork, book_id: UUID) -> list[Payment]:
    """All of a book that may still be confirmed, oldest first."""
    await uow.flush()
    rows = await uow.connection.fetch(
        f"SELECT {_COLUMNS} FROM payments WHERE book_id = $1 AND state = ANY($2::text[]) ORDER BY proposed_at, payment_id",
        book_id,
        _OPEN,
    )
    return [_payment(row) for row in rows]


async def silent_since(uow: UnitOfWork, before: datetime, *, limit: int) -> list[Payment]:
    """Payments of all books that may still be confirmed and of which nobody said a word since then. Their books are loaded and locked."""
    found: list[Payment] = []
    async for page in books.pages(uow.connection):
        rows = await uow.connection.fetch(
            f"""SELECT {_COLUMNS} FROM payments WHERE book_id = ANY($1::uuid[]) AND state IN ({_UNFINISHED})
            AND greatest(proposed_at, link_sent_at, said_paid_at, closed_at) < $2 ORDER BY book_id, payment_id LIMIT $3""",
            page,
            before,
            limit - len(found),
        )
        found += map(_payment, rows)
        if len(found) == limit:
            break
    await uow.load_books({payment.book_id for payment in found})
    return found


async def booked_since(uow: UnitOfWork, payment: Payment) -> UUID | None:
    """The newest standing settlement (its bill) like the payment that was recorded after it was proposed, and that is no other payment's."""
    await uow.flush()
    found: UUID | None = await uow.connection.fetchval(
        f"""SELECT e.bill_id FROM entries e WHERE e.book_id = $1 AND e.kind = 'settlement' AND e.recorded_at >= $2 AND {STANDS}
          AND (SELECT array_agg((p.member_id, p.amount) ORDER BY p.amount DESC) FROM postings p
               WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.currency = $3)
            = ARRAY[($4::uuid, $6::bigint), ($5::uuid, -$6::bigint)]
          AND NOT EXISTS (SELECT 1 FROM payments o WHERE o.book_id = e.book_id AND o.bill_id = e.bill_id)
        ORDER BY e.chain_no DESC LIMIT 1""",
        payment.book_id,
        payment.proposed_at,
        payment.amount.currency,
        payment.sender_id,
        payment.receiver_id,
        payment.amount.minor,
    )
    return found


# ------------------------------------------------------------------ when people leave, or ask what is kept


async def forget_member(uow: UnitOfWork, book_id: UUID, member_id: UUID, *, now: datetime) -> None:
    """Nobody waits for the member any more, and how they were paid is nobody's affair. Amounts stay: they are the others' too."""
    await uow.execute(
        """UPDATE payments SET state = 'cancelled', closed_at = $3 WHERE book_id = $1 AND $2 IN (sender_id, receiver_id)
        AND state IN ('proposed', 'link_sent', 'payer_says_paid', 'declined')""",
        book_id,
        member_id,
        now,
    )
    await uow.execute("UPDATE payments SET rail = NULL WHERE book_id = $1 AND $2 IN (sender_id, receiver_id)", book_id, member_id)


async def export_rows(uow: UnitOfWork, book_id: UUID, member_id: UUID, names: dict[UUID, str]) -> list[dict[str, Any]]:
    """The member's payments in a book, oldest first. JSON values."""
    rows = await uow.connection.fetch(
        f"SELECT {_COLUMNS} FROM payments WHERE book_id = $1 AND $2 IN (sender_id, receiver_id) ORDER BY proposed_at, payment_id", book_id, member_id
    )
    return [
        {
            "reference": payment.reference,
            "from": names[payment.sender_id],
            "to": names[payment.receiver_id],
            "amount": str(payment.amount),
            "currency": payment.amount.currency,
            "state": payment.state.value,
            "rail": payment.rail and payment.rail.value,
            "proposed": payment.proposed_at.isoformat(),
            "link_sent": payment.link_sent_at and payment.link_sent_at.isoformat(),
            "said_paid": payment.said_paid_at and payment.said_paid_at.isoformat(),
            "closed": payment.closed_at and payment.closed_at.isoformat(),
            "bill": payment.bill_id and str(payment.bill_id),
        }
        for payment in map(_payment, rows)
    ]


async def _one(uow: UnitOfWork, where: str, *values: object) -> Payment | None:
    """`where` is of this module, never text of a person."""
    await uow.flush()
    row = await uow.connection.fetchrow(f"SELECT {_COLUMNS} FROM payments WHERE {where} ORDER BY proposed_at DESC LIMIT 1", *values)
    return None if row is None else _payment(row)


def _payment(row: asyncpg.Record) -> Payment:
    return Payment(
        book_id=row["book_id"],
        payment_id=row["payment_id"],
        reference=row["reference"],
        sender_id=row["sender_id"],
        receiver_id=row["receiver_id"],
        amount=Money(row["amount"], row["currency"]),
        state=State(row["state"]),
        proposed_at=row["proposed_at"],
        rail=Rail(row["rail"]) if row["rail"] else None,
        link_sent_at=row["link_sent_at"],
        said_paid_at=row["said_paid_at"],
        closed_at=row["closed_at"],
        bill_id=row["bill_id"],
    )
