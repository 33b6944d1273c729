"""Owns the address in the head of a receipt: the rows between name and numbers that words or post codes show to be one."""

from __future__ import annotations

import re

from integrations.receipts.extraction.page import Page

_POST_CODE = re.compile(r"(?<![\d.,-])(?:\d{4,5}(?:-\d{3})?|[A-Z]{1,2}\d{1,2}[A-Z]? ?\d[A-Z]{2}|\d{4} ?[A-Z]{2})(?![\d.,-])")
_ROWS = 14
_MOST_ROWS = 5


def address_of(page: Page) -> str | None:
    """The rows that belong to an address, joined by commas; None where there is none."""
    found: list[tuple[int, str]] = []
    for index, row in enumerate(page.rows[:_ROWS]):
        kinds = page.labels[index].kinds
        if index in page.by_row or kinds & {"phone", "taxid", "total", "date", "customer", "column"}:
            if found:
                break
            continue
        placed = "address" in kinds or bool(_POST_CODE.search(row.text))
        if (placed and any(map(str.isdigit, row.text))) or (found and "address" in kinds):
            found.append((index, row.text))
        elif found:
            break
    rows = [re.sub(r"\s+", " ", text).strip(" ,;:.-") for _, text in found[:_MOST_ROWS]]
    return ", ".join(row for row in rows if row)[:200] or None
