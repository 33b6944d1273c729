"""Every transcript in this folder, played through the real command on a real database. TUPPENCE_JOURNEYS=write records the bot's lines anew."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from integrations.receipts.choice import installed
from tests.support.replays import QUIET_SECONDS, play
from tests.support.transcripts import read_transcript, write_transcript

FOLDER = Path(__file__).parent
READING_SECONDS = 6.0  # a photo takes a while
RECORDING = os.environ.get("TUPPENCE_JOURNEYS") == "write"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_journey(path: Path, replay_environment: dict[str, str], photos: Path):
    written = path.read_text(encoding="utf-8")
    transcript = read_transcript(written)
    photographed = any(act.kind == "photo" for act in transcript.acts)
    if photographed and not installed("tesseract"):
        pytest.skip("Tesseract is not installed")
    quiet_seconds = READING_SECONDS if photographed else QUIET_SECONDS
    played = play(transcript, folder=photos, environment=replay_environment, recording=RECORDING, quiet_seconds=quiet_seconds)
    said = write_transcript(transcript, played.said, played.finals)
    if RECORDING:
        path.write_text(said, encoding="utf-8")
        return
    difference = difflib.unified_diff(written.splitlines(), said.splitlines(), f"{path.name} as written", "as it went", lineterm="", n=2)
    if said != written:
        pytest.fail("\n".join(difference), pytrace=False)
