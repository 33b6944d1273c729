"""The ReceiptReader of engines that read boxes: decode in one child, read in another, extract here. Keeps no picture."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import date
from typing import Any

from core.domain.receipts import Reading
from core.errors import ServiceUnavailable
from integrations.receipts.boxes import Box, Frame, NotBoxes, read_boxes
from integrations.receipts.decoding import Decoder, Pixels
from integrations.receipts.extraction import currency, lexicon
from integrations.receipts.extraction.extract import extract
from integrations.receipts.orientation import is_legible, turns_to_try
from integrations.receipts.sandbox import Child, ChildFailed

FILE_SECONDS = 15
# Of the longer side, where rows are looked for: the second look is for what the first one left in doubt.
_FIRST: dict[str, dict[str, Any]] = {"rapidocr": {"side": 960}, "tesseract": {"language": "eng"}}
_CLOSER_SIDE = 1408
_TESSERACT_LANGUAGES = {"de": "deu", "fr": "fra", "es": "spa", "pt": "por", "it": "ita", "nl": "nld"}


class OfflineReader:
    """One engine in a child process and a decoder in another; both start with the first file. `engine`: rapidocr or tesseract.

    Raises LanguageError where a file of receipt words is wrong.
    """

    def __init__(self, engine: str, *, decoder: Decoder | None = None, child: Child | None = None, seconds: float = FILE_SECONDS) -> None:
        lexicon.check_tables()
        currency.marks()
        self.name = engine
        self._seconds = seconds
        self._decoder = decoder or Decoder()
        self._engine = child or Child(engine)

    async def read(self, data: bytes, *, today: date) -> Reading:
        """As the port says: DomainError for a bad file, ServiceUnavailable for an engine that fails."""
        ends = time.monotonic() + self._seconds
        warming = asyncio.create_task(self._warm())
        try:
            pages = await self._decoder.pages(data, seconds=self._seconds)
        finally:
            await warming
        return await self._read(pages, ends, today)

    async def close(self) -> None:
        """End the children."""
        await asyncio.gather(self._decoder.close(), self._engine.close())

    async def _warm(self) -> None:
        """Load the engine while the file is decoded. Where it cannot be loaded, reading will say so."""
        with contextlib.suppress(ChildFailed):
            await self._engine.start(seconds=self._seconds)

    async def _read(self, pages: list[Pixels], ends: float, today: date) -> Reading:
        boxes: list[Box] = []
        for number, page in enumerate(pages):
            if number and ends - time.monotonic() < self._seconds / 3:
                break  # what was read so far is the answer
            found = await self._look(page, ends, today)
            down = max((box.bottom for box in boxes), default=0.0)
            boxes += [replace(box, top=box.top + down, bottom=box.bottom + down, spot=None if number else box.spot) for box in found]
        return await self._extract(boxes, today)

    async def _look(self, page: Pixels, ends: float, today: date) -> list[Box]:
        """The boxes of one page, looked at again where that may tell more and half of the time is left."""
        turns, boxes = await self._upright(page, ends)
        reading = await self._extract(boxes, today)
        if ends - time.monotonic() < self._seconds / 2:
            return boxes
        language = _TESSERACT_LANGUAGES.get(reading.language)
        if self.name == "tesseract" and language:
            return await self._again(page, {"language": language, "turns": turns}, ends, boxes)
        if self.name == "rapidocr" and "total" in reading.ask and max(page.width, page.height) > _FIRST[self.name]["side"]:
            closer = await self._again(page, {"side": _CLOSER_SIDE, "turns": turns}, ends, boxes)
            again = await self._extract(closer, today)
            return closer if again.confidence["total"] > reading.confidence["total"] else boxes
        return boxes

    async def _upright(self, page: Pixels, ends: float) -> tuple[int, list[Box]]:
        """The boxes of the first look, and by how many quarters the page was turned for it: some phones do not say how they were held."""
        first = await self._boxes(page, _FIRST[self.name], ends)
        for turns in turns_to_try(first, self.name):
            if ends - time.monotonic() < self._seconds / 2:
                break
            boxes = await self._again(page, {**_FIRST[self.name], "turns": turns}, ends, [])
            if is_legible(boxes, self.name):
                return turns, boxes
        return 0, first

    async def _again(self, page: Pixels, options: dict[str, Any], ends: float, otherwise: list[Box]) -> list[Box]:
        """A second look; the boxes of the first one where it fails."""
        try:
            return await self._boxes(page, options, ends)
        except ServiceUnavailable:
            return otherwise

    async def _boxes(self, page: Pixels, options: dict[str, Any], ends: float) -> list[Box]:
        header = {"width": page.width, "height": page.height, "options": options}
        try:
            said, _ = await self._engine.ask(header, page.data, seconds=max(0.1, ends - time.monotonic()))
            frame = Frame(page.width, page.height, options.get("turns", 0), _degrees(said.get("slant", 0)))
            return list(read_boxes(said.get("boxes"), frame))
        except (ChildFailed, NotBoxes) as problem:
            raise ServiceUnavailable(self.name) from problem

    async def _extract(self, boxes: list[Box], today: date) -> Reading:
        """In a thread: some 50 ms of arithmetic that no chat should wait for."""
        return await asyncio.to_thread(extract, boxes, today=today, engine=self.name)


def _degrees(sent: object) -> float:
    """By how much an engine turned the picture before it read it. NotBoxes for what is no such number."""
    if not isinstance(sent, int | float) or not -90 <= sent <= 90:
        raise NotBoxes
    return float(sent)
