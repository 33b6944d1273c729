"""Roles and rules of groups, bills that wait, comments, who is the same, and pinned balances."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
