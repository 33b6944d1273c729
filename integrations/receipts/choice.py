"""Owns which engine reads receipts here: what is installed, what fits into memory, what the settings ask for. Imports no engine."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

NAMES = ("auto", "rapidocr", "tesseract", "openai")
RAPIDOCR_BYTES = 1_000 << 20  # free memory from which on the large engine is taken by itself: it was seen to take 560 MB
INSTALL = {
    "rapidocr": "RapidOCR is not installed: pip install rapidocr onnxruntime",
    "tesseract": "Tesseract is not installed: apt install tesseract-ocr (Debian), dnf install tesseract (Fedora), brew install tesseract (macOS)",
}


class NoEngine(Exception):
    """No engine can run as it is wanted; the message says how to get one."""


def choose(wanted: str = "auto", *, free_bytes: int | None = None) -> str:
    """The engine to use. `auto`: RapidOCR where it is installed and memory is free, else Tesseract, else what there is. Raises NoEngine."""
    if wanted in INSTALL:
        if installed(wanted):
            return wanted
        raise NoEngine(INSTALL[wanted])
    free = free_memory_bytes() if free_bytes is None else free_bytes
    fits = free is None or free >= RAPIDOCR_BYTES
    order = ("rapidocr", "tesseract") if fits else ("tesseract", "rapidocr")
    found = next((name for name in order if installed(name)), None)
    if found is None:
        raise NoEngine(INSTALL["tesseract"])
    return found


def installed(engine: str) -> bool:
    """Whether the engine's parts are there, without importing them."""
    if engine == "rapidocr":
        return importlib.util.find_spec("rapidocr") is not None and importlib.util.find_spec("onnxruntime") is not None
    return shutil.which("tesseract") is not None and importlib.util.find_spec("pytesseract") is not None


def free_memory_bytes() -> int | None:
    """What this process may still take: of the machine, or of its control group where that is less. None where the system does not tell."""
    found = []
    if (meminfo := _text("/proc/meminfo")) and (match := re.search(r"MemAvailable:\s+(\d+) kB", meminfo)):
        found.append(int(match[1]) << 10)
    most, used = _text("/sys/fs/cgroup/memory.max").strip(), _text("/sys/fs/cgroup/memory.current").strip()
    if most.isdigit() and used.isdigit():
        found.append(int(most) - int(used))
    return min(found) if found else None


def _text(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
