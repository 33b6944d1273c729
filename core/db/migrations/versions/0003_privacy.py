"""What erasing a person needs: who wrote what waits in the inbox, what is left to do after the commit, chats that were cleared."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
