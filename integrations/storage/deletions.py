"""The deletion list as a file beside the database: who was erased and when, so that an older backup can be brought up to date."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID


class DeletionFile:
    """The DeletionList port. One line a person, only ever added to; an id is random and says nothing of who it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def add(self, erased: Mapping[UUID, datetime]) -> None:
        await asyncio.to_thread(self._add, erased)

    async def read(self) -> dict[UUID, datetime]:
        return await asyncio.to_thread(self._read)

    def _read(self) -> dict[UUID, datetime]:
        return parse_deletions(self._path.read_text("ascii", "replace")) if self._path.exists() else {}

    def _add(self, erased: Mapping[UUID, datetime]) -> None:
        """In one write, on disk when it returns. It begins with a line break: a line that a power cut tore must not spoil this one."""
        known = self._read()
        lines = write_deletions({person: at for person, at in erased.items() if person not in known})
        if not lines:
            return
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab", buffering=0) as file:
            file.write(b"\n" + lines.encode() if file.tell() else lines.encode())
            os.fsync(file.fileno())
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def parse_deletions(text: str) -> dict[UUID, datetime]:
    """Person to time. A line that is none is passed over: it was torn, and what it should have said was added again."""
    found: dict[UUID, datetime] = {}
    for line in text.splitlines():
        at, _, person = line.partition(" ")
        try:
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is not None:
                found[UUID(person)] = moment
        except ValueError:
            continue
    return found


def write_deletions(erased: Mapping[UUID, datetime]) -> str:
    """One line a person: time and id."""
    return "".join(f"{at.isoformat()} {person}\n" for person, at in sorted(erased.items()))
