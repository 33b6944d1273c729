"""How long balances and the plan of a group take, and whether that grows with its bills: on a real Postgres."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from uuid import UUID

import asyncpg

from core.db.migrate import migrate
from core.db.session import Database
from core.services.plans import plans
from integrations.postgres import start_embedded, stop_embedded
from tests.support.builders import expense, make_group
from tests.support.database import KEYS

MEMBERS = ("Anna", "Ben", "Cleo", "Dan", "Eva", "Fred", "Gil", "Hana", "Ines", "Jan")


async def fill(database: Database, count: int, chance: random.Random) -> UUID:
    """A group of ten with so many bills, each shared by some of them."""
    async with database.unit_of_work() as uow:
        book = await make_group(uow, *MEMBERS)
    ids = [member.member_id for member in book.members]
    for start in range(0, count, 500):
        async with database.unit_of_work() as uow:
            await uow.load_books([book.book_id])
            for _ in range(min(500, count - start)):
                people = chance.sample(ids, chance.randint(2, 6))
                uow.post(expense(book, chance.randint(100, 20_000), payer=chance.choice(people), people=people))
    return book.book_id


async def analyse(dsn: str) -> None:
    """What the server does by itself within a minute: until then it plans as if the group were new."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def measure(database: Database, book_id: UUID, times: int) -> list[float]:
    """Milliseconds of loading a book with its balances and making its plan."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        async with database.unit_of_work() as uow:
            await uow.load_books([book_id], lock=False)
            assert await plans(uow, book_id)
        found.append(1000 * (time.perf_counter() - start))
    return sorted(found)


async def bench(dsn: str, sizes: list[int], times: int) -> None:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        for size in sizes:
            book_id = await fill(database, size, random.Random(7))
            await analyse(dsn)
            await measure(database, book_id, 5)
            found = await measure(database, book_id, times)
            print(f"{size} bills: p50 {statistics.median(found):.1f} ms, p95 {found[len(found) * 95 // 100]:.1f} ms", flush=True)
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 100_000])
    parser.add_argument("--times", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tuppence-plans-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            asyncio.run(bench(dsn, options.sizes, options.times))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    main()
