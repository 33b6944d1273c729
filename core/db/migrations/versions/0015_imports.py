"""Files of other programs that wait to be taken over, and those that were."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
