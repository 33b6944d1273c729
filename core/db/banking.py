"""Bank messages that a person had read already, and the phones that forward them. Decides nothing of what a message means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import orjson

from core.db import people
from core.db.crypto import Keys
from core.db.ledger import STANDS
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress
from core.domain.money import Money

FORWARDED = "sms_forward"  # the channel of addresses that a phone's forwarder posts from
NEAR = timedelta(days=3)  # a card payment is told of, or written down, some days off


async def take(uow: UnitOfWork, person_id: UUID, keys: Sequence[bytes], *, now: datetime) -> bool:
    """Whether none of these keys was taken before; they are from now on. Of two messages at once one waits here for the other."""
    rows = await uow.connection.fetch(
        """INSERT INTO bank_alerts (person_id, alert_key, seen_at) SELECT $1, k, $3 FROM unnest($2::bytea[]) AS k ORDER BY k
        ON CONFLICT DO NOTHING RETURNING alert_key""",
        person_id,
        sorted(keys),
        now,
    )
    return len(rows) == len(set(keys))


async def attach(uow: UnitOfWork, person_id: UUID, keys: Sequence[bytes], *, book_id: UUID, bill_id: UUID) -> None:
    """The message of these keys is this bill."""
    await uow.execute(
        "UPDATE bank_alerts SET book_id = $3, bill_id = $4 WHERE person_id = $1 AND alert_key = ANY($2::bytea[])", person_id, keys, book_id, bill_id
    )


async def alike(uow: UnitOfWork, person_id: UUID, books: Mapping[UUID, UUID], *, amount: Money, on: date) -> tuple[UUID, UUID] | None:
    """A standing expense (book and bill) that the person paid themselves, of this amount and a near day, and of no bank message yet.

    `books`: their books and their position in each, all of them loaded. The nearest day wins, then the newest.
    """
    await uow.flush()
    row = await uow.connection.fetchrow(
        f"""SELECT e.book_id, e.bill_id FROM entries e JOIN unnest($1::uuid[], $2::uuid[]) AS mine (book_id, member_id) ON mine.book_id = e.book_id
        WHERE e.kind = 'expense' AND e.occurred_on BETWEEN $3 AND $4 AND {STANDS}
          AND (SELECT array_agg((p.member_id, p.amount)) FROM postings p
               WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.role = 'paid' AND p.currency = $5) = ARRAY[(mine.member_id, $6::bigint)]
          AND NOT EXISTS (SELECT 1 FROM bank_alerts a WHERE a.person_id = $7 AND a.bill_id = e.bill_id)
        ORDER BY abs(e.occurred_on - $8::date), e.recorded_at DESC, e.entry_id LIMIT 1""",
        list(books),
        list(books.values()),
        on - NEAR,
        on + NEAR,
        amount.currency,
        amount.minor,
        person_id,
        on,
    )
    return (row["book_id"], row["bill_id"]) if row is not None else None


async def is_attached(uow: UnitOfWork, person_id: UUID, keys: Sequence[bytes]) -> bool:
    """Whether it is known already which bill the message of these keys is."""
    found: bool = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM bank_alerts WHERE person_id = $1 AND alert_key = ANY($2::bytea[]) AND bill_id IS NOT NULL)", person_id, keys
    )
    return found


# ------------------------------------------------------------------ phones that forward


def forward_address(keys: Keys, token: str) -> ChatAddress:
    """The address that follows from a token: nothing that is kept leads back to the token."""
    return ChatAddress(FORWARDED, "", keys.digest("sms forward", token).hex())


async def open_forward(uow: UnitOfWork, person_id: UUID, address: ChatAddress, *, now: datetime) -> None:
    """From now on the address is the person's, and no earlier one of this kind is. Its chat is also its user."""
    await close_forward(uow, person_id, now=now)
    data_key = await uow.connection.fetchval("SELECT data_key FROM people WHERE id = $1", person_id)
    address_hash = people.person_hash(uow.keys, address, address.chat)
    sealed = uow.keys.encrypt(data_key, orjson.dumps({"account": address.account, "user": address.chat}))
    await uow.execute(
        "INSERT INTO addresses (address_hash, person_id, channel, address, created_at, wrote_at) VALUES ($1, $2, $3, $4, $5, $5)",
        address_hash,
        person_id,
        address.channel,
        sealed,
        now,
    )
    await uow.execute("INSERT INTO sms_forwards (address_hash, person_id, consented_at) VALUES ($1, $2, $3)", address_hash, person_id, now)


async def close_forward(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> bool:
    """Take the consent back: what is posted is refused from now on. False where there was none."""
    row = await uow.connection.fetchrow(
        "UPDATE sms_forwards SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL RETURNING address_hash", person_id, now
    )
    if row is None:
        return False
    await uow.execute("DELETE FROM addresses WHERE address_hash = $1 AND person_id = $2", row["address_hash"], person_id)
    return True


async def is_open(uow: UnitOfWork, address: ChatAddress) -> bool:
    """Whether somebody agreed to what this address posts, and still does."""
    found: bool = await uow.connection.fetchval(
        """SELECT EXISTS (SELECT 1 FROM sms_forwards f JOIN addresses a USING (address_hash, person_id)
        WHERE f.address_hash = $1 AND f.revoked_at IS NULL)""",
        people.person_hash(uow.keys, address, address.chat),
    )
    return found


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID, now: datetime) -> None:
    """What was read for either was read for the one who stays. Of two forwarders the one of who stays goes on."""
    await uow.execute(
        "DELETE FROM bank_alerts a USING bank_alerts b WHERE a.person_id = $1 AND b.person_id = $2 AND a.alert_key = b.alert_key", goes, stays
    )
    await uow.execute("UPDATE bank_alerts SET person_id = $2 WHERE person_id = $1", goes, stays)
    if await uow.connection.fetchval("SELECT EXISTS (SELECT 1 FROM sms_forwards WHERE person_id = $1 AND revoked_at IS NULL)", stays):
        await close_forward(uow, goes, now=now)
    await uow.execute("UPDATE sms_forwards SET person_id = $2 WHERE person_id = $1", goes, stays)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """All of these tables that is the person's."""
    await uow.execute("DELETE FROM bank_alerts WHERE person_id = $1", person_id)
    await uow.execute("DELETE FROM sms_forwards WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> dict[str, list[dict[str, str | None]]]:
    """When which bank message was read and the bill it became; when forwarding was agreed to and taken back."""
    alerts = await uow.connection.fetch("SELECT bill_id, seen_at FROM bank_alerts WHERE person_id = $1 ORDER BY seen_at, alert_key", person_id)
    forwards = await uow.connection.fetch("SELECT consented_at, revoked_at FROM sms_forwards WHERE person_id = $1 ORDER BY consented_at", person_id)
    return {
        "bank_alerts": [{"bill": str(row["bill_id"]) if row["bill_id"] else None, "at": row["seen_at"].isoformat()} for row in alerts],
        "sms_forwards": [
            {"since": row["consented_at"].isoformat(), "until": row["revoked_at"].isoformat() if row["revoked_at"] else None} for row in forwards
        ],
    }
