"""The web chat's own storage: browsers, people, chats, messages, files."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
