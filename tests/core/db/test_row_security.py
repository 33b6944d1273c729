"""Row-level security (T9): a transaction sees the books it names and no others, and nobody rewrites the ledger."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import asyncpg
import pytest

from core.db import budgets, categories, comments, goals, group_log, ledger, recurring, tips
from core.db.audit_checks import GLOBAL_TABLES, INSERT_ONLY
from core.db.comments import Comment
from core.db.group_log import Change, Kind
from core.db.ids import new_id
from core.db.recurring import Outcome
from core.db.session import APP_ROLE, Database
from core.domain.budgets import Budget, Cycle
from core.domain.categories import Category
from core.domain.goals import Goal
from core.domain.money import Money
from core.domain.people import Book
from core.domain.recurrence import Every, Rule
from core.services import payments
from tests.support.builders import NOW, expense, make_group, make_person, repeating
from tests.support.database import KEYS, TENANT_TABLES, copy_of_template


@pytest.fixture(scope="module")
def shared(server: str) -> Iterator[tuple[str, tuple[Book, Book]]]:
    """(DSN, two books with the same things in them): one database for this file; what a test changes is rolled back."""
    with copy_of_template(server) as dsn:
        yield dsn, asyncio.run(record(dsn))


async def record(dsn: str) -> tuple[Book, Book]:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    async with database.unit_of_work() as uow:
        books = [await make_group(uow, "Anna", "Ben", name=name) for name in ("Lisbon", "Porto")]
        for book in books:
            uow.post(expense(uow.book(book.book_id), 1000, description=f"dinner in {book.name}"))
            anna, ben = book.members
            said = Comment(new_id(), anna.member_id, f"about {book.name}", NOW)
            await budgets.keep(uow, book.book_id, Budget(new_id(), "food", Money(40000, "EUR"), Cycle.MONTH, NOW.date()))
            await categories.keep(uow, book.book_id, Category(categories.new_code(), f"kites in {book.name}"))
            await goals.keep(uow, book.book_id, Goal(new_id(), f"sofa for {book.name}", Money(90000, "EUR"), None, NOW.date(), 0))
            await tips.keep_shown(uow, book.book_id, "coffee_often", on=NOW.date())
            await comments.add(uow, book.book_id, said, person_id=new_id())
            await group_log.add(uow, book.book_id, Change(Kind.RENAMED, anna.member_id, ben.member_id, before="Ben", after="Benno"), now=NOW)
            await recurring.keep(uow, rent := repeating(book.book_id, anna.member_id, Rule(Every.MONTH, NOW.date())))
            await recurring.claim(uow, rent, [NOW.date()], Outcome.POSTED, now=NOW)
            await payments.propose(uow, book.book_id, sender=ben.member_id, receiver=anna.member_id, amount=Money(500, "EUR"), now=NOW)
    await database.close()
    return books[0], books[1]


@pytest.fixture
def two(shared: tuple[str, tuple[Book, Book]]) -> tuple[Book, Book]:
    return shared[1]


@pytest.fixture
async def app(shared: tuple[str, tuple[Book, Book]]) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the application's role, in a transaction that names no book."""
    connection = await asyncpg.connect(shared[0], server_settings={"role": APP_ROLE})
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


async def name(connection: asyncpg.Connection, *books: Book) -> None:
    await connection.execute("SELECT set_config('tuppence.books', $1, true)", "{" + ",".join(str(book.book_id) for book in books) + "}")


