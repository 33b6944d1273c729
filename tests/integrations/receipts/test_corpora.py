"""A sample of the public receipts, where they lie beside the project: a floor under what is read. Nothing of them is kept here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.receipts.choice import installed

SHARED = Path(os.environ.get("TUPPENCE_SHARED") or Path(__file__).resolve().parents[4] / "shared")
SAMPLE = 6


def test_most_totals_and_days_of_a_sample_are_right(tmp_path: Path) -> None:
    if not (SHARED / "corpora/receipts_dev.json").exists():
        pytest.skip("no receipts_dev.json: set TUPPENCE_SHARED to the folder that holds corpora/ and scores/")
    if not installed("rapidocr"):
        pytest.skip("rapidocr is not installed")
    corpus = json.loads((SHARED / "corpora/receipts_dev.json").read_text("utf-8"))
    corpus["cases"] = corpus["cases"][:: len(corpus["cases"]) // SAMPLE]
    (tmp_path / "receipts_dev").symlink_to(SHARED / "corpora/receipts_dev")
    (tmp_path / "sample.json").write_text(json.dumps(corpus), encoding="utf-8")
    command = [sys.executable, str(SHARED / "scores/score.py"), str(tmp_path / "sample.json"), "--command", f"{sys.executable} -m bot", "--json"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    marks = report["figures"]
    assert marks["total"]["right"] >= marks["total"]["of"] - 1
    assert marks["date"]["right"] >= marks["date"]["of"] - 1
