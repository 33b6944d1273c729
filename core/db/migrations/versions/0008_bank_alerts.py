"""Bank messages that were read, and phones that forward them."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
