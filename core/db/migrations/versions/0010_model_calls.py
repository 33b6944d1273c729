"""Calls of a language model, counted by day."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
