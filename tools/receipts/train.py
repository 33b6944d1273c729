"""Train the receipt models: `python -m tools.receipts.train CORPUS.json READINGS...` writes integrations/receipts/extraction/models/*.json.

A READINGS folder holds what one engine read (see tools/receipts/readings.py). Prints what held-out receipts say, by engine.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rapidfuzz import fuzz

from integrations.receipts.extraction import items, merchants, names, totals
from integrations.receipts.extraction.page import Page
from tools.receipts.boosting import Question, curve, export, fit, hold_out
from tools.receipts.corpus import Case, cases, pages
from tools.receipts.lines import ask_items, ask_names

MODELS = Path(__file__).parents[2] / "integrations" / "receipts" / "extraction" / "models"
Ask = Callable[[Case, Page], list[tuple[list[list[float]], list[int]]]]


def ask_total(case: Case, page: Page) -> list[tuple[list[list[float]], list[int]]]:
    if case.total is None:
        return []
    found = totals.candidates(page)
    return [([totals.vector(candidate) for candidate in found], [int(candidate.value == case.total) for candidate in found])]


def ask_merchant(case: Case, page: Page) -> list[tuple[list[list[float]], list[int]]]:
    if not case.merchant:
        return []
    found = merchants.names_of(page)
    likeness = [fuzz.ratio(squeezed(case.merchant), squeezed(name.text)) for name in found]
    best = max(likeness, default=0)
    return [([merchants.vector(name) for name in found], [int(each >= 88 and each >= best - 0.01) for each in likeness])]


def squeezed(name: str) -> str:
    """A name as it is compared: letters and digits, without what stands in brackets with a digit."""
    return "".join(character for character in merchants.clean(name).casefold() if character.isalnum())


def ask_lines(case: Case, page: Page) -> list[tuple[list[list[float]], list[int]]]:
    asked = ask_items(case, page)
    return [] if asked is None else [asked]


def questions(folders: Sequence[Path], found: list[Case], ask: Ask) -> list[Question]:
    return [
        Question(case.id, folder.name.split("-")[0], *asked) for folder in folders for case, page in pages(folder, found) for asked in ask(case, page)
    ]


def judge(asked: Sequence[Question], *, margin: bool) -> dict[str, list[list[float]]]:
    """The curves: by engine, how often the chosen one is right at which score. `margin`: the lead over the next one counts too."""
    points: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for question in asked:
        order = sorted(range(len(question.scores)), key=lambda index: -question.scores[index])
        if not order:
            points[question.view].append((_NOTHING, False))
            continue
        best, following = question.scores[order[0]], question.scores[order[1]] if len(order) > 1 else _NOTHING
        points[question.view].append((min(best, best - following) if margin else best, bool(question.right[order[0]])))
    for view, told in points.items():
        right = sum(good for _, good in told)
        print(f"  {view}: {right} of {len(told)} right, {100 * right / len(told):.1f} %")
    return {view: curve(told) for view, told in points.items()}


def judge_each(asked: Sequence[Question]) -> dict[str, list[list[float]]]:
    """The curves where every candidate is a question of its own."""
    points: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for question in asked:
        points[question.view] += [(score, bool(right)) for score, right in zip(question.scores, question.right, strict=True)]
    for view, told in points.items():
        print(f"  {view}: {sum((score > 0) == right for score, right in told)} of {len(told)} amounts told rightly")
    return {view: curve(told) for view, told in points.items()}


_NOTHING = -9.0
# name, candidates, features, rounds of boosting, how it is judged, whether the light engine's readings help (its words are too broken to name lines)
TASKS: tuple[tuple[str, Ask, Sequence[str], int, Callable[[Sequence[Question]], dict[str, list[list[float]]]], bool], ...] = (
    ("total", ask_total, totals.names(), 200, partial(judge, margin=True), True),
    ("merchant", ask_merchant, merchants.features(), 200, partial(judge, margin=False), True),
    ("items", ask_lines, items.features(), 200, judge_each, False),
    ("names", ask_names, names.features(), 150, partial(judge, margin=False), False),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("readings", type=Path, nargs="+", help="folders named ENGINE-anything")
    parser.add_argument("--only", choices=[task[0] for task in TASKS])
    options = parser.parse_args()
    found = cases(options.corpus)
    for name, ask, features, rounds, judged, light in TASKS:
        if options.only not in (None, name):
            continue
        print(name)
        folders = [folder for folder in options.readings if light or not folder.name.startswith("tesseract")]
        asked = questions(folders, found, ask)
        hold_out(asked, rounds)
        export(fit(asked, rounds), features, judged(asked), MODELS / f"{name}.json")


if __name__ == "__main__":
    main()
