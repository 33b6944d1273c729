"""Photos of receipts: which wait to be read, what was read, the bill that came of it. Words and readings are encrypted, each row by its own key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from core.db.answers import message_hash
from core.db.bodies import decode_inbound, encode_inbound
from core.db.claims import LIVE
from core.db.conversations import conversation_hash
from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.ledger import STANDS
from core.db.session import Database, UnitOfWork
from core.domain.messages import Attachment, ChatAddress, InboundMessage
from core.domain.money import Money
from core.domain.receipts import Line, Reading, Receipt, Spot
from core.ports import Picture

NEAR = timedelta(days=3)  # a card payment is told of some days off
LOOKS_ALIKE_BITS = 4  # of 64: the same picture, however it was re-encoded; with the same sum that is enough
ALIKE_MOST = 20
_64_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A receipt that was claimed to be read. `message`: the photo as it came, with all files of its album so far."""

    receipt_id: UUID
    conversation_id: UUID
    data_key: bytes
    request: bytes
    message: InboundMessage
    tries: int
    trace_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of one receipt. `reading` None: not read (yet). `reason`: why it could not be. `bill_id`: what it was booked as, in `book_id`."""

    receipt_id: UUID
    person_id: UUID
    reading: Reading | None
    reason: str | None
    fingerprint: int | None
    pictures: int
    book_id: UUID | None
    bill_id: UUID | None
    data_key: bytes


async def add(
    uow: UnitOfWork, message: InboundMessage, *, conversation_id: UUID, person_id: UUID, trace_id: str, now: datetime, due_at: datetime
) -> UUID:
    """Let a photo wait to be read from `due_at` on. The same photo again is the same receipt; its id."""
    data_key = uow.keys.new_data_key()
    album = uow.keys.digest("album", conversation_id.hex, message.album) if message.album else None
    await uow.execute(
        """INSERT INTO receipts (id, conversation_id, person_id, message_hash, album_hash, state, next_at, trace_id, data_key, request, created_at,
          thread)
        VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9, $10, $11) ON CONFLICT (conversation_id, message_hash) DO NOTHING""",
        new_id(),
        conversation_id,
        person_id,
        message_hash(uow.keys, conversation_id, message.message_id),
        album,
        due_at,
        trace_id,
        data_key,
        uow.keys.encrypt(data_key, encode_inbound(message)),
        now,
        uow.keys.encrypt(data_key, message.thread.encode()) if message.thread else None,
    )
    found: UUID = await uow.connection.fetchval(
        "SELECT id FROM receipts WHERE conversation_id = $1 AND message_hash = $2",
        conversation_id,
        message_hash(uow.keys, conversation_id, message.message_id),
    )
    return found


async def add_to_album(uow: UnitOfWork, message: InboundMessage, *, conversation_id: UUID) -> bool:
    """Another photo of an album: read with the first, where that still waits. False where it was read already."""
    row = await uow.connection.fetchrow(
        "SELECT id, data_key, request FROM receipts WHERE conversation_id = $1 AND album_hash = $2 AND state = 'waiting' FOR UPDATE",
        conversation_id,
        uow.keys.digest("album", conversation_id.hex, message.album or ""),
    )
    if row is None:
        return False
    first = decode_inbound(uow.keys.decrypt(row["data_key"], row["request"]))
    files = tuple(dict.fromkeys((*first.attachments, *message.attachments)))
    sealed = uow.keys.encrypt(row["data_key"], encode_inbound(replace(first, attachments=files)))
    await uow.execute("UPDATE receipts SET request = $2 WHERE id = $1", row["id"], sealed)
    return True


async def claim(uow: UnitOfWork, *, worker: int, now: datetime) -> Waiting | None:
    """The receipt that is next, for this worker alone as long as it lives; each claim counts as a try.

    The chat that was served the longest ago, or never, has its oldest: a hundred photos of one keep nobody else waiting. A worker has one at a
    time: what it claimed before and neither finished nor gave back it failed over, and has again.
    """
    row = await uow.connection.fetchrow(
        f"""WITH {LIVE}, chats AS (
          SELECT conversation_id, (SELECT max(d.finished_at) FROM receipts d WHERE d.conversation_id = w.conversation_id) AS served
          FROM (SELECT DISTINCT conversation_id FROM receipts WHERE state = 'waiting' AND next_at <= $2) w
        ), due AS (
          SELECT r.id FROM live, receipts r JOIN chats USING (conversation_id) WHERE r.state = 'waiting' AND r.next_at <= $2
          AND (r.claimed_by IS NULL OR r.claimed_by = $1 OR r.claimed_by <> ALL(live.numbers)) AND live.quick = 'off'
          ORDER BY chats.served NULLS FIRST, r.next_at LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED)
        UPDATE receipts r SET claimed_by = $1, tries = r.tries + 1 FROM due WHERE r.id = due.id RETURNING r.*""",
        worker,
        now,
    )
    if row is None:
        return None
    message = decode_inbound(uow.keys.decrypt(row["data_key"], row["request"]))
    return Waiting(
        row["id"], row["conversation_id"], row["data_key"], row["request"], message, row["tries"], row["trace_id"], row["created_at"]
    )  # fmt: skip


async def let_wait(uow: UnitOfWork, waiting: Waiting, *, next_at: datetime) -> None:
    """It could not be read now: again from then on."""
    await uow.execute("UPDATE receipts SET claimed_by = NULL, next_at = $2 WHERE id = $1 AND state = 'waiting'", waiting.receipt_id, next_at)


async def finish(
    uow: UnitOfWork, waiting: Waiting, reading: Reading | None, *, reason: str | None, pictures: Sequence[Picture], now: datetime
) -> bool:
    """It was read (or cannot be: None and the reason). False where it is gone, finished by another, or where photos of its album have come since."""
    keys = uow.keys
    current = await uow.connection.fetchval("SELECT request FROM receipts WHERE id = $1 AND state = 'waiting' FOR UPDATE", waiting.receipt_id)
    if current is None:
        return False
    if current != waiting.request:
        await let_wait(uow, waiting, next_at=now)
        return False
    await uow.execute(
        """UPDATE receipts SET state = $2, reason = $3, reading = $4, fingerprint = $5, pictures = $6, request = NULL, claimed_by = NULL,
        finished_at = $7 WHERE id = $1""",
        waiting.receipt_id,
        "failed" if reading is None else "read",
        reason,
        None if reading is None else keys.encrypt(waiting.data_key, orjson.dumps(reading)),
        pictures[0].fingerprint if pictures else None,
        len(pictures),
        now,
    )
    return True


async def exists(uow: UnitOfWork, receipt_id: UUID) -> bool:
    return bool(await uow.connection.fetchval("SELECT EXISTS (SELECT 1 FROM receipts WHERE id = $1)", receipt_id))


COLUMNS = ("id", "person_id", "data_key", "reading", "reason", "fingerprint", "pictures", "book_id", "bill_id")  # what `kept_from` needs
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM receipts"


async def of_message(uow: UnitOfWork, *, conversation_id: UUID, message_id: str) -> Kept | None:
    """The receipt that a message of this chat brought."""
    digest = message_hash(uow.keys, conversation_id, message_id)
    row = await uow.connection.fetchrow(f"{_SELECT} WHERE conversation_id = $1 AND message_hash = $2 FOR NO KEY UPDATE", conversation_id, digest)
    return None if row is None else kept_from(uow.keys, row)


async def by_id(uow: UnitOfWork, receipt_id: UUID, *, conversation_id: UUID) -> Kept | None:
    """A receipt of this chat; what was sent elsewhere is not found."""
    row = await uow.connection.fetchrow(f"{_SELECT} WHERE id = $1 AND conversation_id = $2 FOR NO KEY UPDATE", receipt_id, conversation_id)
    return None if row is None else kept_from(uow.keys, row)


async def of_chat(database: Database, receipt_id: UUID, address: ChatAddress) -> Kept | None:
    """A receipt whose photo was sent to that chat, to be looked at alone."""
    columns = ", ".join(f"r.{column}" for column in COLUMNS)
    row = await database.pool.fetchrow(
        f"SELECT {columns} FROM receipts r JOIN conversations c ON c.id = r.conversation_id WHERE r.id = $1 AND c.address_hash = $2",
        receipt_id,
        conversation_hash(database.keys, address),
    )
    return None if row is None else kept_from(database.keys, row)


async def of_bill(uow: UnitOfWork, book_id: UUID, bill_id: UUID) -> Kept | None:
    """The newest receipt behind a bill."""
    row = await uow.connection.fetchrow(f"{_SELECT} WHERE book_id = $1 AND bill_id = $2 ORDER BY created_at DESC, id DESC LIMIT 1", book_id, bill_id)
    return None if row is None else kept_from(uow.keys, row)


async def newest(uow: UnitOfWork, book_id: UUID) -> Kept | None:
    """The receipt of a book's bills that came last."""
    row = await uow.connection.fetchrow(f"{_SELECT} WHERE book_id = $1 AND bill_id IS NOT NULL ORDER BY created_at DESC, id DESC LIMIT 1", book_id)
    return None if row is None else kept_from(uow.keys, row)


