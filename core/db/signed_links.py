"""Tokens of links that are kept nowhere: what they open and until when, signed."""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta

from core.db.crypto import Keys
from core.errors import DomainError

_TOKEN = re.compile(r"([0-9a-z.]{1,100})\.(\d{1,12})\.([0-9a-f]{32})", re.ASCII)


def signed(keys: Keys, purpose: str, said: str, *, now: datetime, lasts: timedelta) -> str:
    """`said` (small letters, digits and dots) as a token for one purpose; no other purpose takes it."""
    what = f"{said}.{int((now + lasts).timestamp())}"
    return f"{what}.{_signature(keys, purpose, what)}"


def opened(keys: Keys, purpose: str, token: str, *, now: datetime) -> str:
    """What was said. DomainError `not_found` for a token that is not ours, or has expired."""
    parts = _TOKEN.fullmatch(token)
    if parts is None or not hmac.compare_digest(_signature(keys, purpose, f"{parts[1]}.{parts[2]}"), parts[3]) or int(parts[2]) < now.timestamp():
        raise DomainError("not_found")
    return parts[1]


def _signature(keys: Keys, purpose: str, what: str) -> str:
    return keys.digest(purpose, what).hex()[:32]
