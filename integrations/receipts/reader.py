"""The ReceiptReader of engines that read boxes: decode in one child, read in another, extract here. Keeps no picture."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.domain.receipts import Reading
from core.errors import DomainError, ServiceUnavailable
from integrations.receipts.boxes import Box, NotBoxes, read_boxes
from integrations.receipts.extraction.extract import extract
from integrations.receipts.extraction.page import page_of
from integrations.receipts.sandbox import Child, ChildFailed
from integrations.receipts.sniffing import MAX_BYTES, Refusal, sniff

FILE_SECONDS = 15
DECODE_SECONDS = 10
_SIDES = (960, 1408)  # of the longer side, where rows are looked for: the second look is for what the first one left in doubt
_TESSERACT_LANGUAGES = {"en": "eng", "de": "deu", "fr": "fra", "es": "spa", "pt": "por", "it": "ita", "nl": "nld", "ms": "eng"}


@dataclass(frozen=True, slots=True)
class _Page:
    width: int
    height: int
    pixels: bytes


class OfflineReader:
    """One engine in a child process and a decoder in another; both start with the first file. `engine`: rapidocr or tesseract."""

    def __init__(self, engine: str, *, decoder: Child | None = None, child: Child | None = None, seconds: float = FILE_SECONDS) -> None:
        self.name = engine
        self._seconds = seconds
        self._decoder = decoder or Child("decode", most_requests=1)
        self._engine = child or Child(engine)

    async def read(self, data: bytes, *, today: date) -> Reading:
        """As the port says: DomainError for a bad file, ServiceUnavailable for an engine that fails."""
        try:
            sniff(data)
            if len(data) > MAX_BYTES:
                raise Refusal("too_large")
            ends = time.monotonic() + self._seconds
            pages = await self._decode(data)
        except Refusal as refusal:
            raise DomainError("unreadable_file", reason=refusal.code) from refusal
        return await self._read(pages, ends, today)

    async def close(self) -> None:
        """End the children."""
        await asyncio.gather(self._decoder.close(), self._engine.close())

    async def _decode(self, data: bytes) -> list[_Page]:
        """A process for each file: what a broken file did to a decoder must not reach the next person's."""
        try:
            said, pixels = await self._decoder.ask({}, data, seconds=min(DECODE_SECONDS, self._seconds))
            if "refused" in said:
                raise Refusal(str(said["refused"]))
            return _pages(said, pixels)
        except (ChildFailed, ValueError, TypeError, KeyError) as problem:
            raise Refusal("broken") from problem

    async def _read(self, pages: list[_Page], ends: float, today: date) -> Reading:
        boxes: list[Box] = []
        for number, page in enumerate(pages):
            if number and ends - time.monotonic() < self._seconds / 3:
                break  # what was read so far is the answer
            found = await self._look(page, ends, today)
            down = max((box.bottom for box in boxes), default=0.0)
            boxes += [Box(box.text, box.score, box.left, box.top + down, box.right, box.bottom + down) for box in found]
        return await asyncio.to_thread(extract, boxes, today=today, engine=self.name)

    async def _look(self, page: _Page, ends: float, today: date) -> tuple[Box, ...]:
        """The boxes of one page; where they leave the total in doubt, those of a closer look if it tells more."""
        options: tuple[dict[str, Any], ...] = tuple({"side": side} for side in _SIDES) if self.name == "rapidocr" else ({"language": "eng"},)
        boxes = await self._boxes(page, options[0], ends)
        reading = await asyncio.to_thread(extract, boxes, today=today, engine=self.name)
        if self.name == "rapidocr":
            if "total" in reading.ask and ends - time.monotonic() > self._seconds / 2 and max(page.width, page.height) > _SIDES[0]:
                closer = await self._boxes(page, options[1], ends)
                again = await asyncio.to_thread(extract, closer, today=today, engine=self.name)
                if again.confidence["total"] > reading.confidence["total"]:
                    return closer
        elif (language := _TESSERACT_LANGUAGES.get(page_of(boxes).language, "eng")) != "eng" and ends - time.monotonic() > self._seconds / 2:
            return await self._boxes(page, {"language": language}, ends)
        return boxes

    async def _boxes(self, page: _Page, options: dict[str, Any], ends: float) -> tuple[Box, ...]:
        header = {"width": page.width, "height": page.height, "options": options}
        try:
            said, _ = await self._engine.ask(header, page.pixels, seconds=max(0.1, ends - time.monotonic()))
            return read_boxes(said.get("boxes"))
        except (ChildFailed, NotBoxes) as problem:
            raise ServiceUnavailable(self.name) from problem


def _pages(said: dict[str, object], pixels: bytes) -> list[_Page]:
    """The pages that the decoder sent. Raises ValueError where its numbers do not fit: it worked on a file of a stranger."""
    sizes, pages, start = said["pages"], [], 0
    if not isinstance(sizes, list) or not 0 < len(sizes) <= 8:
        raise ValueError("no pages")
    for width, height in sizes:
        if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= 8000 and 0 < height <= 8000):
            raise ValueError("no size")
        end = start + width * height * 3
        if end > len(pixels):
            raise ValueError("too few pixels")
        pages.append(_Page(width, height, pixels[start:end]))
        start = end
    return pages
