"""Erases a person: all that is theirs in one transaction; what must wait for its commit is written down and done after it.

The sums stay, under a name that tells nobody. data_map.toml says for every column what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from core.db import (
    approvals,
    banking,
    budgets,
    categories,
    comments,
    goals,
    group_log,
    imports,
    learning,
    linking,
    mailboxes,
    notices,
    payment_manners,
    payment_methods,
    payment_reminders,
    payments,
    pins,
    receipts,
    recurring,
    report_schedules,
    tips,
)
from core.db.answers import message_hash
from core.db.conversations import conversation_hash
from core.db.erasure_aftermath import forget_in_groups
from core.db.session import UnitOfWork
from core.db.webchat_privacy import Left, erase_web_person
from core.domain.messages import ChatAddress
from core.domain.people import FORMER, BookKind
from core.errors import ServiceUnavailable


@dataclass(slots=True)
class _Gathered:
    """What is come across while erasing."""

    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    own_chats: list[UUID] = field(default_factory=list)
    heard_in: list[UUID] = field(default_factory=list)
    blob_keys: list[str] = field(default_factory=list)


async def erase_person(uow: UnitOfWork, person_id: UUID, *, now: datetime, at_rest: bool = False) -> None:
    """Shred the person's keys, erase names, texts, messages and addresses, and leave an Erasure to be finished. Of an erased person: nothing.

    Raises ServiceUnavailable while a letter to the person is on its way: it would arrive after the erasure. `at_rest`: nobody delivers now.
    """
    await uow.flush()
    person = await uow.connection.fetchrow("SELECT * FROM people WHERE id = $1 AND erased_at IS NULL FOR UPDATE", person_id)
    if person is None:
        return
    gathered = _Gathered(names={orjson.loads(uow.keys.decrypt(person["data_key"], person["profile"]))["name"]})
    addresses = await uow.connection.fetch("SELECT * FROM addresses WHERE person_id = $1", person_id)
    own = await uow.connection.fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1", person_id)
    await uow.load_books([row["book_id"] for row in own])
    await _find_chats(uow, gathered, person, addresses, [row["book_id"] for row in own])
    for row in own:
        for position in uow.book(row["book_id"]).positions_of(person_id):
            await payments.forget_member(uow, row["book_id"], position.member_id, now=now)
            await payment_reminders.forget_member(uow, row["book_id"], position.member_id)
        await _leave_book(uow, gathered, row["book_id"], row["member_id"], person_id)
        await pins.mark_stale(uow, row["book_id"], now=now)
    await linking.erase_traces(uow, person_id, former=FORMER)
    await _forget_names_and_texts(uow, person["personal_book_id"])
    await _erase_letters(uow, gathered.own_chats, at_rest=at_rest)
    await _erase_received(uow, gathered.own_chats, addresses)
    await forget_in_groups(uow, gathered.heard_in, person_id)
    for row in addresses:
        address = orjson.loads(uow.keys.decrypt(person["data_key"], row["address"]))
        left = await _erase_in_web_chat(uow, row["channel"], address, now=now)
        gathered.names |= set(left.names)
        gathered.blob_keys += left.blob_keys
    gathered.blob_keys += await receipts.erase_rows(uow, person_id)
    await _erase_rows(uow, person_id, gathered.own_chats, now=now)
    await _write_down(uow, gathered, person_id, now=now)


async def _find_chats(
    uow: UnitOfWork, gathered: _Gathered, person: asyncpg.Record, addresses: Sequence[asyncpg.Record], book_ids: Sequence[UUID]
) -> None:
    """The person's own chats, and those in which others were told of the person: the groups', and the private ones of their members."""
    own = await uow.connection.fetch(
        """SELECT id FROM conversations WHERE book_id = $1
        UNION SELECT c.id FROM conversations c JOIN inbox i ON i.conversation_id = c.id
        WHERE c.kind = 'private' AND i.sender_hash = ANY($2::bytea[])""",
        person["personal_book_id"],
        [row["address_hash"] for row in addresses],
    )
    gathered.own_chats = [row["id"] for row in own]
    groups = [book_id for book_id in book_ids if book_id != person["personal_book_id"]]
    others = [member.person_id for book_id in groups for member in uow.book(book_id).members if member.person_id not in (None, person["id"])]
    heard = await uow.connection.fetch(
        """SELECT id FROM conversations WHERE book_id = ANY($1::uuid[])
        UNION SELECT c.id FROM conversations c JOIN people p ON p.personal_book_id = c.book_id WHERE p.id = ANY($2::uuid[])""",
        groups,
        others,
    )
    gathered.heard_in = [row["id"] for row in heard]


async def _erase_letters(uow: UnitOfWork, own_chats: Sequence[UUID], *, at_rest: bool) -> None:
    """What was not delivered to the person will not be."""
    if not at_rest and await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE conversation_id = ANY($1::uuid[]) AND state = 'pending' AND claimed_by IS NOT NULL)", own_chats
    ):
        raise ServiceUnavailable("letters on their way")
    for state in ("pending", "dead"):
        await uow.execute(
            f"UPDATE outbox SET state = 'dropped', reason = 'erased', body = NULL WHERE conversation_id = ANY($1::uuid[]) AND state = '{state}'",
            own_chats,
        )
    await uow.execute("DELETE FROM buttons WHERE conversation_id = ANY($1::uuid[])", own_chats)


async def _erase_received(uow: UnitOfWork, own_chats: Sequence[UUID], addresses: Sequence[asyncpg.Record]) -> None:
    """Bodies of the person's messages, wherever they were written; those that nobody answered yet will not be."""
    await uow.execute(
        "UPDATE inbox SET body = NULL, sender_hash = NULL WHERE sender_hash = ANY($1::bytea[])", [row["address_hash"] for row in addresses]
    )
    for state in ("pending", "dead"):  # stored before there was a sender's hash
        await uow.execute(
            f"UPDATE inbox SET body = NULL WHERE conversation_id = ANY($1::uuid[]) AND state = '{state}' AND body IS NOT NULL", own_chats
        )


