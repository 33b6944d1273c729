"""The receipt behind a message of Tuppence's, for the page: its lines, its pictures, where on them each line is; and for nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from core.db.session import Database
from core.domain.messages import ChatAddress, OutboundMessage, ShownReceipt
from core.domain.receipts import Line, Reading, Receipt, Spot
from tests.support.doubles import FakeReader
from tests.support.product import Page, Product, producing

JPEG = b"\xff\xd8\xff\xe0 mario"
UNSURE = b"\xff\xd8\xff\xe0 unsure"
WINE = Spot(60, 400, 940, 430)
SPOTS = {"merchant": Spot(200, 20, 800, 60), "total": Spot(60, 700, 940, 740)}
LINES = (Line("Margherita", 950), Line("Wine", 1850, 2000, 925, spot=WINE))
MARIO = Reading(Receipt("Da Mario", date=date(2025, 3, 13), currency="EUR", lines=LINES, total=2800), {"items": 900}, (), "it", "fake", SPOTS)
DOUBTFUL = Reading(Receipt(merchant="Da Mario", currency="EUR", total=2900), {}, ("total",), "it", "fake", SPOTS)


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> AsyncIterator[Product]:
    async with producing(database, tmp_path / "blobs", reader=FakeReader({JPEG: MARIO, UNSURE: DOUBTFUL})) as running:
        yield running


async def photo(page: Page, *, chat: str | None = None, data: bytes = JPEG) -> dict[str, Any]:
    """Send a photo; the message of Tuppence's that tells what was read."""
    await page.say("", chat=chat, photo=data)
    async with asyncio.timeout(20):
        while await page.product.runtime.database.pool.fetchval("SELECT count(*) FROM receipts WHERE state = 'waiting'"):
            await asyncio.sleep(0.01)
    await page.product.quiet()
    return (await page.history(chat=chat))[-1]


def paths(message: dict[str, Any]) -> tuple[str, str]:
    return f"/chat/receipts/{message['id']}", f"/chat/receipts/{message['id']}/0"


async def test_a_card_has_its_lines_its_picture_and_where_they_are_on_it(product: Product) -> None:
    anna = await Page(product).open("Anna")
    card = await photo(anna)
    assert card["receipt"]["above"].startswith("Da Mario · Thu 13 Mar")
    assert card["receipt"]["above"].endswith("2 lines, adds up.")
    assert card["receipt"]["lines"] == [{"number": 1, "text": "1 Margherita €9.50"}, {"number": 2, "text": "2 2× Wine €18.50"}]
    assert card["receipt"]["below"].startswith("Eating out.")
    assert card["text"] == "{above}\n1 Margherita €9.50 · 2 2× Wine €18.50\n{below}".format(**card["receipt"])
    places, picture = paths(card)
    said = await anna.http.get(places)
    assert said.json() == {"pictures": 1, "spots": {name: asdict(spot) for name, spot in SPOTS.items()}, "lines": {"2": asdict(WINE)}}
    assert said.headers["cache-control"] == "private, no-store"
    shown = await anna.http.get(picture)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, JPEG, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]


async def test_a_total_that_is_asked_about_is_asked_beside_the_picture(product: Product) -> None:
    anna = await Page(product).open("Anna")
    asked = await photo(anna, data=UNSURE)
    assert asked["receipt"] == {"above": asked["text"], "lines": [], "below": ""}
    assert (await anna.http.get(paths(asked)[0])).json()["spots"]["total"] == asdict(SPOTS["total"])


async def test_whoever_is_not_of_the_chat_sees_nothing(product: Product) -> None:
    anna, bob, eve = [await Page(product).open(name) for name in ("Anna", "Bob", "Eve")]
    chat, code = await anna.group("Table")
    await bob.join(code)
    card = await photo(anna, chat=chat)
    async with httpx.AsyncClient(base_url=product.url) as nobody:
        for path in paths(card):
            assert [(await each.get(path)).status_code for each in (anna.http, bob.http, eve.http, nobody)] == [200, 200, 404, 401]
            assert (await anna.http.get(path, headers={"Host": "evil.example"})).status_code == 421
            assert (await anna.http.post(path, json={})).status_code == 405
    await bob._do(f"/chat/chats/{chat}/leave", {"person": bob.person})
    assert [(await bob.http.get(path)).status_code for path in paths(card)] == [404, 404]


