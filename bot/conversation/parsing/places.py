"""Owns the sender's groups named in a message: "in Lisbon: 20 taxi", "who owes whom in Lisbon". Reads the rest of no message."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.shape import Scan, Shape
from core.reading.text import folded_words


@dataclass(frozen=True, slots=True)
class Placed:
    """A text that names a group `first`, or further on; `text`: the rest of it."""

    group: str
    text: str
    first: bool


def placed(scan: Scan) -> Placed | None:
    """The text apart from the group that it names; None where it names none, or nothing else."""
    shape = trimmed(scan, scan.shape)
    group, rest = named_first(scan, shape)
    if group is not None and rest.items:
        return Placed(group, scan.text[scan.tokens[rest.items[0].first].start :].strip(), first=True)
    return _further_on(scan, shape.less(("?", "!", ".", "¿", "¡")))


def _further_on(scan: Scan, shape: Shape) -> Placed | None:
    """Behind a word for within: "what changed in Lisbon?", "was hat sich in Lisbon geändert?"."""
    begin, end = (shape.items[0].first, shape.items[-1].last) if shape.items else (0, 0)
    folded = tuple(token.folded for token in scan.tokens[:end])
    for name in sorted(scan.context.groups, key=len, reverse=True):
        words = folded_words(name)
        for place in range(begin + 1, end - len(words)) if words else ():
            after = place + 1 + len(words)
            if folded[place] in scan.lexicon.words["words.within"] and folded[place + 1 : after] == words:
                pieces = [
                    scan.text[scan.tokens[begin].start : scan.tokens[place].start],
                    scan.text[scan.tokens[after - 1].end : scan.tokens[end - 1].end],
                ]
                return Placed(name, " ".join(piece.strip() for piece in pieces).strip(), first=False)
    return None


def named_first(scan: Scan, shape: Shape) -> tuple[str | None, Shape]:
    """A group named first ("in Lisbon: 20 taxi", "Lisbon: 20 taxi"), and the rest of the shape."""
    for name in sorted(scan.context.groups, key=len, reverse=True):  # "Lisbon 2025" is not "Lisbon"
        words = folded_words(name)
        folded = tuple(scan.tokens[place].folded for item in shape.items[: len(words) + 3] for place in range(item.first, item.last))
        within = bool(folded) and folded[0] in scan.lexicon.words["words.within"]
        lead = within + (folded[within : within + 1] != () and folded[within] in scan.lexicon.words["words.articles"])
        size = lead + len(words)
        if (
            words
            and folded[lead:size] == words
            and (folded[size : size + 1] in ((":",), (",",), ("-",)) or (within and shape.items[size : size + 1]))
        ):
            return name, trimmed(scan, Shape(tuple(item for item in shape.items if item.first >= shape.items[0].first + size)))
    return None, shape


def named_last(scan: Scan, shape: Shape) -> tuple[str | None, Shape]:
    """A group named last, behind a word for within ("who owes whom in Lisbon"), and what is before it."""
    for name in sorted(scan.context.groups, key=len, reverse=True):
        words = folded_words(name)
        ends = scan.tokens[shape.items[-1].last - len(words) - 1 : shape.items[-1].last] if shape.items else ()
        folded = tuple(token.folded for token in ends)
        if words and folded[1:] == words and folded[0] in scan.lexicon.words["words.within"]:
            before = shape.items[-1].last - len(words) - 1
            return name, Shape(tuple(item for item in shape.items if item.last <= before))
    return None, shape
