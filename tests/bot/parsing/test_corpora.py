"""Floors on public corpora, where they lie beside the project: ratchets, raised as reading gets better. Nothing of them is kept here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("TUPPENCE_SHARED") or Path(__file__).resolve().parents[4] / "shared")


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"no {name}: set TUPPENCE_SHARED to the folder that holds corpora/ and scores/")
    return path


@pytest.mark.parametrize(
    ("corpus", "language", "floor"),
    [
        ("utterances_dev", "en", 0.99),
        ("utterances_dev", "es", 0.93),
        ("utterances_dev", "pt", 0.99),
        ("money_dev", "en", 0.82),
        ("date_dev", "en", 0.76),
    ],
)
def test_whole_result_stays_above_its_floor(corpus: str, language: str, floor: float) -> None:
    scorer, cases = shared("scores/score.py"), shared(f"corpora/{corpus}.json")
    command = f"{sys.executable} -m bot"
    said = subprocess.run([sys.executable, str(scorer), str(cases), "--command", command, "--json"], capture_output=True, text=True, check=True)
    report = json.loads(said.stdout)
    assert _share(report, language) >= floor


def _share(report: dict[str, object], language: str) -> float:
    groups = report["groups"]
    assert isinstance(groups, dict)
    found = groups["language"][language]
    return float(found["right"]) / float(found["of"])


@pytest.mark.parametrize(("group", "name", "floor"), [("part", "all but RU", 0.95), ("country", "RU", 0.96)])
def test_what_banks_write_stays_above_its_floor(group: str, name: str, floor: float) -> None:
    scorer, cases = shared("scores/score.py"), shared("corpora/sms_dev.json")
    said = subprocess.run(
        [sys.executable, str(scorer), str(cases), "--command", f"{sys.executable} -m bot", "--json"], capture_output=True, text=True, check=True
    )
    found = json.loads(said.stdout)["groups"][group][name]
    assert float(found["right"]) / float(found["of"]) >= floor
