"""Whoever asks for too much is told how long to wait, is slowed down and loses nothing; everybody else notices nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import HTTPException
from starlette.requests import Request

from bot.web.limits import KINDS, Limits, Rate, client_of, read_rates
from core.db.session import Database
from core.reading.source import LanguageError
from tests.support.webchat import Browser, NotingBot, Served, serving

FEW = dict.fromkeys(KINDS, Rate(burst=2, per_minute=60))


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(limits: Limits, tries: int, *, who: str = "a", kind: str = "messages") -> list[str | None]:
    """None where it was given, else Retry-After."""
    return [_try(limits, who, kind) for _ in range(tries)]


def _try(limits: Limits, who: str, kind: str) -> str | None:
    try:
        limits.take(kind, who)
    except HTTPException as refused:
        return (refused.headers or {})["Retry-After"]
    return None


def test_a_burst_and_then_the_rate() -> None:
    time = Time()
    limits = Limits(dict.fromkeys(KINDS, Rate(burst=3, per_minute=30)), clock=time)
    assert taken(limits, 5) == [None, None, None, "2", "2"]
    time.now += 1.9
    assert taken(limits, 1) == ["1"]
    time.now += 0.1
    assert taken(limits, 2) == [None, "2"]
    time.now += 3600
    assert taken(limits, 4) == [None, None, None, "2"]


def test_who_waits_as_long_as_told_is_served() -> None:
    time = Time()
    limits = Limits(dict.fromkeys(KINDS, Rate(burst=1, per_minute=7)), clock=time)
    limits.take("messages", "a")
    for _ in range(200):
        wait = _try(limits, "a", "messages")
        assert wait is not None
        time.now += int(wait)
        assert _try(limits, "a", "messages") is None


def test_each_browser_and_each_kind_counts_by_itself() -> None:
    limits = Limits(FEW, clock=Time())
    assert taken(limits, 3) == [None, None, "1"]
    assert taken(limits, 3, who="b") == [None, None, "1"]
    assert taken(limits, 3, kind="presses") == [None, None, "1"]


def test_memory_is_bounded_and_the_least_recent_goes_first() -> None:
    limits = Limits(FEW, clock=Time(), most=100)
    taken(limits, 3, who="often")
    for number in range(10_000):
        limits.take("messages", f"browser {number}")
        assert taken(limits, 1, who="often") == ["1"]
    assert limits.size == 100


def test_the_product_has_a_rate_for_every_kind() -> None:
    assert set(read_rates()) == set(KINDS)


@pytest.mark.parametrize("text", ["", "[messages]\nburst = 1\nper_minute = 1", "[nonsense]\nburst = 1\nper_minute = 1"])
def test_a_data_file_with_a_kind_missing_is_refused(text: str) -> None:
    with pytest.raises(LanguageError, match=r"limits\.toml"):
        read_rates(text)


@pytest.mark.parametrize(("burst", "per_minute"), [(0, 1), (1, 0), (-1, 5)])
def test_a_rate_of_nothing_is_refused(burst: int, per_minute: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Rate(burst, per_minute)


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # a stranger's word
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # what the client made up stands before what the proxy saw
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::1", ["2001:db8:1:2::9"], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
    ],
)
def test_a_new_browser_counts_as_its_address(peer: str, forwarded: list[str], counted: str) -> None:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    assert client_of(Request({"type": "http", "client": (peer, 1), "headers": headers})) == counted


@pytest.fixture
async def narrow(database: Database) -> AsyncIterator[Served]:
    async with serving(NotingBot(database), limits=Limits(FEW, clock=Time())) as running:
        yield running


async def test_every_kind_of_request_is_counted_for_the_asking_browser_alone(narrow: Served) -> None:
    browser, other = await Browser(narrow).open(), await Browser(narrow).open()
    for kind, (path, body) in requests(browser).items():
        answers = [await send(browser, path, body) for _ in range(3)]
        assert 429 not in [answer.status_code for answer in answers[:2]], kind
        assert answers[2].status_code == 429, kind
        assert answers[2].json() == {"status": 429, "title": "slow_down"}
        assert answers[2].headers["retry-after"] == "1"
    for kind, (path, body) in requests(other).items():
        assert (await send(other, path, body)).status_code != 429, kind
    await browser.http.aclose()
    await other.http.aclose()


def requests(browser: Browser) -> dict[str, tuple[str, dict[str, object] | bytes | None]]:
    chat, body = f"/chat/chats/{browser.chat}", {"id": "request-0001", "person": browser.person}
    return {
        "messages": (f"{chat}/messages", {**body, "text": "coffee 3.50"}),
        "edits": (f"{chat}/messages/{'x' * 22}/edit", {"person": browser.person, "text": "coffee 4"}),
        "presses": (f"{chat}/messages/{'x' * 22}/press", {**body, "button": "undo-button-id"}),
        "groups": ("/chat/groups", {**body, "title": "Trip", "people": []}),
        "people": ("/chat/people", {"id": "request-0001", "name": "Anna"}),
        "uploads": (f"{chat}/photos?person={browser.person}", b"\xff\xd8\xff\xe0 a photo"),
        "streams": ("/chat/events", None),
    }


async def send(browser: Browser, path: str, body: dict[str, object] | bytes | None) -> httpx.Response:
    if body is None:
        async with browser.http.stream("GET", path) as answer:
            if answer.status_code == 429:
                await answer.aread()
            return answer
    if isinstance(body, bytes):
        return await browser.http.post(path, content=body)
    return await browser.http.post(path, json=body)


async def test_new_browsers_are_counted_by_address_and_known_ones_are_not(narrow: Served) -> None:
    known = await Browser(narrow).open()
    await Browser(narrow).open()
    async with httpx.AsyncClient(base_url=narrow.url, headers={"Origin": narrow.url}) as third:
        assert (await third.post("/chat/session", json={})).status_code == 429
        elsewhere = await third.post("/chat/session", json={}, headers={"X-Forwarded-For": "198.51.100.1"})
    assert elsewhere.status_code == 200
    for _ in range(5):
        assert (await known.http.post("/chat/session", json={})).status_code == 200
