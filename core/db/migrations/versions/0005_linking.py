"""One person over several channels: link codes, where a person wrote last, and addresses that may have changed hands."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
