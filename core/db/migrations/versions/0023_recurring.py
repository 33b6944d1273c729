"""What comes back by itself: rules, their occurrences, and when the next one is."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
