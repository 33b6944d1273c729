"""Which of some balances cancel out among themselves: the search over all their subsets. Knows no money and no people.

A family of sets of members is one int: its bit `m` says whether the set with bit mask `m` belongs to it. Adding a member to every set of a family,
all 2^n of them, is then one shift, and the search (O(2^n * n) steps) takes milliseconds for 20 members.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

MOST = 20  # members: the families of so many have 2^20 bits


def most_groups(values: Sequence[int]) -> int:
    """The largest number of groups that each sum to zero into which `values` (not 0, at most 20, together 0) fall; 0 of none."""
    return len(_layers(values)) if values else 0


def together(values: Sequence[int]) -> Callable[[int, int], bool]:
    """Whether the members at two places are in one group of some partition into the most groups that sum to zero.

    They are where, beside that group, a set without both is left.
    """
    layers = _layers(values)
    if len(layers) < 2:
        return lambda first, second: True
    beside, without = layers[-2], _without(len(values))
    return lambda first, second: bool(beside & without[first] & without[second])


def _layers(values: Sequence[int]) -> list[int]:
    """Layer k (from 0) holds the zero-sum sets of at least k + 1 groups; the last one is the highest that still holds the set of all.

    A zero-sum set that strictly contains one of layer k - 1 has a zero-sum rest. A layer is kept whole as long as the set of all is in the next.
    """
    everyone = 1 << ((1 << len(values)) - 1)
    if len(values) < 4:
        return [everyone]
    without = _without(len(values))
    zero = _zero_sums(values)
    layers = [zero]
    while (above := zero & _strictly_above(layers[-1], without)) & everyone:
        layers.append(above)
    return layers


def _strictly_above(family: int, without: tuple[int, ...]) -> int:
    """All sets that contain one of the family and at least one member more."""
    above = 0
    for place, lacking in enumerate(without):
        above |= (family & lacking) << (1 << place)
    for place, lacking in enumerate(without):
        above |= (above & lacking) << (1 << place)
    return above


@lru_cache(maxsize=MOST)
def _without(size: int) -> tuple[int, ...]:
    """For each of `size` members, the family of all sets without that member."""
    families = []
    for place in range(size):
        family, width = (1 << (1 << place)) - 1, 2 << place
        while width < 1 << size:
            family, width = family | family << width, 2 * width
        families.append(family)
    return tuple(families)


def _zero_sums(values: Sequence[int]) -> int:
    """The family of all sets (not the empty one) that sum to zero; met in the middle, so that sums are formed for 2^(n/2) sets only."""
    half = max(3, len(values) // 2)
    lower: dict[int, int] = {}
    for mask, total in enumerate(_sums(values[:half])):
        lower[total] = lower.get(total, 0) | 1 << mask
    size = (1 << half) // 8
    none = bytes(size)
    blocks = {-total: family.to_bytes(size, "little") for total, family in lower.items()}
    family = int.from_bytes(b"".join(blocks.get(total, none) for total in _sums(values[half:])), "little")
    return family & ~1


def _sums(values: Sequence[int]) -> list[int]:
    """The sum of every subset, by bit mask."""
    sums = [0]
    for value in values:
        sums += [total + value for total in sums]
    return sums
