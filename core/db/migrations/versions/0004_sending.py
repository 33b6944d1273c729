"""What sending has to remember: who may be sent to, when, how much, and what was refused."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
