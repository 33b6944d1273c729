"""What a phone number lets one guess of its owner: country, language, time zone. Data in calling_codes.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.reading.source import LanguageError, table_of

_FILE = "calling_codes.toml"


@dataclass(frozen=True, slots=True)
class Region:
    """`country` by ISO 3166, `language` a tag with the country ("pt-BR"), `time_zone` by IANA."""

    country: str
    language: str
    time_zone: str


@cache
def tables() -> tuple[dict[str, str], dict[str, Region]]:
    """Country by calling code, and what is known of each country. Raises LanguageError naming file and key."""
    return checked(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(text: str) -> tuple[dict[str, str], dict[str, Region]]:
    """The tables of a data file. Raises LanguageError naming file and key."""
    raw = table_of(_FILE, text)
    for country, found in raw.items():
        if not isinstance(found, list) or len(found) < 3 or not all(isinstance(each, str) for each in found):
            raise LanguageError(f"{_FILE}: {country}: a language, a time zone and calling codes are needed")
    regions = {country: Region(country, f"{language}-{country}", zone) for country, (language, zone, *_) in raw.items()}
    return {code: country for country, (_, _, *codes) in raw.items() for code in codes}, regions


def region_of(number: str, *, country: str = "") -> Region | None:
    """By the longest calling code that the number ("+4930...") begins with; `country`, where the carrier told it, wins. None: not known."""
    codes, regions = tables()
    if country in regions:
        return regions[country]
    digits = number.lstrip("+")
    return next((regions[codes[digits[:length]]] for length in (4, 3, 2, 1) if digits[:length] in codes), None)
