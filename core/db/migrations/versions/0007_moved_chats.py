"""Group chats that go on under another id."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
