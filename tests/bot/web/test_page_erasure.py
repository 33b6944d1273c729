"""What pages that are open show when somebody is erased: an empty chat with a goodbye, and a group without that person's words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.bot.web.test_page import ARGUMENTS, CHROMIUM
from tests.support.product import Product

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def opened(chromium: Browser, url: str, problems: list[str]) -> Page:
    page = await (await chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")).new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(url)
    return page


async def say(page: Page, text: str, answer: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#log .bot .text").last).to_contain_text(answer)


async def test_open_pages_forget_at_once(product: Product, chromium: Browser) -> None:
    problems: list[str] = []
    anna = await opened(chromium, product.url, problems)
    await say(anna, "quillfeather 12", "Quillfeather")
    private = anna.locator("#people .chat").first
    await anna.locator("#new-group").click()
    await anna.locator("#group-name").fill("Lisbon")
    await anna.locator("#group-own").fill("Zanzibella")
    await anna.locator("#group-dialog [type=submit]").click()
    await anna.locator("#invite").click()
    link = await anna.locator("#invite-link").input_value()
    await anna.keyboard.press("Escape")
    ben = await opened(chromium, link, problems)
    await ben.locator("#person-name").fill("Ben")
    await ben.locator("#person-dialog [type=submit]").click()
    await expect(ben.locator("#chat-title")).to_have_text("Lisbon")
    await say(anna, "marzipanlamp 30", "Marzipanlamp $30")
    await expect(ben.locator("#log .other .text").last).to_have_text("marzipanlamp 30")

    await private.click()
    await say(anna, "delete me", "for good")
    await anna.get_by_role("button", name="Delete everything").click()
    await expect(anna.locator("#log .message")).to_have_count(1)
    await expect(anna.locator("#log .bot .text")).to_have_text("Everything of you is erased. Take care.")
    await expect(anna.locator("#groups .chat")).to_have_count(0)
    await expect(anna.locator("#chat-title")).to_have_text("You")
    await product.quiet()
    await product.finish_erasures()
    await expect(ben.locator("#log .other .text")).to_have_text("Message removed")
    await expect(ben.locator("#log .bot .text").last).to_contain_text("… $30, paid by you")
    await expect(ben.locator("#log .event").last).to_contain_text("former member left")
    await expect(ben.locator("#log")).not_to_contain_text("arzipanlamp")
    await expect(ben.locator("#chat-line")).to_have_text("Ben")

    await say(anna, "coffee 3", "Coffee $3")
    await anna.reload()
    await expect(anna.locator("#log .own .text")).to_have_text("coffee 3")
    assert problems == []
