"""The short form of the campaign of occurrences."""

from __future__ import annotations

import asyncio

from tests.campaigns.occurrences import Campaign, Plan


def test_each_occurrence_is_posted_once_whoever_is_killed() -> None:
    result = asyncio.run(Campaign(Plan(count=600, seed=20250330, zones=20, processes=3, speed=400_000.0, rest=0.3)).run())
    assert result.findings == []
    assert result.posted == result.expected >= 500
    assert result.kills + result.pauses > 3
