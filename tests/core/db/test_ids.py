"""Ids: version 7, in order, never twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from core.db.ids import new_id


def test_ids_are_in_order_and_tell_when() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_id() for _ in range(20_000)]
    after = time.time_ns() // 1_000_000
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {(each.version, each.variant) for each in ids} == {(7, "specified in RFC 4122")}
    stamps = [each.int >> 80 for each in ids]
    assert before <= stamps[0] <= stamps[-1] <= after + 1


def test_threads_never_get_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(5000)], range(4)))
    assert len({each for batch in made for each in batch}) == 20_000
    assert all(batch == sorted(batch) for batch in made)
