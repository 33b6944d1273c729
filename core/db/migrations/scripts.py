"""Runs a migration written in SQL."""

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only


def run_script(path: Path) -> None:
    """Execute all statements of a file in the migration's transaction (asyncpg takes several only without parameters)."""
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    await_only(connection._connection.execute(path.read_text(encoding="utf-8")))