async def test_nothing_else_is_a_receipt(product: Product) -> None:
    anna = await Page(product).open("Anna")
    own = await anna.say("coffee 3")
    answer = (await anna.history())[-1]
    card = await photo(anna)
    assert answer["receipt"] is None
    no_such = [own, answer["id"], "x", "0" * 22, "a" * 5000]
    assert {(await anna.http.get(f"/chat/receipts/{each}{number}")).status_code for each in no_such for number in ("", "/0")} == {404}
    for number in ("1", "-1", "x", "٠", "9" * 400):
        assert (await anna.http.get(f"/chat/receipts/{card['id']}/{number}")).status_code == 404


async def test_a_receipt_that_was_sent_elsewhere_is_not_shown_here(product: Product, database: Database) -> None:
    anna, eve = [await Page(product).open(name) for name in ("Anna", "Eve")]
    await photo(anna)
    receipt_id = str(await database.pool.fetchval("SELECT id FROM receipts"))
    for shown in (receipt_id, str(uuid4())):
        await product.gate.send(OutboundMessage(ChatAddress("webchat", "", eve.chat), "a card", receipt=ShownReceipt(shown)))
        assert [(await eve.http.get(path)).status_code for path in paths((await eve.history())[-1])] == [404, 404]


async def test_what_was_read_before_places_were_kept_is_shown_without(product: Product, database: Database) -> None:
    anna = await Page(product).open("Anna")
    card = await photo(anna)
    row = await database.pool.fetchrow("SELECT id, data_key, reading FROM receipts")
    old = orjson.loads(database.keys.decrypt(row["data_key"], row["reading"]))
    del old["spots"]
    for line in old["receipt"]["lines"]:
        del line["spot"]
    sealed = database.keys.encrypt(row["data_key"], orjson.dumps(old))
    await database.pool.execute("UPDATE receipts SET reading = $2 WHERE id = $1", row["id"], sealed)
    assert (await anna.http.get(paths(card)[0])).json() == {"pictures": 1, "spots": {}, "lines": {}}


async def test_a_line_that_was_put_right_stays_where_it_is_printed(product: Product) -> None:
    anna, bob = [await Page(product).open(name) for name in ("Anna", "Bob")]
    chat, code = await anna.group("Table")
    await bob.join(code)
    await bob.say("hello", chat=chat)
    await photo(anna, chat=chat)
    await anna.say("line 2 is wine 18.00", chat=chat)
    card = (await anna.history(chat=chat))[-1]
    assert card["receipt"]["lines"][1] == {"number": 3, "text": "2 wine €18"}
    assert (await anna.http.get(paths(card)[0])).json()["lines"] == {"2": asdict(WINE), "3": asdict(WINE)}


async def test_of_who_is_erased_no_receipt_is_left(product: Product) -> None:
    anna = await Page(product).open("Anna")
    card = await photo(anna)
    await anna.say("delete me")
    await anna.press("Delete everything")
    assert {(await anna.http.get(path)).status_code for path in paths(card)} <= {401, 404}


async def test_a_name_that_is_erased_is_gone_from_the_lines_too(product: Product) -> None:
    anna, bob = await Page(product).open("Anna"), await Page(product).open("Zanzibella")
    chat, code = await anna.group("Table")
    await bob.join(code)
    await bob.say("hello", chat=chat)
    await photo(anna, chat=chat)
    await anna.say("1 zanzibella", chat=chat)
    said = (await anna.history(chat=chat))[-1]
    assert said["receipt"]["lines"][0]["text"] == "1 Margherita €9.50 (Zanzibella)"
    await bob.say("delete me")
    await bob.press("Delete everything")
    await product.finish_erasures()
    left = next(message for message in await anna.history(chat=chat) if message["id"] == said["id"])
    assert "Zanzibella" not in str(left)
    assert len(left["receipt"]["lines"]) == 2