async def refused(connection: asyncpg.Connection, statement: str, *values: object) -> bool:
    """Whether the database refuses outright; a statement that touches no row is not refused."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        await connection.execute(statement, *values)
    except asyncpg.InsufficientPrivilegeError:
        return True
    finally:
        await savepoint.rollback()
    return False


async def test_the_list_of_tables_is_complete(app: asyncpg.Connection) -> None:
    """From the catalogue: a new table with book_id is a tenant's, and forced, or it is named as global."""
    rows = await app.fetch(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind IN ('r', 'p') AND a.attname = 'book_id' AND c.relnamespace = 'public'::regnamespace"""
    )
    assert {row["relname"] for row in rows} - set(GLOBAL_TABLES) == set(TENANT_TABLES)
    assert {row["relname"] for row in rows if row["forced"]} == set(TENANT_TABLES)


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_without_a_book_there_is_nothing(two: tuple[Book, Book], app: asyncpg.Connection, table: str) -> None:
    assert await app.fetchval(f"SELECT count(*) FROM {table}") == 0
    await app.execute("SELECT set_config('tuppence.books', '', true)")
    assert await app.fetchval(f"SELECT count(*) FROM {table}") == 0


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_with_one_book_there_are_its_rows_alone(two: tuple[Book, Book], app: asyncpg.Connection, table: str) -> None:
    for book in two:
        await name(app, book)
        assert {row[0] for row in await app.fetch(f"SELECT book_id FROM {table}")} == {book.book_id}
    await name(app, *two)
    assert {row[0] for row in await app.fetch(f"SELECT book_id FROM {table}")} == {book.book_id for book in two}


@pytest.mark.parametrize("table", TENANT_TABLES)
async def test_no_row_is_written_into_another_book(two: tuple[Book, Book], app: asyncpg.Connection, table: str) -> None:
    mine, theirs = two
    await name(app, mine)
    columns = [row[0] for row in await app.fetch("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0", table)]
    rest = ", ".join(column for column in columns if column != "book_id")
    assert await refused(app, f"INSERT INTO {table} (book_id, {rest}) SELECT '{theirs.book_id}', {rest} FROM {table}")
    if table not in INSERT_ONLY:
        assert await refused(app, f"UPDATE {table} SET book_id = '{theirs.book_id}'")
        kept = f"UPDATE {table} SET book_id = book_id WHERE book_id = '{theirs.book_id}'"
        assert await refused(app, kept) or await app.execute(kept) == "UPDATE 0"


@pytest.mark.parametrize("table", [*TENANT_TABLES, "inbox_keys", "job_occurrences"])
async def test_the_application_deletes_nothing_and_changes_no_ledger(two: tuple[Book, Book], app: asyncpg.Connection, table: str) -> None:
    await name(app, *two)
    for statement in (
        f"DELETE FROM {table}",
        f"TRUNCATE {table}",
        f"TRUNCATE {table} CASCADE",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table} ADD x int",
    ):
        assert await refused(app, statement), statement
    if table in INSERT_ONLY:
        for column in [row[0] for row in await app.fetch("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0", table)]:
            assert await refused(app, f"UPDATE {table} SET {column} = {column}"), column


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entries DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE postings DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP POLICY named_books ON entries",
        "CREATE POLICY mine ON entries USING (true)",
        "ALTER ROLE tuppence_app BYPASSRLS",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "GRANT DELETE ON entries TO tuppence_app",
    ],
)
async def test_the_application_cannot_take_the_walls_down(app: asyncpg.Connection, statement: str) -> None:
    if statement.startswith("GRANT"):  # Postgres only warns: nothing was granted
        await app.execute(statement)
        assert not await app.fetchval("SELECT has_table_privilege('tuppence_app', 'entries', 'DELETE')")
    else:
        assert await refused(app, statement)


@pytest.mark.parametrize("table", ["entries", "postings", "chain"])
async def test_even_the_owner_changes_no_ledger(shared: tuple[str, tuple[Book, Book]], table: str) -> None:
    connection = await asyncpg.connect(shared[0])
    for statement in (f"UPDATE {table} SET book_id = book_id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await connection.execute(statement)
    await connection.close()


async def test_an_unbalanced_entry_is_refused_by_the_database(two: tuple[Book, Book], app: asyncpg.Connection) -> None:
    await name(app, two[0])
    with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
        await app.execute(
            """INSERT INTO postings (book_id, entry_id, no, member_id, role, currency, amount)
            SELECT book_id, entry_id, 7, member_id, role, currency, 1 FROM postings LIMIT 1"""
        )


async def test_functions_without_their_where_clause_would_still_see_one_book(shared: tuple[str, tuple[Book, Book]]) -> None:
    """Every read asked for another book than the one named: the filter in the query is not what keeps the books apart."""
    mine, theirs = shared[1]
    database = await Database.open(shared[0], keys=KEYS, durable=False)
    async with database.unit_of_work() as uow:
        await uow.load_books([mine.book_id])
        [bill] = await ledger.bills(uow, mine.book_id)
        assert bill.description == "dinner in Lisbon"
        assert await ledger.bills(uow, theirs.book_id) == []
        assert await ledger.month_spending(uow, theirs.book_id, member_id=theirs.members[0].member_id, month=bill.occurred_on.replace(day=1)) == {}
        assert [row[0] for row in await uow.connection.fetch("SELECT description FROM entry_texts")] == ["dinner in Lisbon"]
    await database.close()


async def test_what_a_transaction_names_ends_with_it(database: Database) -> None:
    """Many transactions of many tenants over few connections: none ever sees more than its own."""
    async with database.unit_of_work() as uow:
        people = [await make_person(uow, f"Person {number}") for number in range(12)]
    ids = [person.personal_book_id for person in people]
    chance = random.Random(7)

    async def tenant(mine: list[UUID], *, fails: bool) -> None:
        async with database.unit_of_work() as uow:
            assert await uow.connection.fetchval("SELECT count(*) FROM books") == 0
            await uow.load_books(mine, lock=chance.random() < 0.5)
            await asyncio.sleep(0)
            assert {row[0] for row in await uow.connection.fetch("SELECT book_id FROM members")} == set(mine)
            if fails:
                raise LookupError

    for _ in range(20):
        batch = [tenant(chance.sample(ids, chance.randint(1, 4)), fails=chance.random() < 0.3) for _ in range(20)]
        outcomes = await asyncio.gather(*batch, return_exceptions=True)
        assert all(outcome is None or isinstance(outcome, LookupError) for outcome in outcomes), outcomes
