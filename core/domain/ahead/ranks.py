"""Weighted samples of whole numbers: their quantiles, and how much of them lies above a value. Shares are in thousandths."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

WHOLE = 1000


class Ranked:
    """Values with whole weights above nought, at least one. Each stands in the middle of its weight; between two of them lies a straight line."""

    def __init__(self, weighted: Iterable[tuple[int, int]]) -> None:
        rows = sorted(weighted)
        assert rows, "a sample of nothing has no quantiles"
        ends = list(accumulate(weight for _, weight in rows))
        self._values = [value for value, _ in rows]
        self._whole = 2 * ends[-1]
        self._middles = [2 * end - weight for end, (_, weight) in zip(ends, rows, strict=True)]  # of `_whole`

    def at(self, share: int) -> int:
        """The value that `share` thousandths of the sample lie below."""
        wanted = share * self._whole
        place = bisect_left(self._middles, wanted, key=lambda middle: middle * WHOLE)
        if place in (0, len(self._values)):
            return self._values[min(place, len(self._values) - 1)]
        before, after = self._middles[place - 1] * WHOLE, self._middles[place] * WHOLE
        low, high = self._values[place - 1], self._values[place]
        return low + (high - low) * (wanted - before) // (after - before)

    def above(self, value: int) -> int:
        """How many thousandths lie above `value`; beyond the ends half of what the last value stands for, for nothing is certain."""
        place = bisect_left(self._values, value)
        if place == 0 and value < self._values[0]:
            return WHOLE - self._middles[0] * WHOLE // (2 * self._whole)
        if place == len(self._values):
            return (self._whole - self._middles[-1]) * WHOLE // (2 * self._whole)
        middle = self._middles[place]
        if place and value < self._values[place]:
            low, high = self._values[place - 1], self._values[place]
            middle = self._middles[place - 1] + (middle - self._middles[place - 1]) * (value - low) // (high - low)
        return (self._whole - middle) * WHOLE // self._whole
