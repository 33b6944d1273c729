"""Budgets, and the day on which a book's months begin."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
