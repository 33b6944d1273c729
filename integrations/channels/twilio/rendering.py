"""A message as texts that WhatsApp or SMS can carry: choices as numbers, long texts in parts, SMS in two segments at most. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.domain.messages import Choice
from integrations.channels.twilio import alphabet

BODY_MOST = 1024  # UTF-16 units of one WhatsApp message
PARTS_MOST = 10
MORE = "..."
_AMOUNT_BEGINS = re.compile(r"(?:^|[\s(+])[A-Z]{3}$")  # "EUR", and its number would be cut off
_JOINERS = {"\u200d", "\u20e3"}


def numbered(choices: Sequence[Choice]) -> str:
    """ "1 Only me, 2 Undo": what is answered is the number, said once where it is the label too."""
    labels = (" ".join(choice.label.split()) for choice in choices)
    return ", ".join(label if label == str(number) else f"{number} {label}" for number, label in enumerate(labels, start=1))


# ------------------------------------------------------------------ SMS


def sms_text(text: str, choices: Sequence[Choice] = ()) -> str:
    """In the plain alphabet and in at most two segments: what is too long ends at a word, choices are kept before words."""
    body, offered = alphabet.plain(text), alphabet.plain(numbered(choices))
    while offered and not alphabet.fits(_joined(MORE, offered)):
        offered = offered.rpartition(", ")[0]
    if alphabet.fits(_joined(body, offered)):
        return _joined(body, offered)
    return _joined(_shortened(body, offered), offered)


def _joined(text: str, offered: str) -> str:
    return f"{text}\n{offered}" if text and offered else text or offered


def _shortened(text: str, offered: str) -> str:
    """The longest beginning that fits with "..." behind it; it ends at a word, or where there is no space at a character."""
    ends = [found.start() for found in re.finditer(r"\s+", text)]
    for end in reversed(ends):
        kept = text[:end].rstrip(" ,;:-")
        if kept and not _AMOUNT_BEGINS.search(kept) and alphabet.fits(_joined(kept + MORE, offered)):
            return kept + MORE
    for end in reversed(range(len(text))):  # one endless word
        if alphabet.fits(_joined(text[:end] + MORE, offered)) and not _inside_number(text, end) and _is_border(text, end):
            return text[:end] + MORE
    return MORE


def _inside_number(text: str, end: int) -> bool:
    return 0 < end < len(text) and text[end - 1] in "0123456789.," and text[end].isdigit()


# ------------------------------------------------------------------ WhatsApp


def whatsapp_texts(text: str, choices: Sequence[Choice] = (), *, most: int = BODY_MOST) -> list[str]:
    """Parts of at most `most` units, broken at lines, else at words, else between characters; the numbered choices are in the last one."""
    offered = numbered(choices)
    if not offered:
        return _parts(text, most)
    while units(offered) > most:
        offered = offered.rpartition(", ")[0] or offered[: most // 2]
    parts = _parts(text, most)
    if units(parts[-1]) + 2 + units(offered) <= most:
        return [*parts[:-1], f"{parts[-1]}\n\n{offered}".strip()]
    return [*parts, offered]


def units(text: str) -> int:
    """UTF-16 units."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def _parts(text: str, most: int) -> list[str]:
    parts: list[str] = []
    left = text.strip()
    while units(left) > most and len(parts) < PARTS_MOST - 1:
        end = _end(left, most)
        parts.append(left[:end].rstrip())
        left = left[end:].lstrip()
    if units(left) > most:
        left = left[: _end(left, most - len(MORE))].rstrip() + MORE
    return [*parts, left]


def _end(text: str, most: int) -> int:
    """Where a part of at most `most` units ends: never in the first half of it for the sake of a line or a word."""
    limit = most
    while units(text[:limit]) > most:
        limit -= 1
    for mark in ("\n", " "):
        end = text.rfind(mark, limit // 2, limit + 1)
        if end > 0 and not (mark == " " and _AMOUNT_BEGINS.search(text[:end])):
            return end
    while limit > 1 and not _is_border(text, limit):
        limit -= 1
    return limit


def _is_border(text: str, index: int) -> bool:
    """Whether what people see as one character does not lie across `index` (the common cases of UAX 29: marks, joined emoji, flags)."""
    before, after = text[index - 1 : index], text[index : index + 1]
    if not before or not after:
        return True
    if after in _JOINERS or before == "\u200d" or unicodedata.category(after)[0] == "M" or 0x1F3FB <= ord(after) <= 0x1F3FF:
        return False
    flags = 0
    while flags < index and 0x1F1E6 <= ord(text[index - 1 - flags]) <= 0x1F1FF:
        flags += 1
    return not (flags % 2 and 0x1F1E6 <= ord(after) <= 0x1F1FF)
