"""The parts of bills that all figures are counted from: whose, of which days, of what; one by one, by bill, by day, or summed. Converts nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

import asyncpg

from core.db.ledger import STANDS, contains
from core.db.session import UnitOfWork
from core.domain.figures import TIMES, Bill, By, Part, Spent, first_day
from core.domain.ledger import Role

Whose = Mapping[UUID, Sequence[UUID] | None]  # by book the members whose parts count; None: everybody's, which is all of each bill

# What stands of expenses, payments between people and income being none; and whose parts of it count, by the values of `_whose`.
_IS_SPENT = f"e.kind = 'expense' AND {STANDS}"
_COUNTS = "p.role = $2 AND (p.book_id = ANY($3::uuid[]) OR p.member_id = ANY($4::uuid[]))"
_CATEGORY = "coalesce(e.category, 'other')"
_PART = f"""SELECT e.book_id, e.entry_id, e.bill_id, e.occurred_on, e.recorded_at, {_CATEGORY} AS category,
  coalesce(t.description, '') AS words, p.no, p.member_id, p.currency, CASE WHEN p.role = 'share' THEN -p.amount ELSE p.amount END AS minor
  FROM entries e JOIN postings p USING (book_id, entry_id) LEFT JOIN entry_texts t USING (book_id, entry_id)"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which bills count. Both days are included, None: no end. `text`: a part of the description, any case.

    `along`: only bills that one of these members has a part in, whoever's parts are counted.
    """

    first: date | None = None
    last: date | None = None
    category: str | None = None
    text: str | None = None
    along: Sequence[UUID] | None = None


Codes = Mapping[UUID, Collection[str]]  # by book the categories, as its bills have them, that count as the one that is asked for


async def begun(uow: UnitOfWork, whose: Whose) -> date | None:
    """The day of the first expense that stands in any of the loaded books, whosever it was."""
    await uow.flush()
    found: date | None = await uow.connection.fetchval(
        f"SELECT min(e.occurred_on) FROM entries e WHERE e.book_id = ANY($1::uuid[]) AND e.kind = 'expense' AND {STANDS}", list(whose)
    )
    return found


async def words(uow: UnitOfWork, whose: Whose, *, most: int) -> list[str]:
    """What the newest expenses of loaded books are described by, each once."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT DISTINCT description FROM (SELECT description FROM entry_texts WHERE book_id = ANY($1::uuid[]) AND description IS NOT NULL
          ORDER BY entry_id DESC LIMIT $2) t""",
        list(whose),
        most,
    )
    return [row["description"] for row in rows]


async def parts(uow: UnitOfWork, whose: Whose, asked: Asked, *, codes: Codes | None = None, role: Role = Role.SHARE) -> list[Part]:
    """One by one, by day. `role`: what was shared, or what was PAID. Books are loaded. Without `codes` a category is one of that very code."""
    await uow.flush()
    own, values = _own(whose, asked, codes, role)
    rows = await uow.connection.fetch(
        f"""SELECT book_id, bill_id, occurred_on, category, words, member_id, currency, minor FROM ({own}) own
        ORDER BY occurred_on, entry_id, no""",
        *values,
    )
    return [Part(*row) for row in rows]


async def bills(uow: UnitOfWork, whose: Whose, *, first: date, last: date | None = None, most: int | None = None) -> list[Bill]:
    """What the shares in each bill of some days come to, by day; `most`: of each book, the newest, found without a look at the older ones.

    What this transaction has not written yet is left out.
    """
    rows = await uow.connection.fetch(
        f"""SELECT book_id, bill_id, occurred_on, category, coalesce(t.description, ''), currency, minor, recorded_at
        FROM unnest($1::uuid[]) book (id), LATERAL (
          SELECT e.book_id, e.entry_id, e.bill_id, e.occurred_on, {_CATEGORY} AS category, e.recorded_at, own.currency, own.minor
          FROM entries e, LATERAL (SELECT p.currency, -sum(p.amount)::bigint AS minor FROM postings p
            WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND {_COUNTS} GROUP BY p.currency) own
          WHERE e.book_id = book.id AND {_IS_SPENT} AND e.occurred_on >= $5 AND ($6::date IS NULL OR e.occurred_on <= $6)
          ORDER BY e.occurred_on DESC, e.entry_id DESC LIMIT $7) newest
        LEFT JOIN entry_texts t USING (book_id, entry_id) ORDER BY occurred_on, entry_id""",
        *_whose(whose, Role.SHARE),
        first,
        last,
        most,
    )
    return [Bill(*row) for row in rows]


async def by_day(uow: UnitOfWork, whose: Whose, asked: Asked) -> list[Spent]:
    """What the shares of each book's days come to in each category and currency, by day."""
    await uow.flush()
    own, values = _own(whose, asked, None, Role.SHARE, within="e.book_id = book.id")  # book by book: half the work of all at once
    rows = await uow.connection.fetch(
        f"""SELECT summed.* FROM unnest($1::uuid[]) book (id), LATERAL (
          SELECT book_id, occurred_on, category, currency, sum(minor)::bigint FROM ({own}) own GROUP BY 1, 2, 3, 4) summed""",
        *values,
    )
    return sorted((Spent(*row) for row in rows), key=lambda row: row.on)  # by the database all that is summed would be sorted first


