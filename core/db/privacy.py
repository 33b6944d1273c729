"""What belongs to a person: everything out as one document, or erased for good while the sums stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.db import linking
from core.db.session import UnitOfWork
from core.domain.money import Money

FORMER = "former member"


async def export_person(uow: UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """Profile, addresses, and each book with its members' names, the entries that moved the person's position, and the balance. JSON values."""
    fetch, keys = uow.connection.fetch, uow.keys
    person = await uow.connection.fetchrow("SELECT * FROM people WHERE id = $1", person_id)
    assert person is not None, "the person exists"
    addresses = [
        {"channel": row["channel"], **orjson.loads(keys.decrypt(person["data_key"], row["address"]))}
        for row in await fetch("SELECT channel, address FROM addresses WHERE person_id = $1 ORDER BY created_at", person_id)
    ]
    own = await fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1 ORDER BY book_id", person_id)
    return {
        "name": orjson.loads(keys.decrypt(person["data_key"], person["profile"]))["name"],
        "language": person["language"],
        "currency": person["currency"],
        "time_zone": person["time_zone"],
        "preferred_channel": person["preferred_channel"],
        "since": person["created_at"].isoformat(),
        "addresses": addresses,
        "books": [await _export_book(uow, row["book_id"], row["member_id"]) for row in own],
    }


async def _export_book(uow: UnitOfWork, book_id: UUID, member_id: UUID) -> dict[str, Any]:
    book = uow.book(book_id)
    names = {member.member_id: member.name for member in book.members}
    rows = await uow.connection.fetch(
        """SELECT e.entry_id, e.bill_id, e.kind, e.reverses, e.category, e.occurred_on, e.recorded_at, e.actor_id, e.reason, t.description
        FROM entries e LEFT JOIN entry_texts t USING (book_id, entry_id)
        WHERE e.book_id = $1 AND (e.actor_id = $2 OR EXISTS (
          SELECT 1 FROM postings p WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.member_id = $2))
        ORDER BY e.entry_id""",
        book_id,
        member_id,
    )
    legs = await uow.connection.fetch(
        "SELECT entry_id, member_id, role, currency, amount FROM postings WHERE book_id = $1 AND entry_id = ANY($2::uuid[]) ORDER BY entry_id, no",
        book_id,
        [row["entry_id"] for row in rows],
    )
    postings: dict[UUID, list[dict[str, str]]] = {}
    for leg in legs:
        shown = {
            "member": names[leg["member_id"]],
            "role": leg["role"],
            "amount": str(Money(leg["amount"], leg["currency"])),
            "currency": leg["currency"],
        }
        postings.setdefault(leg["entry_id"], []).append(shown)
    balance = {currency: str(Money(kept.amount, currency)) for (who, currency), kept in uow.balances(book_id).items() if who == member_id}
    return {
        "name": book.name,
        "kind": book.kind.value,
        "currency": book.currency,
        "you": names[member_id],
        "members": list(names.values()),
        "balance": balance,
        "entries": [
            {
                "id": str(row["entry_id"]),
                "bill": str(row["bill_id"]),
                "kind": row["kind"],
                "reverses": row["reverses"] and str(row["reverses"]),
                "date": row["occurred_on"].isoformat(),
                "recorded": row["recorded_at"].isoformat(),
                "by": names.get(row["actor_id"]),
                "reason": row["reason"],
                "category": row["category"],
                "description": row["description"],
                "postings": postings[row["entry_id"]],
            }
            for row in rows
        ],
    }


async def erase_person(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> None:
    """Shred the person's keys and texts and forget the addresses; positions stay under a name that tells nobody."""
    execute = uow.execute
    own = await uow.connection.fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1", person_id)
    await uow.load_books([row["book_id"] for row in own])
    for row in own:
        await execute(
            """UPDATE members SET name = $3, name_key = $3 || ' ' || member_id, aliases = '{}', person_id = NULL, active = false
            WHERE book_id = $1 AND member_id = $2""",
            row["book_id"],
            row["member_id"],
            FORMER,
        )
        await execute(
            "UPDATE entry_texts SET description = NULL, salt = NULL, author_id = NULL WHERE book_id = $1 AND author_id = $2",
            row["book_id"],
            person_id,
        )
    await linking.erase_traces(uow, person_id, former=FORMER)
    personal = await uow.connection.fetchval("SELECT personal_book_id FROM people WHERE id = $1", person_id)
    await execute("UPDATE members SET name = $2, name_key = $2 || ' ' || member_id, aliases = '{}' WHERE book_id = $1", personal, FORMER)
    await execute("UPDATE entry_texts SET description = NULL, salt = NULL, author_id = NULL WHERE book_id = $1", personal)
    chats = [row["id"] for row in await uow.connection.fetch("SELECT id FROM conversations WHERE book_id = $1", personal)]
    await execute("UPDATE inbox SET body = NULL WHERE conversation_id = ANY($1::uuid[])", chats)
    await execute("DELETE FROM buttons WHERE conversation_id = ANY($1::uuid[])", chats)
    await execute("UPDATE conversations SET state = NULL, book_id = NULL WHERE id = ANY($1::uuid[])", chats)
    await execute("UPDATE outbox SET body = NULL WHERE conversation_id = ANY($1::uuid[]) AND state <> 'pending'", chats)
    await execute("DELETE FROM attachments WHERE person_id = $1", person_id)  # with their keys: what the blob store holds is noise now
    await execute("DELETE FROM addresses WHERE person_id = $1", person_id)
    await execute("DELETE FROM person_books WHERE person_id = $1", person_id)
    await execute(
        "UPDATE people SET data_key = NULL, profile = NULL, currency = NULL, time_zone = NULL, erased_at = $2 WHERE id = $1", person_id, now
    )
