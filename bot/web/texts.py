"""Text as it comes from a browser: what is taken, what is left out, what is refused."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

TEXT_LIMIT = 10_000
NAME_LIMIT = 60
_INVISIBLE = {
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x200B,
    0x200E,
    0x200F,
    0x2060,
    0xFEFF,
}  # order and width controls: a name must not rule its surroundings


def clean_text(text: str) -> str:
    """NFC, line ends as \\n, without control characters. ValueError for NUL, for a lone surrogate, for nothing left."""
    if "\0" in text:
        raise ValueError("holds a NUL")
    text.encode()  # UnicodeEncodeError is a ValueError
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(each for each in text if each in "\n\t" or unicodedata.category(each) != "Cc").strip()
    if not text:
        raise ValueError("empty")
    return text


def clean_name(text: str) -> str:
    """One line without order controls, runs of spaces made one."""
    text = "".join(each for each in clean_text(text) if ord(each) not in _INVISIBLE)
    text = " ".join(text.split())
    if not text or len(text) > NAME_LIMIT:
        raise ValueError("empty or too long")
    return text


def photo_type(data: bytes) -> str | None:
    """By the first bytes, whatever the browser called it: JPEG, PNG or WebP; anything else (SVG, HTML) is None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LOOKED_AT_BYTES = 4_096


def file_type(data: bytes) -> str | None:
    """By the first bytes: a workbook, JSON, or text that may be a table; None for anything else, and for what a browser might run."""
    if data.startswith(b"PK\x03\x04"):
        return XLSX
    head = data[:_LOOKED_AT_BYTES]
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = (head.decode("utf-16", "replace") if wide else head.decode("utf-8-sig", "replace")).lstrip()
    if text[:1] in ("{", "["):
        return "application/json"
    is_text = bool(text) and not text.startswith(("<", "%")) and (wide or b"\0" not in head or head.count(b"\0") * 3 > len(head))
    return "text/csv" if is_text and any(mark in text for mark in ",;\t|") else None


Text = Annotated[str, StringConstraints(max_length=TEXT_LIMIT), AfterValidator(clean_text)]
Name = Annotated[str, StringConstraints(max_length=4 * NAME_LIMIT), AfterValidator(clean_name)]
Id = Annotated[str, StringConstraints(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
