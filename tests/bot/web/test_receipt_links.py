"""Links to the pictures of receipts: signed, for a day, and dead when the person is."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx

from core.db.receipt_pictures import LINK_LASTS, link_token
from core.db.session import Database
from tests.support.product import Page, Product

JPEG = b"\xff\xd8\xff\xe0 a receipt"


async def shown(page: Page) -> str:
    """The path of the link in the last answer."""
    await page.say("show receipt")
    found = re.search(r"/receipts/\S+", (await page.texts())[-1])
    assert found is not None
    return found[0]


async def test_the_chat_gives_a_link_and_the_link_shows_the_picture(product: Product) -> None:
    anna = await Page(product).open("Anna")
    await anna.say("dinner 30", photo=JPEG)
    async with httpx.AsyncClient(base_url=product.url) as anybody:
        answer = await anybody.get(await shown(anna))
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("private, no-store", "nosniff")
    await anna.say("show receipt dinner")
    assert "/receipts/" in (await anna.texts())[-1]


async def test_no_other_token_opens_anything(product: Product, database: Database) -> None:
    anna = await Page(product).open("Anna")
    await anna.say("dinner 30", photo=JPEG)
    path = await shown(anna)
    receipt_id = await database.pool.fetchval("SELECT id FROM receipts")
    old = link_token(database.keys, receipt_id, now=product.runtime.clock() - LINK_LASTS - timedelta(seconds=5))
    no_such = link_token(database.keys, receipt_id, number=1, now=product.runtime.clock())
    later = re.sub(r"\.(\d+)\.([0-9a-f]+)$", lambda found: f".{int(found[1]) + 9}.{found[2]}", path)
    forged = [
        path[:-1] + ("0" if path[-1] != "0" else "1"),
        later,
        f"/receipts/{old}",
        f"/receipts/{no_such}",
        "/receipts/x",
        "/receipts/" + "a" * 5000,
    ]
    async with httpx.AsyncClient(base_url=product.url) as anybody:
        assert {(await anybody.get(each)).status_code for each in forged} == {404}
        assert (await anybody.get(path, headers={"Host": "evil.example"})).status_code == 421
        await anna.say("delete me")
        await anna.press("Delete everything")
        assert (await anybody.get(path)).status_code == 404


async def test_where_there_is_no_photo_that_is_said(product: Product) -> None:
    anna = await Page(product).open("Anna")
    await anna.say("coffee 3")
    await anna.say("show receipt")
    assert (await anna.texts())[-1] == "I have no photo of that."
