"""`tuppence migrate`: brings the database's schema up to date. The service does the same when it starts."""

from __future__ import annotations

import argparse

from bot.settings import Settings
from core.db.migrate import migrate
from integrations.postgres import start_embedded

HELP = "Bring the database's schema up to date."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: the database is the one of DATABASE_URL, or the embedded one."""


def run(options: argparse.Namespace) -> int:
    """Prints the revision. A database of a newer version is left alone: exit status 1."""
    settings = Settings.load()
    print(f"schema {migrate(settings.database_url or start_embedded(settings.home))}")
    return 0
