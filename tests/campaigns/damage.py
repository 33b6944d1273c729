"""The damage campaign: one column of one row of the ledger is changed behind its back, again and again, and the auditor must find each."""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
from collections import Counter
from pathlib import Path

import asyncpg

from core.db.migrate import migrate
from core.db.session import Database
from integrations.postgres import start_embedded, stop_embedded
from tests.support.damage import audit_past_guards, damage
from tests.support.database import KEYS
from tests.support.ledger_model import Simulation


async def campaign(dsn: str, *, rounds: int, seed: int) -> int:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    await Simulation(database, seed=seed, books=2).run(150)
    await database.close()
    connection = await asyncpg.connect(dsn)
    chance, hit, missed = random.Random(seed), Counter[str](), list[str]()
    for _ in range(rounds):
        transaction = connection.transaction()
        await transaction.start()
        done = await damage(connection, chance)
        hit[done.split()[0]] += 1
        if not await audit_past_guards(connection):
            missed.append(done)
        await transaction.rollback()
    await connection.close()
    print(", ".join(f"{name} {count}" for name, count in sorted(hit.items())))
    print(f"{rounds} rows damaged, {rounds - len(missed)} found")
    print("\n".join(f"missed: {each}" for each in missed[:20]), end="")
    return 1 if missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tuppence-damage-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            return asyncio.run(campaign(dsn, rounds=options.rounds, seed=options.seed))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    sys.exit(main())
