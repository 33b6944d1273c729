"""Draws a report as a chart for phones: the total, when it was spent, on what. Vega-Lite specifications to PNG; counts nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.sheets import Bar, Sheet
from integrations.documents.fonts import legible

WIDTH, SCALE = 460, 2  # units between the edges; the picture has twice as many pixels
_EDGE = 40
_TITLE_MOST, _LABEL_MOST, _TEXT_MOST, _NOTE_MOST = 28, 28, 10, 48  # characters that fit; a longer amount leaves less to its label
_LETTERS_MOST, _BETWEEN, _WIDE_MOST, _TICKS = 66, 2, 7, 4  # what fits below columns, how many of them in full size; how many names else
_SLIM = 4  # fewer columns than these would be too fat
_LABEL, _THICK, _STEP, _STEP_NOTED = 30, 9, 56, 18  # a row: what is written above its line, the line, the next row, and how much a note adds
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # the first one comes with the library that draws
_VERSION = "6.4"

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a picture. Nothing is said by colour alone."""

    paper: str
    ink: str
    soft: str
    line: str
    bar: str
    track: str


LIGHT = Look(paper="#ffffff", ink="#17211c", soft="#55615a", line="#d9ded8", bar="#0f6b4f", track="#eceeea")
DARK = Look(paper="#15191a", ink="#eef2ef", soft="#a3aea8", line="#343b3a", bar="#55c39a", track="#252b2b")


def picture(sheet: Sheet, *, dark: bool = False) -> bytes:
    """A PNG of 1080 pixels across. Some 300 ms of work, and seconds for the first: not for the event loop."""
    import vl_convert  # a large library: only who draws pays for it

    drawn: bytes = vl_convert.vegalite_to_png(json.dumps(specification(sheet, dark=dark)), vl_version=_VERSION, scale=SCALE, allowed_base_urls=[])
    return drawn


def specification(sheet: Sheet, *, dark: bool = False) -> Spec:
    """The same as a Vega-Lite specification with its data in it."""
    look = DARK if dark else LIGHT
    parts = [_head(sheet, look)]
    parts += [_columns(sheet, look)] if len(sheet.times.bars) > 1 else []
    parts += [_bars(sheet, look)]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{sheet.title}: {sheet.figure}",
        "background": look.paper,
        "padding": _EDGE,
        "spacing": 34,
        "vconcat": parts,
        "config": {"font": _FONT, "view": {"stroke": None}, "axis": {"labelFont": _FONT}, "text": {"font": _FONT}},
    }


def _head(sheet: Sheet, look: Look) -> Spec:
    """Title, the total, and what is said below it."""
    lines = [
        (sheet.title, 26 if len(sheet.title) <= _TITLE_MOST else 20, "bold", look.ink, 0),
        (sheet.subtitle, 17, "normal", look.soft, 8),
        (sheet.figure, 46 if len(sheet.figure) <= 12 else 30 if len(sheet.figure) <= 22 else 20, "bold", look.bar, 20),
    ]
    lines += [(note, 16, "normal", look.soft, 10) for note in sheet.notes if note]
    layers, place = [], 0
    for text, size, weight, colour, above in lines:
        place += size + above
        layers.append(_text(text, x=0, y=place, size=size, weight=weight, colour=colour, limit=WIDTH))
    return {"width": WIDTH, "height": place, "layer": layers}


def _text(text: str, *, x: int, y: int, size: int, weight: str, colour: str, limit: int) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": size, "fontWeight": weight, "color": colour, "limit": limit}
    return {"data": {"values": [{"text": legible(text)}]}, "mark": {**mark, "x": x, "y": y}, "encoding": {"text": {"field": "text"}}}


# ------------------------------------------------------------------ when


def _columns(sheet: Sheet, look: Look) -> Spec:
    """A column for each day, week or month; a few of them are named, or all where they are few, and the highest says its amount."""
    bars = sheet.times.bars
    rows: list[Spec] = [{"place": place, "label": bar.tick or bar.label, "value": _number(bar)} for place, bar in enumerate(bars)]
    most = max(range(len(bars)), key=lambda place: bars[place].amount.minor)
    high = [{"place": most, "value": _number(bars[most]), "text": bars[most].text}]
    across = {"field": "place", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(bars))), "paddingInner": 0.3, "paddingOuter": 0}}
    up = {"field": "value", "type": "quantitative", "axis": None}
    edge, band = ("left", 0) if most < len(bars) // 4 else ("right", 1) if most >= len(bars) * 3 // 4 else ("center", 0.5)
    drawn = {"type": "bar", "color": look.bar, "cornerRadiusEnd": 3, "width": {"band": 1}} | ({"width": 96} if len(bars) < _SLIM else {})
    return {
        "width": WIDTH,
        "height": 130,
        "layer": [
            {"data": {"values": rows}, "mark": drawn, "encoding": {"x": across, "y": up}},
            {
                "data": {"values": high},
                "mark": {"type": "text", "align": edge, "dy": -11, "fontSize": 16, "fontWeight": "bold", "color": look.ink},
                "encoding": {"x": {**across, "bandPosition": band}, "y": up, "text": {"field": "text"}},
            },
            *_ticks(rows, across, look),
        ],
    }


