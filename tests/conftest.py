"""Fixtures for all tests, and how their files are shared among workers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.support.database import database, dsn, durable_server, place, server

__all__ = ["database", "dsn", "durable_server", "place", "server"]

# Begun first, the longest first, so that no worker is left alone with one in the end. The others take seconds, in whatever order.
LONGEST_FIRST = (
    "campaigns/test_kills.py",
    "journeys/test_journeys.py",
    "bot/test_model_service.py",
    "bot/conversation/test_two_tenants.py",
    "bot/test_receipts_on_the_wire.py",
    "bot/jobs/test_bad_engines.py",
    "bot/test_telegram_service.py",
    "journeys/test_phones.py",
    "journeys/test_journeys_on_telegram.py",
    "bot/web/test_page.py",
    "bot/web/test_twilio.py",
    "bot/web/test_forwarding.py",
    "bot/test_backup.py",
    "bot/test_serve.py",
    "journeys/test_journeys_in_web_chat.py",
    "campaigns/test_sending.py",
    "bot/web/test_chat.py",
    "bot/test_sending.py",
    "bot/test_second_reading.py",
    "core/services/test_linking.py",
    "integrations/receipts/test_extraction.py",
    "bot/web/test_page_receipts.py",
    "bot/test_serve_twilio.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Where Python is told to write no bytecode, the many processes of ours that tests start would compile all modules each: they share a folder."""
    if sys.dont_write_bytecode and getattr(config, "cache", None) is not None:
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """A file is one worker's, so that what its tests share is made once; files go out in the order above."""
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)
