"""Letters as pages: all is there, nothing of it is markup, and nothing is fetched."""

from __future__ import annotations

import re
from datetime import date

from core.domain.money import Money
from core.domain.sheets import Bar, Block, Line, Sheet
from integrations.documents.letters import letter_page, report_page

EVIL = "<script>alert(1)</script>\"'&"
SHEET = Sheet(
    language="de",
    title=f"März {EVIL}",
    subtitle="42 Ausgaben",
    figure="1.240,50 €",
    notes=("80 € mehr als sonst.", ""),
    times=Block("Wann", ()),
    blocks=(
        Block("Nach Kategorie", (Bar(EVIL, "650 €", Money(65000, "EUR")), Bar("Essen", "65 €", Money(6500, "EUR"), "18 % mehr"))),
        Block("Nach Gruppe", (Bar("Eigene", "715 €", Money(71500, "EUR")),)),
        Block("Nach Ort", (Bar("Erstattung", "-5 €", Money(-500, "EUR")), Bar("Nichts", "0 €", Money(0, "EUR")))),
    ),
    lines=(Line(date(2025, 3, 1), "Sa. 1. März", "Miete", "Wohnen", "", Money(65000, "EUR"), "650 €"),),
    totals=((Money(71500, "EUR"), "715 €"),),
    words={"footer": f"Schluss: {EVIL}\nzweite"},
)


def test_all_of_a_report_is_there_and_nothing_is_markup() -> None:
    page = report_page(SHEET).decode()
    assert "<script" not in page and page.count("&lt;script&gt;") == 4  # its title twice, a bar and the footer
    assert all(
        words in page for words in ("1.240,50 €", "80 € mehr als sonst.", "Nach Kategorie", "18 % mehr", "Nach Ort", "<br>zweite", 'lang="de"')
    )
    assert "Nach Gruppe" not in page  # a bar alone says nothing


def test_bars_are_as_long_as_their_part_of_the_largest() -> None:
    assert [int(each) for each in re.findall(r"height:6px;width:(\d+)%", report_page(SHEET).decode())] == [100, 10, 100, 1]


def test_nothing_is_fetched_or_run() -> None:
    for page in (report_page(SHEET).decode(), letter_page(f"Code\n{EVIL}", "foot")):
        assert not re.search(r"(?i)https?:|src=|url\(|<link|<script|@import|<img", page)
        assert "prefers-color-scheme: dark" in page and "width=device-width" in page


def test_a_letter_without_a_footer_has_none() -> None:
    assert "foot" in letter_page("Code", "foot") and "13px/1.5" not in letter_page("Code", "")
