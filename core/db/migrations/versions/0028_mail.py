"""E-mail addresses that people have proven to be theirs, and the codes by which they do."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
