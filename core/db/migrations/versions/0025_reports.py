"""Reports that are sent every so often."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
