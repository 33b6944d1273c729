"""What an operator sees: health, readiness, metrics and logs, and that none of them tells what people write."""

from __future__ import annotations

import io
import logging

import httpx
import pytest

from bot import log
from bot.web.app import create_app
from core.db.session import Database
from core.domain.messages import Person
from tests.support.running import Running, message, running

CANARIES = ("canary words", "canary-chat", "canary-user", "Canary Name", "+15550101010")


def client(service: Running) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(service.runtime)), base_url="http://127.0.0.1")


async def test_a_service_with_its_database_is_ready(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service, client(service) as web:
        assert (await web.get("/healthz")).status_code == 200
        assert (await web.get("/readyz")).text == "ready\n"
        await service.owner.execute("UPDATE alembic_version SET version_num = '9999'")
        answer = await web.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "database\n")
        assert (await web.get("/healthz")).status_code == 200


async def test_a_service_about_to_stop_is_not_ready(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service, client(service) as web:
        service.runtime.stop()
        assert (await web.get("/readyz")).status_code == 503


async def test_metrics_count_messages_by_stage_and_channel(database: Database, dsn: str) -> None:
    async with running(database, dsn) as service, client(service) as web:
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 1))
        await service.runtime.accept(message("anna", 2, "poison"))
        await service.until(lambda: service.channel.texts())
        text = (await web.get("/metrics")).text
    for line in (
        'tuppence_messages_total{channel="fake",stage="accepted"} 2.0',
        'tuppence_messages_total{channel="fake",stage="repeated"} 1.0',
        'tuppence_messages_total{channel="fake",stage="answered"} 1.0',
        'tuppence_pending{queue="inbox"} 1.0',
        'tuppence_seconds_count{stage="answer"} 1.0',
    ):
        assert line in text


async def test_nothing_that_people_write_gets_into_logs_or_metrics(database: Database, dsn: str) -> None:
    stream = io.StringIO()
    log.configure(stream)
    try:
        async with running(database, dsn) as service, client(service) as web:
            person = Person("canary-user", "Canary Name")
            for number, text in enumerate(("canary words", "poison", "canary words " * 5000, "x"), start=1):
                try:
                    await service.runtime.accept(message("canary-chat", number, text, sender=person, chat_title="+15550101010"))
                except Exception as error:
                    log.log.error("refused", text="canary words", **log.error_fields(error))
            await service.until(lambda: service.channel.texts())
            log.log.info("words", text="canary words", reason="fine")
            logging.getLogger("library").error("it said %s", "canary words", exc_info=ValueError("canary words"))
            metrics = (await web.get("/metrics")).text
    finally:
        written = stream.getvalue()
        log.configure()
    assert '"event":"accepted"' in written
    assert '"error":"ValueError"' in written
    assert not [canary for canary in CANARIES if canary in written + metrics]


async def test_one_id_follows_a_message_through_all_stages(database: Database, dsn: str) -> None:
    stream = io.StringIO()
    log.configure(stream)
    try:
        async with running(database, dsn) as service:
            await service.runtime.accept(message("anna", 1))
            await service.quiet()
    finally:
        lines = stream.getvalue().splitlines()
        log.configure()
    traces = {line.split('"trace_id":"')[1][:16] for line in lines if '"trace_id"' in line}
    stages = [line.split('"stage":"')[1].split('"')[0] for line in lines if '"trace_id"' in line]
    assert len(traces) == 1
    assert stages == ["accept", "answer", "deliver"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_no_page_describes_the_service(database: Database, dsn: str, path: str) -> None:
    async with running(database, dsn) as service, client(service) as web:
        assert (await web.get(path)).status_code == 404
