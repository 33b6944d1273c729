"""How much one browser may ask for: a token bucket for each browser and kind of request. Counts per process, and forgets the least recent first."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request

from bot.web.auth import is_loopback
from core.reading.source import LanguageError, table_of

BUCKETS_MOST = 20_000  # about 5 MB; to push one's own bucket out one would need as many sessions, which are limited themselves
KINDS = ("messages", "edits", "presses", "groups", "people", "uploads", "streams", "sessions", "forwards")


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_minute`."""

    burst: int
    per_minute: int

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_minute < 1:
            raise ValueError("a rate is at least 1")


def read_rates(text: str | None = None) -> dict[str, Rate]:
    """The rates of limits.toml, or of `text` in its form. LanguageError where a kind is missing, unknown or not a rate."""
    tables = table_of("limits.toml", files("bot.web").joinpath("limits.toml").read_text(encoding="utf-8") if text is None else text)
    if set(tables) != set(KINDS):
        raise LanguageError(f"limits.toml: there are {', '.join(KINDS)}, not {', '.join(tables)}")
    return {kind: _rate(kind, table) for kind, table in tables.items()}


def _rate(kind: str, table: Any) -> Rate:
    try:
        return Rate(**table)
    except (TypeError, ValueError) as problem:
        raise LanguageError(f"limits.toml: {kind}: {problem}") from problem


class Limits:
    """`take` or be refused. `clock` in seconds, never going back."""

    def __init__(self, rates: Mapping[str, Rate] | None = None, *, clock: Callable[[], float] = time.monotonic, most: int = BUCKETS_MOST) -> None:
        self._rates = read_rates() if rates is None else rates
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()  # (kind, who) to (tokens then, when)

    def take(self, kind: str, who: str) -> None:
        """One token. HTTPException 429 with the whole seconds until there is one."""
        rate, now = self._rates[kind], self._clock()
        tokens, then = self._buckets.pop((kind, who), (float(rate.burst), now))
        tokens = min(float(rate.burst), tokens + (now - then) * rate.per_minute / 60)
        short = tokens < 1
        self._buckets[kind, who] = (tokens if short else tokens - 1, now)  # put last: the most recent
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if short:
            raise HTTPException(429, "slow_down", {"Retry-After": str(max(1, math.ceil((1 - tokens) * 60 / rate.per_minute)))})

    @property
    def size(self) -> int:
        """Buckets kept."""
        return len(self._buckets)


def client_of(request: Request) -> str:
    """Who a new browser counts as: the address; of IPv6 the network (/64), in which everybody has as many addresses as they like.

    A proxy on this machine is believed what it says of its client: the last entry of X-Forwarded-For, which it wrote itself.
    """
    host = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(forwarded if forwarded and is_loopback(host) else host)
    except ValueError:
        return host
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
