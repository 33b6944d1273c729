"""Looks for words in all that is kept: every column of every table, all that a holder of the master key can decrypt, and files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import asyncpg
from cryptography.exceptions import InvalidTag

from core.db.crypto import Keys


async def everything_kept(dsn: str, keys: Keys, blobs: Path) -> dict[str, bytes]:
    """Where it is (table.column, "blob") to all bytes there: as stored, and as read with every key that is left."""
    connection = await asyncpg.connect(dsn)
    kept: dict[str, bytes] = {}
    sealed: list[tuple[str, bytes]] = []
    try:
        tables = [
            row[0] for row in await connection.fetch("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        ]
        for table in tables:
            for row in await connection.fetch(f"SELECT * FROM {table}"):
                for column, value in row.items():
                    where = f"{table}.{column}"
                    if isinstance(value, bytes):
                        sealed.append((where, value))
                    kept[where] = kept.get(where, b"") + b"\n" + (value if isinstance(value, bytes) else str(value).encode())
    finally:
        await connection.close()
    sealed += [("blob", path.read_bytes()) for path in blobs.rglob("*") if path.is_file()]
    kept["blob"] = b"\n".join(data for where, data in sealed if where == "blob")
    data_keys = [value for where, value in sealed if where.endswith("_key") and len(value) == 60]  # a nonce, 32 bytes of key, a tag
    for where, value in sealed:
        for data_key in (None, *data_keys):
            try:
                kept[f"{where} decrypted"] = kept.get(f"{where} decrypted", b"") + b"\n" + keys.decrypt(data_key, value)
            except (InvalidTag, ValueError):
                continue
    return kept


def found(kept: dict[str, bytes], words: Iterable[str | bytes]) -> dict[str, list[str]]:
    """Word to the places that have it, in whatever case."""
    hits: dict[str, list[str]] = {}
    for word in words:
        wanted = (word if isinstance(word, bytes) else word.encode()).lower()
        places = [where for where, data in kept.items() if wanted in data.lower()]
        if places:
            hits[wanted.decode("ascii", "replace")] = places
    return hits
