"""Boosted trees for the receipt models: held-out scores by cross-validation, the calibration curve, and the export as plain data. Needs lightgbm."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import lightgbm
import numpy
from sklearn.isotonic import IsotonicRegression

FOLDS = 6
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 8, "min_data_in_leaf": 15, "feature_fraction": 0.4, "bagging_fraction": 0.8,
    "bagging_freq": 1, "lambda_l2": 2.0, "verbose": -1, "num_threads": 1, "seed": 1, "deterministic": True,
}  # fmt: skip


@dataclass
class Question:
    """One receipt as one engine (`view`) read it: candidates as vectors, 1 for each right one. `group` keeps the views of a receipt in one fold."""

    group: str
    view: str
    vectors: list[list[float]]
    right: list[int]
    scores: list[float] = field(default_factory=list)


def fold_of(group: str) -> int:
    """A fold that stays the same from run to run."""
    return sum(ord(character) * (index + 7) for index, character in enumerate(group)) % FOLDS


def fit(questions: Sequence[Question], rounds: int) -> lightgbm.Booster:
    """Trees over all candidates of these questions."""
    used = [question for question in questions if question.vectors]
    data = numpy.array([vector for question in used for vector in question.vectors])
    labels = numpy.array([label for question in used for label in question.right])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(data, labels), rounds)


def hold_out(questions: Sequence[Question], rounds: int) -> None:
    """Give every question the scores of a model that has not seen its group."""
    for fold in range(FOLDS):
        booster = fit([question for question in questions if fold_of(question.group) != fold], rounds)
        for question in questions:
            if fold_of(question.group) == fold and question.vectors:
                question.scores = list(booster.predict(numpy.array(question.vectors), raw_score=True))


def curve(points: Sequence[tuple[float, bool]]) -> list[list[float]]:
    """Rising probability over score, by isotonic regression, with a doubt of half a case at the top: nothing is ever quite sure."""
    scores = numpy.array([score for score, _ in points])
    right = numpy.array([float(good) for _, good in points])
    fitted = IsotonicRegression(y_min=0.01, y_max=1 - 0.5 / max(1, len(points)), out_of_bounds="clip").fit(scores, right)
    knots = numpy.unique(numpy.quantile(scores, numpy.linspace(0, 1, 41)))
    return [[round(float(knot), 3), round(float(fitted.predict([knot])[0]), 4)] for knot in knots]


def export(booster: lightgbm.Booster, features: Sequence[str], curves: dict[str, list[list[float]]], path: Path) -> None:
    """Write the model as the product reads it."""
    trees = [_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    table = {"features": list(features), "curves": curves, "trees": trees}
    path.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")


def _tree(root: dict[str, object]) -> list[list[float]]:
    nodes: list[list[float]] = []

    def add(node: dict[str, object]) -> int:
        place = len(nodes)
        nodes.append([])
        if "leaf_value" in node:
            nodes[place] = [round(float(str(node["leaf_value"])), 5)]
            return place
        left, right = add(node["left_child"]), add(node["right_child"])  # type: ignore[arg-type]
        threshold = float(str(node["threshold"]))
        nodes[place] = [int(str(node["split_feature"])), float(f"{threshold:.6g}") if math.isfinite(threshold) else threshold, left, right]
        return place

    add(root)
    return nodes
