"""Link codes and what a link moves: addresses, memberships, texts. Never an entry, a posting or a balance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from core.db import banking, learning, mailboxes, notices, payment_manners, payment_methods, report_schedules
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.errors import DomainError

TRIES_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Link:
    """A link on its way. `joiner_id` None: nobody has written the code yet."""

    link_id: UUID
    starter_id: UUID
    starter_chat: UUID
    joiner_id: UUID | None
    joiner_chat: UUID | None
    starter_agreed: bool
    joiner_agreed: bool
    closed: bool
    expires_at: datetime


def _link(row: asyncpg.Record | None) -> Link | None:
    if row is None:
        return None
    return Link(
        link_id=row["id"],
        starter_id=row["starter_id"],
        starter_chat=row["starter_chat"],
        joiner_id=row["joiner_id"],
        joiner_chat=row["joiner_chat"],
        starter_agreed=row["starter_agreed"],
        joiner_agreed=row["joiner_agreed"],
        closed=row["closed_at"] is not None,
        expires_at=row["expires_at"],
    )


async def create_link(uow: UnitOfWork, *, starter_id: UUID, chat: UUID, selector: str, code: str, expires_at: datetime, now: datetime) -> None:
    """Keep the hashes of a fresh code; the starter's older one is dead from now on. `code` in upper case without separators."""
    await uow.execute("UPDATE links SET closed_at = $2 WHERE starter_id = $1 AND closed_at IS NULL", starter_id, now)
    await uow.execute("DELETE FROM link_tries WHERE tried_at < $1", now - TRIES_KEPT)
    await uow.execute(
        """INSERT INTO links (id, starter_id, starter_chat, selector_hash, code_hash, expires_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        new_id(),
        starter_id,
        chat,
        uow.keys.digest("link selector", selector),
        uow.keys.digest("link code", code),
        expires_at,
        now,
    )


async def codes_since(uow: UnitOfWork, starter_id: UUID, *, since: datetime) -> int:
    """How many codes a person has asked for."""
    found: int = await uow.connection.fetchval("SELECT count(*) FROM links WHERE starter_id = $1 AND created_at > $2", starter_id, since)
    return found


async def tries_since(uow: UnitOfWork, *, chat: UUID | None, since: datetime) -> int:
    """Wrong codes from one chat, or (None) from all."""
    found: int = await uow.connection.fetchval(
        "SELECT count(*) FROM link_tries WHERE tried_at > $2 AND ($1::uuid IS NULL OR conversation_id = $1)", chat, since
    )
    return found


async def count_try(uow: UnitOfWork, *, chat: UUID, now: datetime) -> None:
    """A wrong code of whatever kind from a chat."""
    await uow.execute("INSERT INTO link_tries (conversation_id, tried_at) VALUES ($1, $2)", chat, now)


async def note_try(uow: UnitOfWork, *, chat: UUID, selector: str, most: int, now: datetime) -> None:
    """A wrong code: counted for the chat that wrote it, and against the open code that it was aimed at, which dies of `most`."""
    await count_try(uow, chat=chat, now=now)
    await uow.execute(
        """UPDATE links SET wrong = wrong + 1, closed_at = CASE WHEN wrong + 1 >= $2 THEN $3::timestamptz ELSE closed_at END
        WHERE selector_hash = $1 AND closed_at IS NULL AND joiner_id IS NULL""",
        uow.keys.digest("link selector", selector),
        most,
        now,
    )


async def link_for_code(uow: UnitOfWork, code: str, *, now: datetime) -> Link | None:
    """The open link that nobody has used yet, locked; None where there is none or its time is over."""
    return _link(
        await uow.connection.fetchrow(
            """SELECT * FROM links WHERE code_hash = $1 AND closed_at IS NULL AND joiner_id IS NULL AND expires_at > $2 FOR UPDATE""",
            uow.keys.digest("link code", code),
            now,
        )
    )


async def link_by_id(uow: UnitOfWork, link_id: UUID) -> Link | None:
    """Locked until the transaction ends: of two answers at once, the second sees the first."""
    return _link(await uow.connection.fetchrow("SELECT * FROM links WHERE id = $1 FOR UPDATE", link_id))


async def waiting_link(uow: UnitOfWork, *, person_id: UUID, chat: UUID, now: datetime) -> UUID | None:
    """The link that waits for this person's word in this chat."""
    found: UUID | None = await uow.connection.fetchval(
        """SELECT id FROM links WHERE closed_at IS NULL AND expires_at > $3 AND joiner_id IS NOT NULL
        AND ((starter_id = $1 AND starter_chat = $2 AND NOT starter_agreed) OR (joiner_id = $1 AND joiner_chat = $2 AND NOT joiner_agreed))
        ORDER BY created_at DESC LIMIT 1""",
        person_id,
        chat,
        now,
    )
    return found


async def use_code(uow: UnitOfWork, link_id: UUID, *, joiner_id: UUID, chat: UUID, expires_at: datetime) -> None:
    """Somebody wrote the code: it opens nothing more, and both have until `expires_at` to confirm."""
    await uow.execute("UPDATE links SET joiner_id = $2, joiner_chat = $3, expires_at = $4 WHERE id = $1", link_id, joiner_id, chat, expires_at)


async def agree(uow: UnitOfWork, link: Link, *, starter: bool) -> Link:
    """One side said yes. Returns the link as it is now."""
    column = "starter_agreed" if starter else "joiner_agreed"
    await uow.execute(f"UPDATE links SET {column} = true WHERE id = $1", link.link_id)
    return replace(link, starter_agreed=True) if starter else replace(link, joiner_agreed=True)


async def close_link(uow: UnitOfWork, link_id: UUID, *, now: datetime) -> None:
    await uow.execute("UPDATE links SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", link_id, now)


# ------------------------------------------------------------------ two people become one


@dataclass(frozen=True, slots=True)
class United:
    """Two people as one: the books in which both were members, and the personal book of the one who went."""

    twice: list[UUID]
    old_book_id: UUID


async def join_people(uow: UnitOfWork, *, stays: UUID, goes: UUID, now: datetime) -> United:
    """All that is `goes`' belongs to `stays` from now on, and `goes` is nobody.

    Positions stay as they are: where both had one, the second keeps its balance under its name and takes part in nothing new.
    Raises DomainError `link_gone` where one of them was erased meanwhile.
    """
    await uow.flush()
    rows = await uow.connection.fetch(
        "SELECT id, data_key, personal_book_id, erased_at FROM people WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", [stays, goes]
    )
    kept = {row["id"]: row for row in rows}
    if stays == goes or len(kept) != 2 or any(row["erased_at"] is not None for row in rows):
        raise DomainError("link_gone")
    held = await uow.connection.fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1 ORDER BY book_id", goes)
    await uow.load_books([row["book_id"] for row in held])
    twice = [row["book_id"] for row in held if await _move_position(uow, row["book_id"], row["member_id"], stays=stays, goes=goes)]
    await banking.move_person(uow, stays=stays, goes=goes, now=now)
    await learning.move_person(uow, stays=stays, goes=goes, now=now)
    await payment_methods.move_person(uow, stays=stays, goes=goes)
    await payment_manners.move_person(uow, stays=stays, goes=goes)
    await notices.move_person(uow, stays=stays, goes=goes)
    await report_schedules.move_person(uow, stays=stays, goes=goes)
    await mailboxes.move_person(uow, stays=stays, goes=goes, now=now)
    await _move_addresses(uow, stays=stays, goes=goes, old_key=kept[goes]["data_key"], new_key=kept[stays]["data_key"])
    await uow.execute(
        "UPDATE conversations SET book_id = $2 WHERE book_id = $1 AND kind = 'private'",
        kept[goes]["personal_book_id"],
        kept[stays]["personal_book_id"],
    )
    await uow.execute("UPDATE receipts SET person_id = $2 WHERE person_id = $1", goes, stays)
    await uow.execute("UPDATE imports SET person_id = $2 WHERE person_id = $1", goes, stays)
    await uow.execute("UPDATE detached_addresses SET person_id = $2 WHERE person_id = $1", goes, stays)
    await uow.execute("UPDATE buttons SET person_ids = array_replace(person_ids, $1, $2) WHERE person_ids @> ARRAY[$1::uuid]", goes, stays)
    await uow.execute("UPDATE links SET closed_at = $2 WHERE closed_at IS NULL AND ($1 IN (starter_id, joiner_id))", goes, now)
    await uow.execute("UPDATE people SET data_key = NULL, profile = NULL, currency = NULL, time_zone = NULL, erased_at = $2 WHERE id = $1", goes, now)
    return United(twice, kept[goes]["personal_book_id"])


async def _move_position(uow: UnitOfWork, book_id: UUID, member_id: UUID, *, stays: UUID, goes: UUID) -> bool:
    """One membership changes hands; True where the one who stays had one of their own there."""
    await uow.execute("UPDATE entry_texts SET author_id = $3 WHERE book_id = $1 AND author_id = $2", book_id, goes, stays)
    await uow.execute("UPDATE members SET also_person = $3 WHERE book_id = $1 AND also_person = $2", book_id, goes, stays)
    book = uow.book(book_id)
    theirs, mine = book.member(member_id), book.member_of(stays)
    if mine is None:
        changed = [replace(theirs, person_id=stays)]
        await uow.execute("UPDATE person_books SET person_id = $3 WHERE person_id = $2 AND book_id = $1", book_id, goes, stays)
    else:
        changed = [
            replace(theirs, person_id=None, also_person=stays, active=False, in_chat=False),
            replace(mine, active=mine.active or theirs.active, in_chat=mine.in_chat or theirs.in_chat),
        ]
        await uow.execute("DELETE FROM person_books WHERE person_id = $2 AND book_id = $1", book_id, goes)
    for member in changed:
        await uow.execute(
            "UPDATE members SET person_id = $3, also_person = $4, active = $5, in_chat = $6 WHERE book_id = $1 AND member_id = $2",
            book_id,
            member.member_id,
            member.person_id,
            member.also_person,
            member.active,
            member.in_chat,
        )
    by_id = {member.member_id: member for member in changed}
    members = tuple(
        replace(by_id.get(m.member_id, m), also_person=stays) if m.also_person == goes else by_id.get(m.member_id, m) for m in book.members
    )
    uow.change_book(replace(book, members=members))
    return mine is not None


async def _move_addresses(uow: UnitOfWork, *, stays: UUID, goes: UUID, old_key: bytes, new_key: bytes) -> None:
    """Sealed again with the key of the one who stays: whoever is erased later takes all addresses along."""
    for row in await uow.connection.fetch("SELECT address_hash, address FROM addresses WHERE person_id = $1 FOR UPDATE", goes):
        sealed = uow.keys.encrypt(new_key, uow.keys.decrypt(old_key, row["address"]))
        await uow.execute("UPDATE addresses SET person_id = $2, address = $3 WHERE address_hash = $1", row["address_hash"], stays, sealed)


# ------------------------------------------------------------------ an address leaves


async def drop_address(uow: UnitOfWork, person_id: UUID, address_hash: bytes) -> None:
    """The address is nobody's: its private chat starts anew, and what was said in groups there does not reach the person any more."""
    row = await uow.connection.fetchrow(
        "DELETE FROM addresses WHERE address_hash = $1 AND person_id = $2 RETURNING channel, conversation_id", address_hash, person_id
    )
    if row is None:
        raise DomainError("no_such_channel")
    await _empty_chat(uow, row["conversation_id"])
    others = await uow.connection.fetchval("SELECT count(*) FROM addresses WHERE person_id = $1 AND channel = $2", person_id, row["channel"])
    if others:
        return
    await uow.execute("UPDATE people SET preferred_channel = NULL WHERE id = $1 AND preferred_channel = $2", person_id, row["channel"])
    rows = await uow.connection.fetch(
        """SELECT b.book_id FROM person_books b WHERE b.person_id = $1 AND EXISTS (
          SELECT 1 FROM conversations c WHERE c.book_id = b.book_id AND c.kind = 'group' AND c.channel = $2)""",
        person_id,
        row["channel"],
    )
    books = [each["book_id"] for each in rows]
    await uow.load_books(books)
    await uow.execute("UPDATE members SET in_chat = false WHERE person_id = $1 AND book_id = ANY($2::uuid[])", person_id, books)


async def _empty_chat(uow: UnitOfWork, conversation_id: UUID | None) -> None:
    """Whoever writes there next finds nothing of what was said before."""
    if conversation_id is None:
        return
    await uow.execute("DELETE FROM buttons WHERE conversation_id = $1", conversation_id)
    await uow.execute("DELETE FROM message_effects WHERE conversation_id = $1", conversation_id)
    await report_schedules.stop(uow, conversation_id)
    await uow.execute("UPDATE conversations SET state = NULL, book_id = NULL WHERE id = $1", conversation_id)


# ------------------------------------------------------------------ an address that may have changed hands


@dataclass(frozen=True, slots=True)
class Detached:
    """An address that was silent for long. `person_id`: whose it was."""

    address_hash: bytes
    person_id: UUID
    conversation_id: UUID
    wrong: int
    asked_at: datetime | None
    refused: bool


async def detach_address(uow: UnitOfWork, address_hash: bytes, *, person_id: UUID, conversation_id: UUID, now: datetime) -> None:
    """Take the address from the person; their books stay as they are, and what waits to be sent there is not sent."""
    await uow.execute("DELETE FROM addresses WHERE address_hash = $1 AND person_id = $2", address_hash, person_id)
    await _empty_chat(uow, conversation_id)
    await uow.execute("UPDATE outbox SET state = 'dropped', reason = 'recycled' WHERE conversation_id = $1 AND state = 'pending'", conversation_id)
    await uow.execute(
        """INSERT INTO detached_addresses (address_hash, person_id, conversation_id, detached_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (address_hash) DO UPDATE
        SET person_id = $2, conversation_id = $3, detached_at = $4, wrong = 0, asked_at = NULL, refused_at = NULL""",
        address_hash,
        person_id,
        conversation_id,
        now,
    )


async def detached_address(uow: UnitOfWork, address_hash: bytes) -> Detached | None:
    """Locked; None where the address was never taken from anybody, or that person is gone."""
    row = await uow.connection.fetchrow(
        """SELECT d.* FROM detached_addresses d JOIN people p ON p.id = d.person_id
        WHERE d.address_hash = $1 AND p.erased_at IS NULL FOR UPDATE OF d""",
        address_hash,
    )
    if row is None:
        return None
    return Detached(row["address_hash"], row["person_id"], row["conversation_id"], row["wrong"], row["asked_at"], row["refused_at"] is not None)


async def note_wrong_answer(uow: UnitOfWork, address_hash: bytes) -> None:
    await uow.execute("UPDATE detached_addresses SET wrong = wrong + 1 WHERE address_hash = $1", address_hash)


async def note_asked(uow: UnitOfWork, address_hash: bytes, *, now: datetime) -> None:
    await uow.execute("UPDATE detached_addresses SET asked_at = $2 WHERE address_hash = $1", address_hash, now)


async def refuse_return(uow: UnitOfWork, address_hash: bytes, *, now: datetime) -> None:
    await uow.execute("UPDATE detached_addresses SET refused_at = $2 WHERE address_hash = $1", address_hash, now)


async def forget_detached(uow: UnitOfWork, address_hash: bytes) -> None:
    await uow.execute("DELETE FROM detached_addresses WHERE address_hash = $1", address_hash)


async def owner_of(uow: UnitOfWork, address_hash: bytes) -> UUID | None:
    """Who has the address now."""
    found: UUID | None = await uow.connection.fetchval("SELECT person_id FROM addresses WHERE address_hash = $1", address_hash)
    return found


async def chat_channel(uow: UnitOfWork, conversation_id: UUID) -> str:
    """On which channel a chat is."""
    found: str = await uow.connection.fetchval("SELECT channel FROM conversations WHERE id = $1", conversation_id)
    return found


async def books_of(uow: UnitOfWork, person_id: UUID) -> dict[UUID, UUID]:
    """Book to the person's member there."""
    rows = await uow.connection.fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1 ORDER BY book_id", person_id)
    return {row["book_id"]: row["member_id"] for row in rows}


async def person_facts(uow: UnitOfWork, person_id: UUID) -> tuple[str, str]:
    """Name and language. Raises DomainError `link_gone` where the person was erased."""
    row = await uow.connection.fetchrow("SELECT data_key, profile, language FROM people WHERE id = $1 AND erased_at IS NULL", person_id)
    if row is None:
        raise DomainError("link_gone")
    return orjson.loads(uow.keys.decrypt(row["data_key"], row["profile"]))["name"], row["language"]


async def erase_traces(uow: UnitOfWork, person_id: UUID, *, former: str) -> None:
    """What linking left of a person who is being erased: second positions' names, other personal books, codes, detached addresses.

    The person's books are loaded.
    """
    books = [row[0] for row in await uow.connection.fetch("SELECT book_id FROM person_books WHERE person_id = $1", person_id)]
    await uow.execute(
        """UPDATE members SET name = $3, name_key = $3 || ' ' || member_id, aliases = '{}', also_person = NULL
        WHERE book_id = ANY($1::uuid[]) AND also_person = $2""",
        books,
        person_id,
        former,
    )
    own = [book for book in books if uow.book(book).kind.value == "personal"]
    await uow.execute("UPDATE members SET name = $2, name_key = $2 || ' ' || member_id, aliases = '{}' WHERE book_id = ANY($1::uuid[])", own, former)
    await uow.execute("UPDATE entry_texts SET description = NULL, salt = NULL, author_id = NULL WHERE book_id = ANY($1::uuid[])", own)
    await uow.execute("DELETE FROM links WHERE $1 IN (starter_id, joiner_id)", person_id)
    await uow.execute("DELETE FROM detached_addresses WHERE person_id = $1", person_id)
