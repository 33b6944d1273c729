"""Owns what merchants sell: brands, signs and card networks' codes to categories, from data files that are checked when they are loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from core.domain.categories import CATEGORIES
from core.reading.source import LanguageError, table_of
from core.reading.text import Phrases, folded_words

_CODES = "codes.toml"
_LOOSE = frozenset(".-*_/")  # banks write a brand with or without these


class Trust(StrEnum):
    """What a brand says: `sure` one thing; `mixed` mostly; `names` and `signs` only where the text is a merchant's name, `names` at its beginning."""

    SURE = "sure"
    MIXED = "mixed"
    NAMES = "names"
    SIGNS = "signs"


@dataclass(frozen=True, slots=True)
class Merchant:
    """What a brand or a sign stands for. `key` is the same however the brand is written."""

    key: str
    category: str
    trust: Trust


@dataclass(frozen=True, slots=True)
class _Tables:
    anywhere: Phrases[Merchant]  # brands that are no word of any language
    in_names: Phrases[Merchant]  # all of them


def brand_at(words: Sequence[str], place: int) -> tuple[Merchant, int] | None:
    """The brand that begins at a word of any text, and how many words it takes. `words` are in comparison form."""
    return _brands().anywhere.at(words, place)


def in_name(words: Sequence[str], place: int) -> tuple[Merchant, int] | None:
    """The same within a merchant's name, where brands that are ordinary words count too, and what stands on shops."""
    found = _brands().in_names.at(words, place)
    return found if found is None or place == 0 or found[0].trust is not Trust.NAMES else None


def category_of_code(code: str) -> str | None:
    """The category of a merchant category code (ISO 18245, four digits); None for one that tells none."""
    return _codes().get(code)


@cache
def _brands() -> _Tables:
    folder = files(__package__).joinpath("brands")
    found: dict[tuple[str, ...], tuple[Merchant, str]] = {}
    for file in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")):
        for phrase, merchant in checked(file, folder.joinpath(file).read_text(encoding="utf-8")):
            known = found.setdefault(phrase, (merchant, file))
            if known[0].category != merchant.category:
                raise LanguageError(f"merchants/brands/{file}: {merchant.category}: {' '.join(phrase)!r} is {known[0].category} in {known[1]}")
    everywhere = [(phrase, merchant) for phrase, (merchant, _) in found.items()]
    return _Tables(Phrases((phrase, brand) for phrase, brand in everywhere if brand.trust in (Trust.SURE, Trust.MIXED)), Phrases(everywhere))


def checked(file: str, text: str) -> Iterator[tuple[tuple[str, ...], Merchant]]:
    """Every way to write every brand of one file. Raises LanguageError naming file and key."""
    for category, lists in table_of(f"merchants/brands/{file}", text).items():
        if category not in CATEGORIES or not isinstance(lists, dict):
            raise LanguageError(f"merchants/brands/{file}: {category}: no category")
        for trust, phrases in lists.items():
            if trust not in set(Trust) or not isinstance(phrases, list):
                raise LanguageError(f"merchants/brands/{file}: {category}.{trust}: no kind of list")
            kind = Trust(trust)
            for phrase in phrases:
                words = folded_words(phrase) if isinstance(phrase, str) else ()
                if not words:
                    raise LanguageError(f"merchants/brands/{file}: {category}.{trust}: {phrase!r} is no name")
                ways = (words,) if all(map(str.isalpha, words)) else _ways(words)  # most hold no mark, and are written in one way
                merchant = Merchant(" ".join(word.replace("'", "") for word in words if word not in _LOOSE), category, kind)
                for way in ways:
                    yield way, merchant


def _ways(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """A brand as written, without its apostrophes, and without the marks within it; "&" also as "and"."""
    plain = tuple(word.replace("'", "") for word in words)
    bare = tuple(word for word in plain if word not in _LOOSE)
    spoken = tuple("and" if word == "&" else word for word in bare)
    return tuple(dict.fromkeys(way for way in (words, plain, bare, spoken) if way))


@cache
def _codes() -> dict[str, str]:
    text = files(__package__).joinpath(_CODES).read_text(encoding="utf-8")
    return checked_codes(_CODES, text)


def checked_codes(file: str, text: str) -> dict[str, str]:
    """Code to category. Raises LanguageError naming file and key."""
    found: dict[str, str] = {}
    for category, ranges in table_of(f"merchants/{file}", text).get("codes", {}).items():
        for span in ranges if category in CATEGORIES and isinstance(ranges, list) else [""]:
            first, _, last = str(span).partition("-")
            last = last or first
            if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) == 4 and first <= last):
                raise LanguageError(f"merchants/{file}: codes.{category}: {span!r} is no code")
            for code in (f"{number:04}" for number in range(int(first), int(last) + 1)):
                if found.setdefault(code, category) != category:
                    raise LanguageError(f"merchants/{file}: codes.{category}: {code} is one of {found[code]}")
    return found
