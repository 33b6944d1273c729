"""Owns joining boxes to the rows that a person sees. Knows no meaning of words."""

from __future__ import annotations

import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.domain.receipts import Spot, around
from integrations.receipts.boxes import Box

MAX_ROWS = 600
MAX_CHARACTERS = 240  # of a row: more is no receipt, and what looks for words in it takes longer than its length
GAP = 1.2  # of the type size: from here on two boxes of a row are two columns
_PLAIN = str.maketrans(
    {
        "，": ",",
        "。": ".",
        "：": ":",
        "；": ";",
        "（": "(",
        "）": ")",
        "–": "-",
        "—": "-",
        "−": "-",
        "～": "~",
        "·": ".",
        "|": " ",
        "‘": "'",
        "’": "'",
        "`": "'",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """The boxes of one line from left to right. `text` joins them: two blanks part columns. `starts`: where each box's text begins in it."""

    boxes: tuple[Box, ...]
    text: str
    starts: tuple[int, ...]

    @property
    def top(self) -> float:
        return min(box.top for box in self.boxes)

    @property
    def bottom(self) -> float:
        return max(box.bottom for box in self.boxes)

    @property
    def left(self) -> float:
        return self.boxes[0].left

    @property
    def right(self) -> float:
        return max(box.right for box in self.boxes)

    @property
    def height(self) -> float:
        return statistics.median(box.height for box in self.boxes)

    @property
    def middle(self) -> float:
        return statistics.fmean(box.middle for box in self.boxes)

    @property
    def score(self) -> float:
        return statistics.fmean(box.score for box in self.boxes)

    def place(self, start: int, end: int) -> tuple[float, float]:
        """Where characters [start, end) of the text lie, left and right in pixels, as if all characters were as wide."""
        return self._at(start), self._at(end, ending=True)

    def spot(self, start: int = 0, end: int = MAX_CHARACTERS) -> Spot | None:
        """Where the boxes that hold characters [start, end) of the text are on the kept picture."""
        return around(box.spot for box, first in zip(self.boxes, self.starts, strict=True) if first < end and start < first + len(box.text))

    def box_of(self, position: int) -> Box:
        """The box that character `position` belongs to."""
        index = sum(start <= position for start in self.starts) - 1
        return self.boxes[max(0, index)]

    def _at(self, position: int, *, ending: bool = False) -> float:
        index = max(0, sum(start <= position - ending for start in self.starts) - 1)
        box = self.boxes[index]
        share = (position - self.starts[index]) / max(1, len(box.text))
        return box.left + (box.right - box.left) * min(1.0, max(0.0, share))


def rows_of(boxes: Sequence[Box]) -> tuple[Row, ...]:
    """Rows from top to bottom. A box joins the row whose nearest box overlaps it by half of the lower one's height."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        best = max(lines[-6:], key=lambda line: _overlap(line, box), default=None)
        if best is not None and _overlap(best, box) >= 0.5:
            best.append(box)
        else:
            lines.append([box])
    lines.sort(key=lambda line: statistics.fmean(box.middle for box in line))
    return tuple(_row(line) for line in lines[:MAX_ROWS])


def _overlap(line: Sequence[Box], box: Box) -> float:
    """How much of the lower one of `box` and its nearest neighbour in the line both cover; 0 where they would lie over each other."""
    near = min(line, key=lambda other: max(other.left - box.right, box.left - other.right))
    shared_width = min(near.right, box.right) - max(near.left, box.left)
    if shared_width > 0.5 * min(near.right - near.left, box.right - box.left):
        return 0.0
    return (min(near.bottom, box.bottom) - max(near.top, box.top)) / min(near.height, box.height)


def _row(line: list[Box]) -> Row:
    line.sort(key=lambda box: box.left)
    text, starts = "", []
    for index, box in enumerate(line):
        if len(text) + len(box.text) > MAX_CHARACTERS and index:
            line = line[:index]
            break
        if index:
            text += "  " if box.left - line[index - 1].right > GAP * min(box.height, line[index - 1].height) else " "
        starts.append(len(text))
        text += plain(box.text)
    boxes = tuple(replace(box, text=plain(box.text)) for box in line)
    return Row(boxes, text, tuple(starts))


def plain(text: str) -> str:
    """One form for the marks that engines write in several (full-width, dashes); stray ideographs of an engine trained on Chinese go."""
    text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)
    return "".join(" " if "\u2e80" <= character <= "\u9fff" or ord(character) < 32 else character for character in text).strip() or "."
