"""`tuppence check`: the ledger's auditor over the live database."""

from __future__ import annotations

import argparse
import asyncio
import json

from bot.settings import Settings
from core.db.audit import Scope, Violation, audit
from integrations.postgres import start_embedded

HELP = "Recompute the whole ledger and name every row that does not hold."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--json`: one object on one line instead of sentences."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """0 where every invariant holds, 1 where one does not. Changes and locks nothing."""
    settings = Settings.load()
    scope, violations = asyncio.run(audit(settings.database_url or start_embedded(settings.home)))
    print(_as_json(scope, violations) if options.json else _as_text(scope, violations))
    return 1 if violations else 0


def _as_json(scope: Scope, violations: list[Violation]) -> str:
    found = [{"name": each.name, "invariant": each.says, "where": each.where} for each in violations]
    return json.dumps({"ok": not found, "books": scope.books, "entries": scope.entries, "checks": scope.checks, "violations": found})


def _as_text(scope: Scope, violations: list[Violation]) -> str:
    looked = f"{scope.entries} entries in {scope.books} books, {scope.checks} checks"
    if not violations:
        return f"{looked}: everything holds"
    lines = [f"{each.name}: {' '.join(f'{name}={value}' for name, value in each.where.items())}\n  must hold: {each.says}" for each in violations]
    return "\n".join([*lines, f"{looked}: {len(violations)} violations"])
