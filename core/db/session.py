"""Connections and the unit of work: the only commit. Knows how to post; what to post is the services' affair."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg
import orjson

from core.db import books, posting
from core.db.crypto import Keys
from core.db.migrate import HEAD
from core.domain.ledger import JournalEntry
from core.domain.people import Book, Member

APP_ROLE = "tuppence_app"
AUDITOR_ROLE = "tuppence_auditor"
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")

Connection = asyncpg.pool.PoolConnectionProxy


class UnsafeDatabase(Exception):
    """The database would lose money or show it to the wrong people; the message says which setting."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one member in one currency: minor units (positive: is owed) and the rounding so far in millionths."""

    amount: int
    remainder: int


class Database:
    """A pool whose every connection is the application's role: no superuser, no change of the ledger, no row of an unnamed book."""

    def __init__(self, pool: asyncpg.Pool, keys: Keys) -> None:
        self.pool = pool
        self.keys = keys

    @classmethod
    async def open(cls, dsn: str, *, keys: Keys, pool_size: int = 8, durable: bool = True) -> Database:
        """Connect. Raises UnsafeDatabase for settings that lose data, a role that sees everything, or a schema of another version."""
        pool = await asyncpg.create_pool(
            dsn, min_size=1, max_size=pool_size, server_settings={"role": APP_ROLE, "application_name": "tuppence"}, init=_prepare, reset=_keep
        )
        try:
            async with pool.acquire() as connection:
                await _refuse_unsafe(connection, durable=durable)
        except BaseException:
            await pool.close()
            raise
        return cls(pool, keys)

    async def close(self) -> None:
        await self.pool.close()

    async def check_schema(self) -> None:
        """Reach the database and compare its schema. Raises UnsafeDatabase, or what the connection raises."""
        async with self.pool.acquire() as connection:
            await _refuse_other_schema(connection)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """One transaction: what was queued is flushed and all is committed at the end, nothing is where an exception leaves it."""
        async with self.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            uow = UnitOfWork(connection, self.keys)
            try:
                yield uow
                await uow.flush()
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()


@asynccontextmanager
async def read_snapshot(dsn: str) -> AsyncIterator[Connection]:
    """One unchanging picture of the whole database, over all books, for the auditor's role, which can only read. Nobody waits for it."""
    pool = await asyncpg.create_pool(
        dsn, min_size=1, max_size=1, server_settings={"role": AUDITOR_ROLE, "application_name": "tuppence check"}, init=_prepare
    )
    try:
        async with pool.acquire() as connection:
            await _refuse_other_schema(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
    finally:
        await pool.close()


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads)


async def _keep(_connection: asyncpg.Connection) -> None:
    """Nothing to reset: settings are transaction-local, locks and listeners belong to who keeps a connection. Saves a round trip each time."""


async def _refuse_unsafe(connection: Connection, *, durable: bool) -> None:
    role = await connection.fetchrow("SELECT rolsuper OR rolbypassrls AS sees_all, rolname FROM pg_roles WHERE rolname = current_user")
    if role is None or role["sees_all"] or role["rolname"] != APP_ROLE:
        raise UnsafeDatabase(f"connections must run as the role {APP_ROLE}")
    off = [name for name in DURABILITY if durable and await connection.fetchval(f"SHOW {name}") == "off"]
    if off:
        raise UnsafeDatabase(f"the database may lose what it confirmed: turn on {', '.join(off)}")
    await _refuse_other_schema(connection)


async def _refuse_other_schema(connection: Connection) -> None:
    revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    if revision != HEAD:
        raise UnsafeDatabase(f"the schema is at {revision}, this version needs {HEAD}: run `tuppence migrate`")


@dataclass(slots=True)
class Mark:
    """Where one message began: how much was queued before it and, once it wrote to the database, which books were loaded and locked by then."""

    entries: int
    members: int
    writes: int
    books: frozenset[UUID] | None = None
    locked: frozenset[UUID] = frozenset()


