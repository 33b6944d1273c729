"""Draws a report as a chart for phones: the total, when it was spent, on what. Vega-Lite specifications to PNG; counts nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.domain.sheets import Bar, Sheet

WIDTH, SCALE = 460, 2  # units between the edges; the picture has twice as many pixels
BARS_MOST = 8
_EDGE = 40
_LABEL_MOST, _NOTE_MOST = 26, 34
_TICKS, _FEW_TICKS, _FEW = 4, 3, 8  # columns that are named, and fewer where these are wide
_STEP, _STEP_NOTED = 58, 74
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
        "spacing": 26,
        "vconcat": parts,
        "config": {"font": _FONT, "view": {"stroke": None}, "axis": {"labelFont": _FONT}, "text": {"font": _FONT}},
    }


def _head(sheet: Sheet, look: Look) -> Spec:
    """Title, the total, and what is said below it."""
    size = 46 if len(sheet.figure) <= 12 else 30 if len(sheet.figure) <= 22 else 20
    lines = [(sheet.title, 26, "bold", look.ink), (sheet.subtitle, 16, "normal", look.soft), (sheet.figure, size, "bold", look.bar)]
    lines += [(note, 16, "normal", look.soft) for note in sheet.notes if note]
    layers, place = [], 0
    for text, height, weight, colour in lines:
        place += height + (10 if height < 30 else 18)
        layers.append(_text(text, x=0, y=place - 4, size=height, weight=weight, colour=colour, limit=WIDTH))
    return {"width": WIDTH, "height": place, "layer": layers}


def _text(text: str, *, x: int, y: int, size: int, weight: str, colour: str, limit: int) -> Spec:
    mark = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": size, "fontWeight": weight, "color": colour, "limit": limit}
    return {"data": {"values": [{"text": text}]}, "mark": {**mark, "x": x, "y": y}, "encoding": {"text": {"field": "text"}}}


def _columns(sheet: Sheet, look: Look) -> Spec:
    """A column for each day, week or month; a few of them are named, and the highest says its amount."""
    bars = sheet.times.bars
    named = _TICKS if len(bars) >= _FEW else min(_FEW_TICKS, len(bars))
    places = [place * (len(bars) - 1) // (named - 1) for place in range(named)]  # of two or more columns
    rows: list[Spec] = [{"place": place, "label": bar.label, "value": _number(bar)} for place, bar in enumerate(bars)]
    most = max(range(len(bars)), key=lambda place: bars[place].amount.minor)
    high = [{"place": most, "value": _number(bars[most]), "text": bars[most].text}]
    across = {"field": "place", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(bars))), "paddingInner": 0.25}}
    up = {"field": "value", "type": "quantitative", "axis": None}
    edge = "left" if most < len(bars) // 4 else "right" if most >= len(bars) * 3 // 4 else "center"
    return {
        "width": WIDTH,
        "height": 130,
        "layer": [
            {"data": {"values": rows}, "mark": {"type": "bar", "color": look.bar, "cornerRadiusEnd": 3}, "encoding": {"x": across, "y": up}},
            {
                "data": {"values": high},
                "mark": {"type": "text", "align": edge, "dy": -9, "fontSize": 15, "fontWeight": "bold", "color": look.ink},
                "encoding": {"x": across, "y": up, "text": {"field": "text"}},
            },
            _named([rows[places[0]]], across, look, align="left"),
            _named([rows[place] for place in places[1:-1]], across, look, align="center"),
            _named([rows[places[-1]]], across, look, align="right"),
        ],
    }


def _named(rows: list[Spec], across: Spec, look: Look, *, align: str) -> Spec:
    """What some columns are called, below them; the first and the last are written inwards, so that nothing stands over the edge."""
    mark = {"type": "text", "align": align, "dx": {"left": -6, "right": 6}.get(align, 0), "baseline": "top", "fontSize": 14, "limit": 110}
    return {
        "data": {"values": rows},
        "mark": {**mark, "color": look.soft, "y": 138},
        "encoding": {"x": across, "text": {"field": "label"}},
    }


def _bars(sheet: Sheet, look: Look) -> Spec:
    """A bar for each category, its name and its amount above it."""
    bars = [bar for bar in sheet.blocks[0].bars if bar.amount.minor > 0][:BARS_MOST]
    rows = [
        {
            "place": place,
            "label": _short(bar.label, _LABEL_MOST),
            "text": bar.text,
            "note": _short(bar.note, _NOTE_MOST),
            "value": _number(bar),
        }
        for place, bar in enumerate(bars)
    ]
    down = {"field": "place", "type": "ordinal", "axis": None, "scale": {"domain": list(range(len(bars)))}}
    across = {"field": "value", "type": "quantitative", "axis": None, "scale": {"domainMin": 0, "nice": False}}
    drawn = {"type": "bar", "height": 10, "yOffset": 12, "cornerRadius": 5}
    written = {"type": "text", "baseline": "bottom", "dy": -1, "fontSize": 19}
    return {
        "data": {"values": rows},
        "width": WIDTH,
        "height": {"step": _STEP_NOTED if any(row["note"] for row in rows) else _STEP},
        "layer": [
            {
                "mark": {"type": "bar", "height": 10, "yOffset": 12, "color": look.track, "x": 0, "x2": WIDTH, "cornerRadius": 5},
                "encoding": {"y": down},
            },
            {"mark": {**drawn, "color": look.track, "x": 0, "x2": WIDTH}, "encoding": {"y": down}},
            {"mark": {**drawn, "color": look.bar}, "encoding": {"y": down, "x": across}},
            {"mark": {**written, "align": "left", "x": 0, "color": look.ink}, "encoding": {"y": down, "text": {"field": "label"}}},
            {
                "mark": {**written, "align": "right", "x": WIDTH, "fontWeight": "bold", "color": look.ink},
                "encoding": {"y": down, "text": {"field": "text"}},
            },
            {
                "mark": {**written, "align": "left", "baseline": "top", "x": 0, "dy": 21, "fontSize": 14, "color": look.soft},
                "encoding": {"y": down, "text": {"field": "note"}},
            },
        ],
    }


def _number(bar: Bar) -> str:
    """The amount as its exact decimal: Vega takes texts of numbers for where they lie, and no figure is read off it."""
    return str(bar.amount)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
