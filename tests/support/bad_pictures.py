"""Broken, hostile and odd files for the photo pipeline: written by hand, or good ones of each kind that a seeded chance mutates."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache

import pillow_heif
from PIL import Image, ImageDraw

from tests.support.receipts import draw, encode, pdf

BILL = """
          CAFE CENTRAL
14/03/2025
Espresso   2.40
Cheesecake   4.60
TOTAL EUR   7.00
"""
KINDS = ("JPEG", "PNG", "WEBP", "HEIC", "PDF")


@lru_cache
def good(kind: str) -> bytes:
    """A file of this kind that can be read."""
    if kind == "PDF":
        return pdf(1, content=b"BT /F 18 Tf 40 300 Td (TOTAL EUR 7.00) Tj ET")
    if kind == "HEIC":
        stream = io.BytesIO()
        image = Image.open(io.BytesIO(draw(BILL, size=18)))
        pillow_heif.from_pillow(image).save(stream, quality=60)
        return stream.getvalue()
    return draw(BILL, kind=kind, size=18)


# ------------------------------------------------------------------ mutations of good ones


def truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 400))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def spliced(data: bytes, chance: random.Random) -> bytes:
    """A piece of it repeated, left out or overwritten."""
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    piece = chance.choice((b"", data[start:end] * 2, b"\xff" * (end - start), bytes(end - start), chance.randbytes(end - start)))
    return data[:start] + piece + data[end:]


def in_the_head(data: bytes, chance: random.Random) -> bytes:
    """Sizes and types stand in the first bytes."""
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        changed[chance.randrange(min(64, len(changed)))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(changed)


def behind_another_head(data: bytes, chance: random.Random) -> bytes:
    """One kind's first bytes, another kind's rest."""
    length = chance.randrange(8, 32)
    return good(chance.choice(KINDS))[:length] + data[length:]


MUTATIONS = (truncated, flipped, spliced, in_the_head, behind_another_head)


# ------------------------------------------------------------------ written by hand


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes, *, before: bytes = b"") -> bytes:
    """One bit of grey a pixel; `before`: chunks ahead of the pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + before + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def png_bomb() -> bytes:
    """Some kilobytes that are 60,000 pixels each way."""
    packer = zlib.compressobj(9)
    row = bytes(60_000 // 8 + 1)
    return png(60_000, 60_000, b"".join(packer.compress(row) for _ in range(2_000)) + packer.flush())


def png_just_within() -> bytes:
    """As many pixels as are allowed, of one colour."""
    return png(8_000, 5_000, zlib.compress(bytes((8_000 // 8 + 1) * 5_000), 9))


def png_of_text() -> bytes:
    """A compressed text of 200 megabytes beside the pixels."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    return png(100, 100, zlib.compress(bytes(14 * 100)), before=_chunk(b"zTXt", b"Comment\0\0" + text))


def webp_bomb() -> bytes:
    """The largest canvas of the format, and nothing to paint on it."""
    canvas = b"\0\0\0\0" + (16_383).to_bytes(3, "little") * 2
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + canvas + b"VP8L" + struct.pack("<I", 5) + b"\x2f\xff\xff\xff\x07" + b"\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def heic_boxes(depth: int = 4_000) -> bytes:
    """Boxes within boxes."""
    inner = b""
    for _ in range(depth):
        inner = struct.pack(">I", len(inner) + 8) + b"meta" + inner
    return struct.pack(">I", 24) + b"ftypheic\0\0\0\0heicmif1" + inner


def heic_of_no_end() -> bytes:
    """A box that says it is larger than any file."""
    return struct.pack(">I", 24) + b"ftypheic\0\0\0\0heicmif1" + struct.pack(">I", 1) + b"mdat" + b"\xff" * 8 + bytes(1000)


def pdf_bomb() -> bytes:
    """A content stream that unpacks to 300 megabytes of drawing."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(b"0 0 300 400 re f\n" * 60_000) for _ in range(300)) + packer.flush()
    return pdf(1, content=content).replace(b"<< /Length", b"<< /Filter /FlateDecode /Length")


def pdf_in_a_circle() -> bytes:
    """Its pages are their own parent."""
    return pdf(2).replace(b"/Kids [", b"/Kids [2 0 R ")


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (200, 200), (10 * number, 0, 0)) for number in range(12)]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def long_strip() -> bytes:
    image = Image.new("L", (30, 20_000), 255)
    ImageDraw.Draw(image).line((0, 0, 30, 20_000), 0)
    return encode(image, "PNG")


def jpeg_head() -> bytes:
    """As many segments of metadata as fit into eight megabytes, and no picture."""
    return b"\xff\xd8" + (b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)) * 120 + b"\xff\xd9"


def jpeg_that_says_it_is_huge() -> bytes:
    changed = bytearray(good("JPEG"))
    place = changed.index(b"\xff\xc0") + 5
    changed[place : place + 4] = b"\xff\xff\xff\xff"
    return bytes(changed)


BY_HAND: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "text": lambda: b"TOTAL 7.00\n" * 50,
    "a page": lambda: b"<html><script>alert(1)</script></html>",
    "a script picture": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
    "an archive": lambda: b"PK\x03\x04" + bytes(2000),
    "a program": lambda: b"\x7fELF" + bytes(2000),
    "a TIFF": lambda: encode(Image.new("L", (100, 100)), "TIFF"),
    "a GIF that moves": lambda: animated("GIF"),
    "a WebP that moves": lambda: animated("WEBP"),
    "a PNG that moves": lambda: animated("PNG"),
    "only the first bytes of a JPEG": lambda: b"\xff\xd8\xff",
    "eleven megabytes": lambda: b"\xff\xd8\xff" + bytes(11 << 20),
    "a PNG bomb": png_bomb,
    "a PNG just within": png_just_within,
    "a PNG with a text bomb": png_of_text,
    "a WebP bomb": webp_bomb,
    "boxes in boxes": heic_boxes,
    "a box without end": heic_of_no_end,
    "ten thousand pages": lambda: pdf(10_000),
    "no pages": lambda: pdf(0),
    "a PDF bomb": pdf_bomb,
    "a PDF in a circle": pdf_in_a_circle,
    "one pixel": lambda: encode(Image.new("L", (1, 1)), "PNG"),
    "a long strip": long_strip,
    "a long head": jpeg_head,
    "a JPEG that says it is huge": jpeg_that_says_it_is_huge,
}


def mutated(number: int, seed: int) -> tuple[str, bytes]:
    """The mutant of this number, the same for the same seed, and what was done to what."""
    chance = random.Random(f"{seed} {number}")
    kind, name, data = chance.choice(KINDS), "", b""
    data = good(kind)
    for mutate in chance.sample(MUTATIONS, chance.choice((1, 1, 1, 2))):
        data, name = mutate(data, chance) or b"\0", f"{name} {mutate.__name__}"
    return f"{kind}{name}", data
