"""Hands over what belongs to a person, as one document. Erasing is in erasure.py; data_map.toml says what is in it and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db import (
    banking,
    budgets,
    categories,
    comments,
    goals,
    group_log,
    learning,
    mailboxes,
    notices,
    payment_manners,
    payment_methods,
    payments,
    receipts,
    recurring,
    report_schedules,
    tips,
)
from core.db.bodies import decode_inbound
from core.db.session import UnitOfWork
from core.db.webchat_privacy import export_web_person
from core.domain.money import Money


async def export_person(uow: UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """Profile and addresses; each book with its members' names, the entries that moved the person's position, and the balance; messages. JSON values.

    The person's books are loaded.
    """
    fetch, keys = uow.connection.fetch, uow.keys
    person = await uow.connection.fetchrow("SELECT * FROM people WHERE id = $1", person_id)
    assert person is not None, "the person exists"
    rows = await fetch("SELECT address_hash, channel, address FROM addresses WHERE person_id = $1 ORDER BY created_at", person_id)
    addresses = [{"channel": row["channel"], **orjson.loads(keys.decrypt(person["data_key"], row["address"]))} for row in rows]
    web = [await export_web_person(uow, address["user"]) for address in addresses]
    own = await fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1 ORDER BY book_id", person_id)
    return {
        "name": orjson.loads(keys.decrypt(person["data_key"], person["profile"]))["name"],
        "language": person["language"],
        "currency": person["currency"],
        "time_zone": person["time_zone"],
        "preferred_channel": person["preferred_channel"],
        "since": person["created_at"].isoformat(),
        "addresses": addresses,
        "books": [await _export_book(uow, row["book_id"], row["member_id"], person_id) for row in own],
        "received": await _export_received(uow, [row["address_hash"] for row in rows]),
        "web_chat": [each for each in web if each is not None],
        **await banking.export_rows(uow, person_id),
        **await learning.export_rows(uow, person_id),
        "receipts": await receipts.export_rows(uow, person_id),
        "mail": await mailboxes.export_rows(uow, person_id),
        "reports": await report_schedules.export_rows(uow, person_id),
        "payment_manners": await payment_manners.export_rows(uow, person_id),
        "notices": await notices.export_rows(uow, person_id),
        "payment_methods": await payment_methods.export_rows(uow, person_id),
    }


async def _export_received(uow: UnitOfWork, hashes: Sequence[bytes]) -> list[dict[str, Any]]:
    """Messages as they came in, as long as they are kept."""
    rows: list[asyncpg.Record] = await uow.connection.fetch(
        "SELECT body, received_at FROM inbox WHERE sender_hash = ANY($1::bytea[]) AND body IS NOT NULL ORDER BY no", hashes
    )
    messages = [(row["received_at"], decode_inbound(uow.keys.decrypt(None, row["body"]))) for row in rows]
    return [
        {
            "at": at.isoformat(),
            "channel": message.address.channel,
            "chat": message.address.chat,
            "kind": message.kind.value,
            "text": message.text,
            "photos": [file.handle for file in message.attachments],
        }
        for at, message in messages
    ]


async def _export_book(uow: UnitOfWork, book_id: UUID, member_id: UUID, person_id: UUID) -> dict[str, Any]:
    book = uow.book(book_id)
    names = {member.member_id: member.name for member in book.members}
    rows = await uow.connection.fetch(
        """SELECT e.entry_id, e.bill_id, e.kind, e.reverses, e.category, e.occurred_on, e.recorded_at, e.actor_id, e.reason, e.split, t.description
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
        "also_called": list(book.member(member_id).aliases),
        "role": book.role_of(book.member(member_id)).value,
        "budgets": await budgets.export_rows(uow, book_id),
        "goals": await goals.export_rows(uow, book_id),
        "tips": await tips.export_rows(uow, book_id),
        "payday": book.payday,
        "categories": categories.export_rows(uow, book_id),
        "recurring": await recurring.export_rows(uow, book_id, person_id),
        "comments": await comments.export_rows(uow, book_id, person_id),
        "changes": await group_log.export_rows(uow, book_id, [position.member_id for position in book.positions_of(person_id)]),
        "members": list(names.values()),
        "balance": balance,
        "payments": await payments.export_rows(uow, book_id, member_id, names),
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
                "split": _named(row["split"], names),
                "category": row["category"],
                "description": row["description"],
                "postings": postings[row["entry_id"]],
            }
            for row in rows
        ],
    }


def _named(split: Any, names: dict[UUID, str]) -> Any:
    """A frozen split with members' names in place of their ids; what is said by member becomes pairs, for two may have one name."""
    by_id = {str(member_id): name for member_id, name in names.items()}
    if isinstance(split, dict) and split.keys() & by_id.keys():
        return [[by_id.get(key, key), _named(value, names)] for key, value in split.items()]
    if isinstance(split, dict):
        return {key: _named(value, names) for key, value in split.items()}
    if isinstance(split, list):
        return [_named(each, names) for each in split]
    return by_id.get(split, split) if isinstance(split, str) else split
