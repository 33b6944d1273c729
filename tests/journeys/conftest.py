"""Where journeys run the command: one database server for all of them, a fresh database on it for each, photos drawn from photos/*.txt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.receipts import draw


@pytest.fixture(scope="session")
def replay_environment(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_"))}
    kept["TUPPENCE_RECEIPT_ENGINE"] = "tesseract"  # the small one
    return kept | {"TUPPENCE_HOME": str(tmp_path_factory.mktemp("journeys")), "DATABASE_URL": server}


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a picture of each receipt that is written down in photos/."""
    folder = tmp_path_factory.mktemp("photos")
    for path in sorted((Path(__file__).parent / "photos").glob("*.txt")):
        (folder / f"{path.stem}.png").write_bytes(draw(path.read_text("utf-8")))
    return folder
