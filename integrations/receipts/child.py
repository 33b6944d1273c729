"""The child process of the receipt reader: frames in, frames out, until stdin ends. `python -m integrations.receipts.child decode|rapidocr|tesseract`

It confines itself before it imports anything that touches a picture.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

from integrations.receipts import confinement, frames

_MEGABYTE = 1 << 20
_MEMORY_BYTES = {"decode": 512 * _MEGABYTE, "rapidocr": 2048 * _MEGABYTE, "tesseract": 700 * _MEGABYTE}
_CPU_SECONDS = {"decode": 10, "rapidocr": 15, "tesseract": 15}
_Answer = tuple[dict[str, object], bytes]


def main(arguments: list[str]) -> int:
    """Serve one role until the parent closes the pipe; the exit status."""
    role = arguments[0]
    confinement.confine(memory_bytes=_MEMORY_BYTES[role], cpu_seconds=_CPU_SECONDS[role])
    # Libraries print what they like: only frames go to the parent.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    answer = _decoder() if role == "decode" else _reader(role)
    _write(output, {"ready": True})
    while (request := frames.read(sys.stdin.buffer)) is not None:
        confinement.more_time(_CPU_SECONDS[role])
        header, blob = answer(*request)
        _write(output, header, blob)
    return 0


def _write(output: BinaryIO, header: dict[str, object], blob: bytes = b"") -> None:
    output.write(frames.pack(header, blob))
    output.flush()


def _decoder() -> Callable[[dict[str, object], bytes], _Answer]:
    imaging = importlib.import_module("integrations.receipts.imaging")

    def decode(header: dict[str, object], data: bytes) -> _Answer:
        try:
            pages = list(imaging.pages_of(data))
        except imaging.Refusal as refusal:
            return {"refused": refusal.code}, b""
        if header.get("jpeg"):
            return {}, imaging.as_jpeg(pages[0])
        if header.get("picture"):
            jpeg, thumbnail = imaging.as_jpeg(pages[0]), imaging.as_thumbnail(pages[0])
            return {"bytes": [len(jpeg), len(thumbnail)], "fingerprint": imaging.fingerprint(pages[0])}, jpeg + thumbnail
        return {"pages": [[page.width, page.height] for page in pages]}, b"".join(page.pixels for page in pages)

    return decode


def _reader(role: str) -> Callable[[dict[str, object], bytes], _Answer]:
    module, name = {"rapidocr": ("rapid", "Rapid"), "tesseract": ("tesseract", "Tesseract")}[role]
    engine: Any = getattr(importlib.import_module(f"integrations.receipts.engines.{module}"), name)()

    def read(header: dict[str, Any], pixels: bytes) -> _Answer:
        return engine.read(header["width"], header["height"], pixels, **header["options"]), b""

    return read


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