class UnitOfWork:
    """One transaction over the books that it names. Entries are queued and written in one statement a flush."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self.connection = connection
        self.keys = keys
        self._shelves: dict[UUID, books.Shelf] = {}
        self._locked: set[UUID] = set()
        self._entries: list[JournalEntry] = []
        self._members: list[tuple[UUID, Member]] = []
        self._writes: list[Callable[[Connection], Awaitable[None]]] = []
        self._mark: Mark | None = None
        self._saved = False

    async def load_books(self, book_ids: Iterable[UUID], *, lock: bool = True) -> None:
        """Name the books of this transaction, lock their rows in the order of their ids, and load members and balances. Unknown ids are ignored."""
        wanted = set(book_ids)
        missing = wanted - (self._locked if lock else self._shelves.keys())
        if not missing:
            return
        await books.name_books(self.connection, self._shelves.keys() | wanted)
        self._shelves |= await books.load(self.connection, missing, self.keys, lock=lock)
        if lock:
            self._locked |= missing & self._shelves.keys()

    async def add_book(self, book: Book) -> None:
        """A book that this transaction is about to insert: empty, and nobody else can see it yet."""
        await self._save()
        await books.name_books(self.connection, {*self._shelves, book.book_id})
        self._shelves[book.book_id] = books.Shelf(book)
        self._locked.add(book.book_id)

    def book(self, book_id: UUID) -> Book:
        """Raises KeyError for a book that was not loaded."""
        return self._shelves[book_id].book

    def change_book(self, book: Book) -> None:
        """Keep the loaded book right after a write."""
        self._shelves[book.book_id].book = book

    def balances(self, book_id: UUID) -> dict[tuple[UUID, str], Balance]:
        """(member, currency) to balance, queued entries included."""
        return {key: Balance(*sums) for key, sums in self._shelves[book_id].balances.items()}

    def queued(self, book_id: UUID) -> list[JournalEntry]:
        """Entries of a book that are not written yet."""
        return [entry for entry in self._entries if entry.book_id == book_id]

    def add_member(self, book_id: UUID, member: Member) -> None:
        """Queue a new member; its row is written before the entries that name it."""
        book = self.book(book_id)
        self.change_book(replace(book, members=(*book.members, member)))
        self._members.append((book_id, member))

    def post(self, entry: JournalEntry) -> None:
        """Queue an entry and move the balances in memory. The book must be locked."""
        assert entry.book_id in self._locked, "a book is locked before it is posted to"
        self._entries.append(entry)
        self._shelves[entry.book_id].move(entry, +1)

    def queue(self, write: Callable[[Connection], Awaitable[None]]) -> None:
        """Another write, done at the flush after the entries."""
        self._writes.append(write)

    async def execute(self, statement: str, *values: object) -> None:
        """A write done now, behind everything queued so far; a rewind takes it back too."""
        await self.flush()
        await self._save()
        await self.connection.execute(statement, *values)

    def mark(self) -> Mark:
        """The point where one message begins: what it writes from here on can be taken back by `rewind`, until the next mark."""
        self._mark = Mark(len(self._entries), len(self._members), len(self._writes))
        return self._mark

    async def mark_now(self) -> Mark:
        """As `mark`, and known to the database at once: a statement that fails, if only a question, can be taken back too."""
        mark = self.mark()
        await self._save()
        return mark

    async def rewind(self, mark: Mark) -> None:
        """Take back everything since the mark, flushed or not. Only the newest mark can be rewound to."""
        assert mark is self._mark, "one message is answered at a time"
        if mark.books is None:
            self._forget(mark)
            return
        await self.connection.execute("ROLLBACK TO SAVEPOINT message")
        self._entries, self._members, self._writes = [], [], []
        self._locked = set(mark.locked)
        self._shelves = await books.load(self.connection, mark.books, self.keys, lock=False)

    def _forget(self, mark: Mark) -> None:
        """Nothing reached the database since the mark: undo it in memory."""
        for entry in self._entries[mark.entries :]:
            self._shelves[entry.book_id].move(entry, -1)
        for book_id, member in self._members[mark.members :]:
            book = self.book(book_id)
            self.change_book(replace(book, members=tuple(known for known in book.members if known.member_id != member.member_id)))
            self._shelves[book_id].leave_out(member.member_id)
        del self._entries[mark.entries :], self._members[mark.members :], self._writes[mark.writes :]

    async def _save(self) -> None:
        """Set the savepoint of the newest mark before its first write reaches the database: most messages never need one."""
        mark = self._mark
        if mark is None or mark.books is not None:
            return
        later = self._entries[mark.entries :], self._members[mark.members :], self._writes[mark.writes :]
        del self._entries[mark.entries :], self._members[mark.members :], self._writes[mark.writes :]
        await self._write()
        await self.connection.execute("RELEASE SAVEPOINT message; SAVEPOINT message" if self._saved else "SAVEPOINT message")
        self._saved = True
        mark.books, mark.locked = frozenset(self._shelves), frozenset(self._locked)
        self._entries, self._members, self._writes = later

    async def flush(self) -> None:
        """Write everything queued: new members, entries, then the other writes in order."""
        mark = self._mark
        if mark is not None and mark.books is None:
            if (mark.entries, mark.members, mark.writes) != (len(self._entries), len(self._members), len(self._writes)):
                await self._save()
            else:
                mark.entries = mark.members = mark.writes = 0
        await self._write()

    async def _write(self) -> None:
        members, self._members = self._members, []
        if members:
            await books.insert_members(self.connection, members)
        entries, self._entries = self._entries, []
        if entries:
            heads = {entry.book_id: self._shelves[entry.book_id].head for entry in entries}
            for book_id, head in (await posting.write(self.connection, entries, heads)).items():
                self._shelves[book_id].head = head
        writes, self._writes = self._writes, []
        for write in writes:
            await write(self.connection)
