"""Files and the deletion list kept in memory as long as the process lives: for rehearsals and tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID


class MemoryBlobs:
    """The BlobStore port over a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def put(self, key: str, data: bytes) -> None:
        self.kept[key] = data

    async def get(self, key: str) -> bytes:
        """KeyError where there is none."""
        return self.kept[key]

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)


class MemoryDeletions:
    """The DeletionList port over a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[UUID, datetime] = {}

    async def add(self, erased: Mapping[UUID, datetime]) -> None:
        self.kept = {**erased, **self.kept}

    async def read(self) -> dict[UUID, datetime]:
        return dict(self.kept)
