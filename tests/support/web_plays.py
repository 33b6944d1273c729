"""Plays a transcript as what people do in the web chat, over its own HTTP and its live stream, and writes down what Tuppence said to each act."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

import httpx

from core.db.queues import is_quiet
from core.db.session import Database
from tests.support.doubles import FakeClock
from tests.support.transcripts import FILES, Act, Said, Transcript
from tests.support.webchat import serving_product

Json = dict[str, Any]
PHOTO = b"\xff\xd8\xff\xe0 a picture"
WITHOUT = frozenset(["reaction", "again"])  # the page has no reactions, and asks again by itself where it did not hear


@asynccontextmanager
async def web_play(transcript: Transcript, database: Database) -> AsyncIterator[WebPlay]:
    """One browser with all the people of the transcript, at the product's own routes."""
    clock = FakeClock()
    async with (
        serving_product(database, clock=clock) as url,
        httpx.AsyncClient(base_url=url, headers={"Origin": url, "Sec-Fetch-Site": "same-origin"}, timeout=20) as http,
    ):
        play = WebPlay(transcript, database, clock, http)
        await play.open()
        reading = asyncio.create_task(play.listen())
        try:
            yield play
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class WebPlay:
    def __init__(self, transcript: Transcript, database: Database, clock: FakeClock, http: httpx.AsyncClient) -> None:
        self._transcript = transcript
        self._database = database
        self._clock = clock
        self._http = http
        self._people: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._seen: dict[str, Json] = {}  # message id to its newest state
        self._told: list[tuple[Json, bool]] = []  # what came of the act, and whether it replaced an earlier message
        self._cursor: dict[str, int] = {}
        self._numbers = itertools.count(1)

    async def open(self) -> None:
        await self._post("/chat/session", {})

    async def act(self, act: Act) -> list[Said]:
        self._clock.now = act.at.replace(tzinfo=UTC)
        who = await self._person(act.who)
        self._told.clear()
        chat = await self._chat(act, who)
        if chat is not None:
            await self._quiet()  # a group is greeted when it is made
            self._told.clear()
        if chat is not None:
            await self._do(act, who, chat)
        await self._quiet()
        here = chat or self._groups[act.chat.name]
        cleared = any(message["kind"] == "cleared" for message, _ in self._told)  # what was there is gone: the answer stands in its place
        told = [(message, edited or cleared) for message, edited in self._told if message["sender"] is None]
        return [self._said(message, here, edited) for message, edited in told if message["text"] or message["choices"]]

    async def _do(self, act: Act, who: str, chat: str) -> None:
        if act.kind == "text":
            quoted = self._newest(chat, lambda m: bool(act.about) and m["text"].startswith(act.about))
            await self._write(chat, who, text=act.text, reply_to=quoted["id"] if quoted else None)
        elif act.kind in ("photo", "file"):
            content = PHOTO if act.kind == "photo" else (FILES / (act.file or "")).read_bytes()
            sent = await self._http.post(f"/chat/chats/{chat}/photos", params={"person": who}, content=content)
            assert sent.status_code == 200, sent.text
            await self._write(chat, who, text=act.text or None, photo=sent.json()["photo"])
        elif act.kind == "edit":
            wrote = self._newest(chat, lambda m: m["sender"] is not None and m["sender"]["id"] == who and m["text"] == act.about)
            assert wrote is not None
            await self._post(f"/chat/chats/{chat}/messages/{wrote['id']}/edit", {"person": who, "text": act.text})
        elif act.kind == "button":
            meant = act.about or ""
            bearer = self._newest(chat, lambda m: m["text"].startswith(meant) and any(c["label"] == act.text for c in m["choices"]))
            assert bearer is not None, act.text
            button = next(c["id"] for c in bearer["choices"] if c["label"] == act.text)
            await self._post(f"/chat/chats/{chat}/messages/{bearer['id']}/press", {"id": self._request(), "person": who, "button": button})
        elif act.kind in ("join", "leave"):
            await self._post(f"/chat/chats/{chat}/{act.kind}", {"person": who})
        else:
            raise AssertionError(f"no such act here: {act.kind}")

    def _newest(self, chat: str, fits: Callable[[Json], bool]) -> Json | None:
        """By its place in the chat: an edit keeps it."""
        found = [message for message in self._seen.values() if message["chat"] == chat and message["kind"] != "toast" and fits(message)]
        return max(found, key=lambda message: message["seq"], default=None)

    def _said(self, message: Json, here: str, edited: bool) -> Said:
        toast_for = next((name for name, person in self._people.items() if person == message["for"]), None)
        elsewhere = None if message["chat"] == here else message["chat"]
        labels = tuple(choice["label"] for choice in message["choices"])
        return Said(message["text"], toast_for or elsewhere, edited, labels, tuple(file["name"] for file in message["files"]))

    # ------------------------------------------------------------------ people and chats

    async def _person(self, name: str) -> str:
        if name not in self._people:
            made = await self._post("/chat/people", {"id": self._request(), "name": name})
            self._people[name] = made["person"]
        return self._people[name]

    async def _chat(self, act: Act, who: str) -> str | None:
        """None where making the group was all there was to do."""
        if act.chat.kind == "group" and act.chat.name in self._groups:
            return self._groups[act.chat.name]
        if act.chat.kind == "group":
            made = await self._post("/chat/groups", {"id": self._request(), "title": act.chat.name, "person": who, "people": []})
            self._groups[act.chat.name] = made["chat"]
            return None if act.kind == "join" else str(made["chat"])
        state = (await self._http.get("/chat/state")).json()
        return str(next(chat["id"] for chat in state["chats"] if chat["kind"] == "private" and who in chat["own"]))

    async def _write(self, chat: str, who: str, **content: str | None) -> None:
        given = {name: value for name, value in content.items() if value is not None}
        await self._post(f"/chat/chats/{chat}/messages", {"id": self._request(), "person": who, **given})

    async def _post(self, path: str, body: Json) -> Json:
        answer = await self._http.post(path, json=body)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return dict(answer.json())

    def _request(self) -> str:
        return f"request-{next(self._numbers):06}"

    # ------------------------------------------------------------------ what comes back

    async def listen(self) -> None:
        """The live stream as the page reads it, resumed where it ends."""
        last = ""
        while True:
            async with self._http.stream("GET", "/chat/events", headers={"Last-Event-ID": last} if last else {}, timeout=None) as stream:
                kind = ""
                async for line in stream.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "event":
                        kind = value
                    elif name == "id":
                        last = value
                    elif name == "data" and kind == "message":
                        self._hear(json.loads(value))

    def _hear(self, message: Json) -> None:
        self._cursor[message["chat"]] = message["change"]
        before = self._seen.get(message["id"])
        self._seen[message["id"]] = message
        self._told.append((message, before is not None))

    async def _quiet(self) -> None:
        """Until all is worked off and the stream has shown the newest change of every chat."""
        async with asyncio.timeout(20), self._database.pool.acquire() as connection:
            while not await is_quiet(connection, now=self._clock()) or not await self._heard_all():
                await asyncio.sleep(0.01)

    async def _heard_all(self) -> bool:
        state = (await self._http.get("/chat/state")).json()
        return all(self._cursor.get(chat["id"], 0) >= chat["change"] for chat in state["chats"])
