"""Draws a card: a title, one large figure, and lists with bars, as a PNG that is read on a phone. Lays out what it is given; knows no money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from integrations.documents.fonts import legible

WIDTH = 540  # units; the picture has twice as many pixels
SCALE = 2
ROWS_MOST = 12  # of one list; what is behind them is in the words that the card comes with
MARGIN, EDGE = 16, 36  # around the card, and from the picture's edge to what is written
_LINE, _NOTE, _BAR, _GAP = 34, 20, 12, 30
_LABEL_MOST, _TITLE_MOST, _FIGURE_MOST = 30, 26, 22  # characters that fit beside an amount, and on a line alone
# Those of the web chat in the light; nothing is said by colour alone.
_PAPER, _CARD, _INK, _SOFT, _LINE_COLOUR, _BAR_COLOUR = "#f4f5f2", "#ffffff", "#17211c", "#55615a", "#d9ded8", "#0f6b4f"
_COLOUR = re.compile("#[0-9a-f]{6}")
_TONES = {"plain": _INK, "plus": "#0a6443", "minus": "#a32d1b"}
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the first one comes with the library that draws

Tone = Literal["plain", "plus", "minus"]


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what stands at the end of its line; `note` below it; `share` of 1000 as a bar, of its own `colour` ("#rrggbb") if it has one."""

    label: str
    amount: str
    note: str = ""
    share: int | None = None
    tone: Tone = "plain"
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """All that is shown, in the reader's language."""

    title: str
    subtitle: str
    figure: str
    sections: tuple[Section, ...]


def picture(card: Card) -> bytes:
    """A PNG of 1080 pixels across and as many down as it takes. Some 200 ms of work: not for the event loop."""
    import vl_convert  # a large library: only who draws pays for it

    drawn: bytes = vl_convert.svg_to_png(drawing(card), scale=SCALE)
    return drawn


def drawing(card: Card) -> str:
    """The same as an <svg>."""
    parts: list[str] = []
    bottom = _head(card, parts)
    for section in card.sections:
        if section.rows:
            bottom = _section(section, bottom + _GAP, parts)
    height = bottom + EDGE
    ground = f'<rect width="{WIDTH}" height="{height}" fill="{_PAPER}"/>'
    place = f'x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{height - 2 * MARGIN}"'
    sheet = f'<rect {place} rx="22" fill="{_CARD}" stroke="{_LINE_COLOUR}"/>'
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}">{ground}{sheet}{"".join(parts)}</svg>'


def _head(card: Card, parts: list[str]) -> int:
    parts.append(_text(EDGE, 62, _short(card.title, _TITLE_MOST), size=27, bold=True))
    parts.append(_text(EDGE, 88, _short(card.subtitle, 2 * _TITLE_MOST), size=16, colour=_SOFT))
    size = 44 if len(card.figure) <= _FIGURE_MOST // 2 else 30 if len(card.figure) <= _FIGURE_MOST else 20
    parts.append(_text(EDGE, 142, _short(card.figure, 2 * _FIGURE_MOST), size=size, bold=True, colour=_BAR_COLOUR))
    return 150


def _section(section: Section, top: int, parts: list[str]) -> int:
    """The list from `top` on; where it ends."""
    parts.append(f'<line x1="{EDGE}" y1="{top}" x2="{WIDTH - EDGE}" y2="{top}" stroke="{_LINE_COLOUR}"/>')
    parts.append(_text(EDGE, top + 28, section.heading, size=15, bold=True, colour=_SOFT))
    bottom = top + 34
    for row in section.rows[:ROWS_MOST]:
        parts += _row(row, bottom)
        bottom += _LINE + (_NOTE if row.note else 0) + (_BAR if row.share is not None else 0)
    return bottom


def _row(row: Row, top: int) -> Iterator[str]:
    yield _text(EDGE, top + 24, _short(row.label, _LABEL_MOST), size=19)
    yield _text(WIDTH - EDGE, top + 24, row.amount, size=19, bold=True, colour=_TONES[row.tone], end=True)
    below = top + 24
    if row.note:
        below += _NOTE
        yield _text(EDGE, below, _short(row.note, 2 * _LABEL_MOST), size=15, colour=_SOFT)
    if row.share is not None:
        room, colour = WIDTH - 2 * EDGE, row.colour if _COLOUR.fullmatch(row.colour) else _BAR_COLOUR
        yield f'<rect x="{EDGE}" y="{below + 9}" width="{room}" height="6" rx="3" fill="{_PAPER}"/>'
        if row.share > 0:
            yield f'<rect x="{EDGE}" y="{below + 9}" width="{max(6, room * row.share // 1000)}" height="6" rx="3" fill="{colour}"/>'


def _text(x: int, y: int, text: str, *, size: int, bold: bool = False, colour: str = _INK, end: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}{anchor}>{escape(_printable(text))}</text>'


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _printable(text: str) -> str:
    """Without control characters, which no XML may hold."""
    return legible("".join(character if character.isprintable() else " " for character in text))
