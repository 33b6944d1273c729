"""What was told of budgets and unusual things, and how people want to be written to."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
