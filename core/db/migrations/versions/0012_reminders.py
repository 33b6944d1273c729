"""Reminders of lines that nobody has claimed."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
