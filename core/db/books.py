"""Books and their members as rows: naming, locking and loading them. What joins or leaves is decided elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import asyncpg
import orjson

from core.db.chain import GENESIS
from core.db.crypto import Keys
from core.domain.categories import Categories, Category
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.people import Book, BookKind, DefaultSplit, Member, Role, Rules, name_key

Connection = asyncpg.pool.PoolConnectionProxy
A_PAGE = 500


@dataclass(slots=True)
class Shelf:
    """A loaded book: its balances as [amount, remainder] by (member, currency), and the head of its chain (number, hash)."""

    book: Book
    balances: dict[tuple[UUID, str], list[int]] = field(default_factory=dict)
    head: tuple[int, bytes] = (0, GENESIS)

    def move(self, entry: JournalEntry, sign: int) -> None:
        """Move the balances by an entry, or (-1) back."""
        for posting in entry.postings:
            sums = self.balances.setdefault((posting.member_id, posting.amount.currency), [0, 0])
            sums[0] += sign * posting.amount.minor
            sums[1] += sign * posting.remainder

    def leave_out(self, member_id: UUID) -> None:
        """Nobody has this member's balances any more: the member was taken back too."""
        self.balances = {key: sums for key, sums in self.balances.items() if key[0] != member_id}


async def name_books(connection: Connection, book_ids: Iterable[UUID]) -> None:
    """The books whose rows this transaction may see: row-level security shows no others."""
    names = ",".join(sorted(str(book_id) for book_id in book_ids))
    await connection.execute(f"SET LOCAL tuppence.books = '{{{names}}}'")  # UUID objects: nothing of a person's text gets here


async def pages(connection: Connection) -> AsyncIterator[list[UUID]]:
    """The ids of all books that a person has, a page at a time in their order; the books of the page at hand are named."""
    after = UUID(int=0)
    while True:
        rows = await connection.fetch("SELECT DISTINCT book_id FROM person_books WHERE book_id > $1 ORDER BY book_id LIMIT $2", after, A_PAGE)
        if not rows:
            return
        page = [row["book_id"] for row in rows]
        await name_books(connection, page)
        yield page
        after = page[-1]


_BOOKS = """SELECT book_id, kind, name, currency, currency_said, default_split, language, time_zone, default_weights, settles_in, payday,
  own_only, approve_over, approve_currency, quiet_from, quiet_until, archived_at FROM books
WHERE book_id = ANY($1::uuid[]) ORDER BY book_id"""
_REST = """SELECT book_id, 'member' AS is, member_id, person_id, name, aliases, active, in_chat, also_person, household, role, same_as,
  NULL::char(3) AS currency, NULL::bigint AS amount, NULL::bigint AS remainder, NULL::bytea AS hash, joined_at, NULL::bytea AS data_key
  FROM members WHERE book_id = ANY($1::uuid[])
UNION ALL SELECT book_id, 'balance', member_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, currency, amount, remainder, NULL, NULL, NULL
  FROM balances WHERE book_id = ANY($1::uuid[])
UNION ALL SELECT book_id, 'head', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, chain_no, NULL, hash, NULL, NULL
  FROM chain_heads WHERE book_id = ANY($1::uuid[])
UNION ALL SELECT book_id, 'category', NULL, NULL, code, NULL, hidden, NULL, NULL, NULL, merged_into, NULL, NULL, NULL, NULL, label, NULL, data_key
  FROM categories WHERE book_id = ANY($1::uuid[])
ORDER BY joined_at, member_id, name"""


