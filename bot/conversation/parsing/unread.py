"""Owns saying what of a message nothing took: no value, no name, no word of the language data, no text of the outcome. Changes no meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from bot.conversation.intents import Intent, Nothing
from bot.conversation.parsing.lexicon import keywords
from bot.conversation.parsing.shape import Scan
from core.reading.text import folded_words


def unread(scan: Scan, intent: Intent) -> tuple[tuple[int, int], ...]:
    """Spans of the cleaned text, neighbours joined. Where nothing is understood, all but values and names is unread."""
    taken = _values(scan)
    spans: list[tuple[int, int]] = []
    known = frozenset[str]() if isinstance(intent, Nothing) else keywords(scan.lexicon.code) | frozenset(_texts(intent))
    last = -1
    for place, token in enumerate(scan.tokens):
        if token.kind == "s" or place in taken or token.folded in known or _names_category(scan, place, intent):
            continue
        spans[-1:] = [(spans[-1][0], token.end)] if place == last + 1 and spans else [*spans[-1:], (token.start, token.end)]
        last = place
    return tuple(spans)


def _values(scan: Scan) -> set[int]:
    spans = [
        *((amount.first, amount.last) for amount in scan.amounts),
        *((span.first, span.last) for span in scan.dates),
        *((quantity.first, quantity.last) for quantity in scan.quantities),
        *((item.first, item.last) for item in scan.shape.items if item.mention is not None),
        *((place, place + 1) for place, _ in scan.codes),
    ]
    return {place for first, last in spans for place in range(first, last)}


def _names_category(scan: Scan, place: int, intent: Intent) -> bool:
    """Whether a word led to the category of a question or a budget, which holds the category's own name alone."""
    found = scan.lexicon.categories.at([scan.tokens[place].folded], 0)
    return found is not None and getattr(intent, "category", None) == found[0].name


def _texts(value: object) -> Iterator[str]:
    """The folded words of all texts that an outcome holds."""
    if isinstance(value, str):
        yield from folded_words(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
