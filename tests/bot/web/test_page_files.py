"""A file of another program on the page, in a real headless Chromium: picked, shown as a card, taken over by a button."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from core.db.session import Database
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.product import producing

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
TABLE = b"""Date,Description,Category,Cost,Currency,You,Ben
2025-01-02,Cabin,Rent,300.00,EUR,150.00,-150.00
2025-02-01,Total balance, , ,EUR,150.00,-150.00
"""


async def test_a_file_becomes_a_card_and_a_press_takes_it_over(database: Database, tmp_path: Path) -> None:
    async with producing(database, tmp_path / "blobs") as product, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        await page.goto(product.url)
        await expect(page.locator(".example").first).to_be_visible()
        await page.locator("#photo").set_input_files([{"name": "trip.csv", "mimeType": "text/csv", "buffer": TABLE}])
        await expect(page.locator("#log .bot .text").last).to_contain_text("Splitwise file: one bill", timeout=20000)
        await expect(page.locator("#log .own .file")).to_have_count(1)
        await page.get_by_role("button", name="Import", exact=True).click()
        await expect(page.locator("#log .bot .text").last).to_contain_text("Balances agree with the file to the cent.", timeout=20000)
        await browser.close()
        assert problems == []