async def load(connection: Connection, book_ids: Iterable[UUID], keys: Keys, *, lock: bool) -> dict[UUID, Shelf]:
    """Books with members, categories, balances and chain heads. Locked first: what is read after that cannot change any more."""
    ids = sorted(book_ids)
    rows = await connection.fetch(_BOOKS + (" FOR NO KEY UPDATE" if lock else ""), ids)
    found = {row["book_id"]: row for row in rows}
    members: dict[UUID, list[Member]] = {book_id: [] for book_id in found}
    shelves: dict[UUID, Shelf] = {}
    balances: dict[UUID, dict[tuple[UUID, str], list[int]]] = {book_id: {} for book_id in found}
    heads: dict[UUID, tuple[int, bytes]] = {}
    categories: dict[UUID, dict[str, Category]] = {book_id: {} for book_id in found}
    for row in await connection.fetch(_REST, ids):
        book_id = row["book_id"]
        if row["is"] == "member":
            members[book_id].append(_member(row))
        elif row["is"] == "balance":
            balances[book_id][(row["member_id"], row["currency"])] = [row["amount"], row["remainder"]]
        elif row["is"] == "category":
            categories[book_id][row["name"]] = _category(keys, row)
        else:
            heads[book_id] = (row["amount"], row["hash"])
    for book_id, row in found.items():
        book = book_from(row, tuple(members[book_id]), Categories(categories[book_id]))
        shelves[book_id] = Shelf(book, balances[book_id], heads.get(book_id, (0, GENESIS)))
    return shelves


def _member(row: asyncpg.Record) -> Member:
    return Member(
        row["member_id"],
        row["name"],
        row["person_id"],
        tuple(row["aliases"]),
        row["active"],
        in_chat=row["in_chat"],
        also_person=row["also_person"],
        household=row["household"],
        role=Role(row["role"]),
        same_as=row["same_as"],
    )


def _category(keys: Keys, row: asyncpg.Record) -> Category:
    """Without words where these were erased."""
    label = orjson.loads(keys.decrypt(row["data_key"], row["hash"])) if row["hash"] is not None else {}
    return Category(row["name"], hidden=row["active"], merged_into=row["role"], **label)


def book_from(row: asyncpg.Record, members: tuple[Member, ...], categories: Categories) -> Book:
    return Book(
        book_id=row["book_id"],
        kind=BookKind(row["kind"]),
        name=row["name"],
        currency=row["currency"],
        currency_said=row["currency_said"],
        default_split=DefaultSplit(row["default_split"]),
        language=row["language"],
        time_zone=row["time_zone"],
        members=members,
        default_weights={
            word: {UUID(member): Decimal(weight) for member, weight in weights.items()} for word, weights in row["default_weights"].items()
        },
        settles_in=row["settles_in"],
        payday=row["payday"],
        rules=rules_from(row),
        categories=categories,
    )


def rules_from(row: asyncpg.Record) -> Rules:
    return Rules(
        own_only=row["own_only"],
        approve_over=Money(row["approve_over"], row["approve_currency"]) if row["approve_over"] is not None else None,
        quiet=(row["quiet_from"], row["quiet_until"]) if row["quiet_from"] is not None else None,
        archived=row["archived_at"] is not None,
    )


async def all_books(connection: Connection) -> list[asyncpg.Record]:
    """(book_id, name, kind) of every book that somebody is in or can join, for whoever runs the service: names all of them in the transaction."""
    ids = await connection.fetch("SELECT book_id FROM person_books UNION SELECT book_id FROM join_codes")
    await name_books(connection, [row["book_id"] for row in ids])
    return list(await connection.fetch("SELECT book_id, name, kind FROM books ORDER BY created_at, book_id"))


async def insert_members(connection: Connection, members: Sequence[tuple[UUID, Member]]) -> None:
    """New members; those with a person also enter the person's list of books."""
    await connection.execute(
        """INSERT INTO members (book_id, member_id, person_id, name, name_key, in_chat, role, joined_at)
        SELECT b, m, p, n, k, c, r, clock_timestamp()
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::boolean[], $7::text[]) AS t (b, m, p, n, k, c, r)""",
        [book_id for book_id, _ in members],
        [member.member_id for _, member in members],
        [member.person_id for _, member in members],
        [member.name for _, member in members],
        [name_key(member.name) for _, member in members],
        [member.in_chat for _, member in members],
        [member.role.value for _, member in members],
    )
    with_person = [(member.person_id, book_id, member.member_id) for book_id, member in members if member.person_id is not None]
    if with_person:
        await connection.executemany(
            "INSERT INTO person_books (person_id, book_id, member_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", with_person
        )
