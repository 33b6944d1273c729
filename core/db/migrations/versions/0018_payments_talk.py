"""Reminders of payments, and who wants none."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
