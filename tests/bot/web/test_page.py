"""The page itself, in a real headless Chromium: what a person does with eyes, mouse, keyboard and a bad connection."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, Route, async_playwright, expect

from core.db.session import Database
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.database import KEYS
from tests.support.webchat import NotingBot, Served, serving


async def accepted(served: Served, count: int) -> None:
    """The page shows a message before the server has it: wait until `count` texts have arrived."""
    async with asyncio.timeout(10):
        while sum(bool(message.text) for message in served.bot.accepted) < count:
            await asyncio.sleep(0.01)


pytestmark = [pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"), pytest.mark.asyncio(loop_scope="module")]
HOSTILE = [
    "<img src=x onerror=window.hacked=1>", "<script>window.hacked=1</script>", "\"><svg/onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}", "</textarea><iframe srcdoc='<script>parent.hacked=1</script>'>",
    "\u202egnp.exe\u202c", "&lt;b&gt;",
]  # fmt: skip


def png(width: int = 40, height: int = 30) -> bytes:
    """A green rectangle (PNG, ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x10\x70\x50" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Chromium]:
    """One browser for all tests here: what a context stores, no other sees."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def database(dsn: str) -> AsyncIterator[Database]:
    opened = await Database.open(dsn, keys=KEYS, durable=False)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def served(database: Database) -> AsyncIterator[Served]:
    async with serving(NotingBot(database)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def page(served: Served, chromium: Chromium) -> AsyncIterator[Page]:
    """The page of a newcomer. Whatever it logs as an error fails the test, unless the connection was cut on purpose."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    opened = await context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" and "Failed to load resource" not in line.text else None)
    await opened.goto(served.url)
    await expect(opened.locator(".example").first).to_be_visible()
    yield opened
    for each in chromium.contexts:
        await each.close()
    assert problems == []


