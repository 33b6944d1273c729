"""Files kept in memory as long as the process lives: for rehearsals and tests."""

from __future__ import annotations


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
