"""Owns suggesting a category: weighs brands, words, codes and what the text names, and says how sure that is. Knows no person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bot.conversation.parsing import lexicon as lexicons
from bot.conversation.parsing.lexicon import Lexicon
from core.domain.categories import CATEGORIES, OTHER, is_own
from core.reading.language import LanguageError
from core.reading.merchants import Trust, brand_at, category_of_code, in_name
from core.reading.source import table_of
from core.reading.text import folded_words

_FILE = "suggestions.toml"
_EVIDENCE = ("bias", "merchant", "mixed", "word", "name", "compound", "code", "whole", "head", "torn")
_CHOICES = 3
_LEAST_TAIL = 4  # letters: a shorter end of a compound is a coincidence
_LONGEST_COMPOUND = 40


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The category that the evidence points to (None: nothing does), the share of such suggestions that are right, and others that are likely."""

    category: str | None = None
    confidence: float = 0.0
    others: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The three likeliest categories where it is worth asking, the likeliest first; none where the suggestion is good."""
        if self.confidence >= _rules().ask:
            return ()
        named = [self.category, *self.others, *_rules().usual]
        return tuple(dict.fromkeys(name for name in named if name is not None))[:_CHOICES]


NAMED = 1.0  # the person said it: "#food", or corrected it before


@dataclass(frozen=True, slots=True)
class _Grammar:
    """Where in a description the word stands that says what was bought, and how words are bent."""

    head_first: bool
    compounds: bool
    breaks: frozenset[str]
    endings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    usual: tuple[str, ...]
    stores: frozenset[str]
    ask: float
    weights: Mapping[str, float]
    grammars: Mapping[str, _Grammar]

    def grammar(self, language: str) -> _Grammar:
        return self.grammars.get(language) or self.grammars["default"]


@dataclass(frozen=True, slots=True)
class _Hit:
    """One piece of evidence: words `start` to `end` point to a category."""

    category: str
    kind: str  # merchant, mixed, word, name, compound
    start: int
    end: int


def suggest(words: Sequence[str], lexicon: Lexicon) -> Suggestion:
    """From the words of a description in comparison form, in the language of the lexicon."""
    grammar = _rules().grammar(lexicon.code)
    return _weighed(words, list(_hits(words, lexicon, grammar)), grammar)


def suggest_for_merchant(name: str, lexicon: Lexicon, *, code: str | None = None) -> Suggestion:
    """From a merchant's name as a bank or a receipt gives it, and the merchant category code (ISO 18245) where there is one."""
    grammar, words = _rules().grammar(lexicon.code), folded_words(name)
    found = _weighed(words, list(_hits(words, lexicon, grammar, is_name=True)), grammar)
    coded = category_of_code(code) if code else None
    if coded is None or coded == found.category:
        return Suggestion(found.category, max(found.confidence, _odds("code", "whole") if coded else 0.0), found.others)
    told = _odds("code", "whole", *(("torn",) if found.category else ()))
    if told <= found.confidence:
        return Suggestion(found.category, found.confidence, tuple(dict.fromkeys((coded, *found.others))))
    others = (found.category, *found.others) if found.category else ()
    return Suggestion(coded, told, tuple(dict.fromkeys(others)))


def topics(description: str, language: str) -> tuple[str, ...]:
    """What a lesson about a description is filed under, and what else tells of it, the most telling first.

    The merchant that it begins with, if it does not say what was bought there; else all of its words; then its head alone.
    """
    words = [word for word in folded_words(description) if word[0].isalnum() or word == "&"]
    if not words:
        return ()
    grammar = _rules().grammar(language)
    said = [word for word in words if not word[0].isdecimal()] or words
    head = _head_part(said, grammar)
    return tuple(dict.fromkeys((*_seller(words, language), " ".join(said), " ".join(head), head[0] if grammar.head_first else head[-1])))


def _seller(words: Sequence[str], language: str) -> tuple[str, ...]:
    """The brand that a description begins with, where no other word points to anything."""
    found = in_name(words, 0)
    if found is None or found[0].trust is Trust.SIGNS:
        return ()
    known = lexicons.lexicon(language).categories
    return () if any(known.at(words, place) for place in range(found[1], len(words))) else (found[0].key,)


# ------------------------------------------------------------------ looking


def _hits(words: Sequence[str], lexicon: Lexicon, grammar: _Grammar, *, is_name: bool = False) -> Iterator[_Hit]:
    """What points to a category, from left to right, the longest phrase first."""
    place = 0
    while place < len(words):
        hit = _hit_at(words, place, lexicon, is_name=is_name) or _bent(words[place], place, lexicon, grammar)
        if hit is not None:
            yield hit
        place = hit.end if hit is not None else place + 1


def _hit_at(words: Sequence[str], place: int, lexicon: Lexicon, *, is_name: bool) -> _Hit | None:
    brand = in_name(words, place) if is_name else brand_at(words, place)
    word = lexicon.categories.at(words, place)
    own = word is not None and is_own(word[0].name)
    if brand is not None and not own and (word is None or brand[1] >= word[1]):
        kind = {Trust.SURE: "merchant", Trust.MIXED: "mixed"}.get(brand[0].trust, "word")
        return _Hit(brand[0].category, kind, place, place + brand[1])
    if word is None:
        return None
    return _Hit(word[0].name, "name" if word[0].outright else "word", place, place + word[1])


