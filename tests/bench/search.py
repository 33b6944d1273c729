"""How long a search by a word, and the answer to a mistyped one, take in books of some size among a million expenses: on a real Postgres."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import asyncpg

from core.db import figures, ledger
from core.db.figures import Asked
from core.db.migrate import migrate
from core.db.session import Database
from core.domain.likeness import closest
from core.reading.text import folded_words
from integrations.postgres import start_embedded, stop_embedded
from tests.support.builders import make_group
from tests.support.database import KEYS

WORDS = ("coffee", "lunch", "taxi", "groceries", "sushi", "pizza", "rent", "cinema", "pharmacy", "train", "haircut", "books", "flowers", "parking")
EXPENSES = """INSERT INTO entries
  (book_id, entry_id, bill_id, kind, category, occurred_on, recorded_at, reason, effect_key, text_commitment, chain_no)
  SELECT $1, i, i, 'expense', 'food', current_date - (n % 700)::integer, now(), 'recorded', decode(md5(n::text), 'hex'), '', n
  FROM (SELECT n, lpad(to_hex(n), 32, '0')::uuid AS i FROM generate_series(1, $2::bigint) n) t"""
POSTINGS = """INSERT INTO postings (book_id, entry_id, no, member_id, role, currency, amount)
  SELECT $1, lpad(to_hex(n), 32, '0')::uuid, no, $3, (ARRAY['paid', 'share'])[1 + no], 'EUR', (1 - 2 * no) * (100 + n % 9000)
  FROM generate_series(1, $2::bigint) n, generate_series(0, 1) no"""
TEXTS = """INSERT INTO entry_texts (book_id, entry_id, description)
  SELECT $1, lpad(to_hex(n), 32, '0')::uuid,
    ($3::text[])[1 + (n % cardinality($3::text[]))::integer] || CASE WHEN n % 3 = 0 THEN ' ' || substr(md5(n::text), 1, 5) ELSE '' END
  FROM generate_series(1, $2::bigint) n"""


async def fill(database: Database, dsn: str, books: int, each: int) -> list[UUID]:
    """So many books with so many expenses each, past the checks of the ledger: only their number matters here."""
    ids = []
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        for _ in range(books):
            async with database.unit_of_work() as uow:
                book = await make_group(uow, "Anna")
            await connection.execute(EXPENSES, book.book_id, each)
            await connection.execute(POSTINGS, book.book_id, each, book.members[0].member_id)
            await connection.execute(TEXTS, book.book_id, each, list(WORDS))
            ids.append(book.book_id)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
    return ids


async def measure(database: Database, ids: list[UUID], times: int, ask: Callable[..., Awaitable[object]]) -> str:
    chance, found = random.Random(7), []
    for _ in range(times):
        book_id, word = chance.choice(ids), chance.choice(WORDS)
        async with database.unit_of_work() as uow:
            await uow.load_books([book_id], lock=False)
            start = time.perf_counter()
            assert await ask(uow, book_id, word)
            found.append(1000 * (time.perf_counter() - start))
    found.sort()
    return f"p50 {statistics.median(found):.1f} ms, p95 {found[len(found) * 95 // 100]:.1f} ms"


async def newest(uow, book_id: UUID, word: str) -> object:  # type: ignore[no-untyped-def]
    return await ledger.bills(uow, book_id, text=word, limit=10)


async def sums(uow, book_id: UUID, word: str) -> object:  # type: ignore[no-untyped-def]
    return await figures.parts(uow, {book_id: None}, Asked(text=word))


async def mistyped(uow, book_id: UUID, word: str) -> object:  # type: ignore[no-untyped-def]
    said = await figures.words(uow, {book_id: None}, most=20_000)
    return closest(word[:-2] + word[-1] + word[-2], {part for each in said for part in folded_words(each)}) or True


async def bench(dsn: str, books: int, each: int, times: int) -> None:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        start = time.perf_counter()
        ids = await fill(database, dsn, books, each)
        print(f"{books} books of {each} expenses, filled in {time.perf_counter() - start:.0f} s", flush=True)
        for name, ask in (("the newest ten by a word", newest), ("all by a word, to be summed", sums), ("the closest word", mistyped)):
            await measure(database, ids, 5, ask)
            print(f"{name}: {await measure(database, ids, times, ask)}", flush=True)
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=200)
    parser.add_argument("--each", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tuppence-search-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            asyncio.run(bench(dsn, options.books, options.each, options.times))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    main()