async def say(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")


def texts(page: Page, kind: str = "message") -> object:
    return page.locator(f"#log .{kind} .text")


async def make_group(page: Page, title: str = "Lisbon trip", people: str = "Anna, Bob") -> None:
    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("What is it for?").fill(title)
    await page.get_by_label("Who else is in?").fill(people)
    await page.get_by_role("button", name="Make group").click()
    await expect(page.locator("#chat-title")).to_have_text(title)


async def test_the_first_tap_records_something(page: Page) -> None:
    await page.locator(".example").first.click()
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    await expect(page.locator("#empty")).to_be_hidden()


async def test_a_button_changes_the_message_and_its_toast_is_shown(page: Page) -> None:
    await say(page, "coffee 3.50")
    await page.locator(".choice").click()
    await expect(page.locator("#toast")).to_have_text("Only for you: undone")
    await expect(page.locator("#log .bot .text")).to_have_text("Undone")
    await expect(page.locator(".choice")).to_have_count(0)


async def test_up_arrow_edits_the_last_own_message_in_place(page: Page) -> None:
    await say(page, "coffee 3.50")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    await page.locator("#text").press("ArrowUp")
    await expect(page.locator("#text")).to_have_value("coffee 3.50")
    await say(page, "coffee 4")
    await expect(page.locator("#log .own .text")).to_have_text("coffee 4")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 4")
    await expect(page.locator("#log .message")).to_have_count(2)


async def test_two_people_in_one_group_of_one_browser(page: Page, served: Served) -> None:
    await make_group(page)
    await expect(page.locator("#log .event")).to_have_text("You, Anna and Bob joined")
    await say(page, "paid 90 for dinner")
    await page.get_by_role("radio", name="Anna").click()
    await say(page, "taxi 24")
    await expect(page.locator("#log .own .text")).to_have_text("taxi 24")
    await expect(page.locator("#log .other .text")).to_have_text("paid 90 for dinner")
    await accepted(served, 2)
    assert [(m.sender.name, m.text) for m in served.bot.accepted if m.text] == [("You", "paid 90 for dinner"), ("Anna", "taxi 24")]


async def test_who_is_added_is_who_was_picked(page: Page, served: Served) -> None:
    await make_group(page)
    await make_group(page, title="Flat", people="")
    await page.get_by_role("button", name="Add Bob to the group").click()
    await expect(page.get_by_role("radio")).to_have_text([re.compile("You"), re.compile("Bob")])
    await expect(page.get_by_role("button", name="Add Anna to the group")).to_be_visible()


async def test_what_stays_in_the_log_is_not_drawn_anew(page: Page, served: Served) -> None:
    """Else a screen reader hears it twice, and "Sending" never gets through fading in."""
    served.bot.away = True
    for text in ("coffee 1", "coffee 2", "coffee 3"):
        await say(page, text)
    await expect(page.locator("#log .sending")).to_have_count(3)
    moved = page.evaluate("""() => new Promise((done) => {
      const log = document.querySelector("#log"), last = log.lastElementChild, seen = [];
      new MutationObserver((changes) => changes.forEach((change) => seen.push(...change.addedNodes))).observe(log, { childList: true });
      const look = () => (document.querySelectorAll("#log .bot").length >= 2 ? done(seen.includes(last)) : setTimeout(look, 10));
      look();
    })""")
    watching = asyncio.ensure_future(moved)
    await asyncio.sleep(0.1)
    served.bot.away = False
    assert await watching is False


async def test_a_friend_joins_by_the_link_from_another_browser(page: Page, served: Served) -> None:
    await make_group(page, people="")
    await page.get_by_role("button", name="Invite").click()
    link = await page.get_by_label("Link").input_value()
    assert page.context.browser is not None
    other = await (await page.context.browser.new_context()).new_page()
    await other.goto(link)
    await expect(other.get_by_role("heading", name="Join Lisbon trip")).to_be_visible()
    await other.locator("#person-name").fill("Dana")
    await other.get_by_role("button", name="Join", exact=True).click()
    await expect(other.locator("#chat-title")).to_have_text("Lisbon trip")
    await say(other, "taxi 24")
    await expect(page.locator("#log .other .text")).to_have_text("taxi 24")
    await expect(page.locator("#log .other .name")).to_have_text("Dana")


async def test_a_photo_is_sent_and_shown(page: Page, served: Served) -> None:
    await page.locator("#photo").set_input_files([{"name": "receipt.png", "mimeType": "image/png", "buffer": png()}])
    await expect(page.locator("#log .bot .text")).to_have_text(re.compile("A photo of"))
    image = page.locator("#log .own img.photo")
    await expect(image).to_have_attribute("src", re.compile("/chat/files/"))
    assert await image.evaluate("node => node.decode().then(() => node.naturalWidth)") == 40
    await page.get_by_role("button", name="Show the photo large").click()
    await expect(page.locator("#photo-large")).to_be_visible()


async def test_a_link_of_our_own_to_a_receipt_is_its_photo_and_any_other_stays_words(page: Page, served: Served) -> None:
    link = f"{served.url}/receipts/abc.0.1.ff"
    await say(page, f"the tab: {link}")
    await expect(page.locator("#log .bot img.photo")).to_have_attribute("src", link)
    await expect(texts(page, "bot")).to_have_text("Noted: the tab")
    await expect(texts(page, "own")).to_have_text(f"the tab: {link}")
    await say(page, "https://elsewhere.example/receipts/abc")
    await expect(texts(page, "bot").last).to_have_text("Noted: https://elsewhere.example/receipts/abc")
    await expect(page.locator("#log .bot img.photo")).to_have_count(1)


async def test_a_dropped_photo_is_sent_too(page: Page) -> None:
    transfer = await page.evaluate_handle(
        "data => { const t = new DataTransfer(); t.items.add(new File([new Uint8Array(data)], 'a.png', { type: 'image/png' })); return t; }",
        list(png()),
    )
    await page.locator("#composer").dispatch_event("drop", {"dataTransfer": transfer})
    await expect(page.locator("#log .own img.photo")).to_have_attribute("src", re.compile("/chat/files/"))


async def test_what_is_written_without_a_connection_is_sent_once_later_and_what_was_missed_comes(page: Page, served: Served) -> None:
    await say(page, "coffee 1")
    await expect(page.locator("#log .bot .text")).to_have_count(1)
    await page.context.set_offline(True)
    served.bot.silent = True
    await say(page, "coffee 2")
    await expect(page.locator("#notice")).to_be_visible(timeout=8000)
    served.bot.silent = False
    await page.context.set_offline(False)
    await expect(page.locator("#log .own .text")).to_have_text(["coffee 1", "coffee 2"])
    await expect(page.locator("#log .bot .text")).to_have_text(["Noted: coffee 1", "Noted: coffee 2"], timeout=15000)
    await expect(page.locator("#notice")).to_be_hidden(timeout=15000)
    await accepted(served, 2)
    assert len({m.message_id for m in served.bot.accepted}) == 2


async def test_what_is_written_before_the_page_knows_its_chat_waits_in_its_field(page: Page, served: Served) -> None:
    opens = asyncio.Event()

    async def slow(route: Route) -> None:
        await opens.wait()
        await route.continue_()

    await page.route("**/chat/session", slow)
    await page.reload()
    await say(page, "coffee 3.50")
    await expect(page.locator("#text")).to_have_value("coffee 3.50")
    opens.set()
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    await expect(page.locator("#text")).to_have_value("")


async def test_an_answer_from_before_a_group_was_made_does_not_take_it_away(page: Page, served: Served) -> None:
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        response = await route.fetch()
        asked.set()
        await goes_on.wait()
        await route.fulfill(response=response)

    await page.route("**/chat/state", late)
    await say(page, "coffee 3.50")
    async with asyncio.timeout(10):
        await asked.wait()
    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("What is it for?").fill("Trip")
    await page.get_by_role("button", name="Make group").click()
    await expect(page.locator("#chat-title")).to_have_text("Trip")
    async with page.expect_response("**/chat/state"):
        goes_on.set()
    await expect(page.locator("#groups .chat")).to_have_count(1)
    await expect(page.locator("#chat-title")).to_have_text("Trip")


async def test_a_failing_inbox_is_retried_until_it_takes_the_message(page: Page, served: Served) -> None:
    served.bot.away = True
    async with page.expect_response(lambda response: response.status == 503):
        await say(page, "coffee 3.50")
    await expect(page.locator("#log .own .text")).to_have_text("coffee 3.50")
    await expect(page.locator("#log .own .sending")).to_have_count(1)
    served.bot.away = False
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50", timeout=10000)
    await expect(page.locator("#log .own .text")).to_have_count(1)
    await expect(page.locator("#log .sending")).to_have_count(0)


async def test_an_edit_is_retried_until_it_is_taken_and_shows_at_once(page: Page, served: Served) -> None:
    await say(page, "coffee 3.50")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    served.bot.away = True
    await page.locator("#text").press("ArrowUp")
    async with page.expect_response(lambda response: response.status == 503):
        await say(page, "coffee 4")
    await expect(page.locator("#log .own .text")).to_have_text("coffee 4")
    await expect(page.locator("#notice")).to_contain_text("kept", timeout=10000)
    served.bot.away = False
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 4", timeout=10000)
    await expect(page.locator("#notice")).to_be_hidden()


async def test_a_press_is_retried_until_it_is_taken_also_by_the_next_visit(page: Page, served: Served) -> None:
    await say(page, "coffee 3.50")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    served.bot.away = True
    async with page.expect_response(lambda response: response.status == 503):
        await page.locator(".choice").click()
    await page.reload()
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    served.bot.away = False
    await expect(page.locator("#log .bot .text")).to_have_text("Undone", timeout=10000)


async def test_hostile_texts_stay_texts_in_every_field(page: Page) -> None:
    for text in HOSTILE:
        await make_group(page, title=text.replace("\u202e", "").replace("\u202c", "")[:60].strip(), people="")
        await say(page, text)
        await expect(page.locator("#log .own .text")).to_have_text(text)
        await expect(page.locator("#log .bot .text")).to_have_text(f"Noted: {text}")
        await page.get_by_role("button", name="Reply to this message").first.click()
        await say(page, text)
        await expect(page.locator("#log .quote").first).to_contain_text(text)
    await page.get_by_role("button", name="New person").click()
    await page.locator("#person-name").fill(HOSTILE[0])
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("#chat-title")).to_have_text(HOSTILE[0])
    assert await page.evaluate("window.hacked") is None
    found = await page.evaluate("[...document.querySelectorAll('#log *, #side *, .top *')].map(node => node.tagName.toLowerCase())")
    assert set(found) <= {
        "li", "div", "p", "span", "strong", "bdi", "button", "svg", "path", "time", "img", "h1", "h2", "ul", "ol",
    }  # fmt: skip
    assert await page.locator("#log img:not(.face):not(.photo)").count() == 0


