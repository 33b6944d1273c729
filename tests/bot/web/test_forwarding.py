"""Phones that forward: over the wire, with the token that the chat gave; nothing without it, nothing twice, no code ever kept."""

from __future__ import annotations

import asyncio
import json
import re

import asyncpg
import httpx
import pytest

from core.db.session import Database
from tests.support.canaries import everything_kept, found
from tests.support.product import Page, Product

PATH = "/webhooks/sms-forward"
ALERT = "EUR 12.50 debited from A/c XX4321 at CORNER SHOP. Ref 88120034511. Avl Bal EUR 80.20"
CODE = "551204 is your one-time password for EUR 50.00 with card XX4321. Do not share it"


async def token_of(page: Page) -> str:
    await page.say("forward my bank SMS")
    said = re.search(r"Bearer ([\w-]+)”", (await page.texts())[-1])
    assert said is not None
    return said[1]


async def post(product: Product, token: str | None, body: object = None, **changes: object) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=product.url, headers=headers) as phone:
        sent = await phone.post(PATH, **({"json": body} if body is not None else {}), **changes)  # type: ignore[arg-type]
    await product.quiet()
    return sent


def alert(text: str = ALERT, **parts: str) -> dict[str, str]:
    return {"from": "MYBANK", "text": text, "sentStamp": "1741953600000"} | parts


async def test_what_the_phone_forwards_is_noted_and_told_in_the_own_chat(product: Product) -> None:
    anna = await Page(product).open("Anna")
    assert (await post(product, await token_of(anna), alert())).status_code == 200
    assert (await anna.texts())[-1].startswith("CORNER SHOP €12.50 · Groceries. This month €12.50.")
    await anna.press("Undo")
    await anna.say("list")
    assert "CORNER SHOP" not in (await anna.texts())[-1]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", json.dumps({"sender": "MYBANK", "message": ALERT})),
        ("application/json; charset=utf-8", json.dumps({"title": "MYBANK", "body": ALERT, "timestamp": 1741953600})),
        ("application/x-www-form-urlencoded", str(httpx.QueryParams({"from": "MYBANK", "content": ALERT}))),
        ("application/json", json.dumps({"text": ALERT})),
    ],
)
async def test_the_usual_forwarders_are_understood(product: Product, kind: str, body: str) -> None:
    anna = await Page(product).open("Anna")
    assert (await post(product, await token_of(anna), content=body, headers={"Content-Type": kind})).status_code == 200
    assert "€12.50" in (await anna.texts())[-1]


async def test_the_same_message_is_noted_once_whatever_way_it_comes(product: Product) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    await asyncio.gather(*(post(product, token, alert()) for _ in range(3)))
    await post(product, token, alert(sentStamp="1741953999000"))
    await post(product, token, alert("Reminder: " + ALERT))  # the same reference in other words
    await anna.say(ALERT)
    assert (await anna.texts())[-1] == "I have that message already, so I noted nothing twice."
    await anna.say("list")
    assert (await anna.texts())[-1].count("CORNER SHOP") == 1


