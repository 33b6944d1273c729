"""The environment in which journeys run the command: one database server for all of them, a fresh database on it for each."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def replay_environment(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_"))}
    return kept | {"TUPPENCE_HOME": str(tmp_path_factory.mktemp("journeys")), "DATABASE_URL": server}
