"""A whole database into one file and back, by the programs of PostgreSQL itself. Knows no table of ours."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from core.errors import DomainError, ServiceUnavailable

PROGRAMS = ("psql", "pg_dump", "pg_restore")
SETTINGS_LINES = 40  # how far into the statements of pg_restore its settings may stand; the data comes after
_EMPTY = "SELECT count(*) = 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"


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
    _replay(folder, dsn, file)


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


def _replay(folder: Path, dsn: str, file: Path) -> None:
    """pg_restore writes the statements, psql runs them in one transaction.

    Not pg_restore alone: it begins with a setting that only servers of its own version know, and gives up at an older one.
    """
    reading: list[str | Path] = [folder / "pg_restore", "--no-owner", "--file=-", file]
    writing: list[str | Path] = [folder / "psql", "--no-psqlrc", "--quiet", "--single-transaction", "-v", "ON_ERROR_STOP=1", "--output", os.devnull]
    writing += ["--dbname", _without_password(dsn)]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=said, env=_environment(dsn)) as source,  # noqa: S603
        subprocess.Popen(writing, stdin=subprocess.PIPE, stdout=said, stderr=said, env=_environment(dsn)) as target,  # noqa: S603
    ):
        _feed(source, target)
        if target.wait() != 0 or source.wait() != 0:
            said.seek(0)
            raise ServiceUnavailable(f"pg_restore: {said.read().decode(errors='replace').strip()}", retryable=False)


def _feed(source: subprocess.Popen[bytes], target: subprocess.Popen[bytes]) -> None:
    """Hand over the statements; the end only where the source ended well, else nothing of them may stay."""
    assert source.stdout
    assert target.stdin
    with contextlib.suppress(BrokenPipeError), target.stdin as statements:  # broken: psql gave up, and says why
        for line in itertools.islice(source.stdout, SETTINGS_LINES):
            statements.write(b"" if line.startswith(b"SET transaction_timeout") else line)
        shutil.copyfileobj(source.stdout, statements)
        if source.wait() != 0:
            target.kill()
    source.stdout.close()


def _run(command: list[str | Path], dsn: str) -> str:
    """Run a program on the database of `dsn`."""
    words = [*command, "--dbname", _without_password(dsn)]
    done = subprocess.run(words, capture_output=True, text=True, env=_environment(dsn), check=False)  # noqa: S603
    if done.returncode != 0:
        raise ServiceUnavailable(f"{Path(command[0]).name}: {done.stderr.strip() or f'ended with {done.returncode}'}", retryable=False)
    return done.stdout


def _environment(dsn: str) -> dict[str, str]:
    """The password goes through the environment, where other users of the machine do not see it."""
    return {"PATH": os.defpath, "PGPASSWORD": unquote(urlsplit(dsn).password or ""), "PGOPTIONS": "-c client_min_messages=warning"}


def _without_password(dsn: str) -> str:
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}" if user else host))
