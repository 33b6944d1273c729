"""Owns Tesseract through pytesseract: pixels to boxes of words. Small in memory. Runs in the confined child only."""

from __future__ import annotations

from itertools import pairwise

import pytesseract
from PIL import Image

NAME = "tesseract"
# The page is one block of text (psm 6): of the modes tried it loses the fewest amounts on till receipts.
_OPTIONS = "--psm 6"
_SECONDS = 14


class Tesseract:
    """The program, asked once a picture. `languages`: the models that are installed."""

    def __init__(self) -> None:
        self.languages = tuple(pytesseract.get_languages())

    def read(self, width: int, height: int, pixels: bytes, *, language: str, turns: int = 0) -> dict[str, object]:
        """`boxes`: `[[x0, y0 ... x3, y3], text, score]` each, of the picture turned so many times by a quarter against the clock and levelled;
        `slant`: by how many degrees, about its middle.

        `language`: Tesseract's own code; English where it is not installed.
        """
        image = Image.frombytes("RGB", (width, height), pixels).convert("L").rotate(90 * turns, expand=True)
        degrees = slant_of(image)
        image = image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255) if degrees else image
        code = language if language in self.languages else "eng"
        found = pytesseract.image_to_data(image, lang=code, config=_OPTIONS, output_type=pytesseract.Output.DICT, timeout=_SECONDS)
        boxes: list[list[object]] = []
        for index, text in enumerate(found["text"]):
            if not str(text).strip() or float(found["conf"][index]) < 0:
                continue
            left, top = float(found["left"][index]), float(found["top"][index])
            right, bottom = left + float(found["width"][index]), top + float(found["height"][index])
            boxes.append([[left, top, right, top, right, bottom, left, bottom], str(text).strip(), float(found["conf"][index]) / 100])
        return {"boxes": boxes, "slant": degrees}


def slant_of(image: Image.Image) -> float:
    """Degrees to turn the grey picture by, so that its lines lie level: the program reads slanted ones badly. 0 where they slant by less than one.

    A strip that is narrower than any receipt is left alone: it would be a picture of millions of rows.
    """
    if image.height > _STRIP * image.width:
        return 0.0
    small = image.resize((_LEVEL_WIDTH, max(1, image.height * _LEVEL_WIDTH // image.width)), Image.Resampling.BOX)
    rough = max(range(-_MOST_DEGREES, _MOST_DEGREES + 1), key=lambda degrees: _contrast(small, degrees))
    slant = max((rough + step / 4 for step in range(-3, 4)), key=lambda degrees: _contrast(small, degrees))
    if abs(slant) < 1 or _contrast(small, slant) < _CLEARLY * _contrast(small, 0):
        return 0.0
    return slant


def _contrast(image: Image.Image, degrees: float) -> float:
    """How much neighbouring rows of pixels differ in their middle: most where lines of text and the gaps between them lie level."""
    turned = image.rotate(degrees, Image.Resampling.BILINEAR)
    wide, high = image.width // 6, image.height // 6
    rows = (
        turned.crop((wide, high, image.width - wide, image.height - high))
        .resize((1, max(1, image.height - 2 * high)), Image.Resampling.BOX)
        .tobytes()
    )
    return sum((above - below) ** 2 for above, below in pairwise(rows))


_LEVEL_WIDTH = 360  # pixels: enough to tell lines from gaps
_STRIP = 25  # times as high as wide
_MOST_DEGREES = 12
_CLEARLY = 1.25