# ------------------------------------------------------------------ books


async def _leave_book(uow: UnitOfWork, gathered: _Gathered, book_id: UUID, member_id: UUID, person_id: UUID) -> None:
    """The position stays, nameless. What the person wrote goes, also where others amended the bill and left the words."""
    book = uow.book(book_id)
    member = book.member(member_id)
    gathered.names |= {name for each in (member, *book.positions_of(person_id)) for name in (each.name, *each.aliases)}
    written = await uow.connection.fetch(
        """SELECT t.entry_id, t.description FROM entry_texts t JOIN entries e USING (book_id, entry_id)
        WHERE t.book_id = $1 AND t.description IS NOT NULL AND EXISTS (
          SELECT 1 FROM entry_texts o JOIN entries f USING (book_id, entry_id)
          WHERE o.book_id = $1 AND o.author_id = $2 AND f.bill_id = e.bill_id AND o.description = t.description)""",
        book_id,
        person_id,
    )
    await _erase_texts(uow, book_id, [row["entry_id"] for row in written])
    others = await uow.connection.fetch(
        "SELECT DISTINCT description FROM entry_texts WHERE book_id = $1 AND description IS NOT NULL AND author_id IS DISTINCT FROM $2",
        book_id,
        person_id,
    )
    shared = {row["description"].casefold() for row in others}  # a word that others wrote too says nothing of this person
    if book.kind is not BookKind.PERSONAL:  # of which nobody else was told
        gathered.texts |= {row["description"] for row in written if row["description"] and row["description"].casefold() not in shared}
    gathered.texts |= set(await comments.texts_of(uow, book_id, person_id))
    await comments.erase(uow, book_id, person_id)
    positions = [position.member_id for position in book.positions_of(person_id)] or [member_id]
    await group_log.erase(uow, book_id, positions)
    await _rename(uow, book_id, positions)
    if book.kind is not BookKind.PERSONAL and not any(other.person_id for other in uow.book(book_id).members):
        await _abandon(uow, gathered, book_id)


async def _erase_texts(uow: UnitOfWork, book_id: UUID, entry_ids: Sequence[UUID]) -> None:
    """With the salt: the commitment that stays in the chain cannot be compared with a guess any more."""
    await uow.execute(
        "UPDATE entry_texts SET description = NULL, salt = NULL, author_id = NULL WHERE book_id = $1 AND entry_id = ANY($2::uuid[])",
        book_id,
        entry_ids,
    )


async def _rename(uow: UnitOfWork, book_id: UUID, member_ids: Iterable[UUID]) -> None:
    """Also in the loaded book: messages answered in the same transaction must not say the old name."""
    gone = list(member_ids)
    await uow.execute(
        """UPDATE members SET name = $3, name_key = $3 || ' ' || member_id, aliases = '{}', person_id = NULL, active = false
        WHERE book_id = $1 AND member_id = ANY($2::uuid[])""",
        book_id,
        gone,
        FORMER,
    )
    book = uow.book(book_id)
    nameless = {"name": FORMER, "aliases": (), "person_id": None, "active": False}
    uow.change_book(replace(book, members=tuple(replace(m, **nameless) if m.member_id in gone else m for m in book.members)))  # type: ignore[arg-type]


