"""A vision model behind an OpenAI-compatible address: a fake on loopback that answers well, badly or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

import pytest

from core.errors import ServiceUnavailable
from integrations.receipts.vision import VisionReader, reading_of
from tests.support.loopback import Loopback, serving
from tests.support.receipts import draw

TODAY = date(2025, 6, 30)
GOOD = {
    "merchant": "Greenfield Stores", "address": None, "date": "2025-05-21", "time": "10:42", "currency": "GBP", "language": "en",
    "items": [
        {"description": "Brown bread", "quantity": "1", "unit_price": "2.40", "amount": "2.40"},
        {"description": "Apple juice", "quantity": "2", "unit_price": "1.55", "amount": "3.10"},
    ],
    "subtotal": None, "discount": None, "tax": None, "service": None, "tip": None, "rounding": None,
    "total": "5.50", "paid": "10.00", "change": "4.50",
}  # fmt: skip


def answer(content: object) -> bytes:
    return json.dumps({"choices": [{"message": {"content": content if isinstance(content, str) else json.dumps(content)}}]}).encode()


@asynccontextmanager
async def reader(said: bytes, status: int = 200) -> AsyncIterator[tuple[VisionReader, Loopback]]:
    async with serving(said, status) as fake:
        one = VisionReader(base_url=f"{fake.base}/v1", api_key="key", model="a-model")
        try:
            yield one, fake
        finally:
            await one.close()


async def test_a_good_answer_is_a_reading() -> None:
    async with reader(answer(GOOD)) as (model, fake):
        reading = await model.read(draw("TOTAL   5.50"), today=TODAY)
    assert (reading.receipt.total, reading.receipt.date, reading.receipt.lines[1].quantity) == (550, date(2025, 5, 21), 2000)
    assert reading.ask == ()
    (request,) = fake.requests
    assert request.startswith(b"POST /v1/chat/completions")
    assert b"Bearer key" in request
    assert b"data:image/jpeg;base64," in request


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"", 500),
        (b"no JSON", 200),
        (b"{}", 200),
        (answer("I see a receipt!"), 200),
        (answer([1]), 200),
        (answer({"total": 5.5}), 200),
        (b"[" * 9000, 200),
    ],
)
async def test_any_other_answer_is_a_service_that_failed(said: bytes, status: int) -> None:
    async with reader(said, status) as (model, _):
        with pytest.raises(ServiceUnavailable):
            await model.read(draw("TOTAL   5.50"), today=TODAY)


def test_a_total_that_no_sum_confirms_is_asked_about() -> None:
    assert reading_of(GOOD | {"total": "7.50", "paid": None, "change": None}, today=TODAY).ask == ("total",)
    assert reading_of(GOOD | {"items": [], "paid": None, "change": None}, today=TODAY).ask == ("total",)
    assert reading_of({}, today=TODAY).ask == ("total", "date", "merchant")


def test_a_day_in_the_future_is_none() -> None:
    assert reading_of(GOOD | {"date": "2031-01-01"}, today=TODAY).receipt.date is None


@pytest.mark.parametrize(
    "wrong", [{"total": 5.5}, {"total": "5.505"}, {"total": "1e9"}, {"date": "yesterday"}, {"items": "none"}, {"items": [{}]}, {"merchant": {}}]
)
def test_values_of_another_kind_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        reading_of(GOOD | wrong, today=TODAY)
