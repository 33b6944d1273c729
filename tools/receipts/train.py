"""Train the receipt models: `python -m tools.receipts.train CORPUS.json READINGS...` writes integrations/receipts/extraction/models/*.json.

A READINGS folder holds what one engine read (see tools/receipts/readings.py). Prints what held-out receipts say, by engine.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from rapidfuzz import fuzz

from integrations.receipts.extraction import items, merchants, names, totals
from integrations.receipts.extraction.page import Page
from tools.receipts.boosting import Question, curve, export, fit, hold_out
from tools.receipts.corpus import Case, cases, pages
from tools.receipts.lines import ask_items, ask_names

MODELS = Path(__file__).parents[2] / "integrations" / "receipts" / "extraction" / "models"
Ask = Callable[[Case, Page], tuple[list[list[float]], list[int]] | None]


def ask_total(case: Case, page: Page) -> tuple[list[list[float]], list[int]] | None:
    if case.total is None:
        return None
    found = totals.candidates(page)
    return [totals.vector(candidate) for candidate in found], [int(candidate.value == case.total) for candidate in found]


def ask_merchant(case: Case, page: Page) -> tuple[list[list[float]], list[int]] | None:
    if not case.merchant:
        return None
    found = merchants.names_of(page)
    likeness = [fuzz.ratio(squeezed(case.merchant), squeezed(name.text)) for name in found]
    best = max(likeness, default=0)
    return [merchants.vector(name) for name in found], [int(each >= 88 and each >= best - 0.01) for each in likeness]


def squeezed(name: str) -> str:
    """A name as it is compared: letters and digits, without what stands in brackets with a digit."""
    return "".join(character for character in merchants.clean(name).casefold() if character.isalnum())


def questions(folders: Sequence[Path], found: list[Case], ask: Ask) -> list[Question]:
    collected = []
    for folder in folders:
        for case, page in pages(folder, found):
            if (asked := ask(case, page)) is not None:
                collected.append(Question(case.id, folder.name, *asked))
    return collected


def judge(asked: Sequence[Question], *, margin: bool) -> list[tuple[float, bool]]:
    """(score of the chosen one, whether it is right) of every question; printed by engine. `margin`: the lead over the next one counts too."""
    points, tally = [], defaultdict(list)
    for question in asked:
        if not question.scores:
            points.append((-9.0, False))
            tally[question.view].append(False)
            continue
        order = sorted(range(len(question.scores)), key=lambda index: -question.scores[index])
        best, following = question.scores[order[0]], question.scores[order[1]] if len(order) > 1 else -9.0
        good = bool(question.right[order[0]])
        points.append((min(best, best - following) if margin else best, good))
        tally[question.view].append(good)
    for view, right in tally.items():
        print(f"  {view}: {sum(right)} of {len(right)} right, {100 * sum(right) / len(right):.1f} %")
    return points


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("readings", type=Path, nargs="+")
    parser.add_argument("--only", choices=["total", "merchant", "items", "names"])
    options = parser.parse_args()
    found = cases(options.corpus)
    for name, ask, features, rounds, margin in (
        ("total", ask_total, totals.names(), 200, True),
        ("merchant", ask_merchant, merchants.features(), 200, False),
    ):
        if options.only in (None, name):
            print(name)
            asked = questions(options.readings, found, ask)
            hold_out(asked, rounds)
            points = judge(asked, margin=margin)
            export(fit(asked, rounds), features, curve(points), MODELS / f"{name}.json")
    if options.only in (None, "items"):
        print("items")
        asked = questions(options.readings, found, ask_items)
        hold_out(asked, 200)
        each = [(score, bool(right)) for question in asked for score, right in zip(question.scores, question.right, strict=True)]
        print(f"  {sum((score > 0) == right for score, right in each)} of {len(each)} amounts told rightly")
        export(fit(asked, 200), items.features(), curve(each), MODELS / "items.json")
    if options.only in (None, "names"):
        print("names")
        asked = [
            Question(case.id, folder.name, *one)
            for folder in options.readings
            for case, page in pages(folder, found)
            for one in ask_names(case, page)
        ]
        hold_out(asked, 150)
        points = judge(asked, margin=False)
        export(fit(asked, 150), names.features(), curve(points), MODELS / "names.json")


if __name__ == "__main__":
    main()
