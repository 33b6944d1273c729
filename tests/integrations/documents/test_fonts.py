"""What no font has is named, never left an empty box; and which letters a font has is read from its own table."""

from __future__ import annotations

import struct
from datetime import date

import pypdfium2
import pytest

from core.domain.money import Money
from core.domain.sheets import Block, Line, Sheet
from integrations.documents import charts, pages
from integrations.documents.fonts import legible, legible_values, points

DAY = date(2025, 3, 1)
LATIN = frozenset(range(0x20, 0x250))
WORDS = {name: name for name in ("day", "what", "category", "group", "amount", "currency", "total", "bills")}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café 3 €", "Café 3 €".replace("€", "[euro sign]")),
        ("Café 🍕", "Café [slice of pizza]"),
        ("रोटी दाल", "[devanagari]"),
        ("午饭 with Ben", "[cjk] with Ben"),
        ("👨\u200d👩 trip", "[man][woman] trip"),
        ("👍\U0001f3fd", "[thumbs up sign]"),
        ("\u2068Anna\u2069", "\u2068Anna\u2069"),
        ("ข้าว", "[thai]"),
        ("[ok]", "[ok]"),
    ],
)
def test_what_cannot_be_shown_is_named(text: str, shown: str) -> None:
    assert legible(text, known=LATIN) == shown


def test_all_texts_of_a_value_are_made_legible() -> None:
    assert legible_values({"a": ["\U00012000", {"b": 1}], "c": None}) == {"a": ["[cuneiform]", {"b": 1}], "c": None}


def font(form: int) -> bytes:
    """As much of a font as has the letters A to C and, by the wide form, a slice of pizza."""
    narrow = struct.pack(">HHHHHHH", 4, 32, 0, 4, 0, 0, 0) + struct.pack(">HH", 0x43, 0xFFFF) + bytes(2) + struct.pack(">HH", 0x41, 0xFFFF) + bytes(8)
    wide = struct.pack(">HHIII", 12, 0, 40, 0, 2) + struct.pack(">IIIIII", 0x41, 0x43, 1, 0x1F355, 0x1F355, 4)
    table = struct.pack(">HH", 0, 1) + struct.pack(">HHI", 3, 1, 12) + (narrow if form == 4 else wide)
    return b"\0\1\0\0" + struct.pack(">HHHH", 1, 0, 0, 0) + b"cmap" + struct.pack(">III", 0, 28, len(table)) + table


def test_the_letters_of_a_font_are_read() -> None:
    assert set(points(font(4))) - {0xFFFF} == {0x41, 0x42, 0x43}
    assert set(points(font(12))) == {0x41, 0x42, 0x43, 0x1F355}
    moved = bytearray(font(12))
    moved[12 + 8 : 12 + 12] = struct.pack(">I", 28 + 16)  # offsets count from the beginning of the collection
    assert set(points(b"ttcf" + struct.pack(">III", 0x10000, 1, 16) + bytes(moved))) == {0x41, 0x42, 0x43, 0x1F355}


@pytest.mark.parametrize("data", [b"", b"no font", b"ttcf", font(4)[:40], b"\0\1\0\0" + bytes(8)])
def test_what_is_no_font_has_no_letters(data: bytes) -> None:
    assert set(points(data)) <= {0x41, 0x42, 0x43}


def test_a_page_shows_each_script_or_names_it() -> None:
    said = ("Ελλάδα", "Київ", "naïve", "\U00012000 seal")  # the last in signs that no machine has: cuneiform
    lines = tuple(Line(DAY, "1 Mar", what, "Other", "", Money(100, "EUR"), "€1.00") for what in said)
    made = Sheet("en", "March", "", "€4.00", (), Block("When", ()), (), lines, ((Money(400, "EUR"), "€4.00"),), WORDS)
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pages.pages(made)))
    assert all(what in text for what in said[:3])
    assert "[cuneiform] seal" in text
    assert "€4.00" in text
    assert "[cuneiform]" in str(charts.specification(Sheet("en", "\U00012000", "", "€4", (), Block("When", ()), (Block("", ()),), (), (), WORDS)))
