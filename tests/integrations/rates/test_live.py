"""Rates that are fetched: what is believed of an answer, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import httpx
import pytest

from core.errors import ServiceUnavailable
from integrations.rates.live import BYTES_MOST, LiveRates, read_sheet

ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
<Cube><Cube time='2025-03-14'><Cube currency='USD' rate='1.0889'/><Cube currency='JPY' rate='162.05'/></Cube></Cube></gesmes:Envelope>"""
LAUGHS = '<!DOCTYPE a [<!ENTITY b "1.5"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "entities": ANSWER.replace("<gesmes:Envelope", LAUGHS + "<gesmes:Envelope").replace("Reference rates", "&c;"),
    "a file": ANSWER.replace("<gesmes:Envelope", OUTSIDE + "<gesmes:Envelope").replace("Reference rates", "&b;"),
    "a document type": ANSWER.replace("<gesmes:Envelope", "<!DOCTYPE html><gesmes:Envelope"),
    "no XML": "<html><body>Down for maintenance",
    "nothing": "",
    "no day": ANSWER.replace(" time='2025-03-14'", ""),
    "two days": ANSWER.replace("<Cube><Cube time", "<Cube><Cube time='2025-03-13'/><Cube time"),
    "no date": ANSWER.replace("2025-03-14", "yesterday"),
    "no rates": ANSWER.replace("currency", "name"),
    "zero": ANSWER.replace("1.0889", "0.0000"),
    "negative": ANSWER.replace("1.0889", "-1.0889"),
    "no number": ANSWER.replace("1.0889", "NaN"),
    "a power": ANSWER.replace("1.0889", "1e9"),
    "other digits": ANSWER.replace("1.0889", "١.٥"),
    "no rate": ANSWER.replace(" rate='1.0889'", ""),
    "no code": ANSWER.replace("USD", "usd"),
    "twice": ANSWER.replace("JPY", "USD"),
    "the euro": ANSWER.replace("JPY", "EUR"),
}


class Body(httpx.AsyncByteStream):
    """Comes in pieces, as from the wire."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self):
        for start in range(0, len(self._content), 1000):
            yield self._content[start : start + 1000]


def answered(text: str | bytes, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=Body(text.encode() if isinstance(text, str) else text))


def source(answer: httpx.Response | Exception) -> LiveRates:
    def handle(_request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return LiveRates("https://rates.example/daily.xml", client=httpx.AsyncClient(transport=httpx.MockTransport(handle)))


async def test_a_day_is_read():
    sheet = await source(answered(ANSWER)).newest()
    assert (sheet.day, sheet.source) == (date(2025, 3, 14), "ECB")
    assert sheet.per_euro == {"USD": Decimal("1.0889"), "JPY": Decimal("162.05")}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_anything_else_is_refused(kind):
    with pytest.raises(ServiceUnavailable):
        await source(answered(HOSTILE[kind])).newest()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "latin-1"])
async def test_another_encoding_hides_nothing(encoding):
    with pytest.raises(ServiceUnavailable):
        await source(answered(HOSTILE["entities"].encode(encoding))).newest()


@pytest.mark.parametrize(
    "answer",
    [
        answered(ANSWER, 500),
        answered(ANSWER, 302, Location="http://169.254.169.254/"),
        answered(ANSWER.replace("Reference rates", "x" * BYTES_MOST)),
        answered(ANSWER, **{"Content-Encoding": "gzip"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("away"),
    ],
)
async def test_no_answer_is_no_rates(answer):
    with pytest.raises(ServiceUnavailable):
        await source(answer).newest()


def test_an_answer_is_read_in_time():
    many = "".join(f"<Cube currency='{a}{b}{c}' rate='1'/>" for a in "ABCDEFGH" for b in "ABCDEFGH" for c in "ABCDEFGH")
    assert len(read_sheet(ANSWER.replace("<Cube currency='JPY' rate='162.05'/>", many).encode()).per_euro) == 513
