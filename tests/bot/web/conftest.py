"""The whole product over its web chat, and a served web chat alone with two browsers that know nothing of each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from core.db.session import Database
from tests.support.chromium import PATIENCE_MILLISECONDS
from tests.support.product import Product, producing
from tests.support.webchat import Browser, NotingBot, Served, serving

expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> AsyncIterator[Product]:
    async with producing(database, tmp_path / "blobs") as running:
        yield running


@pytest.fixture
async def served(database: Database) -> AsyncIterator[Served]:
    async with serving(NotingBot(database)) as running:
        yield running


@pytest.fixture
async def browser(served: Served) -> AsyncIterator[Browser]:
    opened = await Browser(served).open()
    yield opened
    await opened.http.aclose()


@pytest.fixture
async def stranger(served: Served) -> AsyncIterator[Browser]:
    opened = await Browser(served).open()
    yield opened
    await opened.http.aclose()
