"""People, their addresses and the books they are in. Names and addresses are encrypted with the person's own key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress, Person
from core.domain.people import Book, BookKind, DefaultSplit, Member, PersonProfile, Role, Rules, Sighting, name_key
from core.errors import DomainError

DEFAULT_CURRENCY = "EUR"
BOOK_FIELDS = {"name", "currency", "currency_said", "default_split", "default_weights", "settles_in", "payday", "language", "time_zone"}
RULE_COLUMNS = ("own_only", "approve_over", "approve_currency", "quiet_from", "quiet_until", "archived_at")
PERSON_FIELDS = {"name", "name_said", "language", "currency", "time_zone", "preferred_channel"}


def person_hash(keys: Keys, address: ChatAddress, user: str) -> bytes:
    """The keyed hash by which a sender is found. `address` tells channel and account; `user` is the platform's id of the person."""
    return keys.digest("person", address.channel, address.account, user)


_FIND = """SELECT a.address_hash, p.id, p.data_key, p.profile, p.language, p.currency, p.time_zone, p.personal_book_id, p.preferred_channel,
  a.wrote_at, a.conversation_id, EXISTS (SELECT 1 FROM category_lessons l WHERE l.person_id = p.id) AS taught,
  (SELECT max(o.wrote_at) FROM addresses o WHERE o.person_id = p.id) AS last_wrote_at,
  (SELECT array_agg(b.book_id ORDER BY b.book_id) FROM person_books b WHERE b.person_id = p.id) AS books,
  (SELECT array_agg(b.member_id ORDER BY b.book_id) FROM person_books b WHERE b.person_id = p.id) AS members
FROM addresses a JOIN people p ON p.id = a.person_id WHERE a.address_hash = ANY($1::bytea[]) AND p.erased_at IS NULL"""


async def find_people(uow: UnitOfWork, hashes: Iterable[bytes]) -> dict[bytes, PersonProfile]:
    """Address hash to person, for those that are known."""
    rows = await uow.connection.fetch(_FIND, list(hashes))
    return {row["address_hash"]: _profile(uow.keys, row) for row in rows}


async def find_person(uow: UnitOfWork, address_hash: bytes) -> PersonProfile | None:
    return (await find_people(uow, [address_hash])).get(address_hash)


async def books_of(uow: UnitOfWork, person_id: UUID) -> list[UUID]:
    """The ids of all books that a person is or was in; none of somebody who was erased."""
    await uow.flush()
    rows = await uow.connection.fetch("SELECT book_id FROM person_books WHERE person_id = $1 ORDER BY book_id", person_id)
    return [row["book_id"] for row in rows]


def _profile(keys: Keys, row: asyncpg.Record) -> PersonProfile:
    profile = orjson.loads(keys.decrypt(row["data_key"], row["profile"]))
    return PersonProfile(
        person_id=row["id"],
        name=profile["name"],
        name_said=profile.get("said", False),
        language=row["language"],
        currency=row["currency"],
        time_zone=row["time_zone"],
        personal_book_id=row["personal_book_id"],
        books=dict(zip(row["books"] or (), row["members"] or (), strict=True)),
        preferred_channel=row["preferred_channel"],
        taught=row["taught"],
        sighting=Sighting(row["wrote_at"], row["conversation_id"], newest=row["wrote_at"] == row["last_wrote_at"]),
    )


