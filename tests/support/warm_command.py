"""The console script in processes that are forked from one which has imported it already: the same command, without the seconds of its start."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import IO

from bot.__main__ import main

FORKING = multiprocessing.get_context("forkserver")
READ = ("bot.cli.replay", "tests.support.warm_service", "alembic.command", "sqlalchemy.dialects.postgresql.asyncpg")


class WarmCommand:
    """One run, with pipes as its standard streams. What a test asks of a `subprocess.Popen`, it can ask of this."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        FORKING.set_forkserver_preload([__name__, *READ])
        (theirs, stdin), (stdout, output), (stderr, errors) = os.pipe(), os.pipe(), os.pipe()
        self.stdin: IO[str] = os.fdopen(stdin, "w", encoding="utf-8")
        self.stdout: IO[str] = os.fdopen(stdout, encoding="utf-8")
        self.stderr: IO[str] = os.fdopen(stderr, encoding="utf-8")
        streams = [Connection(descriptor) for descriptor in (theirs, output, errors)]
        self._process = FORKING.Process(target=_run, args=(list(arguments), dict(environment), streams), daemon=True)
        self._process.start()
        for stream in streams:
            stream.close()

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutError."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise TimeoutError(f"still running after {timeout} s")
        return status

    def kill(self) -> None:
        self._process.kill()


def _run(arguments: list[str], environment: dict[str, str], streams: list[Connection]) -> None:
    for descriptor, stream in enumerate(streams):
        os.dup2(stream.fileno(), descriptor)
        stream.close()
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.exit(main(arguments))
