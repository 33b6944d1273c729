"""Households, and weights that a group shares by unless told otherwise."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
