"""Owns telling what a file really is by its first bytes, and the limits on files. Decodes nothing."""

from __future__ import annotations

from enum import StrEnum

MAX_BYTES = 10 << 20
MAX_PIXELS = 40_000_000


class Kind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"


class Refusal(Exception):
    """A file is not to be read. `code`: empty, too_large, unknown_type, too_many_pixels, too_small, too_many_pages, animated, broken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def sniff(data: bytes) -> Kind:
    """What the bytes are, whatever the name says. Raises Refusal."""
    if not data:
        raise Refusal("empty")
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        return Kind.HEIC
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    raise Refusal("unknown_type")
