"""Which letters pictures and pages can show, by the fonts of this machine; what none of them has is named in brackets in place of an empty box."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Container, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

# Libertinus, which comes along: Latin, Greek and Cyrillic letters, marks and currencies.
_ALONG = (
    (0x20, 0x7E),
    (0xA0, 0x24F),
    (0x300, 0x3FF),
    (0x400, 0x4FF),
    (0x1E00, 0x1FFF),
    (0x2010, 0x2044),
    (0x20A0, 0x20BF),
    (0x2190, 0x2193),
    (0x2212, 0x2212),
)
_UNSEEN = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\U0001f3fb-\U0001f3ff"  # they change other letters, or the order of them
_IS_UNSEEN = re.compile(f"[{_UNSEEN}]")
_BESIDE_NAMES = re.compile(rf"(?<=\])[{_UNSEEN}]+|[{_UNSEEN}]+(?=\[)")
_SAME = re.compile(r"(\[[^\]]+\])(?:\s*\1)+")


def legible(text: str, *, known: Container[int] | None = None) -> str:
    """The same with what cannot be shown as "[devanagari]" or "[slice of pizza]". `known`: code points that can be, by default this machine's."""
    if text.isascii():
        return text
    letters = _letters() if known is None else known
    runs = groupby(text, key=lambda letter: ord(letter) in letters or letter.isspace() or _IS_UNSEEN.match(letter) is not None)
    shown = "".join("".join(run) if has else _named(run) for has, run in runs)
    return _SAME.sub(r"\1", _BESIDE_NAMES.sub("", shown))


def legible_values(value: Any) -> Any:
    """A JSON value with all of its texts made legible."""
    if isinstance(value, dict):
        return {key: legible_values(each) for key, each in value.items()}
    if isinstance(value, list):
        return [legible_values(each) for each in value]
    return legible(value) if isinstance(value, str) else value


def _named(run: Iterable[str]) -> str:
    """A sign by its name, letters by their script."""
    return "".join(f"[{name}]" for name, _ in groupby(map(_name, run)))


def _name(letter: str) -> str:
    name = unicodedata.name(letter, "?").lower()
    return name if unicodedata.category(letter)[0] == "S" else name.partition(" ")[0]


# ------------------------------------------------------------------ what fonts have


@cache
def _letters() -> frozenset[int]:
    """The code points of all fonts that are installed, and of that which comes along. Some 10 ms a hundred fonts, once."""
    import typst  # a large library: only who sets pages or draws pays for it

    found = {point for first, last in _ALONG for point in range(first, last + 1)}
    for path, place in sorted({(font.path, font.index) for font in typst.Fonts().fonts() if font.path is not None}):
        found.update(points(Path(path).read_bytes(), place))
    return frozenset(found)


def points(font: bytes, place: int = 0) -> Iterator[int]:
    """The code points that a font (the one at a place of a collection) has glyphs for; none of what is no font.

    Source: OpenType 1.9, table cmap, formats 4 and 12.
    """
    try:
        begin = struct.unpack_from(">I", font, 12 + 4 * place)[0] if font[:4] == b"ttcf" else 0
        (tables,) = struct.unpack_from(">H", font, begin + 4)
        directory = (struct.unpack_from(">4sIII", font, begin + 12 + 16 * number) for number in range(tables))
        cmap = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
        (count,) = struct.unpack_from(">H", font, cmap + 2)
        for number in range(count):
            (offset,) = struct.unpack_from(">I", font, cmap + 4 + 8 * number + 4)
            yield from _subtable(font, cmap + offset)
    except (struct.error, StopIteration):
        return


def _subtable(font: bytes, at: int) -> Iterator[int]:
    (form,) = struct.unpack_from(">H", font, at)
    if form == 12:
        (groups,) = struct.unpack_from(">I", font, at + 12)
        for number in range(groups):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * number)
            yield from range(first, last + 1)
    elif form == 4:
        (double,) = struct.unpack_from(">H", font, at + 6)
        lasts = struct.unpack_from(f">{double // 2}H", font, at + 14)
        firsts = struct.unpack_from(f">{double // 2}H", font, at + 16 + double)
        for first, last in zip(firsts, lasts, strict=True):
            yield from range(first, min(last, 0xFFFE) + 1)
