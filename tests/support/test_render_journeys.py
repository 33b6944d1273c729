"""The manual shows every journey, every message of it, and never lets text become markup."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.support.render_journeys import JOURNEYS, render_page
from tests.support.transcripts import read_transcript

HOSTILE = """\
# <i>Title</i> & more
@ 2025-03-14 12:00
[<b>trip</b> group]
# Prose <script>alert(1)</script> {{links}}
anna> <img src=x onerror=alert(1)>
« "quoted" <b>bold</b>
  [<u>Undo</u>]
<script> presses [<u>Undo</u>]
«bob» {{journeys}} https://example.org
= trip 2025-03-14 <b>taxi</b> 24.00 EUR: anna 24.00
= trip EUR anna 16.00, bob -16.00
"""


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.words += data


def test_text_stays_text():
    page = Page(render_page({"x": read_transcript(HOSTILE)}))
    assert not {"script", "img", "u", "i"} & set(page.tags)
    for text in ("<img src=x onerror=alert(1)>", '"quoted" <b>bold</b>', "{{journeys}} https://example.org", "<script>alert(1)</script>"):
        assert text in page.words
    assert page.addresses == ["#x"]
    assert "+16.00" in page.words
    assert "−16.00" in page.words


def test_every_journey_and_every_message_is_shown():
    journeys = {path.stem: read_transcript(path.read_text(encoding="utf-8")) for path in JOURNEYS.glob("*.txt")}
    assert journeys
    html = render_page(journeys)
    page = Page(html)
    assert "://" not in html
    for journey in journeys.values():
        assert journey.title in page.words
        for act in journey.acts:
            assert act.text.split("\n")[0] in page.words or act.kind == "tick"
            assert all(line in page.words for message in act.said for line in message.text.split("\n"))
