"""The ledger campaign: many random operations by several writers at once against a model, then the auditor. Prints its seed and figures."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from pathlib import Path

from core.db.audit import audit
from core.db.migrate import migrate
from core.db.session import Database
from integrations.postgres import start_embedded, stop_embedded
from tests.support.database import KEYS
from tests.support.ledger_model import Simulation

OPERATIONS_A_BOOK = 1_000  # comparing all of a book takes as long as it is


async def campaign(dsn: str, *, operations: int, writers: int, seed: int) -> int:
    """Writers share the database, each with books of its own; exit status 1 where anything differs."""
    database = await Database.open(dsn, keys=KEYS, durable=False)
    books = max(8, operations // writers // OPERATIONS_A_BOOK)
    simulations = [Simulation(database, seed=seed + number, books=books) for number in range(writers)]
    started = time.monotonic()
    try:
        await asyncio.gather(*(simulation.run(operations // writers) for simulation in simulations))
    finally:
        await database.close()
    ran = time.monotonic() - started
    counts: dict[str, int] = {}
    for simulation in simulations:
        counts = {name: counts.get(name, 0) + simulation.counts[name] for name in {*counts, *simulation.counts}}
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    started = time.monotonic()
    scope, violations = await audit(dsn)
    print(
        f"{sum(simulation.done for simulation in simulations)} operations in {ran:.0f} s; audit of {scope.entries} entries in {scope.books} books "
        f"in {time.monotonic() - started:.1f} s: {len(violations)} violations"
    )
    for violation in violations[:20]:
        print(violation.name, violation.where)
    recorded = sum(shelf.entries for simulation in simulations for shelf in simulation.model.values())
    if scope.entries != recorded:
        print(f"the model has {recorded} entries")
    return 1 if violations or scope.entries != recorded else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tuppence-ledger-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            return asyncio.run(campaign(dsn, operations=options.operations, writers=options.writers, seed=options.seed))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    sys.exit(main())
