"""Lengths in UTF-16 units, and cuts that no reader notices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.messages import Choice
from integrations.channels.telegram.keyboard import keyboard
from integrations.channels.telegram.text import piece, shortened, split, units

EMOJI = ["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "é", "e\u0301", "नि", "😀", "a", " ", "\n"]


@given(st.lists(st.sampled_from(EMOJI), max_size=200).map("".join), st.integers(24, 60))
def test_parts_fit_lose_nothing_and_cut_no_character(text, limit):
    parts = split(text, limit)
    assert all(0 < units(part) <= limit and part.strip() for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    for part in parts:
        assert part[0] not in "\u200d\u0301\ufe0f🏽ि"
        assert not part.endswith("\u200d")
        assert sum(0x1F1E6 <= ord(each) <= 0x1F1FF for each in part) % 2 == 0, "flags stay whole"


@given(st.text(max_size=300), st.integers(1, 50))
def test_any_text_is_split_within_the_limit(text, limit):
    assert all(units(part) <= max(limit, 2) for part in split(text, limit))


@given(st.text(max_size=300), st.integers(3, 60))
def test_shortened_fits(text, limit):
    assert units(shortened(text, limit)) <= limit


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_piece_by_its_units(before, middle, after):
    assert piece(before + middle + after, offset=units(before), length=units(middle)) == middle


def test_lines_are_kept_whole_where_they_can_be():
    assert split("aaaa\nbbbb\ncccc", 10) == ["aaaa\nbbbb", "cccc"]
    assert split("one two three", 8) == ["one two", "three"]
    assert split("x" * 9000) == ["x" * 4096, "x" * 4096, "x" * 808]


@given(st.lists(st.text(max_size=90), max_size=130))
def test_a_keyboard_is_within_the_limits(labels):
    markup = keyboard([Choice(f"id-{number}", label) for number, label in enumerate(labels)])
    rows = markup.inline_keyboard if markup else ()
    assert all(1 <= len(row) <= 8 for row in rows)
    shown = [button for row in rows for button in row]
    assert len(shown) == min(100, len(labels))
    assert [button.callback_data for button in shown] == [f"id-{number}" for number in range(len(shown))]
    assert all(button.text.strip() and units(button.text) <= 64 for button in shown)
