"""Live updates to many, some of whom do not read. `python -m tests.bench.live` is the same with figures and other sizes."""

from __future__ import annotations

from tests.bench.live import run


def test_who_does_not_read_is_cut_and_nobody_else_notices() -> None:
    """200 readers of 60 messages of 12 kB, 20 of them stalled. Measured: 0.3 s at most, 6 MB; the bounds are for a machine that is busy."""
    result = run(readers=200, stalled=20, messages=60, rate=20)
    assert result.complete == 180, result
    assert max(result.delays) < 5, result
    assert result.cut == 20, result
    assert result.resumed == 20, result
    assert result.memory[1] - result.memory[0] < 60, result
