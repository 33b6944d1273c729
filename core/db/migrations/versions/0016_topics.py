"""In which topic of a group the photo of a receipt was sent."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
