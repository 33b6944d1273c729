"""Training questions for the lines of receipts: which amounts are lines', and which row names each."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from integrations.receipts.extraction import items, names
from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.page import Page
from tools.receipts.corpus import Case


def matched(case: Case, page: Page) -> list[tuple[str, Amount]] | None:
    """The labelled items with the amount on the page that is each one's; None where one is not found or nothing is labelled."""
    if not case.items:
        return None
    used: set[Amount] = set()
    found: list[tuple[str, Amount]] = []
    summaries = {row for row in page.by_row if page.labels[row].kinds & {"total", "subtotal", "due", "cash", "change"}}
    for name, value in case.items:
        options = [amount for amount in page.amounts if amount.value == value and amount not in used]
        if not options:
            return None
        last = found[-1][1].row if found else -1

        def fits(amount: Amount, name: str = name, last: int = last) -> float:
            near = " ".join(row.text for row in page.rows[max(0, amount.row - 2) : amount.row + 3])
            right = (amount.right - page.left) / page.width
            return fuzz.partial_ratio(name.lower(), near.lower()) + 5 * right - 25 * (amount.row in summaries) - 10 * (amount.row < last)

        best = max(options, key=fits)
        used.add(best)
        found.append((name, best))
    return found


def ask_items(case: Case, page: Page) -> tuple[list[list[float]], list[int]] | None:
    found = matched(case, page)
    if found is None:
        return None
    right = {amount for _, amount in found}
    asked = items.entries(page, case.total)
    return [items.vector(entry) for entry in asked], [int(entry.amount in right) for entry in asked]


def ask_names(case: Case, page: Page) -> list[tuple[list[list[float]], list[int]]]:
    """One question a line: which of the rows near it names it."""
    found = matched(case, page)
    if found is None:
        return []
    questions = []
    for (name, _), options in zip(found, names.options(page, [amount for _, amount in found]), strict=True):
        likeness = [likeness_of(name, option.text) for option in options]
        best = max(likeness, default=0.0)
        if best >= 60:
            questions.append(([names.vector(option) for option in options], [int(each >= best - 0.01) for each in likeness]))
    return questions


def likeness_of(wanted: str, text: str) -> float:
    left, right = (re.sub(r"\W+", " ", each.casefold()).strip() for each in (wanted, text))
    return max(fuzz.ratio(left.replace(" ", ""), right.replace(" ", "")), fuzz.token_set_ratio(left, right) * 0.9) if right else 0.0
