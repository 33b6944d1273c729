"""People's e-mail addresses: which is proven, what waits to be, and the codes that prove it. An address stands in its conversation, encrypted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from core.db.bodies import decode_address, encode_address
from core.db.conversations import conversation_hash
from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.mail import CHANNEL
from core.domain.messages import ChatAddress

CODES_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A proven address of a person. `stopped`: they want no mail; `refused`: its server takes none for it."""

    conversation_id: UUID
    person_id: UUID
    address: str
    data_key: bytes
    language: str
    stopped: bool
    refused: bool

    @property
    def open(self) -> bool:
        """Whether letters go there."""
        return not self.stopped and not self.refused


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was sent and is waited for."""

    no: int
    conversation_id: UUID
    code_hash: bytes
    wrong: int


_BOXES = """SELECT m.conversation_id, m.person_id, m.proven_at, m.stopped_at, m.created_at, c.address, c.data_key, p.language,
  coalesce(m.refused_at, c.opted_out_at) AS refused_at
FROM mailboxes m JOIN conversations c ON c.id = m.conversation_id JOIN people p ON p.id = m.person_id"""


def _mailbox(uow: UnitOfWork, row: asyncpg.Record | None) -> Mailbox | None:
    if row is None:
        return None
    address = decode_address(uow.keys.decrypt(row["data_key"], row["address"]), channel=CHANNEL)
    stopped, refused = row["stopped_at"] is not None, row["refused_at"] is not None
    return Mailbox(row["conversation_id"], row["person_id"], address.chat, row["data_key"], row["language"], stopped, refused)


async def of_person(uow: UnitOfWork, person_id: UUID) -> Mailbox | None:
    """The proven one."""
    row = await uow.connection.fetchrow(f"{_BOXES} WHERE m.person_id = $1 AND m.proven_at IS NOT NULL AND m.left_at IS NULL", person_id)
    found = _mailbox(uow, row)
    if found is None or found.stopped:
        return found
    return replace(found, stopped=await is_unwanted(uow, place_hash(uow.keys, found.address)))


async def of_chats(uow: UnitOfWork, conversations: Iterable[UUID]) -> dict[UUID, Mailbox]:
    """By private chat the proven mailbox of whoever talks there, where it takes letters."""
    rows = await uow.connection.fetch(
        """SELECT t.id AS chat, p.id AS person FROM conversations t JOIN people p ON p.personal_book_id = t.book_id
        WHERE t.id = ANY($1::uuid[]) AND t.kind = 'private' AND t.channel <> $2""",
        list(conversations),
        CHANNEL,
    )
    found = {row["chat"]: await of_person(uow, row["person"]) for row in rows}
    return {chat: mailbox for chat, mailbox in found.items() if mailbox is not None and mailbox.open}


# ------------------------------------------------------------------ to be proven


async def place(uow: UnitOfWork, person_id: UUID, address: str, *, now: datetime) -> UUID:
    """The conversation of a person's letters to an address, made where it is new. What its server said of it before is forgotten."""
    there = ChatAddress(CHANNEL, person_id.hex, address)  # two people may share an address: each has letters of their own
    data_key = uow.keys.new_data_key()
    place = conversation_hash(uow.keys, there)
    await uow.execute(
        """INSERT INTO conversations AS c (id, address_hash, channel, kind, address, data_key, book_id, created_at)
        SELECT $1::uuid, $2::bytea, $3, 'private', $4::bytea, $5::bytea, p.personal_book_id, $7::timestamptz FROM people p WHERE p.id = $6
        ON CONFLICT (address_hash) DO UPDATE SET opted_out_at = NULL, book_id = excluded.book_id,
          address = CASE WHEN c.data_key IS NULL THEN excluded.address ELSE c.address END, data_key = coalesce(c.data_key, excluded.data_key)""",
        new_id(),
        place,
        CHANNEL,
        uow.keys.encrypt(data_key, encode_address(there)),
        data_key,
        person_id,
        now,
    )
    conversation_id: UUID = await uow.connection.fetchval("SELECT id FROM conversations WHERE address_hash = $1", place)
    await uow.execute(
        """INSERT INTO mailboxes (conversation_id, person_id, created_at) VALUES ($1, $2, $3)
        ON CONFLICT (conversation_id) DO UPDATE SET refused_at = NULL, left_at = NULL,
          proven_at = CASE WHEN mailboxes.left_at IS NULL THEN mailboxes.proven_at END""",
        conversation_id,
        person_id,
        now,
    )
    return conversation_id


def place_hash(keys: Keys, address: str) -> bytes:
    """Under which codes to an address are counted and its reader's word is kept, whoever names it. 32 bytes."""
    return keys.digest("mail place", address.casefold())


