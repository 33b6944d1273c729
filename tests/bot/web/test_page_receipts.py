"""The receipt on the page, in a real headless Chromium: its photo beside its lines, and the line that is meant marked on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from core.db.session import Database
from core.domain.receipts import Line, Reading, Receipt, Spot
from tests.bot.web.test_page import CONTRAST, NAMELESS, SMALL, TINY
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.doubles import FakeReader
from tests.support.product import Product, producing
from tests.support.receipts import draw

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
PHOTO = draw(
    """
TRATTORIA DA MARIO
Via Roma 12, Torino
13/03/2025   20:41
Margherita   9.50
Diavola   11.00
Vino rosso 2 x 9.25   18.50
Tiramisu   6.00
Totale   45.00
Grazie
"""
)
ROWS = 9


def row(number: int) -> Spot:
    """The place of a row of the drawn picture: rows of 41 pixels below an edge of 40."""
    height = ROWS * 41 + 80
    return Spot(60, round(1000 * (36 + 41 * number) / height), 945, round(1000 * (74 + 41 * number) / height))


LINES = (
    Line("Margherita", 950, spot=row(3)),
    Line("Diavola", 1100, spot=row(4)),
    Line("Vino rosso", 1850, 2000, 925, spot=row(5)),
    Line("Tiramisu", 600),
)
SPOTS = {"merchant": row(0), "date": row(2), "total": row(7)}
READING = Reading(Receipt("Trattoria Da Mario", date=date(2025, 3, 13), currency="EUR", lines=LINES, total=4500), {}, (), "it", "fake", SPOTS)


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> AsyncIterator[Product]:
    async with producing(database, tmp_path / "blobs", reader=FakeReader(otherwise=READING)) as running:
        yield running


@pytest.fixture
async def page(product: Product) -> AsyncIterator[Page]:
    """The page of a newcomer who sent the photo. Whatever it logs as an error fails the test: what its policy forbids is one."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        opened = await context.new_page()
        problems: list[str] = []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        await opened.goto(product.url)
        await expect(opened.locator(".example").first).to_be_visible()
        await opened.locator("#photo").set_input_files([{"name": "receipt.jpg", "mimeType": "image/jpeg", "buffer": PHOTO}])
        await expect(opened.locator(".receipt.with-photo")).to_be_visible(timeout=20000)
        async with asyncio.timeout(20):  # the page's policy forbids what Playwright would poll by
            while not await opened.locator(".receipt-photo img").evaluate("image => image.naturalWidth > 0"):
                await asyncio.sleep(0.02)
        yield opened
        await browser.close()
        assert problems == []


def line(page: Page, words: str) -> object:
    return page.get_by_role("button", name=words)


async def marked(page: Page) -> list[str]:
    """The numbers of the lines that are seen to be marked on the photo."""
    return await page.evaluate(
        "[...document.querySelectorAll('.line-mark')].filter((n) => getComputedStyle(n).opacity === '1').map((n) => n.dataset.number)"
    )


async def places(page: Page, *selectors: str) -> list[dict[str, float]]:
    """Where they are, read at one moment: the log may be scrolling to its end."""
    return await page.evaluate("(all) => all.map((each) => document.querySelector(each).getBoundingClientRect().toJSON())", list(selectors))


async def test_the_photo_stands_beside_the_lines_on_a_wide_window_and_above_them_on_a_phone(page: Page) -> None:
    await expect(page.locator("#log .bot .text").first).to_contain_text("4 lines, adds up.")
    await expect(page.locator(".receipt-line")).to_have_text(["1 Margherita €9.50", "2 Diavola €11", "3 2× Vino rosso €18.50", "4 Tiramisu €6"])
    one, other = await places(page, ".receipt-photos", ".receipt-words")
    assert one["x"] + one["width"] <= other["x"]
    assert abs(one["y"] - other["y"]) < 8
    await page.set_viewport_size({"width": 390, "height": 844})
    one, other = await places(page, ".receipt-photos", ".receipt-words")
    assert one["y"] + one["height"] <= other["y"]
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_pointing_at_a_line_marks_it_where_it_is_printed(page: Page) -> None:
    assert await marked(page) == []
    await line(page, "2 Diavola").hover()
    assert await marked(page) == ["2"]
    await expect(line(page, "2 Diavola")).to_have_attribute("aria-current", "true")
    picture, mark = await places(page, ".receipt-photo img", ".line-mark.marked")
    for side, place in (("x", row(4).left), ("y", row(4).top)):
        assert abs(mark[side] - picture[side] - picture["width" if side == "x" else "height"] * place / 1000) < 3
    await page.mouse.move(5, 5)
    assert await marked(page) == []
    await expect(page.locator("[aria-current=true].receipt-line")).to_have_count(0)


async def test_by_keyboard_each_line_that_is_on_the_photo_is_come_to_and_marked(page: Page) -> None:
    await page.get_by_role("button", name="Show the photo of the receipt large").focus()
    seen = []
    for _ in range(4):
        await page.keyboard.press("Tab")
        seen.append(await marked(page))
    assert seen == [["1"], ["2"], ["3"], []]  # the fourth line's place was not read
    await expect(line(page, "4 Tiramisu")).to_be_disabled()


async def test_the_photo_is_seen_large_and_its_fields_are_outlined(page: Page) -> None:
    await expect(page.locator(".field-mark")).to_have_count(3)
    await page.get_by_role("button", name="Show the photo of the receipt large").click()
    await expect(page.locator("#photo-large")).to_be_visible()
    assert await page.locator("#photo-large").evaluate("node => node.decode().then(() => node.naturalWidth)") > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_can_read_it_and_press_it(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        await line(page, "1 Margherita").focus()
        assert [await page.evaluate(script) for script in (NAMELESS, SMALL, TINY, CONTRAST)] == [[], [], [], []]


async def test_after_a_reload_the_card_is_there_again(page: Page) -> None:
    await page.reload()
    await expect(page.locator(".receipt.with-photo .receipt-line")).to_have_count(4)
    await line(page, "1 Margherita").hover()
    assert await marked(page) == ["1"]


async def test_where_the_photo_is_gone_the_words_stay(page: Page, database: Database) -> None:
    await database.pool.execute("UPDATE receipts SET pictures = 0")
    await page.reload()
    await expect(page.locator(".receipt-line")).to_have_count(4)
    await expect(page.locator(".receipt-photo, .with-photo")).to_have_count(0)
