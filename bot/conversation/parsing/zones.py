"""Owns what is a place, and which time zone it lies in: a zone, its city, another city, or a country with one. Looks at no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from core.reading.source import LanguageError, table_of
from core.reading.text import fold, folded_words

_FILE = "zones.toml"
_NO_CITIES = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/")  # "West", "Central" and the like
_REGIONS_ONCE = "Australia/"  # where some old names are of regions, beside cities


def time_zone(place: str, own: Mapping[str, str], language: str) -> str | None:
    """The IANA zone of a place: by its own name ("Europe/Berlin"), as a place in it, or as "Paris, France", where what follows the comma fits.

    `own`: places as the language calls them, folded. None for what is no place, for a country that lies in several zones, and for a name of
    several places that are far apart.
    """
    first, *rest = (part.strip() for part in place.split(","))
    if not any(rest):
        return None if _key(first) in _data().doubtful else _named(first, own, language)
    if (whole := _data().places.get(_key(" ".join((first, *rest))))) is not None:
        return whole
    found = _named(first, own, language)
    known = [held for part in rest if (held := _zones_in(part, own, language))]
    return found if known and all(_canonical(found or "") in held for held in known) else None


def _named(said: str, own: Mapping[str, str], language: str) -> str | None:
    key = _key(said)
    return _cities().get(_joined(said)) or own.get(key) or _data().places.get(key) or _countries(language).get(key) or _countries("en").get(key)


def _zones_in(said: str, own: Mapping[str, str], language: str) -> frozenset[str]:
    """The zones in a region or country, canonical; none of what is not known."""
    key, alone = _key(said), _named(said, own, language)
    codes = {code for code in (_data().countries.get(key), _codes(language).get(key), _codes("en").get(key)) if code}
    zones = {zone for code in codes for zone in get_global("territory_zones").get(code, ())}
    return frozenset(_canonical(zone) for zone in (*zones, *_data().regions.get(key, ()), *((alone,) if alone else ())))


def _canonical(zone: str) -> str:
    return str(get_global("zone_aliases").get(zone, zone))


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
        city = not zone.startswith(_NO_CITIES) and not (zone.startswith(_REGIONS_ONCE) and _canonical(zone) != zone)
        if "/" in zone and city:
            found.setdefault(_joined(zone.rsplit("/", 1)[-1]), zone)
    return found


@dataclass(frozen=True, slots=True)
class _Data:
    """Zones of places, main zones of countries by code, zones of regions, codes of countries by further names, and names of several places."""

    places: Mapping[str, str]
    main: Mapping[str, str]
    regions: Mapping[str, tuple[str, ...]]
    countries: Mapping[str, str]
    doubtful: frozenset[str]


@cache
def _data() -> _Data:
    """Raises LanguageError naming a zone that does not exist."""
    table = table_of(_FILE, files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    places, main, regions = table["places"], table["main"], table["regions"]
    wrong = ({*places} | {*main.values()} | {zone for zones in regions.values() for zone in zones}) - available_timezones()
    if wrong:
        raise LanguageError(f"{_FILE}: no such zone: {', '.join(sorted(wrong))}")
    return _Data(
        places={_key(name): zone for zone, names in places.items() for name in names},
        main=main,
        regions={_key(name): tuple(zones) for name, zones in regions.items()},
        countries={_key(name): code for code, names in table["countries"].items() for name in names},
        doubtful=frozenset(_key(name) for name in table["doubtful"]["names"]),
    )


@cache
def _codes(language: str) -> dict[str, str]:
    """The codes of countries, as the language calls them."""
    try:
        named = Locale(language).territories
    except (ValueError, UnknownLocaleError):  # a language of an operator's own that CLDR does not know
        return {}
    return {_key(str(name)): str(code) for code, name in named.items()}


@cache
def _countries(language: str) -> dict[str, str]:
    """Countries that lie in one zone, as the language calls them."""
    zones, main = get_global("territory_zones"), _data().main
    return {name: found for name, code in _codes(language).items() if (found := main.get(code) or _only(zones.get(code, ())))}


def _only(zones: tuple[str, ...]) -> str | None:
    return zones[0] if len(zones) == 1 else None


def is_place(name: str, own: Mapping[str, str], language: str) -> bool:
    """Whether it is a country's name, in the language or in English, or one that a time zone is known by."""
    return _key(name) in (*_codes(language), *_codes("en")) or _named(name, own, language) is not None


def load_places() -> None:
    """Read the data file. Raises LanguageError."""
    _data()
