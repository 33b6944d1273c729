"""What the web chat promises its platform side: stored before the 2xx, the same request once, edits in place, photos, live without gap or double."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.jobs.stragglers import Stragglers
from core.db.session import Database
from core.db.webchat_messages import WebMessages
from core.domain.messages import ChatAddress, InboundKind, OutboundMessage
from core.errors import SendError
from tests.support.webchat import UNDO, Browser, Served

JPEG = b"\xff\xd8\xff\xe0" + b"a photo" * 100


async def test_a_message_reaches_the_inbox_as_the_bot_knows_messages(served: Served, browser: Browser) -> None:
    await browser.say("coffee 3.50")
    (message,) = served.bot.accepted
    assert message.address == ChatAddress("webchat", "", browser.chat)
    assert (message.sender.user, message.sender.name) == (browser.person, "You")
    assert (message.kind, message.text, message.version) == (InboundKind.TEXT, "coffee 3.50", 0)


async def test_a_code_pasted_into_a_chat_of_ones_own_is_not_kept_there(served: Served, browser: Browser) -> None:
    await browser.say("558211 is your verification code", request="request-0001")
    group, _, _ = await browser.group("Ben")
    await browser.say("your code for the door is 4411, ask for the verification code", chat=group, request="request-0002")
    assert [message["text"] for message in await browser.history() if message["kind"] == "text"] == ["•••••• is your verification code"]
    assert any("4411" in str(message["text"]) for message in await browser.history(chat=group))
    assert served.bot.accepted[0].text == "558211 is your verification code", "what it was is told, and not kept"


async def test_the_same_request_again_is_the_same_message(served: Served, browser: Browser) -> None:
    first, second = await browser.say("coffee 3.50"), await browser.say("coffee 3.50")
    assert first.json()["message"]["id"] == second.json()["message"]["id"]
    assert [line["text"] for line in await browser.history()] == ["coffee 3.50", "Noted: coffee 3.50"]


async def test_503_while_the_inbox_is_away_and_the_same_request_goes_through_later(served: Served, browser: Browser) -> None:
    served.bot.away = True
    assert (await browser.say("coffee 3.50")).status_code == 503
    served.bot.away = False
    assert (await browser.say("coffee 3.50")).status_code == 200
    assert len(await browser.history()) == 2


async def test_what_was_stored_but_not_accepted_is_handed_over_later_once(served: Served, browser: Browser) -> None:
    served.bot.away = True
    await browser.say("coffee 3.50")
    served.bot.away = False
    stragglers = Stragglers(WebMessages(served.bot.database), accept=served.bot.accept, clock=served.bot.clock)
    assert await stragglers.hand_over(older_than=timedelta(seconds=0)) == 1
    assert await stragglers.hand_over(older_than=timedelta(seconds=0)) == 0
    assert [message.text for message in served.bot.accepted] == ["coffee 3.50"]


async def test_an_edit_is_a_newer_version_and_the_answer_changes_in_place(served: Served, browser: Browser) -> None:
    message = (await browser.say("coffee 3.50")).json()["message"]
    for _again in range(2):
        await browser.http.post(f"/chat/chats/{browser.chat}/messages/{message['id']}/edit", json={"person": browser.person, "text": "coffee 4"})
    versions = [(each.kind, each.message_id, each.version) for each in served.bot.accepted[:2]]
    assert versions == [(InboundKind.TEXT, message["id"], 0), (InboundKind.EDIT, message["id"], 1)]
    assert {each.version for each in served.bot.accepted} == {0, 1}
    assert [(line["text"], line["edited"]) for line in await browser.history()] == [("coffee 4", True), ("Noted: coffee 4", True)]


async def test_nobody_edits_the_message_of_another(browser: Browser) -> None:
    chat, people, _code = await browser.group("Anna")
    message = (await browser.say("taxi 24", chat=chat)).json()["message"]
    answer = await browser.http.post(f"/chat/chats/{chat}/messages/{message['id']}/edit", json={"person": people["Anna"], "text": "taxi 2400"})
    assert answer.status_code == 404


async def test_a_press_names_the_message_it_was_on_and_its_toast_is_for_the_presser_alone(
    served: Served, browser: Browser, stranger: Browser
) -> None:
    chat, _people, code = await browser.group()
    await stranger.http.post(f"/chat/invites/{code}", json={"person": stranger.person})
    await browser.say("taxi 24", chat=chat)
    answer = (await browser.history(chat=chat))[-1]
    async with events(browser) as mine, events(stranger) as theirs:
        body = {"id": "press-0001", "person": browser.person, "button": UNDO}
        assert (await browser.http.post(f"/chat/chats/{chat}/messages/{answer['id']}/press", json=body)).status_code == 200
        seen = [await anext(mine), await anext(mine)]
        other = await anext(theirs)
    press = served.bot.accepted[-1]
    assert (press.kind, press.button, press.reply_to) == (InboundKind.BUTTON, UNDO, answer["id"])
    assert [line["kind"] for line in seen] == ["toast", "reply"]
    assert (other["kind"], other["text"], other["choices"]) == ("reply", "Undone", [])


async def test_an_answer_sent_again_is_shown_once(served: Served, browser: Browser) -> None:
    letter = OutboundMessage(ChatAddress("webchat", "", browser.chat), "Good morning", key="letter-1")
    assert await served.bot.channel.send(letter) == await served.bot.channel.send(letter)
    assert len(await browser.history()) == 1


async def test_an_answer_to_nowhere_is_rejected(served: Served) -> None:
    with pytest.raises(SendError, match="no such chat"):
        await served.bot.channel.send(OutboundMessage(ChatAddress("webchat", "", "nowhere"), "Good morning"))


async def test_a_photo_is_kept_encrypted_and_shown_to_the_chat_only(served: Served, browser: Browser, stranger: Browser) -> None:
    photo = (await browser.http.post(f"/chat/chats/{browser.chat}/photos?person={browser.person}", content=JPEG)).json()["photo"]
    sent = await browser.http.post(f"/chat/chats/{browser.chat}/messages", json={"id": "request-0009", "person": browser.person, "photo": photo})
    assert sent.status_code == 200
    (attachment,) = served.bot.accepted[-1].attachments
    assert (served.bot.accepted[-1].kind, attachment.handle, attachment.bytes) == (InboundKind.PHOTO, photo, len(JPEG))
    assert all(b"a photo" not in sealed for sealed in served.bot.blobs.kept.values())
    shown = await browser.http.get(f"/chat/files/{photo}")
    assert (shown.content, shown.headers["content-type"]) == (JPEG, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await stranger.http.get(f"/chat/files/{photo}")).status_code == 404


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"<html>", b"GIF89a", b"", b"\x89PNG"])
async def test_what_is_no_photo_is_refused(browser: Browser, data: bytes) -> None:
    assert (await browser.http.post(f"/chat/chats/{browser.chat}/photos?person={browser.person}", content=data)).status_code == 415


@pytest.mark.parametrize(
    "data", [b"Date,Cost\n2025-01-02,5\n", b"\xef\xbb\xbfa;b", "a,b\n1,2".encode("utf-16"), b'{"a": 1}', b"[1]", b"PK\x03\x04..."]
)
async def test_a_table_is_a_file_that_no_browser_runs(served: Served, browser: Browser, data: bytes) -> None:
    kept = (await browser.http.post(f"/chat/chats/{browser.chat}/photos?person={browser.person}", content=data)).json()["photo"]
    sent = await browser.http.post(f"/chat/chats/{browser.chat}/messages", json={"id": "request-0009", "person": browser.person, "photo": kept})
    assert sent.status_code == 200 and served.bot.accepted[-1].kind is InboundKind.FILE
    shown = await browser.http.get(f"/chat/files/{kept}")
    assert (shown.content, shown.headers["content-type"]) == (data, "application/octet-stream")
    assert shown.headers["content-disposition"] == "attachment"


async def test_too_large_a_photo_is_refused_before_it_is_read_whole(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield JPEG
        for _ in range(11):
            yield b"0" * 1024 * 1024

    answer = await browser.http.post(f"/chat/chats/{browser.chat}/photos?person={browser.person}", content=endless())
    assert answer.status_code == 413


BAD = [
    (b'{"id": "request-0001", "person": "p", "text": "a", "text": "b"}', 400),
    (b'{"id": NaN}', 400),
    (b'{"id": 1e400}', 400),
    (b"[" * 100_000, 413),
    (b"[" * 60_000, 400),
    (b"\xff\xfe", 400),
    (b"", 400),
    (b"9" * 5_000, 400),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx", "text": "\\ud800"}', 422),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx", "text": "a\\u0000b"}', 422),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx", "text": ["a"]}', 422),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx", "text": "a", "admin": true}', 422),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx", "text": "   "}', 422),
    (b'{"id": "request-0001", "person": "xxxxxxxxxxxx"}', 422),
    (json.dumps({"id": "request-0001", "person": "xxxxxxxxxxxx", "text": "x" * 10_001}).encode(), 422),
]


@pytest.mark.parametrize(("body", "status"), BAD)
async def test_odd_json_is_refused_kindly(browser: Browser, body: bytes, status: int) -> None:
    answer = await browser.http.post(f"/chat/chats/{browser.chat}/messages", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


async def test_nothing_readable_stays_in_the_database(database: Database, browser: Browser) -> None:
    await browser.group("Canary-name", title="Canary-title")
    await browser.say("Canary-text 3.50")
    async with database.pool.acquire() as connection:
        for table in ("web_sessions", "web_people", "web_chats", "web_messages", "web_files"):
            rows = [str(dict(row)) for row in await connection.fetch(f"SELECT * FROM {table}")]
            assert not any("Canary" in row for row in rows)


# ------------------------------------------------------------------ live
@asynccontextmanager
async def events(browser: Browser, cursor: str = "") -> AsyncIterator[AsyncIterator[dict[str, object]]]:
    """Messages as they come; every one has `cursor`, the id to resume after it."""
    headers = {"Last-Event-ID": cursor} if cursor else {}
    async with browser.http.stream("GET", "/chat/events", headers=headers, timeout=10) as response:
        assert response.status_code == 200

        async def read() -> AsyncIterator[dict[str, object]]:
            place = ""
            async for line in response.aiter_lines():
                if line.startswith("id: "):
                    place = line[4:]
                elif line.startswith("data: {") and len(line) > 10:
                    yield {**json.loads(line[6:]), "cursor": place}

        await asyncio.sleep(0.05)
        yield read()


async def test_live_readers_resume_without_gap_or_double(served: Served, browser: Browser) -> None:
    chat, people, _code = await browser.group("Anna")
    seen: list[tuple[object, object]] = []
    cursor = ""
    for cut in range(4):
        async with events(browser, cursor) as stream:
            writing = [
                browser.say(f"taxi {cut}{no}", chat=chat, person=people["Anna"] if no % 2 else None, request=f"round-{cut}-{no}") for no in range(4)
            ]
            await asyncio.gather(*writing)
            for _ in range(5):  # of the eight that are coming: the rest arrives after the cut
                message = await anext(stream)
                seen.append((message["id"], message["change"]))
                cursor = str(message["cursor"])
    async with events(browser, cursor) as stream:
        while len(seen) < 32:
            message = await anext(stream)
            seen.append((message["id"], message["change"]))
    stored = [(line["id"], line["change"]) for line in await browser.history(chat=chat) if line["kind"] != "join"]
    assert len(seen) == len(set(seen))
    assert sorted(seen) == sorted(stored)


async def test_a_new_group_appears_in_a_stream_that_was_open_before(browser: Browser, stranger: Browser) -> None:
    _chat, _people, code = await browser.group()
    async with events(stranger) as stream:
        await stranger.http.post(f"/chat/invites/{code}", json={"person": stranger.person})
        joined = [await anext(stream), await anext(stream)]
    assert [line["kind"] for line in joined] == ["join", "join"]


async def test_streams_end_when_the_service_stops(served: Served, browser: Browser) -> None:
    async with browser.http.stream("GET", "/chat/events") as response:
        await asyncio.sleep(0.05)
        served.bot.stopping.set()
        async with asyncio.timeout(2):
            assert [line async for line in response.aiter_lines() if line.startswith("event: message")] == []