async def create_person(
    uow: UnitOfWork, *, sender: Person, address: ChatAddress, language: str, time_zone: str | None, now: datetime
) -> PersonProfile:
    """A person with one address and a book of their own. `address.chat` is the platform's id of the person."""
    person_id, book_id, data_key = new_id(), new_id(), uow.keys.new_data_key()
    await uow.execute(
        """INSERT INTO people (id, data_key, profile, language, time_zone, personal_book_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        person_id,
        data_key,
        uow.keys.encrypt(data_key, orjson.dumps({"name": sender.name})),
        language,
        time_zone,
        book_id,
        now,
    )
    sealed = uow.keys.encrypt(data_key, orjson.dumps({"account": address.account, "user": sender.user}))
    await uow.execute(
        "INSERT INTO addresses (address_hash, person_id, channel, address, created_at, wrote_at) VALUES ($1, $2, $3, $4, $5, $5)",
        person_hash(uow.keys, address, sender.user),
        person_id,
        address.channel,
        sealed,
        now,
    )
    book = Book(book_id, BookKind.PERSONAL, "", DEFAULT_CURRENCY, False, DefaultSplit.NONE, language, time_zone or "UTC")
    await _insert_book(uow, book, now=now)
    member = await add_member(uow, book_id, name=sender.name, person_id=person_id, now=now)
    return PersonProfile(person_id, sender.name, language, None, time_zone, book_id, {book_id: member.member_id})


async def create_book(
    uow: UnitOfWork,
    *,
    kind: BookKind,
    name: str,
    currency: str,
    currency_said: bool,
    default_split: DefaultSplit,
    language: str,
    time_zone: str,
    now: datetime,
) -> Book:
    """An empty book, loaded and locked in this unit of work."""
    book = Book(new_id(), kind, name, currency, currency_said, default_split, language, time_zone)
    await _insert_book(uow, book, now=now)
    return book


async def _insert_book(uow: UnitOfWork, book: Book, *, now: datetime) -> None:
    await uow.add_book(book)
    await uow.execute(
        """INSERT INTO books (book_id, kind, name, currency, currency_said, default_split, language, time_zone, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        book.book_id,
        book.kind.value,
        book.name,
        book.currency,
        book.currency_said,
        book.default_split.value,
        book.language,
        book.time_zone,
        now,
    )


async def update_book(uow: UnitOfWork, book_id: UUID, **fields: Any) -> Book:
    """Change a book's name, currency, currency_said, default_split, default_weights, settles_in, payday, language or time_zone."""
    assert fields.keys() <= BOOK_FIELDS, "these columns of a book can change"
    columns = dict(fields)
    if "default_weights" in fields:
        weights = fields["default_weights"]
        columns["default_weights"] = {word: {str(member): str(weight) for member, weight in row.items()} for word, row in weights.items()}
    await _update(uow, "books", "book_id = $1", [book_id], columns)
    uow.change_book(replace(uow.book(book_id), **fields))
    return uow.book(book_id)


async def update_rules(uow: UnitOfWork, book_id: UUID, rules: Rules, *, now: datetime) -> Book:
    """Change what a group has agreed on."""
    over, (begins, ends) = rules.approve_over, rules.quiet or (None, None)
    values = (rules.own_only, over and over.minor, over and over.currency, begins, ends, now if rules.archived else None)
    await _update(uow, "books", "book_id = $1", [book_id], dict(zip(RULE_COLUMNS, values, strict=True)))
    uow.change_book(replace(uow.book(book_id), rules=rules))
    return uow.book(book_id)


async def _update(uow: UnitOfWork, table: str, where: str, keys: list[object], fields: dict[str, Any]) -> None:
    """`table` and the columns are names from this module, never text of a person."""
    changes = ", ".join(f"{name} = ${len(keys) + number}" for number, name in enumerate(fields, start=1))
    await uow.execute(f"UPDATE {table} SET {changes} WHERE {where}", *keys, *fields.values())


# ------------------------------------------------------------------ members


async def add_member(uow: UnitOfWork, book_id: UUID, *, name: str, person_id: UUID | None, now: datetime, in_chat: bool = False) -> Member:
    """Queue a new member. A person whose name is taken becomes "Anna 2"; a guest's is refused: DomainError `name_taken`.

    The first person in a book is its admin.
    """
    taken = {key for member in uow.book(book_id).members for key in (name_key(member.name), *map(name_key, member.nicknames))}
    chosen, number = name, 2
    while name_key(chosen) in taken:
        if person_id is None:
            raise DomainError("name_taken", name=name)
        chosen, number = f"{name} {number}", number + 1
    first = person_id is not None and not any(member.person_id is not None for member in uow.book(book_id).members)
    member = Member(new_id(), chosen, person_id, in_chat=in_chat, role=Role.ADMIN if first else Role.MEMBER)
    uow.add_member(book_id, member)
    return member


async def claim_member(uow: UnitOfWork, book_id: UUID, *, member_id: UUID, person_id: UUID) -> Member:
    """A guest turns out to be a person: the position and its history stay."""
    await uow.execute(
        "UPDATE members SET person_id = $3, active = true WHERE book_id = $1 AND member_id = $2 AND person_id IS NULL", book_id, member_id, person_id
    )
    await uow.execute("INSERT INTO person_books (person_id, book_id, member_id) VALUES ($1, $2, $3)", person_id, book_id, member_id)
    return _change_member(uow, book_id, member_id, person_id=person_id, active=True)


async def update_member(uow: UnitOfWork, book_id: UUID, member_id: UUID, **fields: Any) -> Member:
    """Change a member's name, activity, aliases, household, role, who they are the same as, or whether they are in the group's chat.

    Raises DomainError `name_taken`.
    """
    assert fields.keys() <= {"name", "active", "aliases", "in_chat", "household", "role", "same_as"}, "these columns of a member can change"
    await uow.flush()
    columns = dict(fields)
    if "name" in fields:
        other = uow.book(book_id).holder(fields["name"])
        if other is not None and other.member_id != member_id:
            raise DomainError("name_taken", name=fields["name"])
        columns["name_key"] = name_key(fields["name"])
    if "role" in fields:
        columns["role"] = fields["role"].value
    await _update(uow, "members", "book_id = $1 AND member_id = $2", [book_id, member_id], columns)
    return _change_member(uow, book_id, member_id, **fields)


def _change_member(uow: UnitOfWork, book_id: UUID, member_id: UUID, **fields: Any) -> Member:
    book = uow.book(book_id)
    uow.change_book(replace(book, members=tuple(replace(m, **fields) if m.member_id == member_id else m for m in book.members)))
    return uow.book(book_id).member(member_id)


async def update_person(uow: UnitOfWork, person_id: UUID, **fields: Any) -> PersonProfile:
    """Change a person's name (and whether they said it themselves), language, currency, time_zone or preferred_channel."""
    assert fields.keys() <= PERSON_FIELDS, "these columns of a person can change"
    await uow.flush()
    columns = dict(fields)
    if "name" in columns:
        data_key = await uow.connection.fetchval("SELECT data_key FROM people WHERE id = $1", person_id)
        columns["profile"] = uow.keys.encrypt(data_key, orjson.dumps({"name": columns.pop("name"), "said": columns.pop("name_said", False)}))
    await _update(uow, "people", "id = $1", [person_id], columns)
    address = await uow.connection.fetchval("SELECT address_hash FROM addresses WHERE person_id = $1 LIMIT 1", person_id)
    found = await find_person(uow, address)
    assert found is not None, "a person who writes has an address"
    return found


# ------------------------------------------------------------------ joining by code


async def create_join_code(uow: UnitOfWork, book_id: UUID, *, code: str, now: datetime, expires_at: datetime | None = None) -> None:
    """`code` in upper case without separators; only its keyed hash is stored."""
    await uow.execute(
        "INSERT INTO join_codes (code_hash, book_id, expires_at, created_at) VALUES ($1, $2, $3, $4)",
        uow.keys.digest("join code", code),
        book_id,
        expires_at,
        now,
    )


async def book_for_code(uow: UnitOfWork, code: str, *, now: datetime) -> UUID | None:
    """The book that a join code opens; None where there is no such code, or its time is over."""
    found: UUID | None = await uow.connection.fetchval(
        "SELECT book_id FROM join_codes WHERE code_hash = $1 AND (expires_at IS NULL OR expires_at > $2)", uow.keys.digest("join code", code), now
    )
    return found
