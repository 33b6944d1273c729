"""The words of a book's categories are kept encrypted, come with the book, and go with the last one who could say them."""

from __future__ import annotations

import asyncpg

from core.db import categories, erasure, people
from core.db.session import Database
from core.domain.categories import Category
from tests.support.builders import NOW, make_group, make_person

KITES = Category("own_1", "kitesurfing", "🪁", "#2e7d32")


async def stored(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return repr([row[0] for row in await connection.fetch("SELECT c::text FROM categories c")])
    finally:
        await connection.close()


async def test_they_come_with_their_book_and_nobody_else_reads_them(database: Database, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        await categories.keep(uow, book.book_id, KITES)
        await categories.keep(uow, book.book_id, Category("fees", hidden=True, merged_into="own_1"))
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id], lock=False)
        kinds = uow.book(book.book_id).categories
        assert kinds.get("fees") == KITES
        assert dict(kinds.changed) == {"own_1": KITES, "fees": Category("fees", hidden=True, merged_into="own_1")}
    text = await stored(dsn)
    assert "kitesurfing" not in text and b"kitesurfing".hex() not in text


async def test_they_are_erased_with_the_last_person_of_the_book(database: Database, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        anna, ben = await make_person(uow, "Anna"), await make_person(uow, "Ben")
        group = await make_group(uow, persons=[anna, ben])
        own = anna.personal_book_id
        for book_id in (own, group.book_id):
            await categories.keep(uow, book_id, KITES)
    async with database.unit_of_work() as uow:
        await erasure.erase_person(uow, anna.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        await uow.load_books([own, group.book_id], lock=False)
        assert uow.book(own).categories.get("own_1") == Category("own_1")
        assert uow.book(group.book_id).categories.get("own_1") == KITES  # Ben's as well
        await erasure.erase_person(uow, ben.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        await uow.load_books([group.book_id], lock=False)
        assert uow.book(group.book_id).categories.named == ()


async def test_a_message_that_fails_leaves_them_as_they_were(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        mark = uow.mark()
        await categories.keep(uow, book.book_id, KITES)
        await uow.rewind(mark)
        assert not uow.book(book.book_id).categories.knows("own_1")
        await people.update_book(uow, book.book_id, name="Porto")
