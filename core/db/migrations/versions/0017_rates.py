"""Exchange rates that were fetched, and the currency in which a group settles."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
