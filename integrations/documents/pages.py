"""Sets a report as a PDF, by a template that is a data file and fonts that come along. Reads no markup of anybody's, and no file but the template."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from core.domain.sheets import Bar, Block, Sheet
from integrations.documents.fonts import legible_values

_TEMPLATE = "report.typ"


def pages(sheet: Sheet) -> bytes:
    """A PDF of A4 pages. Some 100 ms of work: not for the event loop."""
    import typst  # a large library: only who sets pages pays for it

    template = files(__package__).joinpath(_TEMPLATE).read_bytes()
    made: bytes = typst.compile(
        template, sys_inputs={"sheet": json.dumps(legible_values(data_of(sheet)))}, format="pdf", timestamp=datetime(2000, 1, 1, tzinfo=UTC)
    )
    return made


def data_of(sheet: Sheet) -> dict[str, Any]:
    """What the template is given."""
    return {
        "language": sheet.language,
        "title": sheet.title,
        "subtitle": sheet.subtitle,
        "figure": sheet.figure,
        "notes": list(filter(None, sheet.notes)),
        "times": _block(sheet.times),
        "blocks": [_block(block) for block in sheet.blocks],
        "lines": [{"day": line.day, "what": line.what, "category": line.category, "book": line.book, "text": line.text} for line in sheet.lines],
        "left": sheet.earlier,
        "totals": [text for _, text in sheet.totals],
        "words": dict(sheet.words),
    }


def _block(block: Block) -> dict[str, Any]:
    return {
        "heading": block.heading,
        "bars": [_bar(bar) for bar in block.bars],
    }


def _bar(bar: Bar) -> dict[str, Any]:
    """`part`: minor units, which the template only compares."""
    kept = {"label": bar.label, "tick": bar.tick or bar.label, "text": bar.text, "note": bar.note, "colour": bar.colour}
    return {**kept, "part": bar.amount.minor, "rest": bar.is_rest}
