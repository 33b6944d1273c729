"""Cards are drawn whole, whatever people are called, with the fonts that come along."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from integrations.documents.cards import ROWS_MOST, Card, Row, Section, drawing, picture

SVG = "{http://www.w3.org/2000/svg}"


def card(*rows: Row, title: str = "Lisbon", figure: str = "€1,482.60") -> Card:
    return Card(title, "14 – 23 Mar · 40 bills", figure, (Section("People", rows), Section("Nothing", ())))


def texts(shown: Card) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(drawing(shown)).iter(f"{SVG}text")]


def test_it_says_what_it_is_given_and_leaves_empty_lists_out() -> None:
    shown = card(Row("Anna", "+€149.66", "paid €520.40 · share €370.74", 351, "plus"), Row("Bob", "−€19.33", tone="minus"))
    said = texts(shown)
    assert said == ["Lisbon", "14 – 23 Mar · 40 bills", "€1,482.60", "People", "Anna", "+€149.66", "paid €520.40 · share €370.74", "Bob", "−€19.33"]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "A & B", "quote \" and ' too", "line\nbreak\x00\x1b[31m", "x" * 500, "अनन्या", "🦊"])
def test_what_people_are_called_stays_text(name: str) -> None:
    shown = card(Row(name, "€1"), title=name)
    root = ET.fromstring(drawing(shown))
    assert {element.tag for element in root.iter()} == {f"{SVG}{tag}" for tag in ("svg", "rect", "line", "text")}
    assert all(len(text) <= 60 for text in texts(shown))
    assert picture(shown).startswith(b"\x89PNG")


def test_bars_are_as_long_as_their_shares() -> None:
    root = ET.fromstring(drawing(card(Row("A", "€3", share=750), Row("B", "€1", share=250), Row("C", "€0", share=0))))
    widths = [int(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect") if bar.attrib.get("height") == "6"]
    room = widths[0]
    assert widths == [room, room * 750 // 1000, room, room * 250 // 1000, room]


def test_long_lists_end() -> None:
    shown = card(*(Row(f"Member {number}", "€1") for number in range(100)))
    assert sum(text.startswith("Member") for text in texts(shown)) == ROWS_MOST


def test_the_picture_is_sharp_and_something_is_written_in_it() -> None:
    drawn = Image.open(io.BytesIO(picture(card(Row("Anna", "+€149.66")))))
    assert drawn.width == 1080
    title = drawn.convert("L").crop((60, 60, 400, 140))
    ink = sum(title.histogram()[:128])
    assert 500 < ink < 20_000, "letters, not empty boxes"


def test_a_bar_has_the_colour_that_people_gave_it_and_no_other_text_gets_there() -> None:
    root = ET.fromstring(drawing(card(Row("A", "€3", share=750, colour="#2e7d32"), Row("B", "€1", share=250, colour='red"/><script>'))))
    fills = [element.get("fill") for element in root.iter(f"{SVG}rect")]
    assert "#2e7d32" in fills and not any("red" in (fill or "") for fill in fills)