async def test_what_was_written_down_by_hand_is_asked_about(product: Product, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    await anna.say("groceries 12.50")
    await post(product, token, alert())
    assert (await anna.texts())[-1] == "You noted Groceries €12.50 already. Is this the same payment?"
    assert await bills(dsn) == 1
    await anna.press("Another one")
    assert await bills(dsn) == 2
    await anna.press("The same")  # answered already
    assert "CORNER SHOP €12.50" in " ".join(await anna.texts())
    assert await bills(dsn) == 2


async def test_an_expense_of_a_group_is_found_too(product: Product) -> None:
    anna, ben = await Page(product).open("Anna"), await Page(product).open("Ben")
    group, code = await anna.group("Lisbon")
    await ben.join(code)
    await anna.say("museum 12.50", chat=group)
    await ben.say("taxi 30", chat=group)
    token = await token_of(anna)
    await post(product, token, alert())
    assert (await anna.texts())[-1] == "You noted [Lisbon] Museum €12.50 already. Is this the same payment?"
    await post(product, token, alert("EUR 30.00 debited from A/c XX4321 at CITY CABS. Avl Bal EUR 50.20"))
    assert "CITY CABS €30" in (await anna.texts())[-1]  # Ben's taxi is not what Anna paid


@pytest.mark.parametrize(
    "text",
    [
        "Your payment of EUR 12.00 with card XX4321 was declined",
        "EUR 9.00 will be debited from A/c XX4321",
        "Your bill of EUR 30 is due on 20-03-2025",
    ],
)
async def test_where_nothing_moved_nothing_is_said(product: Product, dsn: str, text: str) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    before = await anna.texts()
    assert (await post(product, token, alert(text))).status_code == 200
    assert await anna.texts() == before
    assert await bills(dsn) == 0


async def test_a_code_is_never_kept(product: Product, database: Database, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    assert (await post(product, await token_of(anna), alert(CODE))).status_code == 200
    assert found(await everything_kept(dsn, database.keys, product.blobs), ["551204"]) == {}


async def test_the_token_itself_is_kept_nowhere(product: Product, database: Database, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    await post(product, token, alert())
    kept = await everything_kept(dsn, database.keys, product.blobs)
    shown = {"web_messages.body decrypted"}  # the chat in which it was said
    assert {place for places in found(kept, [token]).values() for place in places} <= shown


async def test_without_a_token_of_today_nothing_is_taken(product: Product, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    old = await token_of(anna)
    token = await token_of(anna)
    for wrong in (None, "short", "x" * 43, old, token[:-1], token + "=", token.swapcase()):
        assert (await post(product, wrong, alert())).status_code == 401, wrong
    assert (await post(product, token, alert(), headers={"Authorization": f"Basic {token}"})).status_code == 401
    await anna.say("stop forwarding")
    assert (await post(product, token, alert())).status_code == 401
    assert await bills(dsn) == 0


async def test_what_was_taken_before_the_token_ended_makes_nobody_anew(product: Product, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    await anna.say("delete me")
    await anna.say("yes")
    assert (await post(product, token, alert())).status_code == 401
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT count(*) FROM people WHERE erased_at IS NULL") == 0
    await connection.close()


async def test_nobody_reads_there_and_nothing_said_there_is_a_command(product: Product, dsn: str) -> None:
    anna = await Page(product).open("Anna")
    token = await token_of(anna)
    await anna.say("coffee 3")
    for text in ("undo", "delete me", "yes", "export me", "paid 45 for dinner"):
        assert (await post(product, token, alert(text))).status_code == 200
    assert await bills(dsn) == 1
    connection = await asyncpg.connect(dsn)
    assert (
        await connection.fetchval("SELECT count(*) FROM outbox o JOIN conversations c ON c.id = o.conversation_id WHERE c.channel = 'sms_forward'")
        == 0
    )
    await connection.close()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (413, "application/json", b'{"text": "' + b"x" * 20_000 + b'"}'),
        (400, "application/json", b"no json"),
        (400, "application/json", b"[1]"),
        (400, "application/json", b"\xff"),
        (400, "application/json", b'{"from": "MYBANK"}'),
        (400, "application/json", b"[" * 5000),
        (400, "application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(60))),
        (415, "text/plain", ALERT.encode()),
    ],
)
async def test_what_is_no_message_is_refused(product: Product, status: int, kind: str, body: bytes) -> None:
    anna = await Page(product).open("Anna")
    assert (await post(product, await token_of(anna), content=body, headers={"Content-Type": kind})).status_code == status


async def test_a_flood_is_told_to_wait(product: Product) -> None:
    async with httpx.AsyncClient(base_url=product.url) as stranger:
        answers = [await stranger.post(PATH, json=alert()) for _ in range(62)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) >= 1


async def bills(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("SELECT count(DISTINCT bill_id) FROM entries"))
    finally:
        await connection.close()
