"""Owns cutting off little words that lost their vowel and hang on the next one ("l'essence", "dell'acqua"). Knows no meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.conversation.parsing.lexicon import Lexicon
from core.reading.language import Language
from core.reading.text import Token


def cut_elisions(tokens: Sequence[Token], language: Language, lexicon: Lexicon) -> tuple[Token, ...]:
    """The tokens with "d'anna" as "d'" (folded "d") and "anna". Words that the calendar knows as a whole stay, and names like D'Angelo."""
    elisions = lexicon.words["words.elisions"]
    if not elisions or not any("'" in token.text for token in tokens):
        return tuple(tokens)
    return tuple(part for token in tokens for part in _parts(token, language, elisions))


def _parts(token: Token, language: Language, elisions: frozenset[str]) -> Iterator[Token]:
    head, mark, rest = token.text.partition("'")
    folded, _, folded_rest = token.folded.partition("'")
    named = head[-1:].isupper() and rest[:1].isupper()
    if not mark or not rest or folded not in elisions or named or language.dates.words.begins(token.folded):
        yield token
        return
    middle = token.start + len(head) + 1
    yield Token(token.text[: len(head) + 1], folded, token.start, middle, "w", token.glued)
    yield Token(rest, folded_rest, middle, token.end, "w", True)
