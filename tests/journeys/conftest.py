"""The environment in which journeys run the command: a database server of their own, stopped at the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def replay_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    home = tmp_path_factory.mktemp("journeys")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_"))}
    kept.pop("DATABASE_URL", None)
    yield kept | {"TUPPENCE_HOME": str(home)}
    for pid_file in Path(home).rglob("postmaster.pid"):
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
