"""Owns a box of text as an engine reads it, and making sense of the boxes that an engine sent: an engine is not to be believed."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.receipts import Spot

MAX_BOXES = 3000
MAX_CHARACTERS = 200


class NotBoxes(Exception):
    """What an engine sent is no list of boxes."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How the picture that an engine read lies on the one that is kept, of `width` by `height` pixels: it was turned by so many quarters against
    the clock, then by `slant` degrees more about its middle, keeping its size."""

    width: int
    height: int
    turns: int = 0
    slant: float = 0.0

    def spot(self, corners: Sequence[float]) -> Spot | None:
        """The place on the kept picture of what has these corners (x, y, x, y ... in pixels as read); None for what lies outside of it."""
        points = [self._back(x, y) for x, y in zip(corners[::2], corners[1::2], strict=True)]
        xs, ys = [_thousandths(x, self.width) for x, _ in points], [_thousandths(y, self.height) for _, y in points]
        spot = Spot(min(xs), min(ys), max(xs), max(ys))
        return spot if spot.left < spot.right and spot.top < spot.bottom else None

    def _back(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the picture as read is on the kept one."""
        wide, high = (self.height, self.width) if self.turns % 2 else (self.width, self.height)
        sine, cosine = math.sin(math.radians(self.slant)), math.cos(math.radians(self.slant))
        away, down = x - wide / 2, y - high / 2
        x, y = wide / 2 + away * cosine - down * sine, high / 2 + away * sine + down * cosine
        for _ in range(self.turns % 4):
            x, y, wide, high = high - y, x, high, wide
        return x, y


def _thousandths(pixels: float, of: int) -> int:
    return min(1000, max(0, round(1000 * pixels / of)))


@dataclass(frozen=True, slots=True)
class Box:
    """One piece of text and where it stands, in pixels of the picture as it was read. `score`: how sure the engine is, 0 to 1.

    `spot`: where that is on the picture that is kept, None where this page is not kept.
    """

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float
    spot: Spot | None = None

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def read_boxes(sent: object, frame: Frame | None = None) -> tuple[Box, ...]:
    """Boxes out of `[[x0, y0, ... x3, y3], text, score]` (corners clockwise from top left), turned so that the lines of text lie level.

    `frame`: how they lie on the picture that is kept.

    Raises NotBoxes for anything else.
    """
    if not isinstance(sent, list) or len(sent) > MAX_BOXES:
        raise NotBoxes
    return level([_read(item) for item in sent], frame)


def _read(item: object) -> tuple[list[float], str, float]:
    if not isinstance(item, list) or len(item) < 3:
        raise NotBoxes
    corners, text, score = item[:3]
    if not isinstance(text, str) or not isinstance(corners, list) or len(corners) != 8:
        raise NotBoxes
    numbers = [*corners, score]
    if not all(isinstance(number, int | float) and math.isfinite(number) and abs(number) < 1e6 for number in numbers):
        raise NotBoxes
    return [float(number) for number in corners], text[:MAX_CHARACTERS], min(1.0, max(0.0, float(score)))


def level(quads: Sequence[tuple[list[float], str, float]], frame: Frame | None = None) -> tuple[Box, ...]:
    """Upright boxes: each quad turned about the origin by the slant that long lines share (their median, weighted towards long ones by choice)."""
    angle = slant([corners for corners, text, _ in quads if len(text) > 3])
    sine, cosine = math.sin(-angle), math.cos(-angle)
    boxes = []
    for corners, text, score in quads:
        xs = [x * cosine - y * sine for x, y in zip(corners[::2], corners[1::2], strict=True)]
        ys = [x * sine + y * cosine for x, y in zip(corners[::2], corners[1::2], strict=True)]
        top, bottom = (ys[0] + ys[1]) / 2, (ys[2] + ys[3]) / 2
        if text.strip() and bottom > top and max(xs) > min(xs):
            boxes.append(Box(text.strip(), score, min(xs), top, max(xs), bottom, frame.spot(corners) if frame else None))
    return tuple(boxes)


def slant(quads: Sequence[list[float]]) -> float:
    """The angle of the lines in radians, from the upper and lower edges of the longer half of the boxes; 0 where there are few."""
    wide = sorted(quads, key=lambda corners: corners[2] - corners[0], reverse=True)[: max(5, len(quads) // 2)]
    angles = []
    for x0, y0, x1, y1, x2, y2, x3, y3 in wide:
        if x1 > x0 and x2 > x3:
            angles += [math.atan2(y1 - y0, x1 - x0), math.atan2(y2 - y3, x2 - x3)]
    return statistics.median(angles) if len(angles) >= 10 else 0.0
