"""A thousand damaged files: none crashes the reader, and none takes it long."""

from __future__ import annotations

from collections import Counter

from tests.campaigns.damaged_files import damaged, outcome, seeds


def test_whole_files_are_read() -> None:
    assert [outcome(data) for data in seeds()] == ["read"] * len(seeds())
    assert len(seeds()) >= 9


def test_a_thousand_damaged_files() -> None:
    found = Counter(map(outcome, damaged(1000, seed=11)))
    assert found["read"] > 100 and found["unknown_format"] > 100  # neither all nor nothing gets through
