"""Goals that people save for, what is put aside for them, and topics that are muted until a day."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
