"""Platforms that a storm of messages may come from, at wire level: how a message is posted to the service, and what the service sent back."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from tests.support.fake_telegram import TOKEN, FakeTelegram
from tests.support.fake_twilio import FakeTwilio, twilio

PUBLIC = "https://tuppence.example"
SECRET = "a-secret-of-the-storm-0123456789"
NOBODYS = "+9995550"  # a calling code of no country: nothing is guessed from it


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery to a webhook. The same one may be sent again."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Platform(Protocol):
    """`environment`: what the service needs to be told of it. Chats are "chat0", "chat1", ..."""

    @property
    def environment(self) -> Mapping[str, str]: ...

    def post(self, chat: str, number: int, text: str) -> Post:
        """The chat's message of that number; called once a message, in order."""
        ...

    def received(self) -> list[tuple[str, str]]:
        """Chat and text of everything that was sent to people, in order."""
        ...

    def violations(self) -> list[str]:
        """What a real platform would not have let pass."""
        ...


class LoadPlatform:
    """The platform of tests.support.load, which costs next to nothing."""

    def __init__(self, received: Path) -> None:
        self._received = received
        received.touch()

    @property
    def environment(self) -> Mapping[str, str]:
        return {"TEST_RECEIVED": str(self._received), "TEST_ENGINE": "real", "TEST_LIMITS": "off"}

    def post(self, chat: str, number: int, text: str) -> Post:
        body = {"chat": chat, "id": f"{chat}-{number}", "position": number, "text": text}
        return Post("/webhooks/load", json.dumps(body).encode(), {"Content-Type": "application/json"})

    def received(self) -> list[tuple[str, str]]:
        lines = (line.split(" ", 2) for line in self._received.read_text().splitlines())
        return [(chat, text) for _, chat, text in lines]

    def violations(self) -> list[str]:
        return []


class Webhooks:
    """Telegram and WhatsApp together: chats with an even number are on the one, the others on the other."""

    def __init__(self, telegram: FakeTelegram, carrier: FakeTwilio) -> None:
        self._telegram = telegram
        self._carrier = carrier
        self._updates = itertools.count(1)

    @property
    def environment(self) -> Mapping[str, str]:
        carrier = self._carrier
        return {
            "TEST_ENGINE": "real",
            "PUBLIC_URL": PUBLIC,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": self._telegram.base,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TWILIO_ACCOUNT_SID": carrier.account_sid,
            "TWILIO_AUTH_TOKEN": carrier.auth_token,
            "TWILIO_API_BASE": carrier.base_url,
            "TWILIO_WHATSAPP_FROM": carrier.numbers[1],
        }

    def post(self, chat: str, number: int, text: str) -> Post:
        place = int(chat.removeprefix("chat"))
        return self._update(place, text) if place % 2 == 0 else self._form(place, text)

    def _update(self, place: int, text: str) -> Post:
        chat = self._telegram.chat(1000 + place)
        message = self._telegram._kept(chat, {"from": self._telegram.person(1000 + place, "Anna"), "text": text})
        body = json.dumps({"update_id": next(self._updates), "message": message}).encode()
        return Post("/webhooks/telegram", body, {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET})

    def _form(self, place: int, text: str) -> Post:
        path, pairs = "/webhooks/twilio/whatsapp", self._carrier.form(f"whatsapp:{NOBODYS}{place:03}", text)
        self._carrier.take_in(pairs)
        signature = self._carrier.signature(PUBLIC + path, pairs)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return Post(path, urlencode(pairs).encode(), headers)

    def received(self) -> list[tuple[str, str]]:
        return [(chat, text) for chat, text, _ in self._sends()]

    def sent_moments(self) -> list[tuple[str, int]]:
        """Chat and monotonic nanoseconds of every call that sent something, each platform's in order."""
        return [(chat, int(at * 1e9)) for chat, _, at in self._sends()]

    def _sends(self) -> list[tuple[str, str, float]]:
        calls = [call for call in self._telegram.calls if call.method == "sendMessage"]
        behind = time.time() - time.monotonic()
        told = [(f"chat{call.asked['chat_id'] - 1000}", call.asked["text"], call.at) for call in calls]
        return told + [(f"chat{int(row['to'][-3:])}", row["body"], row["at"].timestamp() - behind) for row in self._carrier.sent]

    def violations(self) -> list[str]:
        return self._telegram.violations + self._carrier.violations


@asynccontextmanager
async def webhooks() -> AsyncIterator[Webhooks]:
    """Both fakes, served on loopback while the block runs."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram(limits=True).running())
        carrier = await stack.enter_async_context(twilio(public_url=PUBLIC))
        yield Webhooks(telegram, carrier)
