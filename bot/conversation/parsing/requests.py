"""Owns seeing through politeness: "could you put down 8 for bread" asks for nothing but the note in it, and so with orders."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.parsing.shape import AMOUNT, Scan, Shape


def ordered(scan: Scan, shape: Shape) -> Shape:
    """The shape without the politeness that leads to an order ("could you delete the last one?"); itself where there is none."""
    for pattern in scan.lexicon.patterns.get("requests.orders", ()):
        match = pattern.match(shape.text)
        if match is not None and shape.text[match.end() :].startswith(" "):
            return shape.without(shape.span(match)).less(("?",))
    return shape


def unwrapped(scan: Scan) -> Scan:
    """The scan without the words that ask for a note to be written down; unchanged where it asks for none, or holds no amount.

    Those words are blanked in the text too, so that all places in it stay and a polite "könntest" makes nothing hypothetical.
    """
    if not scan.shape.marks(AMOUNT):
        return scan
    shape = scan.shape.less(("?", "!", ".", "¿", "¡"))
    for pattern in scan.lexicon.patterns.get("requests.patterns", ()):
        match = pattern.fullmatch(shape.text)
        note = Shape(shape.span(match, "note")) if match is not None else None
        if note is not None and note.marks(AMOUNT):
            start, end = scan.tokens[note.items[0].first].start, scan.tokens[note.items[-1].last - 1].end
            return replace(scan, text=" " * start + scan.text[start:end] + " " * (len(scan.text) - end), shape=note)
    return scan
