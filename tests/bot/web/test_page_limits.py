"""The page under a tight limit, in a real Chromium: it waits, says so kindly, and loses nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from bot.web.limits import KINDS, Limits, Rate
from core.db.session import Database
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.webchat import NotingBot, Served, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    tight = dict.fromkeys(KINDS, Rate(burst=2, per_minute=60))
    async with serving(NotingBot(database), limits=Limits(tight)) as running:
        yield running


@pytest.fixture
async def page(served: Served) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = await browser.new_page(reduced_motion="reduce")
        await opened.goto(served.url)
        await expect(opened.locator(".example").first).to_be_visible()
        yield opened
        await browser.close()


async def test_what_is_written_too_fast_arrives_later_in_order_and_once(page: Page, served: Served) -> None:
    said = [f"coffee {number}" for number in range(6)]
    for text in said:
        await page.locator("#text").fill(text)
        await page.locator("#text").press("Enter")
    await expect(page.locator("#notice")).to_have_text(re.compile("a lot at once.*kept"))
    await expect(page.locator("#log .own .text")).to_have_text(said)
    await expect(page.locator("#log .bot .text")).to_have_text([f"Noted: {text}" for text in said], timeout=20000)
    await expect(page.locator("#notice")).to_be_hidden()
    await expect(page.locator("#log .failed, #log .sending")).to_have_count(0)
    assert [message.text for message in served.bot.accepted] == said


async def test_dialogs_wait_too(page: Page) -> None:
    for number in range(4):
        await page.get_by_role("button", name="New group").click()
        await page.get_by_label("What is it for?").fill(f"Trip {number}")
        await page.get_by_role("button", name="Make group").click()
        await expect(page.locator("#chat-title")).to_have_text(f"Trip {number}", timeout=15000)
    await expect(page.locator("#groups .chat")).to_have_count(4)


async def test_a_newcomer_waits_for_a_place(page: Page, served: Served) -> None:
    assert page.context.browser is not None
    pages = [await (await page.context.browser.new_context()).new_page() for _ in range(3)]
    await asyncio.gather(*(other.goto(served.url) for other in pages))
    for other in pages:
        await expect(other.locator(".example").first).to_be_visible(timeout=15000)
