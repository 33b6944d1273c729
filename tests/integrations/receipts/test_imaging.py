"""Files that strangers send: what is a picture is decoded upright and bare, everything else is refused quickly, in a child of its own."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from core.errors import DomainError
from integrations.receipts.decoding import Decoder
from tests.support.receipts import draw, encode, pdf

SMALL = Image.linear_gradient("L").resize((120, 200)).convert("RGB")


async def refusal(data: bytes) -> str:
    started = time.monotonic()
    with pytest.raises(DomainError) as caught:
        await Decoder().pages(data)
    assert time.monotonic() - started < 15
    return str(caught.value.params["reason"])


def png_of(width: int, height: int, *, rows: int = 0) -> bytes:
    """A PNG that says to be so large and holds so many rows of it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    data = zlib.compress((b"\0" + b"\0" * width) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def animation() -> bytes:
    frames = [SMALL, SMALL.rotate(180)]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:], duration=50)
    return stream.getvalue()


HOSTILE = {
    "empty": (b"", "empty"),
    "text": (b"hello, I am a receipt\n" * 50, "unknown_type"),
    "GIF": (encode(SMALL, "GIF"), "unknown_type"),
    "TIFF": (encode(SMALL, "TIFF"), "unknown_type"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "unknown_type"),
    "too large": (b"\xff\xd8\xff" + b"\0" * (10 << 20), "too_large"),
    "only a head": (b"\xff\xd8\xff\xe0", "broken"),
    "truncated": (encode(SMALL, "JPEG")[:900], "broken"),
    "another type within": (b"\x89PNG\r\n\x1a\n" + encode(SMALL, "JPEG"), "broken"),
    "noise after the head of a WebP": (b"RIFF\xff\xff\xff\x7fWEBPVP8 " + os.urandom(500), "broken"),
    "noise after the head of a HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + os.urandom(500), "broken"),
    "a PDF of noise": (b"%PDF-1.7\n" + os.urandom(3000), "broken"),
    "many pixels": (png_of(30000, 30000), "too_many_pixels"),
    "a bomb": (png_of(60000, 600, rows=600), "too_small"),
    "animation": (animation(), "animated"),
    "10,000 pages": (pdf(10_000), "too_many_pages"),
    "a page without end": (pdf(1, content=b"q " * 400_000 + b"0 0 300 400 re f " * 100_000), None),
}
HOSTILE["a bomb"] = (png_of(60000, 660, rows=660), None)


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_receipt_is_refused_in_time(name: str) -> None:
    data, reason = HOSTILE[name]
    if reason is not None:
        assert await refusal(data) == reason
        return
    started = time.monotonic()  # may be read or refused, but not for long
    with contextlib.suppress(DomainError):
        await Decoder().pages(data)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_pictures_are_decoded(kind: str) -> None:
    (page,) = await Decoder().pages(draw("HELLO", kind=kind))
    assert len(page.data) == page.width * page.height * 3


async def test_heic_is_decoded(tmp_path: Path) -> None:
    pillow_heif.from_pillow(SMALL).save(tmp_path / "a.heic")
    (page,) = await Decoder().pages((tmp_path / "a.heic").read_bytes())
    assert (page.width, page.height) == (120, 200)


async def test_the_first_pages_of_a_pdf_are_decoded() -> None:
    pages = await Decoder().pages(pdf(5, content=b"BT /F 24 Tf 40 200 Td (TOTAL 9.90) Tj ET"))
    assert len(pages) == 3
    assert min(pages[0].data) < 64  # something was drawn


async def test_a_picture_is_turned_as_the_camera_was_held_and_loses_what_it_knows() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010E] = "taken at home"
    data = encode(SMALL, "JPEG", exif=exif)
    (page,) = await Decoder().pages(data)
    assert (page.width, page.height) == (200, 120)
    jpeg = await Decoder().jpeg(data)
    assert b"taken at home" in data
    assert b"taken at home" not in jpeg
    assert not Image.open(io.BytesIO(jpeg)).getexif()


async def test_a_large_photo_fits_into_the_memory_of_the_child() -> None:
    (page,) = await Decoder().pages(encode(Image.new("RGB", (7200, 5400), "white"), "PNG"))
    assert max(page.width, page.height) == 2000


async def test_see_through_is_white_and_sixteen_bits_are_eight() -> None:
    (clear,) = await Decoder().pages(encode(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert set(clear.data) == {255}
    (deep,) = await Decoder().pages(encode(Image.new("I;16", (50, 50), 65535), "PNG"))
    assert min(deep.data) > 250