async def _abandon(uow: UnitOfWork, gathered: _Gathered, book_id: UUID) -> None:
    """Nobody with an account is left in the group: its title, its guests and its texts were this person's alone."""
    book = uow.book(book_id)
    gathered.own_chats += [row["id"] for row in await uow.connection.fetch("SELECT id FROM conversations WHERE book_id = $1", book_id)]
    await _forget_names_and_texts(uow, book_id)
    await uow.execute("UPDATE books SET name = '', default_weights = '{}' WHERE book_id = $1", book_id)
    uow.change_book(replace(uow.book(book_id), name=""))
    await uow.execute("DELETE FROM join_codes WHERE book_id = $1", book.book_id)


async def _forget_names_and_texts(uow: UnitOfWork, book_id: UUID) -> None:
    """All of a book's, whoever wrote them: it was the person's alone."""
    await _rename(uow, book_id, [member.member_id for member in uow.book(book_id).members])
    await uow.execute("UPDATE entry_texts SET description = NULL, salt = NULL, author_id = NULL WHERE book_id = $1", book_id)
    await comments.erase_all(uow, book_id)
    await group_log.erase_all(uow, book_id)


# ------------------------------------------------------------------ conversations


async def _erase_in_web_chat(uow: UnitOfWork, channel: str, address: dict[str, str], *, now: datetime) -> Left:
    """An address of another channel is no id of a web person (128 random bits), so nothing is found for it."""
    keys = uow.keys

    async def about_bill(chat_id: str) -> Callable[[str], bool]:
        found = await uow.connection.fetch(
            """SELECT e.conversation_id, e.message_hash FROM message_effects e JOIN conversations c ON c.id = e.conversation_id
            WHERE c.address_hash = $1 AND cardinality(e.bill_ids) > 0""",
            conversation_hash(keys, ChatAddress(channel, address["account"], chat_id)),
        )
        known = {row["message_hash"] for row in found}
        return lambda message_id: any(message_hash(keys, row["conversation_id"], message_id) in known for row in found[:1])

    return await erase_web_person(uow, address["user"], about_bill=about_bill, now=now)


async def _erase_rows(uow: UnitOfWork, person_id: UUID, own_chats: Sequence[UUID], *, now: datetime) -> None:
    await uow.execute("UPDATE conversations SET state = NULL, book_id = NULL WHERE id = ANY($1::uuid[])", own_chats)
    await uow.execute("DELETE FROM buttons WHERE conversation_id = ANY($1::uuid[])", own_chats)
    await uow.execute("DELETE FROM message_effects WHERE conversation_id = ANY($1::uuid[])", own_chats)
    for kept in (
        banking,
        learning,
        payment_methods,
        payment_manners,
        imports,
        approvals,
        budgets,
        categories,
        goals,
        recurring,
        notices,
        report_schedules,
        mailboxes,
        tips,
    ):
        await kept.erase_rows(uow, person_id)
    await uow.execute("DELETE FROM addresses WHERE person_id = $1", person_id)
    await uow.execute("DELETE FROM person_books WHERE person_id = $1", person_id)
    await uow.execute(
        """UPDATE people SET data_key = NULL, profile = NULL, language = 'en', currency = NULL, time_zone = NULL, preferred_channel = NULL,
        erased_at = $2 WHERE id = $1""",
        person_id,
        now,
    )


async def _write_down(uow: UnitOfWork, gathered: _Gathered, person_id: UUID, *, now: datetime) -> None:
    data_key = uow.keys.new_data_key()
    words = orjson.dumps({"names": sorted(gathered.names), "texts": sorted(gathered.texts)})
    await uow.execute(
        """INSERT INTO erasures (person_id, erased_at, own_chats, heard_in, data_key, words, blob_keys) VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        person_id,
        now,
        gathered.own_chats,
        [each for each in gathered.heard_in if each not in gathered.own_chats],
        data_key,
        uow.keys.encrypt(data_key, words),
        gathered.blob_keys,
    )


# ------------------------------------------------------------------ the deletion list


async def erased_people(dsn: str) -> dict[UUID, datetime]:
    """Who was erased, and when; nobody in a database without our schema. An id is random and tells nobody who it was."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('public.people')") is None:
            return {}
        return {row["id"]: row["erased_at"] for row in await connection.fetch("SELECT id, erased_at FROM people WHERE erased_at IS NOT NULL")}
    finally:
        await connection.close()


async def returned_people(uow: UnitOfWork, person_ids: Sequence[UUID]) -> list[UUID]:
    """Those of the people on a deletion list who are there, as after the restore of an older backup."""
    rows = await uow.connection.fetch("SELECT id FROM people WHERE id = ANY($1::uuid[]) AND erased_at IS NULL ORDER BY id", person_ids)
    return [row["id"] for row in rows]
