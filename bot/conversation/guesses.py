"""What can be guessed of a newcomer from what the channel tells: language, currency, time zone. Shown at once, changed by a sentence."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies

from bot.conversation.replies.catalogue import FALLBACK, languages

DEFAULT_CURRENCY = "EUR"
DEFAULT_TIME_ZONE = "UTC"
UTC_NAMES = {"UTC", "UCT", "Zulu", "Universal", *(f"Etc/{name}" for name in ("UTC", "UCT", "Zulu", "Universal"))}
NO_PLACES = {"localtime", "posixrules", "Factory"}  # files beside the zones: what they mean is a matter of the machine


@lru_cache(maxsize=1024)
def _locale(tag: str | None) -> Locale | None:
    try:
        return Locale.parse(tag.replace("-", "_")) if tag else None
    except (ValueError, UnknownLocaleError):
        return None


def spoken(tag: str | None) -> str | None:
    """The language of a tag such as "en-GB" where Tuppence speaks it."""
    locale = _locale(tag)
    return locale.language if locale and locale.language in languages() else None


def language_of(tag: str | None) -> str:
    """A language that Tuppence speaks, from a tag; English where it does not."""
    return spoken(tag) or FALLBACK


def currency_of(tag: str | None, time_zone: str | None) -> str:
    """The currency of the tag's country, else of the time zone's, else the euro."""
    locale = _locale(tag)
    territory = locale.territory if locale and locale.territory else get_global("zone_territories").get(known_zone(time_zone) or "")
    if not territory:
        return DEFAULT_CURRENCY
    found = get_territory_currencies(territory)
    return str(found[-1]) if found else DEFAULT_CURRENCY


@lru_cache(maxsize=1)
def _zones_by_city() -> dict[str, str]:
    return {
        zone.rsplit("/", 1)[-1].replace("_", " ").casefold(): zone
        for zone in sorted(available_timezones())
        if "/" in zone and not zone.startswith("Etc/")
    }


def time_zone_of(said: str) -> str | None:
    """An IANA zone from its name or its city ("Tokyo"), None where there is none."""
    text = said.strip()
    if text in available_timezones():
        return text
    return _zones_by_city().get(text.replace("_", " ").casefold())


@lru_cache(maxsize=1)  # looking them all up takes 30 ms
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_PLACES)


def known_zone(name: str | None) -> str | None:
    """The name in use today of a zone that exists (browsers still say Asia/Calcutta), None for anything else."""
    if not name or name not in _zones():
        return None
    if name in UTC_NAMES:
        return DEFAULT_TIME_ZONE
    today = str(get_global("zone_aliases").get(name, name))
    return today if today in _zones() and not today.startswith("Etc/") else name


@lru_cache(maxsize=1024)
def zone(name: str | None) -> ZoneInfo:
    """The zone of a stored or received name; UTC for one that does not exist."""
    return ZoneInfo(known_zone(name) or DEFAULT_TIME_ZONE)
