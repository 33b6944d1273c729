"""Owns guessing a category from words, and taking out the marks people write it with ("#food", "[food]")."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.parsing.lexicon import Lexicon
from bot.conversation.parsing.shape import Item, Scan
from core.reading.text import folded_words


def category_of(words: Sequence[str], lexicon: Lexicon) -> str | None:
    """The category that folded words point to: its own name first, then the first word that belongs to one."""
    pointed: str | None = None
    place = 0
    while place < len(words):
        found = lexicon.categories.at(words, place) or (
            lexicon.categories.at([words[place].removesuffix("'s")], 0) if words[place].endswith("'s") else None
        )
        if found is None:
            place += 1
            continue
        category, size = found
        if category.outright:
            return category.name
        pointed = pointed or category.name
        place += size
    return pointed


def named_category(text: str, lexicon: Lexicon) -> str | None:
    """The category that a text names as a whole ("eating out", "groceries"), by its own name or by a word that points to it."""
    words = folded_words(text)
    if not words:
        return None
    found = lexicon.categories.at(words, 0)
    return found[0].name if found is not None and found[1] == len(words) else None


def take_tags(scan: Scan, items: Sequence[Item]) -> tuple[tuple[Item, ...], str | None]:
    """The items without "#food" and "[food]", and the category these name."""
    kept: list[Item] = []
    category: str | None = None
    place = 0
    while place < len(items):
        mark = items[place].mark
        if mark == "#" and place + 1 < len(items) and scan.tokens[items[place + 1].first].glued:
            size = _tag_size(scan, items[place + 1 :])
            category = category or named_category(scan.words(items[place + 1 : place + 1 + size]), scan.lexicon)
            place += 1 + size
            continue
        if mark == "[" and (close := next((at for at in range(place, len(items)) if items[at].mark == "]"), None)) is not None:
            inner = scan.words(items[place + 1 : close])
            category = category or named_category(inner, scan.lexicon) or category_of(folded_words(inner), scan.lexicon)
            place = close + 1
            continue
        kept.append(items[place])
        place += 1
    return tuple(kept), category


def _tag_size(scan: Scan, items: Sequence[Item]) -> int:
    """How many words a tag takes: one, or all of a category's own name ("#eating out")."""
    found = scan.lexicon.categories.at([scan.tokens[item.first].folded for item in items], 0)
    return found[1] if found is not None and found[0].outright else 1


def take_trailing(scan: Scan, items: Sequence[Item]) -> tuple[tuple[Item, ...], str | None]:
    """ "Movie Entertainment": a capitalised category name after a description is no part of it."""
    words = [scan.tokens[item.first].folded for item in items]
    for start in range(1, len(items)):
        found = scan.lexicon.categories.at(words, start)
        token = scan.tokens[items[start].first]
        if found is not None and found[0].outright and start + found[1] == len(items) and token.text[:1].isupper():
            return tuple(items[:start]), found[0].name
    return tuple(items), None
