"""E-mail addresses whose reader wants nothing from us, whoever names them."""

from pathlib import Path

from core.db.migrations.scripts import run_script

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_script(Path(__file__).with_suffix(".sql"))
