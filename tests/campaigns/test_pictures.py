"""The short form of the picture campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from core.db.session import Database
from core.domain.receipts import Reading
from integrations.receipts.choice import installed
from integrations.receipts.decoding import Decoder
from integrations.receipts.reader import OfflineReader
from tests.campaigns import pictures
from tests.support.bad_pictures import BY_HAND, KINDS, MUTATIONS, good, mutated
from tests.support.doubles import FakeReader

SHORT = ("nothing", "a script picture", "a PNG bomb", "a WebP bomb", "boxes in boxes", "ten thousand pages", "a long strip")


@pytest.mark.skipif(not installed("tesseract"), reason="Tesseract is not installed")
async def test_no_file_breaks_the_service(database: Database) -> None:
    thrown = [(name, BY_HAND[name]()) for name in SHORT] + [mutated(number, 5) for number in range(5)]
    results = await pictures.campaign(database, OfflineReader("tesseract"), thrown)
    assert [f"{each.name}: {each.finding}" for each in results if each.finding] == []
    assert len(results) == len(thrown) + 1
    assert pictures.left_behind() == []


async def test_the_good_ones_are_good() -> None:
    decoder = Decoder()
    for kind in KINDS:
        assert (await decoder.picture(good(kind))).jpeg, kind
    await decoder.close()


def test_a_mutant_comes_back_with_its_seed() -> None:
    some = [mutated(number, 3) for number in range(40)]
    assert some == [mutated(number, 3) for number in range(40)]
    assert {mutate.__name__ for mutate in MUTATIONS} <= {word for name, _ in some for word in name.split()}


async def test_a_slow_engine_and_one_that_reads_no_more_are_found(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(FakeReader):
        async def read(self, data: bytes, *, today: date) -> Reading:
            await asyncio.sleep(0.05)
            return await super().read(data, today=today)

    monkeypatch.setattr(pictures, "BOUND_SECONDS", 0.01)
    results: list[Any] = await pictures.campaign(database, Slow(), [("a good one", good("PNG"))])
    assert results[0].finding.startswith("took")
    assert results[1].finding.startswith("a good one is not read any more")
