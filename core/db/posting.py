"""The one posting function: entries, postings, texts, balances, spending and the chain in one statement."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from core.db import chain
from core.domain.ledger import JournalEntry, Role, totals

Connection = asyncpg.pool.PoolConnectionProxy
Head = tuple[int, bytes]
SALT_BYTES = 16

_WRITE = """WITH e AS (
  INSERT INTO entries (book_id, entry_id, bill_id, kind, reverses, category, occurred_on, recorded_at, actor_id, split, reason, effect_key,
    text_commitment, chain_no)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::date[], $8::timestamptz[], $9::uuid[],
    $10::jsonb[], $11::text[], $12::bytea[], $13::bytea[], $14::bigint[])
), p AS (
  INSERT INTO postings (book_id, entry_id, no, member_id, role, currency, amount, remainder)
  SELECT * FROM unnest($15::uuid[], $16::uuid[], $17::smallint[], $18::uuid[], $19::text[], $20::char(3)[], $21::bigint[], $22::integer[])
), t AS (
  INSERT INTO entry_texts (book_id, entry_id, description, salt, author_id)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $23::text[], $24::bytea[], $25::uuid[])
), b AS (
  INSERT INTO balances AS kept (book_id, member_id, currency, amount, remainder)
  SELECT * FROM unnest($26::uuid[], $27::uuid[], $28::char(3)[], $29::bigint[], $30::bigint[])
  ON CONFLICT (book_id, member_id, currency) DO UPDATE SET amount = kept.amount + excluded.amount, remainder = kept.remainder + excluded.remainder
), s AS (
  INSERT INTO spending AS kept (book_id, member_id, category, month, currency, amount)
  SELECT * FROM unnest($31::uuid[], $32::uuid[], $33::text[], $34::date[], $35::char(3)[], $36::bigint[])
  ON CONFLICT (book_id, member_id, category, month, currency) DO UPDATE SET amount = kept.amount + excluded.amount
), stale AS (
  UPDATE pins SET stale_at = now() WHERE book_id = ANY($37::uuid[]) AND stale_at IS NULL
), c AS (
  INSERT INTO chain (book_id, chain_no, previous, hash) SELECT * FROM unnest($37::uuid[], $38::bigint[], $39::bytea[], $40::bytea[])
)
INSERT INTO chain_heads (book_id, chain_no, hash) SELECT * FROM unnest($37::uuid[], $38::bigint[], $40::bytea[])
ON CONFLICT (book_id) DO UPDATE SET chain_no = excluded.chain_no, hash = excluded.hash"""


ONCE = ("entries_book_id_effect_key_key", "entries_book_id_reverses_key")


class DuplicateEffect(Exception):
    """The ledger has an effect with this idempotency key, or a reversal of this entry, already."""


async def write(connection: Connection, entries: Sequence[JournalEntry], heads: Mapping[UUID, Head]) -> dict[UUID, Head]:
    """Write entries of locked books; returns the new chain heads. Raises DuplicateEffect."""
    for entry in entries:
        assert all(total == 0 for total in totals(entry.postings).values()), "an entry sums to zero in every currency"
    salts = [secrets.token_bytes(SALT_BYTES) for _ in entries]
    commitments = [chain.commitment(salt, entry.description) for salt, entry in zip(salts, entries, strict=True)]
    links = _links(entries, commitments, heads)
    numbers = {book_id: number for book_id, (number, _) in links.items()}
    columns = [
        *_entry_columns(entries, commitments, numbers),
        *_posting_columns(entries),
        [entry.description for entry in entries],
        salts,
        [entry.author_id for entry in entries],
        *_balance_columns(entries),
        *_spending_columns(entries),
        list(links),
        [number for number, _ in links.values()],
        [heads[book_id][1] for book_id in links],
        [hashed for _, hashed in links.values()],
    ]
    try:
        await connection.execute(_WRITE, *columns)
    except asyncpg.UniqueViolationError as problem:
        if problem.constraint_name in ONCE:
            raise DuplicateEffect(str(problem.constraint_name)) from problem
        raise
    return links


def _links(entries: Sequence[JournalEntry], commitments: Sequence[bytes], heads: Mapping[UUID, Head]) -> dict[UUID, Head]:
    by_book: dict[UUID, list[tuple[JournalEntry, bytes]]] = defaultdict(list)
    for entry, text in zip(entries, commitments, strict=True):
        by_book[entry.book_id].append((entry, text))
    found = {}
    for book_id, pairs in by_book.items():
        number, previous = heads[book_id]
        found[book_id] = (number + 1, chain.link_of(previous, number + 1, pairs))
    return found


def _entry_columns(entries: Sequence[JournalEntry], commitments: Sequence[bytes], numbers: Mapping[UUID, int]) -> list[list[object]]:
    rows = (
        (
            entry.book_id,
            entry.entry_id,
            entry.bill_id,
            entry.kind.value,
            entry.reverses,
            entry.category,
            entry.occurred_on,
            entry.recorded_at,
            entry.actor_id,
            dict(entry.split),
            entry.reason,
            entry.effect_key,
            text,
            numbers[entry.book_id],
        )
        for entry, text in zip(entries, commitments, strict=True)
    )
    return _columns(rows, 14)


def _posting_columns(entries: Sequence[JournalEntry]) -> list[list[object]]:
    rows = (
        (
            entry.book_id,
            entry.entry_id,
            no,
            posting.member_id,
            posting.role.value,
            posting.amount.currency,
            posting.amount.minor,
            posting.remainder,
        )
        for entry in entries
        for no, posting in enumerate(entry.postings)
    )
    return _columns(rows, 8)


def _balance_columns(entries: Sequence[JournalEntry]) -> list[list[object]]:
    """One row a member and currency: a row may be touched once a statement. Sorted, as the book's lock makes unnecessary but harmless."""
    sums: dict[tuple[UUID, UUID, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in entries:
        for posting in entry.postings:
            kept = sums[(entry.book_id, posting.member_id, posting.amount.currency)]
            kept[0] += posting.amount.minor
            kept[1] += posting.remainder
    return _columns(((*key, *kept) for key, kept in sorted(sums.items())), 5)


def _spending_columns(entries: Sequence[JournalEntry]) -> list[list[object]]:
    """Shares are spending: (book, member, category, month, currency) to minor units; a reversal takes its own month's back."""
    sums: dict[tuple[UUID, UUID, str, date, str], int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            if posting.role is Role.SHARE:
                key = (entry.book_id, posting.member_id, entry.category or "other", entry.occurred_on.replace(day=1), posting.amount.currency)
                sums[key] -= posting.amount.minor
    return _columns(((*key, amount) for key, amount in sorted(sums.items())), 6)


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    """Rows turned into `width` columns, also where there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
