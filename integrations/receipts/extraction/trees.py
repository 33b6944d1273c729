"""Owns evaluating a trained model: boosted trees as plain data, and the curve that makes its scores probabilities. Trains nothing."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# A node is [feature, threshold, left, right]: left where the feature is at most the threshold. A leaf is [value].
Node = Sequence[float]


@dataclass(frozen=True, slots=True)
class Model:
    """`features`: names in the order of the vectors. `curves`: for each engine points (score, probability), rising, measured on receipts held out."""

    features: tuple[str, ...]
    trees: tuple[tuple[Node, ...], ...]
    curves: Mapping[str, tuple[tuple[float, float], ...]]

    def score(self, vector: Sequence[float]) -> float:
        """Log-odds, before the curve."""
        return sum(_leaf(tree, vector) for tree in self.trees)

    def confidence(self, score: float, engine: str) -> float:
        """The share of held-out cases with such a score that were right, straight lines between the points. An unknown engine is the worst one."""
        if engine not in self.curves:
            return min(self.confidence(score, known) for known in self.curves)
        curve = self.curves[engine]
        place = bisect_right([point[0] for point in curve], score)
        if place == 0:
            return curve[0][1]
        if place == len(curve):
            return curve[-1][1]
        (x0, y0), (x1, y1) = curve[place - 1], curve[place]
        return y0 + (y1 - y0) * (score - x0) / (x1 - x0)


def _leaf(tree: Sequence[Node], vector: Sequence[float]) -> float:
    node = tree[0]
    while len(node) > 1:
        node = tree[int(node[2] if vector[int(node[0])] <= node[1] else node[3])]
    return node[0]


@cache
def model(name: str) -> Model:
    """The model kept as models/NAME.json."""
    return parse(json.loads(files(__package__).joinpath("models").joinpath(f"{name}.json").read_text(encoding="utf-8")))


def parse(table: Mapping[str, object]) -> Model:
    """A model out of its file's table: `features`, `trees`, `curves`."""
    features, trees, curves = table["features"], table["trees"], table["curves"]
    assert isinstance(features, list)
    assert isinstance(trees, list)
    assert isinstance(curves, dict)
    points = {str(engine): tuple((float(x), float(y)) for x, y in curve) for engine, curve in curves.items()}
    return Model(tuple(map(str, features)), tuple(tuple(map(tuple, tree)) for tree in trees), points)
