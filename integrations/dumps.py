"""A whole database into one file and back, by the programs of PostgreSQL itself. Knows no table of ours."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from core.errors import DomainError, ServiceUnavailable

PROGRAMS = ("psql", "pg_dump", "pg_restore")
_EMPTY = (
    "SELECT count(*) = 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
)


def dump_database(dsn: str, file: Path, *, folders: Iterable[Path]) -> None:
    """Write one consistent picture of the database into `file` (pg_dump's own format), also while the service runs.

    `folders`: where the programs may be. Raises ServiceUnavailable with what pg_dump said.
    """
    folder = _programs(dsn, list(folders))
    _run([folder / "pg_dump", "--format=custom", "--no-owner", "--file", file], dsn)


def load_database(dsn: str, file: Path, *, folders: Iterable[Path], roles: Iterable[str]) -> None:
    """Fill an empty database from `file`, wholly or not at all; `roles` without login are made where they are missing.

    Raises DomainError("database_not_empty"), ServiceUnavailable with what pg_restore said.
    """
    folder = _programs(dsn, list(folders))
    if _query(folder, dsn, _EMPTY) != "t":
        raise DomainError("database_not_empty")
    for role in roles:
        _query(
            folder, dsn, f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT {role} TO CURRENT_USER"
        )
    _run([folder / "pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", "--dbname", _without_password(dsn), file], dsn, into=False)


def _programs(dsn: str, folders: list[Path]) -> Path:
    """The folder whose version is the server's, else the next newer one: pg_dump takes servers as old as one likes, but none newer."""
    found = {version: folder for folder in reversed(folders) if (version := _version(folder))}
    if not found:
        raise ServiceUnavailable("pg_dump, pg_restore and psql are missing: apt install postgresql-client, brew install libpq", retryable=False)
    server = int(_query(next(iter(found.values())), dsn, "SHOW server_version_num")) // 10_000
    fitting = [version for version in found if version >= server]
    if not fitting:
        raise ServiceUnavailable(f"the server is PostgreSQL {server}: install the client programs of that version", retryable=False)
    return found[min(fitting)]


def _version(folder: Path) -> int | None:
    if not all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
        return None
    shown = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"\) (\d+)", shown)
    return int(version[1]) if version else None


def _query(folder: Path, dsn: str, statement: str) -> str:
    return _run(
        [folder / "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "-v", "ON_ERROR_STOP=1", "--command", statement], dsn
    ).strip()


def _run(command: list[str | Path], dsn: str, *, into: bool = True) -> str:
    """Run a program on the database of `dsn`; the password goes through its environment, where other users do not see it."""
    name = Path(command[0]).name
    words = [*command, "--dbname", _without_password(dsn)] if into else command
    environment = {"PATH": os.defpath, "PGPASSWORD": unquote(urlsplit(dsn).password or ""), "PGOPTIONS": "-c client_min_messages=warning"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    if done.returncode != 0:
        raise ServiceUnavailable(f"{name}: {done.stderr.strip() or f'ended with {done.returncode}'}", retryable=False)
    return done.stdout


def _without_password(dsn: str) -> str:
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}" if user else host))
