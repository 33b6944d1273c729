"""Texts that no spreadsheet runs: whatever might begin a formula gets an apostrophe before it. Numbers are never texts."""

from __future__ import annotations

import re

_STARTS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # and their full-width forms, which some programs take for the same
# At the beginning, and behind whatever another setting of the spreadsheet may part cells by.
_FORMULA = re.compile(f"(^|[;,|\\t\\r\\n])( *)(?=[{_STARTS}])")


def safe(text: str) -> str:
    """The text as a cell may hold it."""
    return _FORMULA.sub(r"\1\2'", text)