async def test_by_keyboard_alone(page: Page) -> None:
    async def tab_to(label: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate(FOCUSED, label):
                return
        raise AssertionError(f"{label} cannot be reached")

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # skip to writing
    await page.keyboard.type("coffee 3.50")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: coffee 3.50")
    await page.locator("body").evaluate("() => document.activeElement.blur()")
    await tab_to("New group")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Flat")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Anna")
    await page.keyboard.press("Enter")
    await expect(page.locator("#chat-title")).to_have_text("Flat")
    await page.keyboard.type("rent 900")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log .bot .text")).to_have_text("Noted: rent 900")
    await tab_to("You")
    while await page.evaluate("document.activeElement.getAttribute('role')") != "radio":
        await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="Anna")).to_be_checked()
    await tab_to("Undo")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log .bot .text")).to_have_text("Undone")


async def test_everything_to_press_has_a_name_and_room_for_a_finger(page: Page) -> None:
    await make_group(page)
    await say(page, "paid 90 for dinner")
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    await page.set_viewport_size({"width": 390, "height": 844})
    nameless = await page.evaluate(NAMELESS)
    assert nameless == []
    small = await page.evaluate(SMALL)
    assert small == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    fonts = await page.evaluate(TINY)
    assert fonts == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_contrasts_with_its_ground(page: Page, scheme: str) -> None:
    """WCAG 2.2 AA: 4.5 to 1 for every text shown."""
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    await make_group(page)
    await say(page, "paid 90 for dinner")
    await page.get_by_role("radio", name="Anna").click()
    await expect(page.locator("#log .other .text")).to_be_visible()
    assert await page.evaluate(CONTRAST) == []