def _whose(whose: Whose, role: Role) -> list[object]:
    """The first values of every query: books, the role, those of the books of which everybody's parts count, and members."""
    everybodys = [book for book, members in whose.items() if members is None]
    return [list(whose), role.value, everybodys, [member for each in whose.values() for member in each or ()]]


def _own(whose: Whose, asked: Asked, codes: Codes | None, role: Role, *, within: str = "e.book_id = ANY($1::uuid[])") -> tuple[str, list[object]]:
    """A query for the parts that count, and its values."""
    if codes is None and asked.category is not None:
        codes = dict.fromkeys(whose, (asked.category,))
    values = _whose(whose, role)
    said = [
        (asked.first, "e.occurred_on >= ${}::date"),
        (asked.last, "e.occurred_on <= ${}::date"),
        (contains(asked.text), "t.description ILIKE ${}::text"),
        (asked.along, "EXISTS (SELECT FROM postings a WHERE (a.book_id, a.entry_id) = (e.book_id, e.entry_id) AND a.role = 'share'"
         " AND a.member_id = ANY(${}::uuid[]))"),
    ]  # fmt: skip
    where = [within, _IS_SPENT, _COUNTS]
    for value, condition in said:
        if value is not None:
            values.append(value)
            where.append(condition.format(len(values)))
    if codes is not None:
        pairs = [(book, code) for book, each in codes.items() for code in each]
        values += [[book for book, _ in pairs], [code for _, code in pairs]]
        where.append(f"(e.book_id, {_CATEGORY}) IN (SELECT * FROM unnest(${len(values) - 1}::uuid[], ${len(values)}::text[]))")
    return f"{_PART} WHERE {' AND '.join(where)}", values


# ------------------------------------------------------------------ summed by the database


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be summed. `edges`: days at which stretches of time begin, in order; `since`: all else is of the days from there on alone.

    `apart`: by merchants' words, persons or a time. `bills`: so many of the newest, None: all. `currency`: of which the largest part is wanted.
    """

    edges: Sequence[date]
    since: date
    apart: Collection[By]
    bills: int | None
    currency: str


class Stretch(NamedTuple):
    """What one book's parts of a category in one currency come to between two edges, those of number `place` and the next; its first and last day."""

    place: int
    book_id: UUID
    category: str
    currency: str
    minor: int
    first: date
    last: date


class Apart(NamedTuple):
    """What parts of one key come to in one currency: a description, a member's id, or the first day of a time; and the last of their days."""

    key: str | UUID | date
    currency: str
    minor: int
    last: date


