"""How long a report takes of many expenses: its figures and words, the chart, and the PDF; each warm, on a real Postgres."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.conversation import reporting
from bot.conversation.replies.formats import Voice
from bot.conversation.reporting import Reader
from bot.report_files import worded
from core.db.migrate import migrate
from core.db.report_links import Slip
from core.db.session import Database
from core.domain.ahead.spending import Period
from core.services import spendings
from integrations.documents import charts, pages
from integrations.postgres import start_embedded, stop_embedded
from tests.bench.search import fill
from tests.support.builders import TODAY
from tests.support.database import KEYS


def shown(name: str, times: list[float]) -> str:
    return f"{name}: p50 {statistics.median(times) * 1000:.0f} ms, slowest {max(times) * 1000:.0f} ms"


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times


async def bench(database: Database, dsn: str, *, expenses: int, rounds: int) -> None:
    (book_id,) = await fill(database, dsn, 1, expenses)
    async with database.unit_of_work() as uow:
        await uow.load_books([book_id], lock=False)
        last = await uow.connection.fetchval("SELECT max(occurred_on) FROM entries")
        period, times, made = Period(last - timedelta(days=800), last), list[float](), None
        reader = Reader(Voice("en"), last, {book_id: uow.book(book_id)})
        for _ in range(rounds + 1):
            started = time.perf_counter()
            made = await spendings.report(uow, {book_id: None}, period, currency="EUR", today=last, history=None)
            reporting.text(reader, made, shared=True)
            times.append(time.perf_counter() - started)
    assert made is not None and made.categories.total.count == expenses, "all of them"
    print(shown(f"text of {expenses}", times[1:]))
    slip = Slip(person_id=book_id, book_id=book_id, first=period.first, last=period.last, form="png", language="en", currency="EUR", today=TODAY)
    sheet = worded(reader, made, slip)
    print(shown("its words for files", timed(lambda: worded(reader, made, slip), rounds)))
    for name, draw in (("chart", lambda: charts.picture(sheet)), ("PDF", lambda: pages.pages(sheet))):
        print(shown(name, timed(draw, rounds + 1)[1:]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expenses", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    async def run(dsn: str) -> None:
        database = await Database.open(dsn, keys=KEYS, durable=False)
        try:
            await bench(database, dsn, expenses=options.expenses, rounds=options.rounds)
        finally:
            await database.close()

    with tempfile.TemporaryDirectory(prefix="tuppence-reports-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            asyncio.run(run(dsn))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    main()
