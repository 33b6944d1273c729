"""Owns sorting the amounts around the total by the words beside them: subtotal, tax, service, tip, discount, rounding, paid, change."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.page import Page

_MOST = 6


@dataclass(frozen=True, slots=True)
class Labelled:
    """The amounts of the receipt by what the words beside them say, in reading order; amounts of tables of taxes too."""

    subtotal: tuple[Amount, ...]
    tax: tuple[Amount, ...]
    service: tuple[Amount, ...]
    tip: tuple[Amount, ...]
    discount: tuple[Amount, ...]
    rounding: tuple[Amount, ...]
    cash: tuple[Amount, ...]
    card: tuple[Amount, ...]
    change: tuple[Amount, ...]


def labelled(page: Page) -> Labelled:
    """Sort the amounts by the words beside them."""

    def those(kind: str, without: frozenset[str] = frozenset()) -> tuple[Amount, ...]:
        found = []
        for amount in page.amounts:
            kinds = page.kinds_beside(amount)
            if kind in kinds and not kinds & without and not amount.measure:
                found.append(amount)
        return tuple(found[:_MOST])

    return Labelled(
        those("subtotal") + those("excl", frozenset({"subtotal"})),
        those("tax", frozenset({"subtotal", "due", "incl", "excl"})) + those("tax", frozenset({"subtotal", "due"})),
        those("service", frozenset({"subtotal", "due"})),
        those("tip"),
        those("discount", frozenset({"subtotal"})),
        tuple(amount for amount in those("rounding") if abs(amount.value) < 100),
        those("cash", frozenset({"change", "subtotal", "rounding"})),
        those("card", frozenset({"change", "subtotal"})),
        those("change", frozenset({"cash", "card"})) + those("change"),
    )


def targets(page: Page, total: int | None) -> list[int]:
    """What the lines may sum to: the total, the subtotals, and the total with labelled tax, service, rounding taken off or discounts put on."""
    if not total:
        return []
    found = labelled(page)
    bases = [total, *(amount.value for amount in found.subtotal if amount.value > 0)]
    taxes = [0, *(amount.value for amount in found.tax[:4])]
    services = [0, *(amount.value for amount in found.service[:2])]
    roundings = [0, *(amount.value for amount in found.rounding[:3])]
    discounts = [0, *(abs(amount.value) for amount in found.discount[:3])]
    reached = dict.fromkeys(bases)
    for tax in taxes:
        for service in services:
            for rounding in roundings:
                for discount in discounts:
                    reached[total - tax - service - rounding + discount] = None
    return [value for value in reached if value > 0]