NAMELESS = """() => [...document.querySelectorAll("button, input, textarea")]
  .filter((n) => !(n.getAttribute("aria-label") || n.textContent.trim() || n.labels?.length || n.hidden || n.ariaHidden)).map((n) => n.outerHTML)"""
SMALL = """() => [...document.querySelectorAll("main button")]
  .filter((n) => n.offsetParent && !n.closest(".aside") && n.getBoundingClientRect().height < 40).map((n) => n.outerHTML)"""
TINY = """() => [...document.querySelectorAll("body *")]
  .filter((n) => n.childNodes.length && parseFloat(getComputedStyle(n).fontSize) < 16).map((n) => n.className)"""
FOCUSED = """label => { const node = document.activeElement;
  return node.tagName === "BUTTON" && (node.getAttribute("aria-label") ?? node.textContent).includes(label); }"""
CONTRAST = """() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const shine = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const color = parts(getComputedStyle(n).backgroundColor);
      if (color.length < 4 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll("body *")) {
    const shown = node.offsetParent && node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!shown || ![...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim())) continue;
    const [light, dark] = [shine(parts(getComputedStyle(node).color)), shine(ground(node))].sort((x, y) => y - x);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5) bad.push([node.className, node.textContent.slice(0, 30), ratio.toFixed(2)]);
  }
  return bad;
}"""
