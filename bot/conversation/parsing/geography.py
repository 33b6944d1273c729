"""Owns the names of countries and cities: whose time zone they mean, and what is no name of a person."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

from core.reading.text import fold, folded_words


def time_zone(place: str, places: object) -> str | None:
    """The IANA zone of a place: its own name, its city in the time zone database, or the first part of "Paris, France"."""
    assert hasattr(places, "get")
    key = " ".join(folded_words(place))
    first = key.split(",")[0].strip()
    known = _cities()
    return known.get("".join(key.split()).replace("_", "")) or places.get(key) or places.get(first) or known.get("".join(first.split()))


_CITIES: dict[str, str] = {}


def _cities() -> dict[str, str]:
    """Zone names and their cities in comparison form, made once: 600 names, read from the time zone database."""
    if not _CITIES:
        for zone in sorted(available_timezones()):
            folded = fold(zone).replace("_", "").replace(" ", "")
            _CITIES[folded] = zone
            if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/")):
                _CITIES.setdefault(folded.rsplit("/", 1)[-1], zone)
        ZoneInfo("UTC")
    return _CITIES


def is_place(name: str, *, language: str, places: object) -> bool:
    """Whether a name is a country's, in a language or in English, or a city's that a time zone is known by."""
    return " ".join(folded_words(name)) in _countries(language) | _countries("en") or time_zone(name, places) is not None


@lru_cache(maxsize=16)
def _countries(language: str) -> frozenset[str]:
    """In comparison form; none in a language that nobody wrote them down in."""
    try:
        named = Locale.parse(language).territories
    except (ValueError, UnknownLocaleError):
        return frozenset()
    return frozenset(" ".join(folded_words(name)) for code, name in named.items() if code.isalpha())