def _bent(word: str, place: int, lexicon: Lexicon, grammar: _Grammar) -> _Hit | None:
    """A word that no list has as it stands: in another form, or at the end of a compound."""
    if len(word) < 3 or not word[0].isalpha():
        return None
    for old, new in (*grammar.endings, ("'s", "")):
        if word.endswith(old) and len(word) - len(old) > 2:
            found = lexicon.categories.at([word[: len(word) - len(old)] + new], 0)
            if found is not None:
                return _Hit(found[0].name, "word", place, place + 1)
    if not grammar.compounds or len(word) > _LONGEST_COMPOUND:
        return None
    for start in range(2, len(word) - _LEAST_TAIL + 1):
        found = lexicon.categories.at([word[start:]], 0)
        if found is not None:
            return _Hit(found[0].name, "compound", place, place + 1)
    return None


# ------------------------------------------------------------------ weighing


def _head_part(words: Sequence[str], grammar: _Grammar) -> list[str]:
    """The words before the first that only leads to where, with whom or for whom."""
    end = next((place for place, word in enumerate(words) if place and word in grammar.breaks), len(words))
    return list(words[:end])


def _weighed(words: Sequence[str], hits: Sequence[_Hit], grammar: _Grammar) -> Suggestion:
    chosen, evidence = _chosen(words, hits, grammar)
    if chosen is None:
        return Suggestion()
    others = tuple(dict.fromkeys(hit.category for hit in hits if hit.category != chosen.category))
    return Suggestion(chosen.category, _odds(*evidence), others)


def evidence_in(words: Sequence[str], lexicon: Lexicon) -> tuple[str | None, tuple[str, ...]]:
    """The category of a description and the names of the weights that speak for it. For fitting these."""
    grammar = _rules().grammar(lexicon.code)
    chosen, evidence = _chosen(words, list(_hits(words, lexicon, grammar)), grammar)
    return (chosen.category if chosen is not None else None), evidence


def _chosen(words: Sequence[str], hits: Sequence[_Hit], grammar: _Grammar) -> tuple[_Hit | None, tuple[str, ...]]:
    """The hit that says what was bought, and what speaks for and against it."""
    if not hits:
        return None, ()
    end = len(_head_part(words, grammar))
    near = [hit for hit in hits if hit.start < end] or hits
    firm = [hit for hit in near if not _is_shop(hit)] or near
    firm = [hit for hit in firm if hit.kind == "merchant"][:1] or firm
    meant = [hit for hit in hits if hit.kind == "name" and hit.category == OTHER]  # "miscellaneous" describes nothing: it is the category
    chosen = meant[0] if meant else firm[0] if grammar.head_first else firm[-1]
    spoken = [place for place, word in enumerate(words) if len(word) > 2 and word[0].isalpha() and word not in grammar.breaks]
    covered = {place for hit in hits for place in range(hit.start, hit.end)}
    heads = spoken[:1] if grammar.head_first else [place for place in spoken if place < end][-1:]
    found = {
        "whole": covered.issuperset(spoken),
        "head": any(chosen.start <= place < chosen.end for place in heads),
        "torn": any(hit.category != chosen.category and not _is_shop(hit) for hit in near),
    }
    return chosen, (chosen.kind, *(name for name, holds in found.items() if holds))


def _is_shop(hit: _Hit) -> bool:
    """Whether it says where it was bought rather than what."""
    return hit.kind == "mixed" or (hit.kind == "merchant" and hit.category in _rules().stores)


@lru_cache(maxsize=256)
def _odds(*evidence: str) -> float:
    """The probability that such a suggestion is right."""
    weights = _rules().weights
    return 1 / (1 + math.exp(-weights["bias"] - sum(weights[name] for name in evidence)))


# ------------------------------------------------------------------ the data file


def load_tables() -> None:
    """Read the rules and the tables of merchants now rather than at the first message. Raises LanguageError naming file and key."""
    _rules()
    brand_at(("",), 0)
    category_of_code("")


@cache
def _rules() -> _Rules:
    return checked(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(text: str) -> _Rules:
    """The rules of a data file. Raises LanguageError naming file and key."""
    table = table_of(_FILE, text)
    for key in ("usual", "stores"):
        if not set(table.get(key, [""])) <= set(CATEGORIES):
            raise LanguageError(f"{_FILE}: {key}: categories are needed")
    weights, thresholds = table.get("weights", {}), table.get("thresholds", {})
    for key, found, names in (("weights", weights, _EVIDENCE), ("thresholds", thresholds, ("ask", "sure"))):
        if set(found) != set(names) or not all(isinstance(value, float) for value in found.values()):
            raise LanguageError(f"{_FILE}: {key}: a number for each of {', '.join(names)} is needed")
    languages = table.get("languages", {})
    if "default" not in languages:
        raise LanguageError(f"{_FILE}: languages.default: missing")
    grammars = {code: _grammar(code, found) for code, found in languages.items()}
    return _Rules(tuple(table["usual"]), frozenset(table["stores"]), thresholds["ask"], weights, grammars)


def _grammar(code: str, found: Any) -> _Grammar:
    try:
        head, breaks, endings = found["head"], found["breaks"], found["endings"]
        if head not in ("first", "last") or found["compounds"] not in (True, False):
            raise ValueError(head)
        pairs = tuple((str(old), str(new)) for old, new in endings)
        return _Grammar(head == "first", found["compounds"], frozenset(word for phrase in breaks for word in folded_words(phrase)), pairs)
    except (KeyError, TypeError, ValueError) as problem:
        raise LanguageError(f"{_FILE}: languages.{code}: {problem}") from problem
