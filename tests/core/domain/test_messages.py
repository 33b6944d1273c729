"""What a message shows of a receipt."""

from __future__ import annotations

import pytest

from core.domain.messages import ShownReceipt

LINES = ((1, "1 Soup €4"), (4, "2 Beer €9 (Anna)"))


@pytest.mark.parametrize(
    ("lines", "text", "parts"),
    [
        (LINES, "Mario · €13\n1 Soup €4 · 2 Beer €9 (Anna)\nBeer is left.\nAll of it.", ("Mario · €13", "Beer is left.\nAll of it.")),
        (LINES, "Mario · €13\n1 Soup €4 · 2 Beer €9 (Anna) · …\nAll.", ("Mario · €13", "…\nAll.")),
        (LINES, "Mario · €13\n1 Soup €4 · 2 Beer €9 (Anna)", ("Mario · €13", "")),
        (LINES, "Mario · €13\n1 Soup €4", ("Mario · €13\n1 Soup €4", "")),
        ((), "Is it €13?", ("Is it €13?", "")),
    ],
)
def test_the_words_above_the_lines_and_those_below(lines: tuple[tuple[int, str], ...], text: str, parts: tuple[str, str]) -> None:
    assert ShownReceipt("1", lines).without_lines(text) == parts
