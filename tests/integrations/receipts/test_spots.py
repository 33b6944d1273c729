"""Where things stand on the picture that is kept, however it was turned to be read."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import date

import pytest
from PIL import Image

from core.domain.receipts import Spot
from core.errors import ServiceUnavailable
from integrations.receipts.boxes import Box, Frame, read_boxes
from integrations.receipts.choice import installed
from integrations.receipts.decoding import Pixels
from integrations.receipts.extraction.extract import extract
from integrations.receipts.reader import OfflineReader
from tests.support.receipts import draw, encode

WIDTH, HEIGHT = 400, 600
RECEIPT = """
GREENFIELD STORES LTD
14 Station Road, London
Date: 21/05/2025   10:42
Brown bread   2.40
Apple juice   3.10
Cheddar cheese   4.00
Washing powder   6.25
Total   15.75
Cash   20.00
Change   4.25
Thank you, come again
"""


def corners(left: float, top: float, right: float, bottom: float) -> list[float]:
    return [left, top, right, top, right, bottom, left, bottom]


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("slant", [0.0, 4.5, -7.0])
def test_a_spot_is_where_the_ink_was_before_the_picture_was_turned(turns: int, slant: float) -> None:
    """What is dark on the turned picture is looked for there; its place on the first one is known."""
    picture = Image.new("L", (WIDTH, HEIGHT), 255)
    picture.paste(0, (120, 240, 200, 300))
    turned = picture.rotate(90 * turns, expand=True).rotate(slant, Image.Resampling.BILINEAR, fillcolor=255)
    dark = turned.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark is not None
    spot = Frame(WIDTH, HEIGHT, turns, slant).spot(corners(*dark))
    assert spot is not None
    room = 1000 * abs(math.sin(math.radians(slant))) * 80 * 2 / WIDTH + 5  # the box around what is aslant is larger, twice over
    for found, real in zip((spot.left, spot.top, spot.right, spot.bottom), (300, 400, 500, 500), strict=True):
        assert abs(found - real) <= room


def test_what_lies_over_the_edge_ends_there_and_what_lies_outside_is_nowhere() -> None:
    frame = Frame(WIDTH, HEIGHT)
    assert frame.spot(corners(-40, 30, 80, 60)) == Spot(0, 50, 200, 100)
    assert frame.spot(corners(-80, 30, -40, 60)) is None


def test_boxes_without_a_kept_picture_have_no_spot() -> None:
    sent = [[corners(10, 10, 90, 30), "Tea", 0.9]]
    assert [box.spot for box in read_boxes(sent)] == [None]
    assert [box.spot for box in read_boxes(sent, Frame(100, 100))] == [Spot(100, 100, 900, 300)]


def placed(text: str) -> list[Box]:
    """Rows of ten thousandths each: the words at 100 to 500, an amount at 700 to 900."""
    boxes = []
    for number, row in enumerate(text.strip("\n").splitlines()):
        for column, part in enumerate(row.split("   ")):
            left, top = 700 * column + 100 * (not column), 10 * number
            width = 200 if column else 400
            boxes.append(Box(part.strip(), 0.97, left, 40 * number, left + width, 40 * number + 30, Spot(left, top, left + width, top + 8)))
    return boxes


def test_fields_and_lines_say_where_they_are_printed() -> None:
    reading = extract(placed(RECEIPT), today=date(2025, 6, 30), engine="rapidocr")
    assert (reading.receipt.merchant, reading.receipt.total, reading.receipt.date) == ("GREENFIELD STORES LTD", 1575, date(2025, 5, 21))
    assert reading.spots == {"merchant": Spot(100, 0, 500, 8), "date": Spot(100, 20, 500, 28), "total": Spot(100, 70, 900, 78)}
    assert [line.spot for line in reading.receipt.lines] == [Spot(100, 10 * row, 900, 10 * row + 8) for row in range(3, 7)]


def test_what_is_not_read_is_nowhere() -> None:
    reading = extract(placed("HELLO WORLD\nsome words"), today=date(2025, 6, 30), engine="rapidocr")
    assert reading.receipt.total is None
    assert "total" not in reading.spots
    assert "date" not in reading.spots


class Engine:
    """Answers every page with the same words."""

    def __init__(self, **said: object) -> None:
        self.said = {"boxes": [[corners(10, 10, 90, 30), "Tea 2.40", 0.99]], **said}

    async def start(self, *, seconds: float) -> None:
        """Is there."""

    async def ask(self, header: object, blob: bytes, *, seconds: float) -> tuple[dict[str, object], bytes]:
        return self.said, b""

    async def close(self) -> None:
        """Nothing is open."""


class Pages:
    """A file of so many pages."""

    def __init__(self, count: int) -> None:
        self.count = count

    async def pages(self, data: bytes, *, seconds: float) -> Sequence[Pixels]:
        return [Pixels(100, 100, b"")] * self.count

    async def close(self) -> None:
        """Nothing is open."""


async def test_of_a_file_with_pages_the_first_is_kept_and_has_places() -> None:
    reader = OfflineReader("rapidocr", decoder=Pages(2), child=Engine())  # type: ignore[arg-type]
    reading = await reader.read(b"a file", today=date(2025, 6, 30))
    assert [line.spot for line in reading.receipt.lines] == [None]


@pytest.mark.parametrize("slant", ["5", float("nan"), 400])
async def test_a_slant_that_is_none_is_an_engine_that_failed(slant: object) -> None:
    reader = OfflineReader("rapidocr", decoder=Pages(1), child=Engine(slant=slant))  # type: ignore[arg-type]
    with pytest.raises(ServiceUnavailable):
        await reader.read(b"a file", today=date(2025, 6, 30))


@pytest.mark.parametrize(("engine", "degrees"), [("rapidocr", 0), ("rapidocr", 90), ("tesseract", 180), ("tesseract", 4)])
async def test_the_places_of_a_drawn_receipt_are_those_of_its_ink(engine: str, degrees: int) -> None:
    if not installed(engine):
        pytest.skip(f"{engine} is not installed")
    upright = Image.open(io.BytesIO(draw(RECEIPT))).convert("L")
    picture = upright.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    reader = OfflineReader(engine, seconds=60)
    try:
        reading = await reader.read(encode(picture.convert("RGB"), "JPEG"), today=date(2025, 6, 30))
    finally:
        await reader.close()
    assert reading.receipt.total == 1575
    found = {"merchant": reading.spots["merchant"], "total": reading.spots["total"], "line": reading.receipt.lines[1].spot}
    for name, row in (("merchant", 0), ("total", 7), ("line", 4)):
        spot, (x, y) = found[name], ink_of_row(upright, row)
        assert spot is not None
        sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        away, down = x - upright.width / 2, y - upright.height / 2
        across = 1000 * (0.5 + (away * cosine + down * sine) / picture.width)
        below = 1000 * (0.5 + (down * cosine - away * sine) / picture.height)
        assert abs((spot.left + spot.right) / 2 - across) < 20, (name, spot)
        assert abs((spot.top + spot.bottom) / 2 - below) < 20, (name, spot)


def ink_of_row(picture: Image.Image, row: int) -> tuple[float, float]:
    """The middle of what is drawn in a row, in pixels."""
    top, bottom = 36 + 41 * row, 36 + 41 * (row + 1)
    ink = picture.point(lambda value: 255 if value < 128 else 0).crop((0, top, picture.width, bottom)).getbbox()
    assert ink is not None
    return (ink[0] + ink[2]) / 2, top + (ink[1] + ink[3]) / 2
