"""Owns what is a place, and which time zone it lies in: a zone, its city, another city, or a country with one. Looks at no clock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from core.reading.source import LanguageError, table_of
from core.reading.text import fold, folded_words

_FILE = "zones.toml"
_NO_CITIES = ("Etc/", "SystemV/", "US/")


def time_zone(place: str, own: Mapping[str, str], language: str) -> str | None:
    """The IANA zone of a place: by its own name ("Europe/Berlin"), as a place in it, or as the first part of "Paris, France".

    `own`: places as the language calls them, folded. None for what is no place, and for a country that lies in several zones.
    """
    for said in (place, place.split(",")[0]):
        key, joined = _key(said), _joined(said)
        found = _cities().get(joined) or own.get(key) or _places().get(key) or _countries(language).get(key) or _countries("en").get(key)
        if found is not None:
            return found
    return None


def _key(said: str) -> str:
    return " ".join(folded_words(said))


def _joined(said: str) -> str:
    return "".join(folded_words(said)).replace("_", "").replace("-", "")


@cache
def _cities() -> dict[str, str]:
    """Zone names and their cities in comparison form: 600 names, read from the time zone database."""
    found: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        found[fold(zone).replace("_", "").replace(" ", "").replace("-", "")] = zone
        if "/" in zone and not zone.startswith(_NO_CITIES):
            found.setdefault(_joined(zone.rsplit("/", 1)[-1]), zone)
    return found


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Places and the main zones of countries. Raises LanguageError naming a zone that does not exist."""
    table = table_of(_FILE, files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    places, main = table["places"], table["main"]
    wrong = ({*places} | {*main.values()}) - available_timezones()
    if wrong:
        raise LanguageError(f"{_FILE}: no such zone: {', '.join(sorted(wrong))}")
    return {_key(name): zone for zone, names in places.items() for name in names}, main


def _places() -> dict[str, str]:
    return _tables()[0]


@cache
def _countries(language: str) -> dict[str, str]:
    """Countries that lie in one zone, as the language calls them."""
    try:
        named = Locale(language).territories
    except (ValueError, UnknownLocaleError):  # a language of an operator's own that CLDR does not know
        return {}
    zones, main = get_global("territory_zones"), _tables()[1]
    of = {str(code): name for code, name in named.items()}
    return {_key(str(name)): found for code, name in of.items() if (found := main.get(code) or _only(zones.get(code, ())))}


def _only(zones: tuple[str, ...]) -> str | None:
    return zones[0] if len(zones) == 1 else None


def is_place(name: str, own: Mapping[str, str], language: str) -> bool:
    """Whether it is a country's name, in the language or in English, or one that a time zone is known by."""
    return _key(name) in _named(language) | _named("en") or time_zone(name, own, language) is not None


@cache
def _named(language: str) -> frozenset[str]:
    """All countries, in comparison form; none in a language that CLDR does not know."""
    try:
        named = Locale(language).territories
    except (ValueError, UnknownLocaleError):
        return frozenset()
    return frozenset(_key(str(name)) for code, name in named.items() if str(code).isalpha())
