"""Everything out, and everything gone while the sums stay."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from core.db import erasure, erasure_aftermath, ledger, people, privacy
from core.db.audit import audit
from core.db.session import Database
from core.domain.people import PersonProfile
from core.services import bills, membership
from tests.support.builders import NOW, expense, make_group, make_person

CANARIES = ("Annabella", "4917012345", "secret dinner", "Grandma")


async def life(database: Database) -> tuple[PersonProfile, PersonProfile]:
    """Annabella shares a group with Ben and keeps a book of her own, with a guest in it."""
    async with database.unit_of_work() as uow:
        anna, ben = await make_person(uow, "Annabella", user="4917012345"), await make_person(uow, "Ben")
        group = await make_group(uow, "Cleo", persons=[anna, ben])
        own = uow.book(anna.personal_book_id)
        await people.add_member(uow, own.book_id, name="Grandma", person_id=None, now=NOW)
        uow.post(expense(group, 1000, description="secret dinner", author_id=anna.person_id))
        uow.post(expense(group, 2000, description="taxi", author_id=ben.person_id))
        uow.post(expense(uow.book(own.book_id), 500, description="secret dinner for Grandma"))
        await uow.flush()
        found = await people.find_person(uow, people.person_hash(uow.keys, _address(), "4917012345"))
        other = await uow.connection.fetchrow("SELECT personal_book_id FROM people WHERE id = $1", ben.person_id)
        assert found is not None and other is not None
    return found, ben


def _address() -> people.ChatAddress:
    return people.ChatAddress("webchat", "", "4917012345")


async def hits(dsn: str) -> set[tuple[str, str]]:
    """Tables whose rows hold a canary in any column, as text or as bytes."""
    connection = await asyncpg.connect(dsn)
    tables = [row[0] for row in await connection.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")]
    found = set()
    for table in tables:
        for (text,) in await connection.fetch(f"SELECT t::text FROM {table} t"):
            found |= {(table, canary) for canary in CANARIES if canary in text or canary.encode().hex() in text}
    await connection.close()
    return found


async def balances(database: Database, person: PersonProfile) -> dict[object, object]:
    async with database.unit_of_work() as uow:
        await uow.load_books(person.books, lock=False)
        return {book: uow.balances(book) for book in person.books}


async def test_all_of_it_comes_out(database: Database) -> None:
    anna, _ = await life(database)
    async with database.unit_of_work() as uow:
        await uow.load_books(anna.books, lock=False)
        kept = await privacy.export_person(uow, anna.person_id)
    assert kept["name"] == "Annabella"
    assert kept["addresses"] == [{"channel": "webchat", "account": "", "user": "4917012345"}]
    assert {entry["description"] for book in kept["books"] for entry in book["entries"]} == {"secret dinner", "taxi", "secret dinner for Grandma"}
    assert {name for book in kept["books"] for name in book["members"]} == {"Annabella", "Ben", "Cleo", "Grandma"}


async def test_nothing_of_it_stays_but_the_sums(database: Database, dsn: str) -> None:
    anna, ben = await life(database)
    before = await balances(database, anna)
    assert {canary for _, canary in await hits(dsn)} >= {"Annabella", "secret dinner", "Grandma"}  # the search is able to find
    async with database.unit_of_work() as uow:
        await erasure.erase_person(uow, anna.person_id, now=NOW)
    assert await hits(dsn) == set()
    assert await balances(database, anna) == before
    assert (await audit(dsn))[1] == []
    async with database.unit_of_work() as uow:
        assert await people.find_person(uow, people.person_hash(uow.keys, _address(), "4917012345")) is None
        row = await uow.connection.fetchrow("SELECT data_key, profile FROM people WHERE id = $1", anna.person_id)
        assert tuple(row) == (None, None)
        await uow.load_books(ben.books | anna.books)
        names = {member.name for book in anna.books for member in uow.book(book).members}
        assert names == {"former member", "Ben", "Cleo"}
        texts = await uow.connection.fetch("SELECT description FROM entry_texts")
        assert {row[0] for row in texts} == {None, "taxi"}


async def test_who_was_erased_may_come_back_as_somebody_new(database: Database) -> None:
    anna, _ = await life(database)
    async with database.unit_of_work() as uow:
        await erasure.erase_person(uow, anna.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        again = await make_person(uow, "Annabella", user="4917012345")
    assert again.person_id != anna.person_id
    assert set(again.books) == {again.personal_book_id}


async def test_an_erasure_that_fails_erases_nothing(database: Database, dsn: str) -> None:
    anna, _ = await life(database)
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as uow:
            await erasure.erase_person(uow, anna.person_id, now=NOW)
            raise RuntimeError
    assert {canary for _, canary in await hits(dsn)} >= {"Annabella", "secret dinner", "Grandma"}


async def test_nobody_claims_a_position_by_calling_themselves_a_former_member(database: Database) -> None:
    anna, ben = await life(database)
    async with database.unit_of_work() as uow:
        await erasure.erase_person(uow, anna.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        group = next(iter(anna.books.keys() - {anna.personal_book_id}))
        mallory = await make_person(uow, "Former Member")
        await uow.load_books([group, *ben.books])
        member, how = await membership.join(uow, group, mallory, now=NOW)
        assert (how, member.member_id in anna.books.values()) == ("new", False)


async def test_words_of_the_erased_go_where_others_amended_the_bill(database: Database, dsn: str) -> None:
    anna, ben = await life(database)
    async with database.unit_of_work() as uow:
        group = next(iter(anna.books.keys() - {anna.personal_book_id}))
        await uow.load_books([group])
        effects = bills.Effects(b"key", uow.book(group).members[1].member_id, ben.person_id)
        entry_id = await uow.connection.fetchval("SELECT entry_id FROM entry_texts WHERE book_id = $1 AND description = 'secret dinner'", group)
        bill_id = await uow.connection.fetchval("SELECT bill_id FROM entries WHERE book_id = $1 AND entry_id = $2", group, entry_id)
        standing = await ledger.standing(uow, group, bill_id=bill_id)
        assert standing is not None
        bills.take_back(uow, standing, effects, now=NOW, reason="deleted")
        uow.post(expense(uow.book(group), 1100, description="secret dinner", author_id=ben.person_id, bill_id=bill_id))
    async with database.unit_of_work() as uow:
        await erasure.erase_person(uow, anna.person_id, now=NOW)
    assert await hits(dsn) == set()
    assert (await audit(dsn))[1] == []


async def test_an_erased_person_is_erased_once(database: Database) -> None:
    anna, _ = await life(database)
    for _ in range(2):
        async with database.unit_of_work() as uow:
            await erasure.erase_person(uow, anna.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        assert await erasure_aftermath.next_erasure(uow, after=UUID(int=0)) is not None
        assert await erasure.returned_people(uow, [anna.person_id]) == []
