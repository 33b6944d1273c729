"""Reports every two weeks, quarter, half year or year."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
