"""The short form of the kill campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import asyncio

import pytest

from tests.campaigns.duplicates import deliver_again_and_again
from tests.campaigns.kills import Campaign, Plan


def test_killed_processes_lose_and_double_nothing() -> None:
    result = asyncio.run(Campaign(Plan(kills=30, seed=20250314, seconds=40)).run())
    assert result.findings == [], result.table()
    assert result.acked > 50
    assert sum(result.hits.values()) >= 15


@pytest.mark.parametrize(
    ("mutant", "points", "finding"),
    [
        ("ack_before_commit", ("before_inbox_commit",), "I1"),
        ("two_transactions", ("after_ledger_commit",), "I4"),
        ("no_unique_key", (), "I2"),
        ("reply_before_commit", ("before_ledger_commit",), "I4"),
    ],
)
def test_a_seeded_bug_is_found(mutant: str, points: tuple[str, ...], finding: str) -> None:
    share = 0.0 if points else 1.0
    plan = Plan(kills=6, seed=1, mutant=mutant, points=points, random_share=share, services=1, pause=0.01, seconds=20)
    result = asyncio.run(Campaign(plan).run())
    assert any(found.startswith(finding) for found in result.findings), result.findings


def test_messages_delivered_ten_times_have_one_effect() -> None:
    result = asyncio.run(deliver_again_and_again(messages=300, times=10, chats=20, seed=5))
    assert result.findings == []
    assert result.effects == 300