def code_hash(uow: UnitOfWork, person_id: UUID, code: str) -> bytes:
    return uow.keys.digest("mail code", person_id.hex, code)


async def codes_asked(uow: UnitOfWork, person_id: UUID, *, chat: UUID, since: datetime) -> int:
    """How many a person has asked for, or whoever was in this chat before: being erased starts no new count."""
    found: int = await uow.connection.fetchval(
        "SELECT count(*) FROM mail_codes WHERE (person_id = $1 OR asked_in = $2) AND created_at > $3", person_id, chat, since
    )
    return found


async def codes_sent(uow: UnitOfWork, place: bytes, *, since: datetime) -> int:
    """How many went to an address."""
    found: int = await uow.connection.fetchval("SELECT count(*) FROM mail_codes WHERE place_hash = $1 AND created_at > $2", place, since)
    return found


async def keep_code(
    uow: UnitOfWork, person_id: UUID, *, conversation_id: UUID, asked_in: UUID, place: bytes, code: str, expires_at: datetime, now: datetime
) -> None:
    """The person's older one is dead from now on."""
    await uow.execute("UPDATE mail_codes SET closed_at = $2 WHERE person_id = $1 AND closed_at IS NULL", person_id, now)
    await uow.execute(
        """INSERT INTO mail_codes (conversation_id, person_id, asked_in, place_hash, code_hash, expires_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        conversation_id,
        person_id,
        asked_in,
        place,
        code_hash(uow, person_id, code),
        expires_at,
        now,
    )


async def open_code(uow: UnitOfWork, person_id: UUID, *, chat: UUID, now: datetime) -> Code | None:
    """The one that is waited for in a chat, locked."""
    row = await uow.connection.fetchrow(
        """SELECT no, conversation_id, code_hash, wrong FROM mail_codes
        WHERE person_id = $1 AND asked_in = $2 AND closed_at IS NULL AND expires_at > $3 FOR UPDATE""",
        person_id,
        chat,
        now,
    )
    return Code(*row) if row is not None else None


async def note_wrong(uow: UnitOfWork, code: Code, *, most: int, now: datetime) -> None:
    """Of `most` wrong tries a code dies."""
    dead = now if code.wrong + 1 >= most else None
    await uow.execute("UPDATE mail_codes SET wrong = wrong + 1, closed_at = $2 WHERE no = $1", code.no, dead)


async def prove(uow: UnitOfWork, person_id: UUID, code: Code, *, now: datetime) -> None:
    """The address is the person's from now on, and the only one. Whoever has its code reads there, and wants mail after all."""
    await uow.execute("DELETE FROM mail_stops s USING mail_codes c WHERE c.no = $1 AND s.place_hash = c.place_hash", code.no)
    await uow.execute("UPDATE mail_codes SET closed_at = $2 WHERE no = $1", code.no, now)
    await uow.execute("UPDATE mailboxes SET left_at = $3 WHERE person_id = $1 AND conversation_id <> $2", person_id, code.conversation_id, now)
    await uow.execute(
        "UPDATE mailboxes SET proven_at = $2, stopped_at = NULL, refused_at = NULL WHERE conversation_id = $1", code.conversation_id, now
    )


async def purge_codes(uow: UnitOfWork, *, now: datetime) -> None:
    """Those of more than a day ago. Until then a code that is over stays: it is counted, whatever has become of its address and its person."""
    await uow.execute("DELETE FROM mail_codes WHERE created_at < $1", now - CODES_KEPT)


# ------------------------------------------------------------------ no more


async def stop(uow: UnitOfWork, person_id: UUID, *, now: datetime | None) -> None:
    """Nothing goes there any more, nor what waits to; None: letters go there again, also where one click had ended them."""
    await uow.execute("UPDATE mailboxes SET stopped_at = $2 WHERE person_id = $1 AND proven_at IS NOT NULL", person_id, now)
    if now is not None:
        rows = await uow.connection.fetch("SELECT conversation_id FROM mailboxes WHERE person_id = $1", person_id)
        await _drop_waiting(uow, [row["conversation_id"] for row in rows])
    elif (found := await of_person(uow, person_id)) is not None:
        await uow.execute("DELETE FROM mail_stops WHERE place_hash = $1", place_hash(uow.keys, found.address))


async def stop_by_letter(uow: UnitOfWork, letter_id: UUID, place: bytes, *, now: datetime) -> None:
    """Nothing more goes to the address that a letter went to, whoever names it, as whoever reads it there wants."""
    await uow.execute("INSERT INTO mail_stops (place_hash, stopped_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", place, now)
    await uow.execute(
        """UPDATE mailboxes SET stopped_at = coalesce(stopped_at, $2)
        WHERE conversation_id = (SELECT conversation_id FROM outbox WHERE id = $1) AND left_at IS NULL""",
        letter_id,
        now,
    )
    rows = await uow.connection.fetch(
        "SELECT conversation_id FROM outbox WHERE id = $1 UNION SELECT conversation_id FROM mail_codes WHERE place_hash = $2", letter_id, place
    )
    await _drop_waiting(uow, [row["conversation_id"] for row in rows])


async def is_unwanted(uow: UnitOfWork, place: bytes) -> bool:
    """Whether the reader of an address has ended all mail there."""
    found: bool = await uow.connection.fetchval("SELECT EXISTS (SELECT FROM mail_stops WHERE place_hash = $1)", place)
    return found


async def _drop_waiting(uow: UnitOfWork, conversations: list[UUID]) -> None:
    await uow.execute(
        """UPDATE outbox SET state = 'dropped', reason = 'stopped' WHERE state = 'pending' AND claimed_by IS NULL
        AND conversation_id = ANY($1::uuid[])""",
        conversations,
    )


async def forget(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> None:
    """All addresses of the person, proven or not, once the last word has gone there."""
    await uow.execute("UPDATE mail_codes SET closed_at = $2 WHERE person_id = $1 AND closed_at IS NULL", person_id, now)
    await uow.execute("UPDATE mailboxes SET left_at = $2 WHERE person_id = $1 AND left_at IS NULL", person_id, now)


async def shred_left(uow: UnitOfWork, *, limit: int) -> None:
    """The addresses that are nobody's any more, and to which nothing waits to go."""
    rows = await uow.connection.fetch(
        """SELECT m.conversation_id FROM mailboxes m WHERE m.left_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = m.conversation_id AND o.state = 'pending')
        ORDER BY m.left_at LIMIT $1 FOR UPDATE SKIP LOCKED""",
        limit,
    )
    left = [row["conversation_id"] for row in rows]
    await uow.execute("UPDATE conversations SET data_key = NULL, address = '', book_id = NULL WHERE id = ANY($1::uuid[])", left)
    await uow.execute("DELETE FROM mailboxes WHERE conversation_id = ANY($1::uuid[])", left)


# ------------------------------------------------------------------ addresses that no server knows


@dataclass(frozen=True, slots=True)
class Refused:
    """An address that its server does not know, and whose it was to be."""

    person_id: UUID
    address: str


async def take_refused(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Refused]:
    """Those that nobody was told of yet, for this transaction alone; they count as told."""
    rows = await uow.connection.fetch(
        """SELECT m.conversation_id, m.person_id, c.address, c.data_key FROM mailboxes m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.refused_at IS NULL AND m.left_at IS NULL AND c.opted_out_at IS NOT NULL AND c.data_key IS NOT NULL
        LIMIT $1 FOR UPDATE OF m SKIP LOCKED""",
        limit,
    )
    await uow.execute("UPDATE mailboxes SET refused_at = $2 WHERE conversation_id = ANY($1::uuid[])", [row["conversation_id"] for row in rows], now)
    return [Refused(row["person_id"], decode_address(uow.keys.decrypt(row["data_key"], row["address"]), channel=CHANNEL).chat) for row in rows]


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID, now: datetime) -> None:
    """Who stays keeps their own address, and has the other's where there is none."""
    if await of_person(uow, stays) is None:
        await uow.execute("UPDATE mailboxes SET person_id = $1 WHERE person_id = $2 AND proven_at IS NOT NULL AND left_at IS NULL", stays, goes)
    await uow.execute("UPDATE mail_codes SET person_id = $1, closed_at = coalesce(closed_at, $3) WHERE person_id = $2", stays, goes, now)
    await uow.execute("UPDATE mailboxes SET person_id = $1, left_at = coalesce(left_at, $3) WHERE person_id = $2", stays, goes, now)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """Their conversations are chats of the person's own, and are shredded with these. Codes stay for a day: hashes under random ids, which count."""
    await uow.execute("UPDATE mail_codes SET closed_at = created_at WHERE person_id = $1 AND closed_at IS NULL", person_id)
    await uow.execute("DELETE FROM mailboxes WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> list[dict[str, Any]]:
    """The person's addresses, and since when."""
    rows = await uow.connection.fetch(f"{_BOXES} WHERE m.person_id = $1 AND m.left_at IS NULL ORDER BY m.created_at", person_id)
    return [
        {
            "address": decode_address(uow.keys.decrypt(row["data_key"], row["address"]), channel=CHANNEL).chat,
            "given": row["created_at"].isoformat(),
            **{
                name: row[column].isoformat() if row[column] is not None else None
                for name, column in (("since", "proven_at"), ("stopped", "stopped_at"), ("refused", "refused_at"))
            },
        }
        for row in rows
    ]
