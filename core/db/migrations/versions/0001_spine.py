"""The spine: people, books, the ledger, the inbox and the outbox."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
