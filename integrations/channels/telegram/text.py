"""Text as Telegram counts it: in UTF-16 units, cut where no reader would notice. Knows no message."""

from __future__ import annotations

import unicodedata

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
TOAST_UNITS = 200
LABEL_UNITS = 64
_JOINER = "\u200d"


def units(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def piece(text: str, *, offset: int, length: int) -> str:
    """The part of a text that an entity means; offsets that point into a surrogate pair, or beyond the end, give what is whole."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[max(0, offset) * 2 : max(0, offset + length) * 2].decode("utf-16-le", "ignore")


def shortened(text: str, limit: int) -> str:
    """At most `limit` units; what was cut ends in an ellipsis."""
    if units(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + "…"


def split(text: str, limit: int = TEXT_UNITS) -> list[str]:
    """Parts of at most `limit` units, cut at line ends, else at spaces, else between characters as a reader sees them; blank parts are left out."""
    parts, rest = [], text.strip()
    while units(rest) > limit:
        most = _fitting(rest, limit)
        cut = _at(rest, "\n", most) or _at(rest, " ", most) or most
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part.strip()]


def _at(text: str, mark: str, most: int) -> int:
    """The last place of `mark` that leaves a part of a fair size; 0 where there is none."""
    found = text.rfind(mark, most // 2, most + 1)
    return max(found, 0)


def _fitting(text: str, limit: int) -> int:
    """How many code points fit into `limit` units without cutting a character as a reader sees it."""
    size = most = 0
    while most < len(text) and size + (wide := 2 if ord(text[most]) > 0xFFFF else 1) <= limit:
        size += wide
        most += 1
    if most == len(text):
        return most
    cut = most
    while cut > 0 and _joined(text, cut):
        cut -= 1
    return cut or max(most, 1)


def _joined(text: str, place: int) -> bool:
    """Whether the code points before and at `place` belong to one character (the common cases of UAX 29)."""
    before, after = text[place - 1], text[place]
    if _JOINER in (before, after) or unicodedata.category(after).startswith("M") or (before, after) == ("\r", "\n"):
        return True
    if 0x1F3FB <= ord(after) <= 0x1F3FF or 0xE0020 <= ord(after) <= 0xE007F:  # skin tones, tags of flags
        return True
    return _is_flag_letter(after) and _flag_letters_before(text, place) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return 0x1F1E6 <= ord(character) <= 0x1F1FF


def _flag_letters_before(text: str, place: int) -> int:
    count = 0
    while count < place and _is_flag_letter(text[place - 1 - count]):
        count += 1
    return count
