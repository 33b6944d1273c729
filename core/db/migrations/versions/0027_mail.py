"""E-mail addresses that people have proven to be theirs, and the codes by which they do."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