@dataclass(frozen=True, slots=True)
class Summed:
    """`count`: of bills. `biggest`: the largest part. `bills`: the newest, the oldest of them first."""

    stretches: Sequence[Stretch]
    apart: Mapping[By, list[Apart]]
    count: int
    biggest: Bill | None
    bills: Sequence[Bill]


# Columns: what a row is, place, book, bill or member, category, words, currency, minor units, when it was recorded, first and last day.
_SUMS = "sum(minor)::bigint, NULL::timestamptz, min(occurred_on) AS first, max(occurred_on)"
_TIME = "date_trunc('{}', occurred_on::timestamp)"
_KEYS = {By.MERCHANT: "words", By.PERSON: "member_id"} | {time: _TIME.format(time) for time in TIMES}
_SHOWN = {By.MERCHANT: "NULL::uuid, NULL, words", By.PERSON: "member_id, NULL, NULL"}


async def summed(uow: UnitOfWork, whose: Whose, asked: Asked, wanted: Wanted, *, codes: Codes | None = None) -> Summed:
    """In one statement, so that whatever is written meanwhile, all is counted from the same bills. Books are loaded."""
    await uow.flush()
    own, values = _own(whose, asked, codes, Role.SHARE)
    edges, since, currency, most = (f"${len(values) + number}" for number in range(1, 5))
    later = f"FROM own WHERE occurred_on >= {since}"
    told = [
        f"""SELECT 'stretch', width_bucket(occurred_on, {edges}::date[]) AS place, book_id, NULL::uuid, category, NULL, currency, {_SUMS}
        FROM own GROUP BY place, book_id, category, currency""",
        f"SELECT 'count', NULL, NULL, NULL, NULL, NULL, NULL, count(DISTINCT bill_id), NULL, NULL, NULL {later}",
        f"""(SELECT 'biggest', NULL, book_id, bill_id, category, words, currency, minor, recorded_at, occurred_on, occurred_on
        {later} AND currency = {currency} ORDER BY minor DESC, occurred_on DESC, entry_id, no LIMIT 1)""",
        f"""(SELECT 'bill', NULL, book_id, bill_id, category, words, currency, sum(minor)::bigint, recorded_at, occurred_on, NULL
        {later} GROUP BY book_id, entry_id, bill_id, category, words, currency, recorded_at, occurred_on
        ORDER BY occurred_on DESC, entry_id DESC LIMIT {most})""",
    ]
    told += [
        f"SELECT '{by}', NULL, NULL, {_SHOWN.get(by, 'NULL, NULL, NULL')}, currency, {_SUMS} {later} GROUP BY {_KEYS[by]}, currency"
        for by in wanted.apart
    ]
    rows = await uow.connection.fetch(
        f"WITH own AS MATERIALIZED ({own}) {' UNION ALL '.join(told)}", *values, list(wanted.edges), wanted.since, wanted.currency, wanted.bills
    )
    return _summed(rows, wanted)


def _summed(rows: Sequence[asyncpg.Record], wanted: Wanted) -> Summed:
    found: dict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    stretches = [Stretch(row[1], row[2], row[4], row[6], row[7], row[9], row[10]) for row in found["stretch"]]
    apart = {by: _apart(by, found[by]) for by in wanted.apart}
    return Summed(stretches, apart, found["count"][0][7], next(map(_bill, found["biggest"]), None), [_bill(row) for row in reversed(found["bill"])])


def _bill(row: asyncpg.Record) -> Bill:
    return Bill(row[2], row[3], row[9], row[4], row[5], row[6], row[7], row[8])


def _apart(by: By, rows: Sequence[asyncpg.Record]) -> list[Apart]:
    if by in TIMES:
        return [Apart(first_day(row[9], by), row[6], row[7], row[10]) for row in rows]
    place = 5 if by is By.MERCHANT else 3
    return [Apart(row[place], row[6], row[7], row[10]) for row in rows]
