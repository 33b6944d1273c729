"""Owns how a process of ours and its child talk: a JSON header and a blob, each with its length before it. Trusts no length."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Mapping
from typing import BinaryIO

_SIZES = struct.Struct(">II")
HEADER_BYTES = 8 << 20
BLOB_BYTES = 64 << 20


class BadFrame(Exception):
    """What arrived is no frame: too long, cut off, or no JSON object."""


def pack(header: Mapping[str, object], blob: bytes = b"") -> bytes:
    """A frame as bytes."""
    said = json.dumps(header).encode()
    return _SIZES.pack(len(said), len(blob)) + said + blob


def read(stream: BinaryIO) -> tuple[dict[str, object], bytes] | None:
    """The next frame of a stream, None at its end. Raises BadFrame."""
    sizes = stream.read(_SIZES.size)
    if not sizes:
        return None
    head, blob = _checked(sizes)
    return _object(stream.read(head)), stream.read(blob)


async def read_async(stream: asyncio.StreamReader) -> tuple[dict[str, object], bytes]:
    """The next frame. Raises BadFrame, also at the end of the stream."""
    try:
        head, blob = _checked(await stream.readexactly(_SIZES.size))
        return _object(await stream.readexactly(head)), await stream.readexactly(blob)
    except asyncio.IncompleteReadError as problem:
        raise BadFrame("cut off") from problem


def _checked(sizes: bytes) -> tuple[int, int]:
    if len(sizes) < _SIZES.size:
        raise BadFrame("cut off")
    head, blob = _SIZES.unpack(sizes)
    if head > HEADER_BYTES or blob > BLOB_BYTES:
        raise BadFrame("too long")
    return head, blob


def _object(said: bytes) -> dict[str, object]:
    try:
        value = json.loads(said)
    except (ValueError, RecursionError) as problem:
        raise BadFrame("no JSON") from problem
    if not isinstance(value, dict):
        raise BadFrame("no object")
    return value
