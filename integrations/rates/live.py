"""The rates of today from an address that answers as the European Central Bank's does. Believes nothing of the answer but days and numbers."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Never
from xml.parsers import expat

import httpx

from core.domain.rates import EURO, Sheet
from core.errors import ServiceUnavailable
from integrations.rates.ecb import SOURCE

SECONDS = 10
BYTES_MOST = 64 * 1024  # the real one has two
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_CODE = re.compile(r"[A-Z]{3}")


class LiveRates:
    """Asks one address, follows no redirect and heeds no proxy settings. Sets deadlines of its own."""

    def __init__(self, url: str, *, client: httpx.AsyncClient | None = None) -> None:
        self._url = url
        headers = {"Accept-Encoding": "identity"}
        self._client = client or httpx.AsyncClient(timeout=SECONDS, headers=headers, follow_redirects=False, trust_env=False)

    @property
    def name(self) -> str:
        return SOURCE

    async def newest(self) -> Sheet:
        """What is published now. Raises ServiceUnavailable where there is no answer, or one of another form."""
        try:
            return read_sheet(await self._get())
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, expat.ExpatError) as problem:
            raise ServiceUnavailable("rates") from problem

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self) -> bytes:
        body = bytearray()
        async with self._client.stream("GET", self._url) as response:
            if response.status_code != httpx.codes.OK or response.headers.get("Content-Encoding", "identity") != "identity":
                raise ServiceUnavailable("rates")
            async for part in response.aiter_raw():
                body += part
                if len(body) > BYTES_MOST:
                    raise ServiceUnavailable("rates")
        return bytes(body)


def read_sheet(body: bytes) -> Sheet:
    """The one day of an answer. Source of the form: eurofxref-daily.xml, `Cube` within `Cube`, with `time`, then `currency` and `rate`.

    Raises ValueError or ExpatError for what is no such answer, among it everything that declares a document type or an entity.
    """
    days: list[date] = []
    rates: dict[str, Decimal] = {}

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "Cube":
            return
        if "time" in attributes:
            days.append(date.fromisoformat(attributes["time"]))
        if "currency" in attributes:
            code, rate = attributes["currency"], attributes.get("rate", "")
            if not _CODE.fullmatch(code) or not _RATE.fullmatch(rate) or not Decimal(rate) or code in rates or code == EURO:
                raise ValueError("a rate cannot be read")
            rates[code] = Decimal(rate)

    def refuse(*_what: object) -> Never:
        raise ValueError("an answer declares nothing")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(body, True)
    if len(days) != 1 or not rates:
        raise ValueError("an answer has the rates of one day")
    return Sheet(days[0], SOURCE, rates)
