"""What a browser says of the person before it: language and time zone. Both are guesses to start with, so whatever is odd counts as not said."""

from __future__ import annotations

from fastapi import Request

from bot.conversation.guesses import known_zone

TIME_ZONE_HEADER = "tuppence-time-zone"
LANGUAGE_MOST = 35  # RFC 5646, section 4.4.1


def language_of(request: Request) -> str | None:
    """The first tag of Accept-Language, such as "en-GB"."""
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return first if 0 < len(first) <= LANGUAGE_MOST and first != "*" else None


def time_zone_of(request: Request) -> str | None:
    """The IANA zone that the page read from the browser; None where it is missing, said twice or unknown here."""
    said = request.headers.getlist(TIME_ZONE_HEADER)
    return known_zone(said[0]) if len(said) == 1 else None
