"""Photos of receipts: waiting to be read, what was read, and the bill that came of it."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
