"""A drawn receipt through the real engines, as far as they are installed, and the choice between them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from integrations.receipts.choice import RAPIDOCR_BYTES, NoEngine, choose, free_memory_bytes, installed
from integrations.receipts.reader import OfflineReader
from tests.support.receipts import draw

RECEIPT = """
GREENFIELD STORES LTD
14 Station Road, London
Date: 21/05/2025   10:42
Brown bread   2.40
2 x Apple juice   3.10
Total   5.50
Cash   10.00
Change   4.50
Thank you, come again
"""
PAUSE_SECONDS = 60  # the machine may be busy: how fast it is has a measurement of its own


@pytest.mark.parametrize("engine", ["rapidocr", "tesseract"])
async def test_a_drawn_receipt_is_read(engine: str) -> None:
    if not installed(engine):
        pytest.skip(f"{engine} is not installed")
    reader = OfflineReader(engine, seconds=PAUSE_SECONDS)
    try:
        receipt = (await reader.read(draw(RECEIPT), today=date(2025, 6, 30))).receipt
    finally:
        await reader.close()
    assert (receipt.total, receipt.date, receipt.currency) == (550, date(2025, 5, 21), "GBP")
    assert (receipt.paid, receipt.change) == (1000, 450)
    assert sorted(line.amount for line in receipt.lines) == [240, 310]


def test_the_reader_imports_no_engine_and_no_decoder() -> None:
    heavy = {"PIL", "numpy", "onnxruntime", "rapidocr", "cv2", "pypdfium2", "pillow_heif", "pytesseract"}
    code = f"import sys, bot.wiring; sys.exit(str({heavy!r} & set(sys.modules) or 0).replace('0', '') or None)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_little_memory_takes_the_light_engine() -> None:
    if not (installed("rapidocr") and installed("tesseract")):
        pytest.skip("needs both engines")
    assert choose(free_bytes=RAPIDOCR_BYTES) == "rapidocr"
    assert choose(free_bytes=RAPIDOCR_BYTES - 1) == "tesseract"
    assert choose("rapidocr", free_bytes=1) == "rapidocr"  # asked for is asked for


def test_what_is_not_installed_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoEngine, match="apt install tesseract-ocr"):
        choose("tesseract")


def test_free_memory_is_told_here() -> None:
    if not os.path.exists("/proc/meminfo"):
        pytest.skip("no /proc here")
    assert (free_memory_bytes() or 0) > 1 << 20
