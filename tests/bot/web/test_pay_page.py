"""The page about a payment: what it tells to whoever has its link, what it never does, and that no other link opens anything."""

from __future__ import annotations

import html
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import async_playwright, expect

from bot.conversation.replies.catalogue import languages
from bot.pictures import open_picture
from core.db import erasure
from core.db.pay_links import LINK_LASTS, code_document, pay_token
from core.db.payments import Payment
from core.db.session import Database
from core.domain.money import Money
from core.domain.payments import epc
from core.domain.payments.methods import Kind, PaymentMethod, method
from core.domain.payments.rails import Rail
from core.domain.payments.states import State
from core.errors import DomainError
from core.services import payments
from tests.support.builders import TODAY, make_group, make_person
from tests.support.chromium import ARGUMENTS, CHROMIUM
from tests.support.product import Product, producing

IBAN = "DE71110220330123456789"
BANK = method(Kind.IBAN, IBAN, holder="Anna Muster", bic="BHBLDEHHXXX")
PAYPAL = method(Kind.PAYPAL, "annam", holder="Anna Muster")


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> AsyncIterator[Product]:
    async with producing(database, tmp_path / "blobs") as running:
        yield running


@dataclass(frozen=True)
class Owed:
    """Ben owes Anna €12.50; `path` is that of the page."""

    payment: Payment
    path: str
    payee_id: UUID


async def owe(product: Product, *methods: PaymentMethod, amount: Money = Money(1250, "EUR"), payee: str = "Anna", payer: str = "Ben") -> Owed:
    database, now = product.runtime.database, product.runtime.clock()
    async with database.unit_of_work() as uow:
        anna, ben = await make_person(uow, payee), await make_person(uow, payer)
        book = await make_group(uow, persons=[anna, ben])
        for each in methods:
            await payments.keep_method(uow, anna.person_id, each, now=now)
        first, second = book.members
        payment = await payments.propose(uow, book.book_id, sender=second.member_id, receiver=first.member_id, amount=amount, now=now)
    return Owed(payment, f"/pay/{pay_token(database.keys, book.book_id, payment.payment_id, now=now)}", anna.person_id)


async def get(product: Product, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=product.url, headers=headers) as anybody:
        return await anybody.get(path)


def copied(page: str) -> list[str]:
    """What the page's buttons copy."""
    return [html.unescape(each) for each in re.findall(r'data-copy="([^"]*)"', page)]


