"""The database goes away under the web routes: 503 with the time to wait, never 500, and what was sent again goes through once."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest

from bot.web import chat
from bot.web.limits import KINDS, Limits, Rate
from core.db.migrate import migrate
from core.db.session import Database
from integrations.postgres import start_embedded, stop_embedded
from tests.bench.harness import _children
from tests.support.database import KEYS
from tests.support.doubles import FakeClock
from tests.support.webchat import Browser, NotingBot, Served, serving, serving_product

TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tuppence' AND datname = current_database()"


class Server:
    """A Postgres of this test alone, to be stopped, frozen and started."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.dsn = start_embedded(home, durable=False)

    @property
    def processes(self) -> list[int]:
        postmaster = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        return [postmaster, *_children(postmaster)]

    def stop(self) -> None:
        """As `pg_ctl stop`: connections are ended, new ones refused. Returns when it is gone."""
        postmaster = self.processes[0]
        os.kill(postmaster, signal.SIGINT)
        while Path(f"/proc/{postmaster}").exists() and "Z" not in Path(f"/proc/{postmaster}/stat").read_text().split()[2]:
            time.sleep(0.01)

    def freeze(self, number: signal.Signals) -> None:
        for process in self.processes:
            os.kill(process, number)


@pytest.fixture
def own_server() -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="tuppence-outage-"))
    server = Server(home)
    try:
        migrate(server.dsn)
        yield server
    finally:
        stop_embedded(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def own_served(own_server: Server) -> AsyncIterator[Served]:
    database = await Database.open(own_server.dsn, keys=KEYS, durable=False)
    async with serving(NotingBot(database)) as running:
        yield running
    database.pool.terminate()


def calls(browser: Browser) -> dict[str, Callable[[], object]]:
    """One request of every kind that reaches the database."""
    http, chat_, person = browser.http, browser.chat, browser.person
    body = {"id": "request-0002", "person": person}
    return {
        "state": lambda: http.get("/chat/state"),
        "session": lambda: http.post("/chat/session", json={}),
        "events": lambda: http.get("/chat/events"),
        "history": lambda: http.get(f"/chat/chats/{chat_}/messages"),
        "message": lambda: browser.say("coffee 3.50", request="request-0002"),
        "edit": lambda: http.post(f"/chat/chats/{chat_}/messages/{'x' * 22}/edit", json={"person": person, "text": "coffee 4"}),
        "press": lambda: http.post(f"/chat/chats/{chat_}/messages/{'x' * 22}/press", json={**body, "button": "undo-button-id"}),
        "group": lambda: http.post("/chat/groups", json={**body, "title": "Trip", "people": []}),
        "person": lambda: http.post("/chat/people", json={"id": "request-0003", "name": "Anna"}),
        "photo": lambda: http.post(f"/chat/chats/{chat_}/photos?person={person}", content=b"\xff\xd8\xff\xe0 a photo"),
    }


def assert_away(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json() == {"status": 503, "title": "database_unavailable"}


async def eventually(browser: Browser, text: str) -> httpx.Response:
    """As the page does: the same again until it is taken."""
    async with asyncio.timeout(20):
        while (answer := await browser.say(text, request=f"request-{text.replace(' ', '-').replace('.', '-')}")).status_code != 200:
            assert_away(answer)
            await asyncio.sleep(0.05)
    return answer


async def test_a_stopped_database_is_503_in_every_route_and_then_it_heals(own_served: Served, own_server: Server) -> None:
    browser = await Browser(own_served).open()
    await asyncio.to_thread(own_server.stop)
    for name, call in calls(browser).items():
        answer = await call()  # type: ignore[misc]
        assert answer.status_code == 503, name
        assert_away(answer)
    await asyncio.to_thread(start_embedded, own_server.home, durable=False)
    await eventually(browser, "coffee 3.50")
    assert [line["text"] for line in await browser.history()] == ["coffee 3.50", "Noted: coffee 3.50"]
    await browser.http.aclose()


async def test_a_database_that_hangs_is_503_in_time(own_served: Served, own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    database = own_served.bot.database
    monkeypatch.setattr(chat, "ANSWER_SECONDS", 0.5)
    async with serving(NotingBot(database)) as hurried:
        browser = await Browser(hurried).open()
        own_server.freeze(signal.SIGSTOP)
        try:
            async with asyncio.timeout(5):
                answers = await asyncio.gather(*(browser.say("coffee 3.50") for _ in range(12)))  # more than the pool has connections
        finally:
            own_server.freeze(signal.SIGCONT)
        for answer in answers:
            assert_away(answer)
        await eventually(browser, "coffee 3.50")
        assert [line["text"] for line in await browser.history()] == ["coffee 3.50", "Noted: coffee 3.50"]
        await browser.http.aclose()


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    async with serving(NotingBot(database), limits=Limits(dict.fromkeys(KINDS, Rate(10_000, 10_000)))) as running:
        yield running


async def test_connections_cut_by_an_administrator_are_never_500(served: Served, browser: Browser, dsn: str) -> None:
    owner = await asyncpg.connect(dsn)
    statuses: set[int] = set()
    for number in range(30):
        cutting = asyncio.create_task(owner.execute(TERMINATE))
        answers = await asyncio.gather(*(browser.say(f"coffee {number}", request=f"request-{number:04}") for _ in range(4)))
        statuses |= {answer.status_code for answer in answers}
        await cutting
    await owner.close()
    assert statuses <= {200, 503}
    await eventually(browser, "tea 2")


async def test_live_streams_find_back_after_their_database_was_away(browser: Browser, dsn: str) -> None:
    """Each by itself, also while other readers hold on: a broken listening connection must not be kept."""
    owner = await asyncpg.connect(dsn)
    async with browser.http.stream("GET", "/chat/events", timeout=20) as other:
        assert other.status_code == 200
        await asyncio.sleep(0.1)
        await owner.execute(TERMINATE)
        async with asyncio.timeout(10):
            for number in itertools.count():
                if await hears(browser, f"coffee {number}"):
                    break
    await owner.close()


async def hears(browser: Browser, text: str) -> bool:
    """Whether a new stream tells of a message that is written after it began; False where it ends before."""
    with suppress(httpx.RemoteProtocolError):
        async with browser.http.stream("GET", "/chat/events", timeout=20) as stream:
            if stream.status_code != 200:
                return False
            saying = None
            async for line in stream.aiter_lines():
                if line.startswith("retry"):
                    saying = asyncio.create_task(eventually(browser, text))
                if text in line:
                    assert saying is not None
                    await saying
                    return True
    return False


async def test_health_tells_the_process_from_the_database(own_server: Server) -> None:
    database = await Database.open(own_server.dsn, keys=KEYS, durable=False)
    async with serving_product(database, clock=FakeClock()) as url, httpx.AsyncClient(base_url=url) as web:
        assert (await web.get("/readyz")).status_code == 200
        own_server.freeze(signal.SIGSTOP)
        try:
            frozen = await web.get("/readyz"), await web.get("/healthz"), await web.get("/metrics")
        finally:
            own_server.freeze(signal.SIGCONT)
        assert [answer.status_code for answer in frozen] == [503, 200, 200]
        await asyncio.to_thread(own_server.stop)
        stopped = await web.get("/readyz"), await web.get("/healthz"), await web.get("/metrics")
        assert [answer.status_code for answer in stopped] == [503, 200, 200]
        await asyncio.to_thread(start_embedded, own_server.home, durable=False)
        async with asyncio.timeout(20):
            while (await web.get("/readyz")).status_code != 200:
                await asyncio.sleep(0.1)
    database.pool.terminate()
