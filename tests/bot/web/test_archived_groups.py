"""Groups that were closed, in the side list: marked, and below those that are written in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import async_playwright, expect

from core.db.session import Database
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.doubles import FakeClock
from tests.support.webchat import Browser, NotingBot, Served, serving_product


async def groups(browser: Browser, *, archived: int) -> list[dict[str, Any]]:
    """Those of the side list, in its order, once so many of them are closed."""
    async with asyncio.timeout(20):
        while True:
            chats = (await browser.http.get("/chat/state")).json()["chats"]
            if sum(chat["archived"] for chat in chats) == archived:
                return [chat for chat in chats if chat["kind"] == "group"]
            await asyncio.sleep(0.05)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
async def test_a_closed_group_is_marked_and_comes_last_until_it_is_opened(database: Database) -> None:
    async with serving_product(database, clock=FakeClock()) as url:
        anna = await Browser(Served(url, NotingBot(database), app=None)).open()  # type: ignore[arg-type]
        first, _, _ = await anna.group(title="Lisbon")
        second, _, _ = await anna.group(title="Porto")
        order = [chat["id"] for chat in await groups(anna, archived=0)]
        await anna.say("archive the group", chat=order[0])
        listed = await groups(anna, archived=1)
        assert [(chat["id"], chat["archived"]) for chat in listed] == [(order[1], False), (order[0], True)]
        assert {first, second} == set(order)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            context = await browser.new_context()
            await context.add_cookies([{"name": each.name, "value": each.value or "", "url": url} for each in anna.http.cookies.jar])
            page = await context.new_page()
            await page.goto(url)
            await expect(page.locator("#groups .closed")).to_have_count(1)
            await expect(page.locator("#groups li").last.locator(".closed")).to_have_text("closed")
            await browser.close()
        await anna.say("open the group again", chat=order[0], request="request-0002")
        assert [chat["id"] for chat in await groups(anna, archived=0)] == order
        await anna.http.aclose()
