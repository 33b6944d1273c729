"""Reports as files: in the chat, by a link for a day, for whoever it was made for and as long as they are in the book."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from PIL import Image

from bot.conversation.replies.catalogue import languages
from bot.report_files import FORMS, open_report, sheet_of
from core.db.report_links import LINK_LASTS, MEDIA_TYPES, Slip, report_document
from core.db.session import Database
from core.domain.categories import CATEGORIES
from core.errors import DomainError
from tests.support.builders import expense
from tests.support.product import Page, Product

BEGINS = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "csv": b"\xef\xbb\xbf", "xlsx": b"PK"}


async def with_bills(product: Product, database: Database) -> tuple[Page, Slip]:
    """Anna with two expenses of her own, and what names a report on them."""
    anna = await Page(product).open("Anna")
    for text in ("dinner 90", "taxi 12.50"):
        await anna.say(text)
    person_id: UUID = await database.pool.fetchval("SELECT person_id FROM person_books")
    today = product.runtime.clock().date()
    return anna, Slip(person_id, None, date(today.year, 1, 1), date(today.year, 12, 31), today, "csv", "en", "EUR")


def token_of(database: Database, slip: Slip, product: Product, *, ago: timedelta = timedelta()) -> str:
    return report_document(database.keys, slip, address="", now=product.runtime.clock() - ago).token


@pytest.mark.parametrize(("asked", "form"), [("chart", "png"), ("pdf report", "pdf"), ("csv report", "csv"), ("xlsx report", "xlsx")])
async def test_the_chat_brings_the_file(product: Product, database: Database, asked: str, form: str) -> None:
    anna, _ = await with_bills(product, database)
    await anna.say(asked)
    shown = (await anna.history())[-1]
    assert "102.50" in shown["text"]
    (file,) = shown["files"]
    data = (await anna.http.get(f"/chat/files/{file['id']}")).content
    assert data.startswith(BEGINS[form])
    if form == "png":
        assert Image.open(io.BytesIO(data)).width == pytest.approx(1080, abs=4)


@pytest.mark.parametrize("language", languages())
async def test_in_every_language_and_form(product: Product, database: Database, language: str) -> None:
    _, slip = await with_bills(product, database)
    for form in ("pdf", "csv", "xlsx"):
        token = token_of(database, replace(slip, language=language, form=form), product)
        data, opened = await open_report(database, token, history=None, now=product.runtime.clock())
        assert data.startswith(BEGINS[form]) and opened.form == form


async def test_a_link_fits_an_sms(product: Product, database: Database) -> None:
    _, slip = await with_bills(product, database)
    long = replace(slip, book_id=slip.person_id, category="entertainment", form="xlsx")
    assert len(report_document(database.keys, long, address="https://tuppence.example.org", now=product.runtime.clock()).url) < 240


async def test_no_other_token_opens_anything(product: Product, database: Database) -> None:
    _, slip = await with_bills(product, database)
    good = token_of(database, slip, product)
    old = token_of(database, slip, product, ago=LINK_LASTS + timedelta(seconds=5))
    nobodys = token_of(database, replace(slip, person_id=UUID(int=5)), product)
    elsewhere = token_of(database, replace(slip, book_id=UUID(int=6)), product)
    forged = [f"{good[:-3]}AAA", good[:40], f"x{good}", old, nobodys, elsewhere, "r.", "x", "r." + "a" * 400]
    async with httpx.AsyncClient(base_url=product.url) as anybody:
        answer = await anybody.get(f"/reports/{good}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, MEDIA_TYPES["csv"])
        assert b"102.50" in answer.content
        assert answer.headers["cache-control"] == "private, no-store"
        assert {(await anybody.get(f"/reports/{each}")).status_code for each in forged} == {404}
        assert (await anybody.get(f"/reports/{good}", headers={"Host": "evil.example"})).status_code == 421


async def test_what_a_mail_shows_adds_up_to_its_total(product: Product, database: Database) -> None:
    """More categories and places than there are rows."""
    _, slip = await with_bills(product, database)
    async with database.unit_of_work() as uow:
        await uow.load_books([book := await uow.connection.fetchval("SELECT book_id FROM person_books")])
        for number, category in enumerate(CATEGORIES[:12]):
            uow.post(expense(uow.book(book), 101 + 10 * number, category=category, description=f"place {number}", on=slip.today))
    async with database.unit_of_work() as uow:
        sheet = await sheet_of(uow, replace(slip, form="html"), history=None)
    page = FORMS["html"](sheet, False).decode()
    blocks = [[Decimal(each) for each in re.findall(r"tabular-nums;[^>]*>€([\d.,]+)<", block)] for block in page.split("</h2>")[1:]]
    total = Decimal(sheet.figure.removeprefix("€"))
    assert [(len(rows), sum(rows)) for rows in blocks] == [(9, total)] * 2 and f"{sheet.figure}</p>" in page
    assert all(block.bars[-1].is_rest for block in sheet.blocks[:2]) and not sheet.lines  # bills that it does not show are not fetched


@pytest.mark.parametrize("form", ["pdf", "csv", "xlsx", "html"])
async def test_what_is_all_in_one_group_is_not_told_by_group(product: Product, database: Database, form: str) -> None:
    _, slip = await with_bills(product, database)
    async with database.unit_of_work() as uow:
        sheet = await sheet_of(uow, replace(slip, form=form), history=None)
    assert [len(block.bars) for block in sheet.blocks] == [2, 2]


async def test_who_was_erased_has_no_report(product: Product, database: Database) -> None:
    anna, slip = await with_bills(product, database)
    token = token_of(database, slip, product)
    await anna.say("delete me")
    await anna.say("yes")
    with pytest.raises(DomainError, match="not_found"):
        await open_report(database, token, history=None, now=product.runtime.clock())
