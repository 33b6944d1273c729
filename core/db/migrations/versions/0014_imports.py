"""Files of other programs that wait to be taken over, and those that were."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0014"
down_revision = "0012"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
