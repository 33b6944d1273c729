"""Owns telling from what an engine read whether the picture lies on its side or on its head. Turns nothing itself."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from integrations.receipts.boxes import Box

# Mean score of the boxes: upright receipts are far above it, those on their head or side far below (0.97 and 0.69; 0.62 and 0.43).
_LEGIBLE = {"rapidocr": 0.82, "tesseract": 0.52}
_TALL = 1.5  # height by width of a box that holds a line on its side


def is_legible(boxes: Sequence[Box], engine: str) -> bool:
    """Whether the engine made sense of the picture as it lay."""
    return bool(boxes) and statistics.fmean(box.score for box in boxes) >= _LEGIBLE[engine]


def turns_to_try(boxes: Sequence[Box], engine: str) -> tuple[int, ...]:
    """Quarter turns against the clock that may bring the picture upright, the likeliest first; none where it is upright already.

    RapidOCR finds lines on their side and reads them turned against the clock: whether that made sense tells which side is up.
    """
    legible, words = is_legible(boxes, engine), [box for box in boxes if len(box.text) > 2]
    if sum(box.height > _TALL * (box.right - box.left) for box in words) * 2 > len(words):
        return (1,) if legible else (3, 1)
    if legible or not boxes:
        return ()
    return (2,) if engine == "rapidocr" else (1, 3, 2)
