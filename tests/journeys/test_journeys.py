"""Every transcript in this folder, played through the real command on a real database. TUPPENCE_JOURNEYS=write records the bot's lines anew."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from integrations.receipts.choice import installed
from tests.support.replays import COMMAND, QUIET_SECONDS, WARM, play
from tests.support.transcripts import read_transcript, write_transcript

FOLDER = Path(__file__).parent
READING_SECONDS = 6.0  # a photo takes a while
FROM_COLD = ("01-alone", "20-linking", "23-sms-codes", "35-hindi", "40-receipts", "53-archive")  # one a channel, with pictures, in another script
RECORDING = os.environ.get("TUPPENCE_JOURNEYS") == "write"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_journey(path: Path, replay_environment: dict[str, str], photos: Path):
    written = path.read_text(encoding="utf-8")
    transcript = read_transcript(written)
    photographed = any(act.kind == "photo" for act in transcript.acts)
    if photographed and not installed("tesseract"):
        pytest.skip("Tesseract is not installed")
    quiet_seconds = READING_SECONDS if photographed else QUIET_SECONDS
    cold = path.stem in FROM_COLD  # the command as its users start it; the others need not import it again
    how = {"command": COMMAND if cold else WARM, "warm": not cold, "recording": RECORDING, "quiet_seconds": quiet_seconds}
    played = play(transcript, folder=photos, environment=replay_environment, **how)
    said = write_transcript(transcript, played.said, played.finals)
    if RECORDING:
        path.write_text(said, encoding="utf-8")
        return
    difference = difflib.unified_diff(written.splitlines(), said.splitlines(), f"{path.name} as written", "as it went", lineterm="", n=2)
    if said != written:
        pytest.fail("\n".join(difference), pytrace=False)
