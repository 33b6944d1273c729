"""Owns the sender's groups named in a message: "in Lisbon: 20 taxi", "who owes whom in Lisbon". Reads the rest of no message."""

from __future__ import annotations

from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.shape import Scan, Shape
from core.reading.text import folded_words


def named_first(scan: Scan, shape: Shape) -> tuple[str | None, Shape]:
    """A group named first ("in Lisbon: 20 taxi", "Lisbon: 20 taxi"), and the rest of the shape."""
    for name in scan.context.groups:
        words = folded_words(name)
        folded = tuple(scan.tokens[place].folded for item in shape.items[: len(words) + 3] for place in range(item.first, item.last))
        lead = 1 if folded[:1] and folded[0] in scan.lexicon.words["words.within"] else 0
        lead += bool(folded[lead : lead + 1]) and folded[lead] in scan.lexicon.words["words.articles"]
        size = lead + len(words)
        if words and folded[lead:size] == words and (folded[size : size + 1] in ((":",), (",",), ("-",)) or (lead and shape.items[size : size + 1])):
            return name, trimmed(scan, Shape(tuple(item for item in shape.items if item.first >= shape.items[0].first + size)))
    return None, shape


def named_last(scan: Scan, shape: Shape) -> tuple[str | None, Shape]:
    """A group named last, behind a word for within ("who owes whom in Lisbon"), and what is before it."""
    for name in scan.context.groups:
        words = folded_words(name)
        ends = scan.tokens[shape.items[-1].last - len(words) - 1 : shape.items[-1].last] if shape.items else ()
        folded = tuple(token.folded for token in ends)
        if words and folded[1:] == words and folded[0] in scan.lexicon.words["words.within"]:
            before = shape.items[-1].last - len(words) - 1
            return name, Shape(tuple(item for item in shape.items if item.last <= before))
    return None, shape
