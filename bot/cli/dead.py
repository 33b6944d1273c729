"""`tuppence dead`: messages and letters that were given up; an operator lists, looks at, retries or drops them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from uuid import UUID

from bot.clock import SystemClock
from bot.settings import Settings
from core.db.crypto import Keys
from core.db.queues import DeadRow, drop_dead, list_dead, retry_dead
from core.db.session import Database
from integrations.postgres import start_embedded

HELP = "dead letters: list, show, retry, drop"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the newest first, one JSON object a line")
    listing.add_argument("--limit", type=int, default=100)
    for name, text in (("show", "one of them"), ("retry", "put them back to work"), ("drop", "erase what they say and forget them")):
        action = actions.add_parser(name, help=text)
        action.add_argument("ids", nargs="+", type=UUID, metavar="ID")


def run(options: argparse.Namespace) -> int:
    """Nothing that is printed says what people wrote. Exit status 1 where an id names no dead letter."""
    return asyncio.run(_run(options, Settings.load()))


async def _run(options: argparse.Namespace, settings: Settings) -> int:
    dsn = settings.database_url or start_embedded(settings.home)
    database = await Database.open(dsn, keys=Keys(settings.master_key), pool_size=2)
    try:
        if options.action == "list":
            async with database.pool.acquire() as connection:
                _print(await list_dead(connection, limit=options.limit))
            return 0
        return await _on_rows(database, options.action, options.ids)
    finally:
        await database.close()


async def _on_rows(database: Database, action: str, ids: list[UUID]) -> int:
    async with database.pool.acquire() as connection:
        found = [row for each in ids for row in await list_dead(connection, limit=1, row_id=each)]
    missing = set(ids) - {row.row_id for row in found}
    for each in sorted(missing):
        print(f"tuppence dead: {each} is not a dead letter", file=sys.stderr)
    if action == "show":
        _print(found)
        return 1 if missing else 0
    async with database.unit_of_work() as uow:
        known = [row.row_id for row in found]
        done = await (retry_dead(uow, known, now=SystemClock()()) if action == "retry" else drop_dead(uow, known))
    print(f"{done} of {len(ids)} {'will be tried again' if action == 'retry' else 'dropped'}")
    return 0 if done == len(ids) else 1


def _print(rows: list[DeadRow]) -> None:
    for row in rows:
        print(
            json.dumps(
                {
                    "id": str(row.row_id),
                    "queue": row.queue,
                    "channel": row.channel,
                    "reason": row.reason,
                    "tries": row.tries,
                    "at": row.created_at.isoformat(timespec="seconds"),
                    "trace_id": row.trace_id,
                    "readable": row.readable,
                }
            )
        )
