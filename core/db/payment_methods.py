"""Where people can be paid: sealed with the person's own key, found by keyed hashes. What an account must look like is the domain's affair."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.payments.methods import PaymentMethod, method_of, uri_of

METHODS_MOST = 20  # a person


@dataclass(frozen=True, slots=True)
class KeptMethod:
    method_id: UUID
    method: PaymentMethod


async def add(uow: UnitOfWork, person_id: UUID, method: PaymentMethod, *, now: datetime) -> UUID:
    """Keep a method; the same account again takes the newer name and place. Its id."""
    key = await _data_key(uow, person_id)
    await uow.execute(
        """INSERT INTO payment_methods (id, person_id, account_hash, uri, added_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person_id, account_hash) DO UPDATE SET uri = excluded.uri, added_at = excluded.added_at""",
        new_id(),
        person_id,
        _account_hash(uow.keys, method),
        uow.keys.encrypt(key, uri_of(method).encode()),
        now,
    )
    found: UUID = await uow.connection.fetchval(
        "SELECT id FROM payment_methods WHERE person_id = $1 AND account_hash = $2", person_id, _account_hash(uow.keys, method)
    )
    return found


async def of_person(uow: UnitOfWork, person_id: UUID) -> list[KeptMethod]:
    """The person's methods, the newest first."""
    await uow.flush()
    rows = await uow.connection.fetch("SELECT id, uri FROM payment_methods WHERE person_id = $1 ORDER BY added_at DESC, id DESC", person_id)
    key = await _data_key(uow, person_id) if rows else b""
    return [KeptMethod(row["id"], method_of(uow.keys.decrypt(key, row["uri"]).decode())) for row in rows]


async def of_people(uow: UnitOfWork, people: Collection[UUID]) -> dict[UUID, list[PaymentMethod]]:
    """The methods of several people; who has none is left out."""
    await uow.flush()
    rows = await uow.connection.fetch(
        "SELECT m.person_id, m.uri, p.data_key FROM payment_methods m JOIN people p ON p.id = m.person_id WHERE m.person_id = ANY($1::uuid[])", people
    )
    found: dict[UUID, list[PaymentMethod]] = {}
    for row in rows:
        found.setdefault(row["person_id"], []).append(method_of(uow.keys.decrypt(row["data_key"], row["uri"]).decode()))
    return found


async def drop(uow: UnitOfWork, person_id: UUID, method_id: UUID) -> None:
    """Forget one of the person's methods; of nobody else's."""
    await uow.execute("DELETE FROM payment_methods WHERE person_id = $1 AND id = $2", person_id, method_id)


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID) -> None:
    """Sealed again with the key of the one who stays; who was paid there before is it still."""
    rows = await uow.connection.fetch("SELECT account_hash, uri, added_at, id FROM payment_methods WHERE person_id = $1", goes)
    old, new = (await _data_key(uow, goes), await _data_key(uow, stays)) if rows else (b"", b"")
    for row in rows:
        await uow.execute(
            "INSERT INTO payment_methods (id, person_id, account_hash, uri, added_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            new_id(),
            stays,
            row["account_hash"],
            uow.keys.encrypt(new, uow.keys.decrypt(old, row["uri"])),
            row["added_at"],
        )
    await erase_rows(uow, goes)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    await uow.execute("DELETE FROM payment_methods WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> list[dict[str, str]]:
    """Each method as its payto: URI, and since when it is kept."""
    rows = await uow.connection.fetch("SELECT uri, added_at FROM payment_methods WHERE person_id = $1 ORDER BY added_at, id", person_id)
    key = await _data_key(uow, person_id) if rows else b""
    return [{"uri": uow.keys.decrypt(key, row["uri"]).decode(), "at": row["added_at"].isoformat()} for row in rows]


async def _data_key(uow: UnitOfWork, person_id: UUID) -> bytes:
    key: bytes = await uow.connection.fetchval("SELECT data_key FROM people WHERE id = $1", person_id)
    return key


def _account_hash(keys: Keys, method: PaymentMethod) -> bytes:
    return keys.digest("payment method", method.kind.value, method.account)