def _ticks(rows: list[Spec], across: Spec, look: Look) -> list[Spec]:
    """What columns are called, below them. Where only some are named, the first and the last are written inwards from the edges."""
    if sum(len(row["label"]) + _BETWEEN for row in rows) <= _LETTERS_MOST:
        return [_named(rows, across, look, align="center", band=0.5)]
    places = [place * (len(rows) - 1) // (_TICKS - 1) for place in range(_TICKS)]
    return [
        _named([rows[places[0]]], across, look, align="left", band=0),
        _named([rows[place] for place in places[1:-1]], across, look, align="center", band=0.5),
        _named([rows[places[-1]]], across, look, align="right", band=1),
    ]


def _named(rows: list[Spec], across: Spec, look: Look, *, align: str, band: float) -> Spec:
    mark = {"type": "text", "align": align, "baseline": "top", "fontSize": 15 if len(rows) <= _WIDE_MOST else 13, "color": look.soft, "y": 140}
    return {
        "data": {"values": rows},
        "mark": mark,
        "encoding": {"x": {**across, "bandPosition": band}, "text": {"field": "label"}},
    }


# ------------------------------------------------------------------ on what


def _bars(sheet: Sheet, look: Look) -> Spec:
    """A bar for each category, its name and its amount above it, how it stands to the usual below; what is behind them all has a line without."""
    rows, bottom = _placed(sheet.blocks[0].bars, look)
    below = {"field": "top", "type": "quantitative", "scale": None, "axis": None}
    end = {"field": "end"}
    written = {"type": "text", "baseline": "bottom", "dy": -7, "fontSize": 20}
    across = {"value": 0}
    label, text, note = ({"y": below, "text": {"field": name}} for name in ("label", "text", "note"))
    inked = {"color": {"field": "ink", "type": "nominal", "scale": None}}
    drawn = {"color": {"field": "colour", "type": "nominal", "scale": None}}
    wide = {"field": "wide", "type": "quantitative", "scale": None}
    solid = {"type": "rect", "cornerRadius": _THICK // 2}
    barred = [{"filter": "datum.wide > 0"}]
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": bottom,
        "layer": [
            {
                "transform": barred,
                "mark": {**solid, "color": look.track},
                "encoding": {"x": across, "x2": {"value": WIDTH}, "y": below, "y2": end},
            },
            {"transform": barred, "mark": solid, "encoding": {"x": across, "x2": wide, "y": below, "y2": end, **drawn}},
            {"mark": {**written, "align": "left", "x": 0}, "encoding": {**label, **inked}},
            {"mark": {**written, "align": "right", "x": WIDTH, "fontWeight": "bold"}, "encoding": {**text, **inked}},
            {"mark": {"type": "text", "align": "left", "baseline": "top", "x": 0, "dy": 15, "fontSize": 15, "color": look.soft}, "encoding": note},
        ],
    }


def _placed(bars: Sequence[Bar], look: Look) -> tuple[list[Spec], int]:
    """A row for each bar, with where its line lies and how far it goes, and where they end."""
    most = max((bar.amount.minor for bar in bars if not bar.is_rest), default=0)
    rows, top = [], _LABEL
    for bar in bars:
        wide = max(_THICK, WIDTH * bar.amount.minor // most) if bar.amount.minor > 0 and not bar.is_rest else 0
        rows.append(
            {
                "label": _short(legible(bar.label), _LABEL_MOST - max(0, len(bar.text) - _TEXT_MOST)),
                "text": bar.text,
                "note": _short(bar.note, _NOTE_MOST),
                "top": top,
                "end": top + _THICK,
                "wide": wide,
                "ink": look.soft if bar.is_rest else look.ink,
                "colour": bar.colour or look.bar,
            }
        )
        top += _STEP + (_STEP_NOTED if bar.note else 0)
    return rows, top - _STEP + (0 if bars and bars[-1].is_rest else _THICK)


def _number(bar: Bar) -> str:
    """The amount as its exact decimal: Vega takes texts of numbers for where they lie, and no figure is read off it."""
    return str(bar.amount)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
