"""`tuppence corrections export`: what people corrected, of those who agreed, as lines to measure the parser by. Prints nobody's name."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from bot.settings import Settings
from core.db import learning
from core.db.crypto import Keys
from core.db.session import Database
from integrations.postgres import start_embedded

HELP = "messages that people corrected, of those who agreed, as corpus lines"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("export", help="one JSON object a line: the input of `tuppence parse`, and what it must be understood as")


def run(options: argparse.Namespace) -> int:
    """Each line is `{"input", "expect"}`, the oldest correction first."""
    for line in asyncio.run(_lines(Settings.load())):
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


async def _lines(settings: Settings) -> list[dict[str, Any]]:
    dsn = settings.database_url or start_embedded(settings.home)
    database = await Database.open(dsn, keys=Keys(settings.master_key), pool_size=2, durable=False)  # nothing is written here
    try:
        async with database.unit_of_work() as uow:
            return await learning.examples(uow)
    finally:
        await database.close()
