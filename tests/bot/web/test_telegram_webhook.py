"""The route that takes updates: nothing gets past the secret, and nothing that nobody can use is asked for again."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter

import httpx
import pytest
from fastapi import FastAPI

from bot.metrics import Metrics
from bot.web import telegram
from bot.web.problems import add_problems
from bot.wiring import TelegramWebhook
from core.errors import DomainError, ServiceUnavailable
from integrations.channels.telegram.receiving import Updates
from tests.support.doubles import FakeClock
from tests.support.fake_telegram import marks
from tests.support.forgeries import HEADER, forge

SECRET = "9f8e7d6c5b4a39281706-abcdefghijkl"
UPDATE = {
    "update_id": 9,
    "message": {
        "message_id": 5,
        "date": 1741953600,
        "chat": {"id": 7, "type": "private", "first_name": "Anna"},
        "from": {"id": 7, "is_bot": False, "first_name": "Anna"},
        "text": "taxi 24",
        "entities": marks("taxi 24"),
    },
}


class Known:
    """Who the bot is, known from the start or never."""

    def __init__(self, name: str | None = "TupBot") -> None:
        self.name = name

    async def username(self) -> str:
        if self.name is None:
            raise ServiceUnavailable("telegram")
        return self.name


class Hook:
    def __init__(self, identity: Known) -> None:
        self.accepted: list = []
        self.error: Exception | None = None
        self.metrics = Metrics()
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        add_problems(app)
        webhook = TelegramWebhook("telegram", SECRET, Updates(identity, account="4242"))
        app.include_router(telegram.router(webhook, accept=self.accept, metrics=self.metrics, clock=FakeClock()))
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tuppence.example")

    async def accept(self, message) -> None:
        if self.error is not None:
            raise self.error
        self.accepted.append(message)

    async def post(self, body, headers=None) -> int:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return (await self.client.post("/webhooks/telegram", content=content, headers=headers or {HEADER: SECRET})).status_code


@pytest.fixture
def hook():
    return Hook(Known())


async def test_the_right_secret_gets_in(hook):
    assert await hook.post(UPDATE) == 200
    assert [message.text for message in hook.accepted] == ["taxi 24"]


async def test_no_forgery_has_an_effect(hook):
    """The short form; tests/campaigns/forgeries.py sends 10,000 to the real service."""
    chance = random.Random(1)
    statuses = Counter()
    for _ in range(600):
        forgery = forge(SECRET, UPDATE, chance)
        statuses[await hook.post(forgery.body, forgery.headers)] += 1
    assert set(statuses) == {403}
    assert hook.accepted == []


async def test_the_body_is_not_read_before_the_secret_is_right(hook):
    read = []

    async def body():
        read.append(True)
        yield b"{}"

    assert (await hook.client.post("/webhooks/telegram", content=body(), headers={HEADER: "wrong"})).status_code == 403
    scope = {"type": "http", "method": "POST", "path": "/webhooks/telegram", "raw_path": b"", "query_string": b"", "headers": [], "scheme": "http"}
    sent = []

    async def receive():
        raise AssertionError("the body was asked for")

    async def send(event):
        sent.append(event)

    await hook.client._transport.app(scope | {"http_version": "1.1", "server": ("x", 80), "client": ("x", 1), "root_path": ""}, receive, send)
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"NaN", b"\xff\xfe", b"{}", b'{"update_id": 1}', b'{"update_id":1,"message":5}', b"[" * 100_000],
)
async def test_what_nobody_can_use_is_answered_well(hook, body):
    assert await hook.post(body) == 200
    assert hook.accepted == []


async def test_an_update_of_any_shape_is_answered_well(hook):
    """The values of a good update replaced by others: never a 5xx."""
    chance = random.Random(2)
    for _ in range(400):
        assert await hook.post(bent(UPDATE, chance)) == 200


def bent(value, chance):
    if chance.random() < 0.12:
        return chance.choice([None, 0, -1, 2**70, "", "x", [], {}, [[]], True, 1.5, "\ud83d"])
    if isinstance(value, dict):
        return {name: bent(each, chance) for name, each in value.items() if chance.random() > 0.05}
    return [bent(each, chance) for each in value] if isinstance(value, list) else value


async def test_too_large_a_body(hook):
    assert await hook.post(b" " * (1024 * 1024 + 1)) == 413


async def test_what_can_never_be_stored_is_answered_well_and_what_can_be_later_is_asked_for_again(hook):
    hook.error = DomainError("bad_identifier")
    assert await hook.post(UPDATE) == 200
    hook.error = ServiceUnavailable("database")
    assert await hook.post(UPDATE) == 503
    assert await Hook(Known(None)).post(UPDATE) == 503, "until the bot knows its own name"


async def test_only_post(hook):
    assert (await hook.client.get("/webhooks/telegram", headers={HEADER: SECRET})).status_code == 405


async def test_many_at_once(hook):
    assert set(await asyncio.gather(*(hook.post(UPDATE) for _ in range(50)))) == {200}
