"""What carriers say: who asked not to be written to, whose reply window is closed, what became of a letter on its way."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