async def alike(uow: UnitOfWork, kept: Kept, *, books: Mapping[UUID, UUID], book_id: UUID, amount: Money, on: date) -> tuple[UUID, UUID] | None:
    """The bill (and its book) that this receipt is already, as far as one can tell; None where there is none.

    Of the same sum and a near day, in the book at hand or paid by the same person in `books` (their position in each, all loaded): with a photo
    that looks alike or says the same shop, day and time; else told of by a bank; else written down by that person for the same day.
    """
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""SELECT e.book_id, e.bill_id, e.occurred_on, r.id AS receipt_id, r.data_key, r.reading, r.fingerprint, mine.own,
          EXISTS (SELECT 1 FROM bank_alerts a WHERE a.bill_id = e.bill_id) AS banked
        FROM entries e JOIN LATERAL (
            SELECT sum(p.amount) AS paid, bool_and(p.member_id = m.member_id) AS own FROM postings p
            LEFT JOIN unnest($1::uuid[], $2::uuid[]) AS m (book_id, member_id) ON m.book_id = p.book_id
            WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.role = 'paid' AND p.currency = $3) mine ON mine.paid = $4
        LEFT JOIN receipts r ON r.book_id = e.book_id AND r.bill_id = e.bill_id AND r.id <> $5
        WHERE e.kind = 'expense' AND e.occurred_on BETWEEN $6 AND $7 AND {STANDS} AND (e.book_id = $8 OR mine.own)
        ORDER BY abs(e.occurred_on - $9::date), e.recorded_at DESC LIMIT {ALIKE_MOST}""",
        list(books),
        list(books.values()),
        amount.currency,
        amount.minor,
        kept.receipt_id,
        on - NEAR,
        on + NEAR,
        book_id,
        on,
    )
    return next(((row["book_id"], row["bill_id"]) for row in rows if _is_same(uow.keys, kept, row, on=on)), None)


def _is_same(keys: Keys, kept: Kept, row: Any, *, on: date) -> bool:
    if row["receipt_id"] is None:
        return bool(row["own"]) and (bool(row["banked"]) or row["occurred_on"] == on)
    if _look_alike(kept.fingerprint, row["fingerprint"]):
        return True
    if kept.reading is None or row["reading"] is None:
        return False
    one, other = kept.reading.receipt, _reading(keys.decrypt(row["data_key"], row["reading"])).receipt
    if one.merchant is None or other.merchant is None or one.date is None:
        return False
    same_time = one.time is None or other.time is None or one.time == other.time
    return one.merchant.casefold() == other.merchant.casefold() and one.date == other.date and same_time


def _look_alike(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and ((one ^ other) & _64_BITS).bit_count() <= LOOKS_ALIKE_BITS


async def attach(uow: UnitOfWork, receipt_id: UUID, *, book_id: UUID, bill_id: UUID) -> None:
    """The receipt is this bill."""
    await uow.execute("UPDATE receipts SET book_id = $2, bill_id = $3 WHERE id = $1", receipt_id, book_id, bill_id)


async def rewrite(uow: UnitOfWork, kept: Kept, reading: Reading) -> None:
    """Keep a reading that people have put right."""
    await uow.execute("UPDATE receipts SET reading = $2 WHERE id = $1", kept.receipt_id, uow.keys.encrypt(kept.data_key, orjson.dumps(reading)))


async def erase(uow: UnitOfWork, kept: Kept) -> None:
    """Forget a receipt of which no picture is kept."""
    assert not kept.pictures, "pictures are erased with their rows"
    await uow.execute("DELETE FROM receipts WHERE id = $1", kept.receipt_id)


def blob_keys(receipt_id: UUID, pictures: int) -> list[str]:
    """Where the pictures of a receipt lie: each one, and its thumbnail."""
    return [f"receipts/{receipt_id}-{number}{size}" for number in range(pictures) for size in ("", "-small")]


def kept_from(keys: Keys, row: Any) -> Kept:
    """A row with all COLUMNS."""
    reading = None if row["reading"] is None else _reading(keys.decrypt(row["data_key"], row["reading"]))
    return Kept(
        receipt_id=row["id"],
        person_id=row["person_id"],
        reading=reading,
        reason=row["reason"],
        fingerprint=row["fingerprint"],
        pictures=row["pictures"],
        book_id=row["book_id"],
        bill_id=row["bill_id"],
        data_key=row["data_key"],
    )


def _reading(data: bytes) -> Reading:
    raw: dict[str, Any] = orjson.loads(data)
    receipt = raw["receipt"]
    on = receipt.pop("date")
    lines = tuple(Line(**{**line, "spot": _spot(line.get("spot"))}) for line in receipt.pop("lines"))
    made = Receipt(**receipt, date=date.fromisoformat(on) if on else None, lines=lines)
    spots = {name: Spot(**spot) for name, spot in raw.get("spots", {}).items()}  # older ones have none
    return Reading(made, raw["confidence"], tuple(raw["ask"]), raw["language"], raw["engine"], spots)


def _spot(said: dict[str, int] | None) -> Spot | None:
    return None if said is None else Spot(**said)


# ------------------------------------------------------------------ a person's own


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> list[str]:
    """Everything that the person sent; returns the keys of the blobs that are to follow. What is being read right now leaves no picture behind."""
    rows = await uow.connection.fetch("SELECT id, pictures, request FROM receipts WHERE person_id = $1", person_id)
    await uow.execute("DELETE FROM receipts WHERE person_id = $1", person_id)
    return [key for row in rows for key in blob_keys(row["id"], row["pictures"])]


async def export_rows(uow: UnitOfWork, person_id: UUID) -> list[dict[str, Any]]:
    """What was read of each photo. JSON values."""
    rows = await uow.connection.fetch(
        "SELECT data_key, reading, bill_id, created_at FROM receipts WHERE person_id = $1 AND reading IS NOT NULL ORDER BY created_at, id", person_id
    )
    return [
        {
            "at": row["created_at"].isoformat(),
            "bill": row["bill_id"] and str(row["bill_id"]),
            "reading": orjson.loads(uow.keys.decrypt(row["data_key"], row["reading"]))["receipt"],
        }
        for row in rows
    ]


def files_of(message: InboundMessage) -> tuple[Attachment, ...]:
    """What of a message can be a receipt."""
    return tuple(each for each in message.attachments if each.media_type.startswith("image/") or each.media_type in _FILES)


_FILES = ("application/pdf", "application/octet-stream")  # what a file really is, its first bytes will tell
