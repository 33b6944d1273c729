"""Where people are reached: which address wrote when, in which private chat, and who reads what becomes of a book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from core.db.session import Connection, UnitOfWork
from core.domain.people import Sighting

NOTED_EVERY = timedelta(hours=1)  # a column kept to the hour costs next to nothing a message


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """One address of a person. `hint` is what may be shown of it: the last two digits of a number, else nothing."""

    address_hash: bytes
    channel: str
    account: str
    hint: str
    conversation_id: UUID | None


@dataclass(frozen=True, slots=True)
class Reader:
    """A chat in which something is told: a group's own (`person_id` None), or one person's private one."""

    conversation_id: UUID
    channel: str
    person_id: UUID | None = None
    language: str = ""


def is_worth_noting(seen: Sighting | None, *, chat: UUID | None, now: datetime) -> bool:
    """Whether `note_written` would tell anything new. `chat`: the private chat, None for a group."""
    if seen is None or not seen.newest or now - seen.wrote_at >= NOTED_EVERY:
        return True
    return chat is not None and chat != seen.conversation_id


async def note_written(connection: Connection, address_hash: bytes, *, chat: UUID | None, now: datetime) -> None:
    """The address wrote now, in this private chat (None: in a group)."""
    await connection.execute(
        "UPDATE addresses SET wrote_at = $2, conversation_id = coalesce($3, conversation_id) WHERE address_hash = $1", address_hash, now, chat
    )


async def wrote_alone(uow: UnitOfWork, person_ids: Iterable[UUID]) -> bool:
    """Whether one of these people has written in a private chat, on whatever channel."""
    found: bool = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM addresses WHERE person_id = ANY($1::uuid[]) AND conversation_id IS NOT NULL)", list(person_ids)
    )
    return found


async def addresses_of(uow: UnitOfWork, person_id: UUID) -> list[OwnAddress]:
    """In the order in which they came, without those that a phone's forwarder posts from: nobody talks there."""
    rows = await uow.connection.fetch(
        """SELECT a.address_hash, a.channel, a.address, a.conversation_id, p.data_key FROM addresses a JOIN people p ON p.id = a.person_id
        WHERE p.id = $1 AND p.data_key IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sms_forwards f WHERE f.address_hash = a.address_hash)
        ORDER BY a.created_at, a.address_hash""",
        person_id,
    )
    found = []
    for row in rows:
        kept = orjson.loads(uow.keys.decrypt(row["data_key"], row["address"]))
        found.append(OwnAddress(row["address_hash"], row["channel"], kept["account"], hint(kept["user"]), row["conversation_id"]))
    return found


def hint(user: str) -> str:
    """What tells two numbers apart without giving them away."""
    digits = user.lstrip("+")
    return f"…{digits[-2:]}" if digits.isdigit() and len(digits) >= 7 else ""


_CHATS = """SELECT DISTINCT ON (a.person_id) a.person_id, a.conversation_id, a.channel, p.language
FROM addresses a JOIN people p ON p.id = a.person_id
LEFT JOIN unnest($2::text[], $3::timestamptz[]) AS s (channel, since) ON s.channel = a.channel
WHERE a.person_id = ANY($1::uuid[]) AND a.conversation_id IS NOT NULL AND p.erased_at IS NULL AND (s.since IS NULL OR a.wrote_at > s.since)
ORDER BY a.person_id, coalesce(a.channel = p.preferred_channel, false) DESC, a.wrote_at DESC, a.address_hash"""


async def private_chats(uow: UnitOfWork, people: Iterable[UUID], *, silent: Mapping[str, datetime]) -> list[Reader]:
    """One private chat a person: on the channel they prefer, else where they wrote last.

    `silent`: channel -> an address that has not written since then is left out: its number may be somebody else's by now.
    """
    wanted = sorted(people)
    if not wanted:
        return []
    rows = await uow.connection.fetch(_CHATS, wanted, list(silent), list(silent.values()))
    return [Reader(row["conversation_id"], row["channel"], row["person_id"], row["language"]) for row in rows]


async def group_chats(uow: UnitOfWork, book_id: UUID) -> list[Reader]:
    """The group's own chats."""
    rows = await uow.connection.fetch(
        "SELECT id, channel FROM conversations WHERE book_id = $1 AND kind = 'group' AND moved_to IS NULL ORDER BY id", book_id
    )
    return [Reader(row["id"], row["channel"]) for row in rows]
