"""How long a report takes of many expenses, as text and as each file, from its figures on; each warm, on a real Postgres. CPU beside the clock."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.conversation import reporting
from bot.conversation.replies.formats import Voice
from bot.conversation.reporting import Reader
from bot.report_files import FORMS, figures_for, worded
from core.db.migrate import migrate
from core.db.report_links import Slip
from core.db.session import Database, UnitOfWork
from core.domain.ahead.spending import Period
from core.services import spendings
from integrations.postgres import start_embedded, stop_embedded
from tests.bench.search import fill
from tests.support.database import KEYS


async def measured(name: str, uow: UnitOfWork, work: Callable[[], Awaitable[object]], rounds: int) -> None:
    """The first round warms. The database's share is that of the one process that serves this connection."""
    pid = await uow.connection.fetchval("SELECT pg_backend_pid()")
    times, own, theirs = list[float](), list[float](), list[float]()
    for _ in range(rounds + 1):
        wall, cpu, server = time.perf_counter(), time.process_time(), _seconds(pid)
        await work()
        times.append(time.perf_counter() - wall)
        own.append(time.process_time() - cpu)
        theirs.append(_seconds(pid) - server)
    shown = (f"{1000 * statistics.median(each[1:]):.0f}" for each in (times, own, theirs))
    print("{}: p50 {} ms; CPU {} ms of ours, {} ms of Postgres'; slowest {:.0f} ms".format(name, *shown, 1000 * max(times[1:])), flush=True)


def _seconds(pid: int) -> float:
    """On the CPU so far."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


async def bench(database: Database, dsn: str, *, expenses: int, rounds: int) -> None:
    (book_id,) = await fill(database, dsn, 1, expenses)
    async with database.unit_of_work() as uow:
        await uow.load_books([book_id], lock=False)
        last = await uow.connection.fetchval("SELECT max(occurred_on) FROM entries")
        period, whole = Period(last - timedelta(days=800), last), {book_id: None}
        reader = Reader(Voice("en"), last, {book_id: uow.book(book_id)})

        async def text() -> None:
            apart = reporting.told_apart(shared=True)
            made = await spendings.report(uow, whole, period, apart=apart, currency="EUR", today=last, history=None)
            assert made.count == expenses, "all of them"
            reporting.text(reader, made, shared=True)

        await measured(f"text of {expenses}", uow, text, rounds)
        pdf = Slip(book_id, book_id, period.first, period.last, last, "pdf", "en", "EUR")
        for form, make in FORMS.items():
            slip = replace(pdf, form=form)

            async def file(slip: Slip = slip, make: Callable[..., bytes] = make) -> None:
                made = await figures_for(uow, slip, whole, history=None)
                make(worded(reader, made, slip), False)

            await measured(f"{form} of {expenses}", uow, file, rounds)


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
