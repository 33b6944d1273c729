"""Fit the weights of category suggestions: `python -m tools.categories.fit DESCRIPTIONS` prints them, and how often the other half comes out right.

DESCRIPTIONS is a folder of <language>.txt with lines "category: description"; the odd lines are fitted to, the even ones are held out.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.suggestions import evidence_in
from core.reading.text import folded_words

ROUNDS, STEP, PULL = 4000, 2.0, 0.3  # of gradient descent; how strongly a weight with little behind it is pulled to nought
Case = tuple[tuple[str, ...], bool]


def cases(folder: Path, half: int) -> Iterator[Case]:
    """The evidence of each description, and whether what it speaks for is right.

    Left out: where there is no evidence, and shops that sell many things, whose weight is set by judgement.
    """
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines()[half::2]:
            category, _, description = line.partition(": ")
            found, evidence = evidence_in(folded_words(description), lexicon(file.stem))
            if found is not None and evidence[0] != "mixed":
                yield evidence, found == category


def odds(weights: dict[str, float], evidence: tuple[str, ...]) -> float:
    return 1 / (1 + math.exp(-weights["bias"] - sum(weights[name] for name in evidence)))


def fit(found: list[Case], names: tuple[str, ...]) -> dict[str, float]:
    """Logistic regression with a pull to nought."""
    groups = Counter(found)
    weights = dict.fromkeys(("bias", *names), 0.0)
    for _ in range(ROUNDS):
        slope = {name: PULL * weight if name != "bias" else 0.0 for name, weight in weights.items()}
        for (evidence, right), count in groups.items():
            off = (odds(weights, evidence) - right) * count
            for name in ("bias", *evidence):
                slope[name] += off
        weights = {name: weight - STEP * slope[name] / len(found) for name, weight in weights.items()}
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("descriptions", type=Path)
    folder = parser.parse_args().descriptions
    names = ("merchant", "word", "name", "compound", "whole", "head", "torn")
    weights = fit(list(cases(folder, 0)), names)
    print("\n".join(f"{name} = {weight:.2f}" for name, weight in weights.items()))
    held = [(odds(weights, evidence), right) for evidence, right in cases(folder, 1)]
    print(f"held out: {sum(right for _, right in held)} of {len(held)} right, {sum(chance for chance, _ in held):.1f} expected")


if __name__ == "__main__":
    main()
