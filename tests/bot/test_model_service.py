"""The real `tuppence serve` with a model beside it, by the wire: it proposes, hangs, is killed over a question, lies for two hundred messages."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import httpx
import pytest

from tests.bench.harness import Pipe, Service, start_service
from tests.support.fake_model import FakeModel, meaning
from tests.support.fake_telegram import FakeTelegram
from tests.support.telegram_service import TelegramService, telegram_service, texts

CAB = "the cab set me back 18"
KEY = "sk-a-key-that-must-not-be-seen"


def understanding(remark: dict[str, Any]) -> object:
    return meaning("expense", amount="18", description="the cab") if remark["message"] == CAB else meaning("none")


@asynccontextmanager
async def serving(fake: FakeTelegram, model: FakeModel, place: tuple[Path, str]) -> AsyncIterator[TelegramService]:
    home, dsn = place
    fake.said.clear()  # an earlier service may have introduced itself to it
    settings = {"OPENAI_BASE_URL": model.base, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": "a-model"}
    async with telegram_service(fake, dsn, home, webhook=True, **settings) as service:
        yield service


async def entries(service: TelegramService) -> int:
    count: int = await service.owner.fetchval("SELECT count(*) FROM entries")
    return count


async def test_it_proposes_and_a_press_records(place: tuple[Path, str]) -> None:
    model = FakeModel(understanding)
    async with FakeTelegram().running() as fake, model.running(), serving(fake, model, place) as service:
        anna, chat = fake.person(7, "Anna", username="anna_handle"), fake.chat(7)
        fake.write(chat, anna, CAB)
        card = await service.said(chat, "The cab €18")
        assert "Is that right?" in card["text"]
        assert await entries(service) == 0
        fake.press(chat, anna, card["message_id"], "Record it")
        await service.until(lambda: "This month €18" in chat.messages[card["message_id"]]["text"])
        await service.quiet()
        assert await entries(service) == 1
        (sent,) = model.asked
        assert not [told for told in ("anna_handle", '"7"', str(chat.chat_id)) if told in str(sent["messages"][1])], "no id and no handle goes out"
        async with httpx.AsyncClient() as client:
            metrics = (await client.get(f"http://127.0.0.1:{service.port}/metrics")).text
        assert 'tuppence_model_total{outcome="expense"} 1.0' in metrics
        assert "tuppence_model_away 0.0" in metrics
        log = service.log.read_text()
        assert KEY not in log and CAB not in log and "the cab" not in log


async def test_killed_over_a_question_it_asks_again_and_records_once(place: tuple[Path, str]) -> None:
    model = FakeModel(understanding, fault="hang")
    async with FakeTelegram().running() as fake, model.running():
        anna, chat = fake.person(7, "Anna"), fake.chat(7)
        async with serving(fake, model, place) as service:
            fake.write(chat, anna, CAB)
            fake.write(chat, anna, "coffee 3")
            await service.until(lambda: model.asked)
            service.process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(service.process.wait, 30)
        assert texts(chat) == []
        model.fault = None
        async with serving(fake, model, place) as service:
            card = await service.said(chat, "The cab €18")
            await service.said(chat, "Coffee €3")
            await service.quiet()
            assert len([text for text in texts(chat) if "Is that right?" in text]) == 1
            assert await entries(service) == 1, "the coffee"
            service.process.send_signal(signal.SIGKILL)  # the card is in the database
            await asyncio.to_thread(service.process.wait, 30)
        async with serving(fake, model, place) as service:
            fake.press(chat, anna, card["message_id"], "Record it")
            await service.until(lambda: "This month €21" in chat.messages[card["message_id"]]["text"])
            await service.quiet()
            assert await entries(service) == 2


@pytest.mark.parametrize("fault", ["hang", "500", "endless", None])
async def test_ordinary_messages_are_answered_as_fast_while_it_fails_or_lies(
    place: tuple[Path, str], fault: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same load twice in one run: two hundred messages that are understood, then two hundred that the model is asked about."""
    home, dsn = place
    received = home / f"received-{fault}"
    received.touch()
    model = FakeModel(lambda _: meaning("settlement", amount="1", sender="me", receiver="Zanzibella", description="rm -rf"), fault=fault)
    async with model.running():
        monkeypatch.setenv("OPENAI_BASE_URL", model.base)
        service = await asyncio.to_thread(start_service, home, dsn, received, roles="web,worker,scheduler", engine="real", limits=False)
        try:
            pipe = await Pipe.open(service.port)
            await load(pipe, service, "warm", "tea 2", before=0)
            calm = await load(pipe, service, "calm", "tea 2")
            busy = await load(pipe, service, "busy", CAB)
            assert median(busy) < 2 * median(calm) + 0.3, "a small part of what one question may take is for a busy machine"
            async with asyncio.timeout(30):
                while sum(map(len, service.handed_over().values())) < 2 * (200 + 25) + 25:
                    await asyncio.sleep(0.05)
            owner = await asyncpg.connect(dsn)
            assert await owner.fetchval("SELECT count(*) FROM entries") == 200 + 3 * 25
            assert await owner.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
            await owner.close()
        finally:
            service.process.terminate()
            await asyncio.to_thread(service.process.wait, 30)
    assert model.asked and model.elsewhere == 0


async def load(pipe: Pipe, service: Service, name: str, text: str, *, before: int = 200) -> list[float]:
    """Hand over so many messages of that text from forty chats, then ordinary ones from 25 others: the seconds that each of these takes."""
    for number in range(before):
        assert await pipe.post({"chat": f"{name}{number % 40}", "id": f"{name}-{number}", "position": number, "text": text}) == 204
    taken = []
    for number in range(25):
        chat, start = f"{name}-own{number}", time.monotonic()
        assert await pipe.post({"chat": chat, "id": f"{chat}-1", "position": 1, "text": "coffee 3"}) == 204
        async with asyncio.timeout(20):
            while chat not in service.handed_over():
                await asyncio.sleep(0.003)
        taken.append(time.monotonic() - start)
    return taken
