"""The alphabet of SMS: what a text costs in segments, and how it is written so that it costs least. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.reading.source import Source, table_of
from integrations.channels.limits import SMS_PART, SMS_PARTS_MOST, SMS_SINGLE

# GSM 03.38 (3GPP TS 23.038, 6.2.1): the basic table, and the extension table, whose characters take two septets.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
_FILE = "plain_text.toml"
WIDE_SINGLE, WIDE_PART = 70, 67  # UTF-16 units
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]")


@dataclass(frozen=True, slots=True)
class Cost:
    """`plain`: in the 7-bit alphabet, else in UCS-2. `units`: septets or UTF-16 units."""

    plain: bool
    units: int
    segments: int


@cache
def replacements() -> tuple[re.Pattern[str], dict[str, str]]:
    """What is written otherwise, and how. Raises LanguageError naming file and key."""
    return checked(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(text: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """The replacements of a data file. Raises LanguageError naming file and key."""
    table: dict[str, str] = Source(_FILE, table_of(_FILE, text)).table("replace", str)
    longest_first = sorted(table, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), table


def is_plain(text: str) -> bool:
    """Whether every character is in the 7-bit alphabet."""
    return all(character in BASIC or character in EXTENSION for character in text)


def cost(text: str) -> Cost:
    """An escape and its character, and the two halves of a surrogate pair, are never in two segments."""
    plain = is_plain(text)
    sizes = [_size(character, plain=plain) for character in text]
    single, part = (SMS_SINGLE, SMS_PART) if plain else (WIDE_SINGLE, WIDE_PART)
    if sum(sizes) <= single:
        return Cost(plain, sum(sizes), 1)
    segments, room = 1, part
    for size in sizes:
        if size > room:
            segments, room = segments + 1, part
        room -= size
    return Cost(plain, sum(sizes), segments)


def _size(character: str, *, plain: bool) -> int:
    return 1 + (character in EXTENSION) if plain else 1 + (ord(character) > 0xFFFF)


def fits(text: str) -> bool:
    return cost(text).segments <= SMS_PARTS_MOST


def plain(text: str) -> str:
    """The text in the 7-bit alphabet where it can be written so; one with letters of another script stays as it is, but for our own symbols."""
    pattern, table = replacements()
    text = unicodedata.normalize("NFC", text)
    text = pattern.sub(lambda found: table[found.group()], _SPACES.sub(" ", text))
    written = "".join(_written(character) for character in text)
    return re.sub(r" {2,}", " ", re.sub(r" +\n", "\n", written)).strip()


def _written(character: str) -> str:
    """The character, else its letter without marks, else itself where it is a letter (or a part of one), else nothing."""
    if is_plain(character):
        return character
    bare = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    if bare and is_plain(bare):
        return bare
    return character if unicodedata.category(character)[0] in "LMN" and not 0xFE00 <= ord(character) <= 0xFE0F else ""
