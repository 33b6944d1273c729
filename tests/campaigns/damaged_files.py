"""Throws damaged files at the reader of imports: it reads or refuses each of them, in time, and what it reads adds up.

Run as a program for more: `python -m tests.campaigns.damaged_files 100000`.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from core.domain.imports import RowKind, total
from core.errors import DomainError
from integrations.imports.detection import read_file

SECONDS_MOST = 2.0
PIECES = (
    b'"',
    b"'",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"=cmd()",
    b"-",
    b"1e999999999",
    b"NaN",
    b"9" * 400,
    b"0.0000000001",
    b"{",
    b"[",
    b"}",
    b"]",
    b"null",
    b"true",
    b'""""',
    b"Total balance",
    b"2025-02-30",
    b"XXX",
    b"\xe2\x80\xae",
    b"PK\x03\x04",
    b"<!DOCTYPE x>",
    b" " * 300,
)


def seeds() -> list[bytes]:
    """Whole files of each kind, as small as they can be."""
    folder = Path(__file__).parent / "exported"
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def mutated(data: bytes, chance: Random) -> bytes:
    """A file with up to eight things wrong with it."""
    found = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        place, size = chance.randrange(len(found) + 1), chance.choice([1, 1, 3, 10, 40])
        match chance.randrange(7):
            case 0:
                found[place : place + size] = b""
            case 1:
                found[place:place] = chance.choice(PIECES)
            case 2:
                found[place : place + size] = bytes(chance.randrange(256) for _ in range(size))
            case 3:
                found[place:place] = found[place : place + size] * chance.randrange(1, 30)
            case 4:
                found = found[:place] if chance.random() < 0.2 else found
            case 5:
                other = chance.randrange(len(found) + 1)
                found[place:place] = found[min(place, other) : max(place, other)][:2000]
            case 6:
                lines = found.split(b"\n")
                chance.shuffle(lines) if chance.random() < 0.3 else lines.reverse()
                found = bytearray(b"\n".join(lines))
    return bytes(found)


def damaged(count: int, *, seed: int) -> Iterator[bytes]:
    chance, whole = Random(seed), seeds()
    for number in range(count):
        data = mutated(whole[number % len(whole)], chance)
        if chance.random() < 0.1:
            data = data.decode("utf-8", "replace").encode(chance.choice(["utf-16", "utf-16-le", "utf-8-sig", "utf-32"]))
        yield data


def outcome(data: bytes) -> str:
    """How a file was taken. AssertionError for one that took too long, or was read to something that cannot be."""
    start = time.perf_counter()
    try:
        file = read_file(data, currency="EUR")
    except DomainError as problem:
        return str(problem.params["reason"])
    finally:
        assert time.perf_counter() - start < SECONDS_MOST, f"too slow: {data[:200]!r}"
    names = set(file.people)
    for row in file.rows:
        assert total(row.paid) == total(row.shares), row
        assert {name for name, _ in (*row.paid, *row.shares)} <= names, row
        assert row.kind is not RowKind.TRANSFER or (len(row.paid) == len(row.shares) == 1 and row.paid[0][0] != row.shares[0][0]), row
        assert row.kind is RowKind.EXPENSE or all(minor > 0 for _, minor in (*row.paid, *row.shares)), row
    return "read"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(Counter(map(outcome, damaged(count, seed=int(time.time())))))


if __name__ == "__main__":
    main()
