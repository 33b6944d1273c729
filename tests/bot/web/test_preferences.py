"""What a browser says of its person reaches the bot, and nothing odd does."""

from __future__ import annotations

import pytest

from bot.conversation.guesses import currency_of, known_zone, zone
from tests.support.webchat import Browser, Served

ODD = [
    "", "Mars/Olympus", "UTC+1", "../../etc/passwd", "Asia/Tokyo, Europe/Paris", "asia/tokyo", "localtime", "Factory", "posixrules",
    "Asia/Tokyo\xa0", "x" * 5000, "Ásia/Tókyo",
]  # fmt: skip


async def test_the_zone_of_the_browser_goes_along_with_a_message(served: Served, browser: Browser) -> None:
    await browser.http.post(
        f"/chat/chats/{browser.chat}/messages",
        json={"id": "request-0001", "person": browser.person, "text": "coffee 3.50"},
        headers={"Tuppence-Time-Zone": "Asia/Tokyo", "Accept-Language": "en-GB,en;q=0.9"},
    )
    (message,) = served.bot.accepted
    assert (message.time_zone, message.language) == ("Asia/Tokyo", "en-GB")


@pytest.mark.parametrize("said", ODD)
async def test_an_odd_zone_counts_as_not_said(served: Served, browser: Browser, said: str) -> None:
    answer = await browser.http.post(
        f"/chat/chats/{browser.chat}/messages",
        json={"id": "request-0001", "person": browser.person, "text": "coffee 3.50"},
        headers=[(b"Tuppence-Time-Zone", said.encode("latin-1"))],
    )
    assert answer.status_code == 200
    assert served.bot.accepted[0].time_zone is None


async def test_a_zone_said_twice_counts_as_not_said(served: Served, browser: Browser) -> None:
    await browser.http.post(
        f"/chat/chats/{browser.chat}/messages",
        json={"id": "request-0001", "person": browser.person, "text": "coffee 3.50"},
        headers=[("Tuppence-Time-Zone", "Asia/Tokyo"), ("Tuppence-Time-Zone", "Europe/Paris")],
    )
    assert served.bot.accepted[0].time_zone is None


@pytest.mark.parametrize("language", ["", "*", "x" * 36, "x" * 5000])
async def test_an_odd_language_counts_as_not_said(served: Served, browser: Browser, language: str) -> None:
    body = {"id": "request-0001", "person": browser.person, "text": "coffee 3.50"}
    await browser.http.post(f"/chat/chats/{browser.chat}/messages", json=body, headers={"Accept-Language": language})
    assert served.bot.accepted[0].language is None


@pytest.mark.parametrize(
    ("said", "known"),
    [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv"), ("Asia/Kolkata", "Asia/Kolkata"), ("UTC", "UTC"), ("Etc/GMT+5", "Etc/GMT+5")],
)
def test_a_zone_is_called_as_it_is_today(said: str, known: str) -> None:
    """Chromium says Asia/Calcutta and Europe/Kiev (ICU's names); the countries of zones are known under today's."""
    assert known_zone(said) == known
    assert zone(said).key == known


@pytest.mark.parametrize(
    ("language", "time_zone", "currency"),
    [
        ("en-GB", "Asia/Tokyo", "GBP"),  # the country of the language first: who set it said where home is
        ("en", "Asia/Tokyo", "JPY"),
        (None, "Asia/Calcutta", "INR"),
        (None, "Mars/Olympus", "EUR"),
        ("en", None, "EUR"),
    ],
)
def test_the_currency_is_guessed_from_the_country(language: str | None, time_zone: str | None, currency: str) -> None:
    assert currency_of(language, time_zone) == currency
