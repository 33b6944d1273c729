"""People, books and members: found by a keyed hash, named uniquely, claimed later."""

from __future__ import annotations

from datetime import timedelta

import asyncpg
import pytest

from core.db import people
from core.db.session import Database
from core.domain.messages import ChatAddress
from core.domain.people import BookKind
from core.errors import DomainError
from tests.support.builders import NOW, make_group, make_person
from tests.support.database import KEYS


async def test_a_person_is_found_by_their_address_and_has_a_book(database: Database) -> None:
    async with database.unit_of_work() as uow:
        made = await make_person(uow, "Anna", user="4711")
    async with database.unit_of_work() as uow:
        found = await people.find_person(uow, people.person_hash(KEYS, ChatAddress("webchat", "", "a group"), "4711"))
        assert found == made
        for other in (ChatAddress("terminal", "", "4711"), ChatAddress("webchat", "x", "4711")):
            assert await people.find_person(uow, people.person_hash(KEYS, other, "4711")) is None
        await uow.load_books([made.personal_book_id])
        book = uow.book(made.personal_book_id)
        assert (book.kind, [member.name for member in book.members]) == (BookKind.PERSONAL, ["Anna"])
        assert made.books == {book.book_id: book.members[0].member_id}


async def test_one_address_is_one_person(database: Database) -> None:
    async with database.unit_of_work() as uow:
        await make_person(uow, "Anna", user="4711")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.unit_of_work() as uow:
            await make_person(uow, "Anna", user="4711")


async def test_names_and_addresses_are_not_readable_in_the_database(database: Database, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        await make_person(uow, "Annabella", user="491701234567")
    connection = await asyncpg.connect(dsn)
    for table in ("people", "addresses"):
        rows = await connection.fetch(f"SELECT * FROM {table}")
        assert rows
        for value in (value for row in rows for value in row.values()):
            data = value if isinstance(value, bytes) else str(value).encode()
            assert b"Annabella" not in data
            assert b"491701234567" not in data
    await connection.close()


async def test_profiles_change(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna = await make_person(uow, "Anna")
        changed = await people.update_person(uow, anna.person_id, name="Änne", currency="CHF", language="de", time_zone="Europe/Zurich")
        assert (changed.name, changed.currency, changed.language, changed.time_zone) == ("Änne", "CHF", "de", "Europe/Zurich")
        assert changed.books == anna.books


async def test_guests_with_a_name_that_looks_taken_are_refused_and_persons_get_a_number(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, anna_too = await make_person(uow, "Anna"), await make_person(uow, "ANNA")
        book = await make_group(uow, persons=[anna, anna_too])
        assert [member.name for member in book.members] == ["Anna", "ANNA 2"]
        for name in ("anna", "\u0410nna", "@Anna", "Ann\u200ba", "ánna"):
            with pytest.raises(DomainError, match="name_taken"):
                await people.add_member(uow, book.book_id, name=name, person_id=None, now=NOW)


async def test_a_guest_is_claimed_with_history_and_place(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        ben = await make_person(uow, "Ben")
        [guest] = uow.book(book.book_id).members
        claimed = await people.claim_member(uow, book.book_id, member_id=guest.member_id, person_id=ben.person_id)
        assert (claimed.member_id, claimed.person_id) == (guest.member_id, ben.person_id)
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        assert uow.book(book.book_id).members == (claimed,)


async def test_books_and_members_change(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben")
        await people.update_book(uow, book.book_id, name="Porto", currency="JPY")
        await people.update_member(uow, book.book_id, book.members[0].member_id, name="Anne", aliases=["An"], active=False)
        with pytest.raises(DomainError, match="name_taken"):
            await people.update_member(uow, book.book_id, book.members[1].member_id, name="an")
        expected = uow.book(book.book_id)
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        kept = uow.book(book.book_id)
        assert (kept.name, kept.currency) == ("Porto", "JPY")
        assert [(m.name, tuple(m.aliases), m.active) for m in kept.members] == [("Anne", ("An",), False), ("Ben", (), True)]
        assert [m.name for m in expected.members] == ["Anne", "Ben"]


async def test_a_code_opens_its_book_until_it_expires(database: Database, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        await people.create_join_code(uow, book.book_id, code="K7M2QX", now=NOW, expires_at=NOW + timedelta(days=7))
        assert await people.book_for_code(uow, "K7M2QX", now=NOW) == book.book_id
        assert await people.book_for_code(uow, "K7M2QY", now=NOW) is None
        assert await people.book_for_code(uow, "K7M2QX", now=NOW + timedelta(days=7)) is None
        row = await uow.connection.fetchrow("SELECT * FROM join_codes")
        assert b"K7M2QX" not in row["code_hash"]
