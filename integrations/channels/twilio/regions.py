"""What a phone number lets one guess of its owner: country, language, time zone. Data in calling_codes.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Region:
    """`country` by ISO 3166, `language` a tag with the country ("pt-BR"), `time_zone` by IANA."""

    country: str
    language: str
    time_zone: str


@cache
def _tables() -> tuple[dict[str, str], dict[str, Region]]:
    raw: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "calling_codes.toml").read_text("utf-8"))
    regions = {country: Region(country, f"{language}-{country}", zone) for country, (language, zone, *_) in raw.items()}
    return {code: country for country, (_, _, *codes) in raw.items() for code in codes}, regions


def region_of(number: str, *, country: str = "") -> Region | None:
    """By the longest calling code that the number ("+4930...") begins with; `country`, where the carrier told it, wins. None: not known."""
    codes, regions = _tables()
    if country in regions:
        return regions[country]
    digits = number.lstrip("+")
    return next((regions[codes[digits[:length]]] for length in (4, 3, 2, 1) if digits[:length] in codes), None)
