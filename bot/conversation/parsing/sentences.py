"""Sentences that are about one thing as a whole: which patterns of a section match all of what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.shape import Scan, Shape, distinct

_MARKS = (".", "!", "?", "¡", "¿", "~", '"')


def wholes(scan: Scan, section: str, *, most: int, said: Shape | None = None) -> Iterator[tuple[str, Shape, re.Match[str]]]:
    """The name of each list of a section that has a pattern which matches, the shape that it matched, and the match, in the order of the data.

    New names are the words that they are, greetings around it may be there or not; more than `most` characters are no such sentence.
    `said`: what is left of the message, where some of it is read already.
    """
    likely = scan.section(section)
    if not likely:
        return
    shape = (said or scan.shape).plain.less(_MARKS)
    if not shape.items or len(shape.text) > most:
        return
    for name, patterns in likely.items():
        for pattern in patterns:
            for form in distinct(trimmed(scan, shape), shape):
                if (match := pattern.fullmatch(form.text)) is not None:
                    yield name, form, match
