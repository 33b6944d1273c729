"""The message catalogues: one data file a language, checked when it is loaded."""

from __future__ import annotations

import string
import tomllib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
FALLBACK = "en"
SHORT = "short"  # the table of a file that holds the short forms


class BadCatalogue(Exception):
    """A catalogue file is wrong; the message names the file and the key."""


class Catalogue:
    """Sentences by code. A language that lacks one falls back to English. `short`: what is said instead where every character costs."""

    def __init__(self, sentences: dict[str, str], fallback: Catalogue | None, *, short: dict[str, str] | None = None) -> None:
        self._sentences = sentences
        self._fallback = fallback
        self._short = short or {}

    def has(self, code: str) -> bool:
        return code in self._sentences or (self._fallback is not None and self._fallback.has(code))

    def sentence(self, code: str, *, short: bool = False) -> str:
        found = (self._short.get(code) if short else None) or self._sentences.get(code)
        if found is None:
            assert self._fallback is not None, f"no sentence for {code}"
            return self._fallback.sentence(code, short=short)
        return found

    def codes(self) -> list[str]:
        """All of them, in the order of the English file."""
        return self._fallback.codes() if self._fallback is not None else list(self._sentences)

    def fields(self, code: str, *, short: bool = False) -> set[str]:
        """The names of the parameters of a sentence."""
        return {name for _, name, _, _ in string.Formatter().parse(self.sentence(code, short=short)) if name}


@lru_cache(maxsize=32)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, English where there is none. Raises BadCatalogue."""
    path = FOLDER / f"{language}.toml"
    if not path.is_file():
        return catalogue(FALLBACK)
    try:
        sentences = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise BadCatalogue(f"{path.name}: {problem}") from problem
    base = None if language == FALLBACK else catalogue(FALLBACK)
    short = sentences.pop(SHORT, {})
    for code, sentence in [*sentences.items(), *short.items()]:
        if not isinstance(sentence, str):
            raise BadCatalogue(f"{path.name}: {code} is not a sentence")
    made = Catalogue(sentences, base, short=short)
    for code in sentences:
        if base is not None and (not base.has(code) or made.fields(code) - base.fields(code)):
            raise BadCatalogue(f"{path.name}: {code} has parameters (or a name) that English has not")
    for code in short:
        if not made.has(code) or made.fields(code, short=True) - made.fields(code):
            raise BadCatalogue(f"{path.name}: the short {code} has parameters (or a name) that the long one has not")
    return made


COMMAND = "command_"


def introductions() -> dict[str, tuple[dict[str, str], str, str]]:
    """By language: the commands of the menu with what each does, what we are for, and the same in few words."""
    found = {}
    for language in languages():
        words = catalogue(language)
        commands = {code.removeprefix(COMMAND): words.sentence(code) for code in words.codes() if code.startswith(COMMAND)}
        found[language] = (commands, words.sentence("about"), words.sentence("about_short"))
    return found


def languages() -> list[str]:
    """Every language that has a catalogue."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))
