"""Owns asking the decoder's child process for the pages of a file, and checking what it sends: it worked on a stranger's file."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import DomainError
from core.ports import Picture
from integrations.receipts.sandbox import Child, ChildFailed
from integrations.receipts.sniffing import MAX_BYTES, Refusal, sniff

DECODE_SECONDS = 10
_MOST_PAGES = 8
_MOST_SIDE_PIXELS = 8000
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class Pixels:
    """One upright page, three bytes a pixel."""

    width: int
    height: int
    data: bytes


class Decoder:
    """A process for each file: what a broken file did to a decoder must not reach the next person's."""

    def __init__(self, child: Child | None = None) -> None:
        self._child = child or Child("decode", most_requests=1)

    async def pages(self, data: bytes, *, seconds: float = DECODE_SECONDS) -> list[Pixels]:
        """The pages of a picture (one) or a PDF (the first). DomainError("unreadable_file", reason=...)."""
        said, pixels = await self._ask({}, data, seconds)
        try:
            return _pages(said, pixels)
        except (ValueError, TypeError, KeyError) as problem:
            raise unreadable("broken") from problem

    async def jpeg(self, data: bytes, *, seconds: float = DECODE_SECONDS) -> bytes:
        """The first page as a JPEG without metadata. DomainError as above."""
        _, picture = await self._ask({"jpeg": True}, data, seconds)
        if not picture.startswith(_JPEG):
            raise unreadable("broken")
        return picture

    async def picture(self, data: bytes, *, seconds: float = DECODE_SECONDS) -> Picture:
        """The first page to keep and show. DomainError as above."""
        said, blob = await self._ask({"picture": True}, data, seconds)
        try:
            return _picture(said, blob)
        except (ValueError, TypeError, KeyError) as problem:
            raise unreadable("broken") from problem

    async def close(self) -> None:
        await self._child.close()

    async def _ask(self, header: dict[str, object], data: bytes, seconds: float) -> tuple[dict[str, object], bytes]:
        try:
            sniff(data)
            if len(data) > MAX_BYTES:
                raise Refusal("too_large")
            said, blob = await self._child.ask(header, data, seconds=min(DECODE_SECONDS, seconds))
            if "refused" in said:
                raise Refusal(str(said["refused"]))
        except Refusal as refusal:
            raise unreadable(refusal.code) from refusal
        except ChildFailed as problem:
            raise unreadable("broken") from problem
        finally:
            await self._child.close()
        return said, blob


def unreadable(reason: str) -> DomainError:
    """The error of a file that is not to be read; `reason` as in Refusal."""
    return DomainError("unreadable_file", reason=reason)


def _picture(said: dict[str, object], blob: bytes) -> Picture:
    """The pictures that the decoder sent. Raises ValueError where they are none."""
    sizes, fingerprint = said["bytes"], said["fingerprint"]
    if not (isinstance(sizes, list) and len(sizes) == 2 and sum(sizes) == len(blob) and isinstance(fingerprint, int)):
        raise ValueError("no picture")
    jpeg, thumbnail = blob[: sizes[0]], blob[sizes[0] :]
    if not (jpeg.startswith(_JPEG) and thumbnail.startswith(_JPEG) and -(1 << 63) <= fingerprint < 1 << 63):
        raise ValueError("no picture")
    return Picture(jpeg, thumbnail, fingerprint)


def _pages(said: dict[str, object], pixels: bytes) -> list[Pixels]:
    """The pages that the decoder sent. Raises ValueError where its numbers do not fit."""
    sizes, pages, start = said["pages"], [], 0
    if not isinstance(sizes, list) or not 0 < len(sizes) <= _MOST_PAGES:
        raise ValueError("no pages")
    for width, height in sizes:
        if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= _MOST_SIDE_PIXELS and 0 < height <= _MOST_SIDE_PIXELS):
            raise ValueError("no size")
        end = start + width * height * 3
        if end > len(pixels):
            raise ValueError("too few pixels")
        pages.append(Pixels(width, height, pixels[start:end]))
        start = end
    return pages
