"""The unit of work: what is queued, what is committed, what is taken back."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import pytest

from core.db import ledger, people
from core.db.ids import new_id
from core.db.posting import DuplicateEffect
from core.db.session import Balance, Database, UnsafeDatabase
from core.domain.ledger import reverse
from core.domain.people import Book
from core.services.plans import balances
from tests.support.builders import NOW, expense, make_group, make_person
from tests.support.database import KEYS


async def group(database: Database, *names: str) -> Book:
    async with database.unit_of_work() as uow:
        return await make_group(uow, *names)


async def entry_count(database: Database, book: Book) -> int:
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id], lock=False)
        return await uow.connection.fetchval("SELECT count(*) FROM entries")


async def test_what_is_posted_is_kept_with_balances_remainders_and_spending(database: Database) -> None:
    book = await group(database, "Anna", "Ben", "Cleo")
    anna, ben, cleo = (member.member_id for member in book.members)
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        uow.post(expense(book, 1000))
        assert uow.balances(book.book_id)[(ben, "EUR")] == Balance(-333, 333333)
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        assert uow.balances(book.book_id) == {
            (anna, "EUR"): Balance(666, -666666),
            (ben, "EUR"): Balance(-333, 333333),
            (cleo, "EUR"): Balance(-333, 333333),
        }
        assert await ledger.month_spending(uow, book.book_id, member_id=anna, month=NOW.date().replace(day=1)) == {("restaurants", "EUR"): 334}


async def test_an_exception_leaves_nothing(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as uow:
            await uow.load_books([book.book_id])
            uow.post(expense(book, 1000))
            await uow.flush()
            raise RuntimeError
    assert await entry_count(database, book) == 0


async def test_the_same_effect_twice_is_refused(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    for attempt in range(2):
        try:
            async with database.unit_of_work() as uow:
                await uow.load_books([book.book_id])
                uow.post(expense(book, 1000, key=b"same"))
        except DuplicateEffect:
            assert attempt == 1
            break
    else:
        pytest.fail("the second effect was taken")
    assert await entry_count(database, book) == 1


async def test_two_reversals_of_one_entry_are_refused(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    entry = expense(book, 1000)
    with pytest.raises(DuplicateEffect):
        async with database.unit_of_work() as uow:
            await uow.load_books([book.book_id])
            uow.post(entry)
            for key in (b"one", b"two"):
                uow.post(reverse(entry, entry_id=new_id(), recorded_at=NOW, actor_id=None, reason="undone", effect_key=key))
    assert await entry_count(database, book) == 0


async def test_a_message_taken_back_in_memory_leaves_the_others(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        uow.mark()
        uow.post(expense(book, 1000))
        mark = uow.mark()
        uow.post(expense(book, 500))
        await people.add_member(uow, book.book_id, name="Cleo", person_id=None, now=NOW)
        await uow.rewind(mark)
        assert {balance.amount for balance in uow.balances(book.book_id).values()} == {500, -500}
        assert uow.book(book.book_id).named("Cleo") is None
    assert await entry_count(database, book) == 1


async def test_a_newcomer_taken_back_leaves_no_balance(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        mark = uow.mark()
        cleo = await people.add_member(uow, book.book_id, name="Cleo", person_id=None, now=NOW)
        uow.post(expense(uow.book(book.book_id), 900))
        assert (cleo.member_id, "EUR") in uow.balances(book.book_id)
        await uow.rewind(mark)
        uow.mark()
        uow.post(expense(book, 1000))
        assert {member for member, _ in uow.balances(book.book_id)} == {member.member_id for member in book.members}
        assert {member for row in balances(uow, book.book_id).values() for member in row} == {member.member_id for member in book.members}


async def test_a_message_taken_back_after_its_flush_leaves_the_others(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    other = await group(database, "Dora", "Emil")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        for _ in range(2):  # the savepoint of the first message does not disturb the second's
            uow.mark()
            uow.post(expense(book, 1000))
            await uow.flush()
        mark = uow.mark()
        await uow.flush()
        uow.post(expense(book, 500))
        await people.update_book(uow, book.book_id, name="Porto")
        await make_group(uow, "Someone")
        await uow.load_books([other.book_id])
        uow.post(expense(other, 700))
        await uow.flush()
        uow.post(expense(book, 1))
        await uow.rewind(mark)
        assert uow.book(book.book_id).name == "Lisbon"
        assert {balance.amount for balance in uow.balances(book.book_id).values()} == {1000, -1000}
        with pytest.raises(KeyError):
            uow.book(other.book_id)
        uow.mark()
        uow.post(expense(book, 200))
    assert await entry_count(database, book) == 3
    assert await entry_count(database, other) == 0
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        assert {balance.amount for balance in uow.balances(book.book_id).values()} == {1100, -1100}


async def test_a_message_that_broke_the_database_is_taken_back_too(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        uow.post(expense(book, 1000))
        mark = uow.mark()
        with pytest.raises(asyncpg.DivisionByZeroError):
            await uow.execute("SELECT 1 / 0")
        await uow.rewind(mark)
    assert await entry_count(database, book) == 1


async def test_a_read_at_the_start_of_a_message_costs_no_savepoint(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        uow.post(expense(book, 1000))
        mark = uow.mark()
        await uow.flush()
        assert mark.books is None
        uow.post(expense(book, 500))
        await uow.rewind(mark)
    assert await entry_count(database, book) == 1


async def test_a_book_must_be_locked_before_it_is_posted_to(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id], lock=False)
        with pytest.raises(AssertionError):
            uow.post(expense(book, 1000))


async def test_unknown_books_are_ignored(database: Database) -> None:
    async with database.unit_of_work() as uow:
        unknown: UUID = new_id()
        await uow.load_books([unknown])
        with pytest.raises(KeyError):
            uow.book(unknown)


async def test_batches_that_overlap_neither_deadlock_nor_lose_a_unit(database: Database) -> None:
    books = [await group(database, "Anna", "Ben", "Cleo") for _ in range(4)]

    async def batch(number: int) -> None:
        for _ in range(5):
            async with database.unit_of_work() as uow:
                await uow.load_books([book.book_id for book in (books if number % 2 else reversed(books))])
                for book in books:
                    behind = {member: kept.remainder for (member, _), kept in uow.balances(book.book_id).items()}
                    uow.post(expense(book, 1000, behind=behind))

    await asyncio.gather(*(batch(number) for number in range(6)))
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id for book in books])
        for book in books:
            assert sum(kept.amount for kept in uow.balances(book.book_id).values()) == 0
            assert uow.balances(book.book_id)[(book.members[1].member_id, "EUR")].amount == -10000
            assert await uow.connection.fetchval("SELECT max(chain_no) FROM chain WHERE book_id = $1", book.book_id) == 30


async def test_one_link_a_transaction_and_book(database: Database) -> None:
    book = await group(database, "Anna", "Ben")
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        for _ in range(3):
            uow.post(expense(book, 1000))
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        assert await uow.connection.fetchval("SELECT count(*) FROM chain") == 1


async def test_names_in_a_batch_of_newcomers(database: Database) -> None:
    async with database.unit_of_work() as uow:
        profiles = [await make_person(uow, f"Person {number}") for number in range(20)]
        for profile in profiles:
            uow.post(expense(uow.book(profile.personal_book_id), 450, author_id=profile.person_id))
    for profile in profiles:
        assert await entry_count(database, await _book(database, profile.personal_book_id)) == 1


async def _book(database: Database, book_id: UUID) -> Book:
    async with database.unit_of_work() as uow:
        await uow.load_books([book_id], lock=False)
        return uow.book(book_id)


async def test_settings_that_lose_data_are_refused(dsn: str) -> None:
    with pytest.raises(UnsafeDatabase, match="fsync"):
        await Database.open(dsn, keys=KEYS)


async def test_another_schema_is_refused(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(UnsafeDatabase, match="9999"):
        await Database.open(dsn, keys=KEYS, durable=False)


async def test_a_role_that_sees_everything_is_refused(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER ROLE tuppence_app BYPASSRLS")
    try:
        with pytest.raises(UnsafeDatabase, match="tuppence_app"):
            await Database.open(dsn, keys=KEYS, durable=False)
    finally:
        await connection.execute("ALTER ROLE tuppence_app NOBYPASSRLS")
        await connection.close()
