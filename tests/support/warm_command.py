"""The console script in processes that are forked from one which has imported it already: the same command, without the seconds of its start."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection

from bot.__main__ import main
from core.domain.messages import Pace
from integrations.channels.limits import CAPABILITIES

FORKING = multiprocessing.get_context("forkserver")
READ = ("bot.cli.replay", "bot.cli.serve", "tests.support.warm_service", "alembic.command", "sqlalchemy.dialects.postgresql.asyncpg")


class WarmCommand:
    """One run. What a test asks of a `subprocess.Popen`, it can ask of this. With TEST_PACE=off channels are written to as fast as we can."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], streams: Mapping[int, int]) -> None:
        """`streams`: its standard ones (0, 1, 2) to the descriptors that they are; its input is empty where none is given."""
        FORKING.set_forkserver_preload([__name__, *READ])
        handed_over = {number: Connection(os.dup(descriptor)) for number, descriptor in streams.items()}
        self._process = FORKING.Process(target=_run, args=(list(arguments), dict(environment), handed_over), daemon=True)
        self._process.start()
        for each in handed_over.values():
            each.close()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Raises TimeoutError."""
        self._process.join(timeout)
        if self.returncode is None:
            raise TimeoutError(f"still running after {timeout} s")
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.pid is not None and self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environment: dict[str, str], streams: dict[int, Connection]) -> None:
    for number, stream in streams.items():
        os.dup2(stream.fileno(), number)
        stream.close()
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    if environment.get("TEST_PACE") == "off":
        CAPABILITIES.update({name: replace(each, pace=Pace()) for name, each in CAPABILITIES.items()})
    sys.exit(main(arguments))
