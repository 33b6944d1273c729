"""Owns Tesseract through pytesseract: pixels to boxes of words. Small in memory. Runs in the confined child only."""

from __future__ import annotations

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

    def read(self, width: int, height: int, pixels: bytes, *, language: str) -> list[list[object]]:
        """`[[x0, y0 ... x3, y3], text, score]` a word. `language`: Tesseract's own code; English where it is not installed."""
        image = Image.frombytes("RGB", (width, height), pixels).convert("L")
        code = language if language in self.languages else "eng"
        found = pytesseract.image_to_data(image, lang=code, config=_OPTIONS, output_type=pytesseract.Output.DICT, timeout=_SECONDS)
        boxes: list[list[object]] = []
        for index, text in enumerate(found["text"]):
            if not str(text).strip() or float(found["conf"][index]) < 0:
                continue
            left, top = float(found["left"][index]), float(found["top"][index])
            right, bottom = left + float(found["width"][index]), top + float(found["height"][index])
            boxes.append([[left, top, right, top, right, bottom, left, bottom], str(text).strip(), float(found["conf"][index]) / 100])
        return boxes
