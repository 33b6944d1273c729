"""The short form of the kill campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import asyncio

import pytest

from tests.campaigns.duplicates import deliver_again_and_again
from tests.campaigns.hunt import hunt
from tests.campaigns.kills import Campaign, Plan
from tests.campaigns.kills_of_payments import Payments
from tests.campaigns.mutants import MUTANTS


def test_killed_processes_lose_and_double_nothing() -> None:
    result = asyncio.run(Campaign(Plan(kills=30, seed=20250314, seconds=40)).run())
    assert result.findings == [], result.table()
    assert result.acked > 50
    assert sum(result.hits.values()) >= 15


def test_killed_processes_lose_and_double_no_payment() -> None:
    result = asyncio.run(Campaign(Plan(kills=20, seed=20250315, chats=5, seconds=60), script=Payments()).run())
    assert result.findings == [], result.table()
    assert result.acked > 20
    assert sum(result.hits.values()) >= 10


def test_a_payment_that_is_lost_is_found() -> None:
    assert hunt("ack_before_commit", seed=1, script=Payments(), breaks="P1") != []


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_seeded_bug_is_found(mutant: str) -> None:
    assert hunt(mutant, seed=1) != []


def test_messages_delivered_ten_times_have_one_effect() -> None:
    result = asyncio.run(deliver_again_and_again(messages=300, times=10, chats=20, seed=5))
    assert result.findings == []
    assert result.effects == 300
