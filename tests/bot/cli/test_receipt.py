"""`tuppence receipt`: the contract's line for each file, refusals that do not stop the others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.cli.receipt import as_json
from core.domain.receipts import Line, Reading, Receipt
from integrations.receipts.choice import installed

_NAMES = """
    merchant address date time currency items subtotal discount tax service tip rounding total paid change reconciles confidence ask language engine
"""
KEYS = _NAMES.split()


def run(*arguments: str, cwd: Path, **environment: str) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "receipt", *arguments], cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_a_reading_as_the_contract_has_it() -> None:
    receipt = Receipt(
        merchant="Kiosk",
        date=date(2025, 5, 1),
        time="10:00",
        currency="JPY",
        lines=(Line("Tea", 1200, quantity=1500, unit_price=800),),
        total=1200,
        rounding=-5,
    )
    said = as_json(Reading(receipt, {"merchant": 900, "date": 990, "total": 970, "items": 800}, ("merchant",), "en", "rapidocr"))
    assert list(said) == KEYS
    assert said["items"] == [{"description": "Tea", "quantity": "1.5", "unit_price": "800", "amount": "1200"}]
    assert (said["total"], said["rounding"], said["tax"], said["reconciles"]) == ("1200", "-5", None, True)
    assert said["confidence"] == {"merchant": 0.9, "date": 0.99, "total": 0.97, "items": 0.8}
    assert as_json(Reading(Receipt(total=5), {}, (), "en", "x"))["total"] == "0.05"


def test_bad_files_are_told_one_by_one(tmp_path: Path) -> None:
    if not (installed("tesseract") or installed("rapidocr")):
        pytest.skip("no engine is installed")
    (tmp_path / "a.txt").write_text("no picture")
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n123")
    os.mkfifo(tmp_path / "d.jpg")
    status, lines, said = run("a.txt", "b.jpg", "c.png", "d.jpg", "missing.jpg", ".", cwd=tmp_path)
    assert status == 1
    assert [line["file"] for line in lines] == ["a.txt", "b.jpg", "c.png", "d.jpg", "missing.jpg", "."]
    assert all(set(line) == {"file", "error"} and line["error"] for line in lines)
    assert len(said.splitlines()) == 6
    assert "Traceback" not in said


def test_an_engine_that_cannot_run_is_told_in_one_line(tmp_path: Path) -> None:
    status, lines, said = run("--engine", "openai", "x.jpg", cwd=tmp_path, OPENAI_API_KEY="")
    assert (status, lines) == (2, [])
    assert said == "tuppence receipt: the engine openai needs OPENAI_API_KEY and OPENAI_MODEL\n"
    assert run("--engine", "tesseract", "x.jpg", cwd=tmp_path, PATH="/nowhere")[0] == 2
    assert run("x.jpg", cwd=tmp_path, TUPPENCE_RECEIPT_ENGINE="abacus")[0] == 2
