"""The short forms of the campaigns of sending, and proof that they find what they are there to find."""

from __future__ import annotations

from datetime import timedelta

import pytest

import bot.delivery
import bot.pacing
from tests.campaigns.month import live, wrong
from tests.campaigns.sending import Faults, Plan, send_all

SHORT = Plan(seconds=20, chats=24, groups=4, burst=40, speed=5)


async def test_under_faults_all_is_delivered_once_in_order_and_within_the_pace(dsn: str) -> None:
    result = await send_all(dsn, SHORT, Faults())
    assert result.findings == [], result.shown()
    assert len(result.outcomes) >= 4, "there were faults"


async def test_a_pace_that_is_not_kept_is_found(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.pacing, "SECOND", timedelta(seconds=0.3))
    result = await send_all(dsn, SHORT, None)
    assert any("are allowed" in finding for finding in result.findings), result.shown()


async def test_for_days_nothing_goes_out_that_must_not(dsn: str) -> None:
    counts = await live(dsn, days=4, people=20, seed=3)
    assert wrong(counts) == {}
    assert counts["template"] > 5
    assert counts["refused: stopped"] > 0


async def test_a_window_that_never_closes_is_found(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.delivery, "WINDOW_MARGIN", timedelta(days=-30))
    assert "free outside the window" in wrong(await live(dsn, days=4, people=20, seed=3))