async def test_whoever_has_the_link_sees_how_to_pay(product: Product) -> None:
    owed = await owe(product, BANK, PAYPAL)
    answer = await get(product, owed.path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    for words in (
        "Ben pays Anna",
        "€12.50",
        "Bank transfer",
        "Anna Muster",
        "DE71 1102 2033",
        owed.payment.reference,
        "Other ways",
        "PayPal",
        "annam",
    ):
        assert words in page, words
    assert {IBAN, "BHBLDEHHXXX", owed.payment.reference, "annam"} <= set(copied(page))
    code = next(each for each in copied(page) if each.startswith("BCD"))
    assert epc.read(code) == epc.Transfer("Anna Muster", IBAN, Money(1250, "EUR"), "BHBLDEHHXXX", text=owed.payment.reference)
    assert "paypal.me" not in page  # nobody allowed its link
    assert "I paid Anna €12.50" in page


async def test_a_wallets_link_is_opened_where_the_operator_allows_it(product: Product, database: Database, tmp_path: Path) -> None:
    owed = await owe(product, PAYPAL)
    async with producing(database, tmp_path / "other", payment_links=frozenset({Rail.PAYPAL})) as allowed:
        page = (await get(allowed, owed.path)).text
    assert 'href="https://paypal.me/annam/12.50EUR"' in page
    assert "Open PayPal" in page


async def test_an_app_is_opened_by_its_own_link(product: Product) -> None:
    upi = method(Kind.UPI, "anna@okaxis", holder="Anna & <Sons>")
    owed = await owe(product, upi, amount=Money(14950, "INR"))
    page = (await get(product, owed.path)).text
    [link] = re.findall(r'<a class="open" href="([^"]*)"', page)
    assert html.unescape(link) == f"upi://pay?pa=anna@okaxis&pn=Anna%20%26%20%3CSons%3E&am=149.50&cu=INR&tn={owed.payment.reference}"


async def test_where_nothing_is_known_cash_is(product: Product) -> None:
    page = (await get(product, (await owe(product)).path)).text
    assert "Anna has not said yet where the money can go" in page
    assert "<svg" not in page and "Or pay in cash" in page


async def test_the_page_speaks_the_browsers_language(product: Product) -> None:
    owed = await owe(product, BANK)
    for language in languages():
        page = (await get(product, owed.path, **{"Accept-Language": f"{language}-XX,en;q=0.5"})).text
        assert f'<html lang="{language}">' in page
    german = (await get(product, owed.path, **{"Accept-Language": "de-DE"})).text
    assert "Überweisung" in german and "12,50\xa0€" in german
    assert '<html lang="en">' in (await get(product, owed.path, **{"Accept-Language": "xx"})).text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{body}", "a\u202eb\x07c"])
async def test_what_people_are_called_runs_nothing(product: Product, name: str) -> None:
    owed = await owe(product, method(Kind.ELSEWHERE, f"zelle/{name.replace('/', '-')}", holder=name), payee=name, payer=f"{name} 2")
    page = (await get(product, owed.path)).text
    assert page.count("<script") == 1 and "<img src=x" not in page and "\u202e" not in page and "\x07" not in page


async def test_the_page_forbids_everything_foreign_and_is_found_by_nobody(product: Product) -> None:
    answer = await get(product, (await owe(product, BANK)).path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "private, no-store")
    assert answer.headers["x-robots-tag"] == "noindex, nofollow" and answer.headers["x-content-type-options"] == "nosniff"
    assert "style=" not in answer.text and "onclick" not in answer.text and "set-cookie" not in answer.headers
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")


async def test_looking_changes_nothing_and_what_is_over_shows_no_account(product: Product) -> None:
    owed = await owe(product, BANK)
    database, now = product.runtime.database, product.runtime.clock()
    for _ in range(3):
        await get(product, owed.path)
    async with database.unit_of_work() as uow:
        await uow.load_books([owed.payment.book_id])
        assert (await payments.find(uow, owed.payment.book_id, owed.payment.payment_id)).state is State.PROPOSED
        await payments.say_paid(uow, owed.payment, by=owed.payment.sender_id, now=now)
    told = (await get(product, owed.path)).text
    assert "Ben says that it is paid" in told and IBAN not in told.replace(" ", "")
    async with database.unit_of_work() as uow:
        await uow.load_books([owed.payment.book_id])
        await payments.confirm(uow, owed.payment, by=owed.payment.receiver_id, on=TODAY, now=now)
    done = (await get(product, owed.path)).text
    assert "It arrived." in done and IBAN not in done.replace(" ", "")


async def test_no_other_token_opens_anything(product: Product) -> None:
    owed, keys, now = await owe(product, BANK), product.runtime.database.keys, product.runtime.clock()
    other = await owe(product)
    book, payment = owed.payment.book_id, owed.payment.payment_id
    forged = [
        owed.path[:-2] + ("AA" if owed.path[-2:] != "AA" else "BB"),
        owed.path[:10] + ("A" if owed.path[10] != "A" else "B") + owed.path[11:],
        f"/pay/{pay_token(keys, book, payment, now=now - LINK_LASTS - timedelta(seconds=5))}",
        f"/pay/{pay_token(keys, other.payment.book_id, payment, now=now)}",  # of ours, but the payment is of another book
        f"/pay/{pay_token(keys, book, uuid4(), now=now)}",
        f"/pay/{pay_token(keys, uuid4(), payment, now=now)}",
        "/pay/x",
        "/pay/" + "a" * 5000,
        f"/pay/{payment}",
    ]
    assert (await get(product, f"{owed.path}/epc.png")).status_code == 200
    for path in (*(f"{each}/epc.png" for each in forged), *(f"{owed.path}/{name}" for name in ("bank.png", "pix.png", "epc", "epc.png.png", ".png"))):
        assert (await get(product, path)).status_code == 404, path
    for path in forged:
        answer = await get(product, path)
        assert answer.status_code == 404, path
        assert "Ask for a new one" in answer.text and "Anna" not in answer.text
    for path in (owed.path, f"{owed.path}/epc.png"):
        assert (await get(product, path, Host="evil.example")).status_code == 421
    async with httpx.AsyncClient(base_url=product.url) as anybody:
        assert (await anybody.post(owed.path)).status_code == 405


async def test_the_code_travels_with_a_letter_or_is_fetched(product: Product) -> None:
    owed, runtime = await owe(product, BANK), product.runtime
    now = runtime.clock()
    token = pay_token(runtime.database.keys, owed.payment.book_id, owed.payment.payment_id, now=now)
    document = code_document(token, Rail.EPC, address=product.url)
    sent = await open_picture(runtime.database, runtime.blobs, document.token, clock=runtime.clock)
    fetched = await get(product, document.url.removeprefix(product.url))
    assert fetched.content == sent and fetched.headers["content-type"] == document.media_type == "image/png"
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(sent)))
    assert epc.read(found.bytes.decode()).amount == Money(1250, "EUR")
    for token in (document.token[:-1], document.token.replace(".", "-"), "x", "", f"{'A' * 70}.epc"):
        with pytest.raises(DomainError):
            await open_picture(runtime.database, runtime.blobs, token, clock=runtime.clock)


@pytest.mark.parametrize("erased", ["payee", "payer"])
async def test_a_link_is_dead_when_one_of_the_two_is_gone(product: Product, erased: str) -> None:
    owed = await owe(product, BANK)
    now = product.runtime.clock()
    async with product.runtime.database.unit_of_work() as uow:
        await uow.load_books([owed.payment.book_id])
        member = uow.book(owed.payment.book_id).member(owed.payment.receiver_id if erased == "payee" else owed.payment.sender_id)
        assert member.person_id is not None
        await erasure.erase_person(uow, member.person_id, now=now)
    assert (await get(product, owed.path)).status_code == 404


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
@pytest.mark.parametrize("dark", [False, True])
async def test_in_a_browser_the_code_is_read_and_the_buttons_copy(product: Product, dark: bool) -> None:
    owed = await owe(product, BANK, PAYPAL)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=2, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        await page.goto(product.url + owed.path)
        button = page.get_by_role("button", name="Copy: IBAN")
        await button.click()
        await expect(button).to_have_text("Copied")
        assert await page.evaluate("navigator.clipboard.readText()") == IBAN
        await page.get_by_role("button", name="Copy the code").first.click()
        copied_code = await page.evaluate("navigator.clipboard.readText()")
        assert epc.read(copied_code).amount == Money(1250, "EUR")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(await page.locator("figure").first.screenshot())))
        assert found.bytes.decode() == copied_code
        await expect(page.get_by_text("annam")).to_be_hidden()
        await page.locator("summary").click()
        await expect(page.get_by_text("annam")).to_be_visible()
        await browser.close()
    assert problems == []
