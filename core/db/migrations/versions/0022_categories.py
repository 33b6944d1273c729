"""What the people of a book made of its categories."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
