"""Bytes as text, whatever they were written in: what cannot be read is replaced and its lines named, and no file fails over it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

REPLACED = "\N{REPLACEMENT CHARACTER}"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOOKED_AT_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Text:
    """`damaged`: numbers of lines (1 is the first) in which characters were replaced, or guessed in a file of several encodings."""

    text: str
    damaged: frozenset[int]


def decode(data: bytes) -> Text:
    """UTF-8 and UTF-16 by their marks or their look, else UTF-8; where that does not hold, Western single bytes, line by line."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _noted(data[len(mark) :].decode(encoding, "replace"))
    if (unmarked := _unmarked_utf16(data)) is not None:
        return _noted(data.decode(unmarked, "replace"))
    try:
        return _noted(data.decode())
    except UnicodeDecodeError:
        return _line_by_line(data)


def _unmarked_utf16(data: bytes) -> str | None:
    """Plain letters and digits have a zero beside each."""
    head = data[:_LOOKED_AT_BYTES]
    if len(head) < 4:
        return None
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[first::2].count(0) > len(head) * 0.35 and head[1 - first :: 2].count(0) < len(head) * 0.05:
            return encoding
    return None


def _line_by_line(data: bytes) -> Text:
    """A line that is UTF-8 shows that the others, which are not, were put in from elsewhere."""
    lines = data.split(b"\n")
    read = [_utf8(line) for line in lines]
    is_mixed = any(text is not None and not text.isascii() for text in read)
    damaged, texts = set(), []
    for number, (line, text) in enumerate(zip(lines, read, strict=True), 1):
        shown = text
        if shown is None:
            shown = line.decode("cp1252", "replace")
            if is_mixed:
                damaged.add(number)
        texts.append(shown)
    noted = _noted("\n".join(texts))
    return Text(noted.text, noted.damaged | damaged)


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _noted(text: str) -> Text:
    """One kind of line end, no NUL, and where something is missing."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", REPLACED)
    if REPLACED not in text:
        return Text(text, frozenset())
    return Text(text, frozenset(number for number, line in enumerate(text.split("\n"), 1) if REPLACED in line))
