"""A newcomer in Tokyo: their day, their currency, in a real Chromium and with the product's own engine behind the page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import asyncpg
import pytest
from playwright.async_api import async_playwright, expect

from core.db.session import Database
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.doubles import FakeClock
from tests.support.webchat import serving_product

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
LATE = datetime(2025, 3, 14, 23, 30, tzinfo=UTC)  # 08:30 on the 15th in Tokyo


@pytest.mark.parametrize(
    ("zone", "language", "day", "note"),
    [
        ("Asia/Tokyo", "en", date(2025, 3, 15), "I count in JPY and Asia/Tokyo time."),
        ("Asia/Tokyo", "en-GB", date(2025, 3, 15), "I count in GBP and Asia/Tokyo time."),
        ("America/New_York", "en", date(2025, 3, 14), "I count in USD and America/New_York time."),
        ("Asia/Calcutta", "en", date(2025, 3, 15), "I count in INR and Asia/Kolkata time."),
    ],
)
async def test_a_newcomers_day_is_the_day_where_they_are(database: Database, dsn: str, zone: str, language: str, day: date, note: str) -> None:
    async with serving_product(database, clock=FakeClock(LATE)) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await (await browser.new_context(timezone_id=zone, locale=language)).new_page()
        await page.goto(url)
        await page.locator("#text").fill("coffee 350")
        await page.locator("#text").press("Enter")
        await expect(page.locator("#log .bot .text")).to_contain_text(note)
        await browser.close()
    owner = await asyncpg.connect(dsn)
    assert await owner.fetchval("SELECT occurred_on FROM entries") == day
    await owner.close()
