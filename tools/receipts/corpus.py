"""The training corpus and what the engines read in it: truths in the product's own values, and pages by engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from integrations.receipts.boxes import read_boxes
from integrations.receipts.extraction.page import Page, page_of


@dataclass(frozen=True)
class Case:
    """One receipt and the truth about it; `items` as (description, minor units), None where nobody labelled them."""

    id: str
    merchant: str
    total: int | None
    items: tuple[tuple[str, int], ...] | None
    raw: dict[str, Any]


def cases(corpus: Path) -> list[Case]:
    """All receipts of a training corpus."""
    return [_case(raw) for raw in json.loads(corpus.read_text(encoding="utf-8"))["cases"]]


def _case(raw: dict[str, Any]) -> Case:
    labels = raw.get("labels_ai")
    items = tuple((str(item["name"]), round(float(item["total_price"]) * 100)) for item in labels["items"]) if labels else None
    return Case(raw["id"], raw.get("merchant") or "", minor(raw.get("total")), items, raw)


def minor(text: str | None) -> int | None:
    """Minor units of "RM 12.50"."""
    match = re.search(r"\d[\d,]*\.\d\d", text or "")
    return int(re.sub(r"\D", "", match.group())) if match else None


def pages(readings: Path, found: list[Case]) -> Iterator[tuple[Case, Page]]:
    """The receipts that this folder has a reading of, as pages. A reading is `ID.json` with `boxes` as an engine gave them."""
    for case in found:
        file = readings / f"{case.id}.json"
        if file.exists():
            yield case, page_of(read_boxes(json.loads(file.read_text(encoding="utf-8"))["boxes"]))


TODAY = date(2019, 6, 1)
