"""Which tips a person was shown, and what they thought of them."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
