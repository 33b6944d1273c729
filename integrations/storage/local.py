"""Files in a local folder: written whole or not at all, never outside the folder. The bytes arrive encrypted."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


class LocalBlobs:
    """The BlobStore port over one folder, made open to its owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def put(self, key: str, data: bytes) -> None:
        await asyncio.to_thread(_write, self._path(key), data)

    async def get(self, key: str) -> bytes:
        """KeyError where there is none."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise KeyError(key) from None

    async def delete(self, key: str) -> None:
        """Nothing happens where there is none."""
        await asyncio.to_thread(_delete, self._path(key))

    def _path(self, key: str) -> Path:
        """ValueError for anything that could name a file elsewhere: the keys are ours, so this is a mistake of ours."""
        if not _KEY.fullmatch(key):
            raise ValueError("a blob key is letters, digits, - and _, in parts divided by /")
        return self._folder / key


def _write(path: Path, data: bytes) -> None:
    """A reader sees the old file or the new one; after a power cut, too (the folder is synced like the file)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _delete(path: Path) -> None:
    """Gone for good when it returns: whoever asked for it forgets the key."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def _sync(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
