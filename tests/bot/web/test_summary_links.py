"""The summary of a group as a picture: in the chat, by a link for a day, and for nobody else."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest
from PIL import Image

from bot.conversation.replies.catalogue import languages
from bot.conversation.replies.formats import Voice
from bot.summary_cards import summary_card
from core.db.session import Database
from core.db.summary_links import LINK_LASTS, summary_token
from integrations.documents.cards import Card, Row
from tests.support.product import Page, Product

PNG = b"\x89PNG\r\n\x1a\n"


async def a_trip(product: Product, database: Database) -> tuple[Page, UUID]:
    """Anna in a group with two guests, and two bills of it."""
    anna = await Page(product).open("Anna")
    for text in ("new group Lisbon with Bob and Cleo", "dinner 90", "Bob paid 30 for taxi, everyone except Cleo"):
        await anna.say(text)
    books = [row[0] for row in await database.pool.fetch("SELECT book_id FROM person_books")]
    async with database.unit_of_work() as uow:
        await uow.load_books(books, lock=False)
        book_id = next(book for book in books if uow.book(book).name == "Lisbon")
    return anna, book_id


async def card(database: Database, book_id: UUID, language: str = "en") -> Card:
    async with database.unit_of_work() as uow:
        return await summary_card(uow, book_id, Voice(language), today=date(2025, 3, 14))


async def test_the_chat_shows_the_picture(product: Product, database: Database) -> None:
    anna, _ = await a_trip(product, database)
    await anna.say("trip summary")
    shown = (await anna.history())[-1]
    assert shown["text"].startswith("Lisbon: "), shown["text"]
    (file,) = shown["files"]
    picture = (await anna.http.get(f"/chat/files/{file['id']}")).content
    assert Image.open(io.BytesIO(picture)).format == "PNG"


async def test_it_says_who_paid_and_shared_what_and_how_all_are_even(product: Product, database: Database) -> None:
    _, book_id = await a_trip(product, database)
    drawn = await card(database, book_id)
    assert (drawn.title, drawn.figure) == ("Lisbon", "€120")
    people, categories, payments = (section.rows for section in drawn.sections)
    assert people[0] == Row("Anna", "+€45", "paid €90 · share €45", 750, "plus")
    assert [(row.label, row.amount, row.tone) for row in people[1:]] == [("Bob", "−€15", "minus"), ("Cleo", "−€30", "minus")]
    assert [(row.label, row.amount, row.share) for row in categories] == [("Eating out", "€90", 750), ("Transport", "€30", 250)]
    assert [(row.label, row.amount) for row in payments] == [("Cleo → Anna", "€30"), ("Bob → Anna", "€15")]


@pytest.mark.parametrize("language", languages())
async def test_in_every_language(product: Product, database: Database, language: str) -> None:
    _, book_id = await a_trip(product, database)
    drawn = await card(database, book_id, language)
    assert "120" in drawn.figure and all(section.heading for section in drawn.sections)


async def test_no_other_token_opens_anything(product: Product, database: Database) -> None:
    _, book_id = await a_trip(product, database)
    now = product.runtime.clock()
    good = summary_token(database.keys, book_id, language="en", now=now)
    old = summary_token(database.keys, book_id, language="en", now=now - LINK_LASTS - timedelta(seconds=5))
    nobodys = summary_token(database.keys, UUID(int=5), language="en", now=now)
    said, _, signature = good.rpartition(".")
    forged = [f"{said}.{'0' * 32}", f"{said.replace('.en.', '.de.')}.{signature}", old, nobodys, "x", "a" * 5000]
    async with httpx.AsyncClient(base_url=product.url) as anybody:
        answer = await anybody.get(f"/summaries/{good}.png")
        assert (answer.status_code, answer.content[:8], answer.headers["content-type"]) == (200, PNG, "image/png")
        assert answer.headers["cache-control"] == "private, no-store"
        assert {(await anybody.get(f"/summaries/{each}.png")).status_code for each in forged} == {404}
        assert (await anybody.get(f"/summaries/{good}.png", headers={"Host": "evil.example"})).status_code == 421
