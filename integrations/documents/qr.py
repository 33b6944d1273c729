"""Draws QR codes (ISO/IEC 18004, error level M), as SVG for pages and as PNG for chats; with the Swiss cross where asked. Knows no payment."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import segno

QUIET = 4  # modules of white around the code
MODULE_LEAST = 4  # pixels, so that a chat that makes a picture smaller leaves enough of it
_MODULES = "crispEdges"
# The cross of the QR-bill (SIX Style Guide): 7 of the code's 46 mm, a black square in a white edge with the bars in it; places in 198ths of its side.
_CROSS_SHARE = (7, 46)
_SIDE, _EDGE = 198, 7
_BARS = ((83, 40, 33, 110), (44, 79, 110, 33))  # x, y, width, height


def drawing(text: str, *, cross: bool = False) -> str:
    """An <svg> as wide as its place, black on white whatever the page's colours, without a size, a style or a script of its own."""
    rows = _rows(text)
    size = len(rows) + 2 * QUIET
    path = "".join(f"M{x + QUIET} {y + QUIET}h{run}v1h-{run}z" for y, row in enumerate(rows) for x, run in _runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" aria-hidden="true" shape-rendering="{_MODULES}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{path}"/>{_cross(len(rows)) if cross else ""}</svg>'
    )


def picture(text: str, *, cross: bool = False, pixels: int = 600) -> bytes:
    """A PNG in black and white, square, the least size of whole pixels a module that is at least `pixels` wide."""
    rows = _rows(text)
    modules = len(rows) + 2 * QUIET
    scale = max(MODULE_LEAST, -(-pixels // modules))
    wide = [bytearray(b"\xff" * (modules * scale)) for _ in range(modules * scale)]
    for y, row in enumerate(rows):
        for x, run in _runs(row):
            _fill(wide, (x + QUIET) * scale, (y + QUIET) * scale, run * scale, scale, 0)
    if cross:
        _draw_cross(wide, len(rows) * scale, QUIET * scale)
    return _png(wide)


def _rows(text: str) -> list[bytes]:
    """The modules, 1 for black. UTF-8 without saying so, which is what every payer's app expects."""
    made = segno.make(text, error="m", encoding="utf-8", micro=False, boost_error=False)
    return [bytes(row) for row in made.matrix]


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Where black begins, and for how many modules."""
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = row.find(1, end)


def _cross(modules: int) -> str:
    share, of = _CROSS_SHARE
    scale = f"translate({QUIET + modules / 2} {QUIET + modules / 2}) scale({modules * share / of / _SIDE:.6f}) translate(-{_SIDE // 2} -{_SIDE // 2})"
    bars = "".join(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fff"/>' for x, y, width, height in _BARS)
    inner = _SIDE - 2 * _EDGE
    square = f'<rect width="{_SIDE}" height="{_SIDE}" fill="#fff"/><rect x="{_EDGE}" y="{_EDGE}" width="{inner}" height="{inner}"/>'
    return f'<g transform="{scale}" shape-rendering="auto">{square}{bars}</g>'


def _draw_cross(wide: list[bytearray], code: int, margin: int) -> None:
    share, of = _CROSS_SHARE
    side = code * share // of
    start = margin + (code - side) // 2
    inner = _SIDE - 2 * _EDGE
    for (x, y, width, height), colour in (((0, 0, _SIDE, _SIDE), 255), ((_EDGE, _EDGE, inner, inner), 0), *((bar, 255) for bar in _BARS)):
        left, top = start + x * side // _SIDE, start + y * side // _SIDE
        _fill(wide, left, top, -(-width * side // _SIDE), -(-height * side // _SIDE), colour)


def _fill(wide: list[bytearray], left: int, top: int, width: int, height: int, colour: int) -> None:
    for row in wide[top : top + height]:
        row[left : left + width] = bytes((colour,)) * width


def _png(wide: list[bytearray]) -> bytes:
    """Grey, eight bits a pixel, rows unfiltered (W3C PNG)."""
    size = len(wide)
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in wide))) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
