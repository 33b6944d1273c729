"""The message catalogues: one data file a language, checked when it is loaded."""

from __future__ import annotations

import string
import tomllib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
FALLBACK = "en"


class BadCatalogue(Exception):
    """A catalogue file is wrong; the message names the file and the key."""


class Catalogue:
    """Sentences by code. A language that lacks one falls back to English."""

    def __init__(self, sentences: dict[str, str], fallback: Catalogue | None) -> None:
        self._sentences = sentences
        self._fallback = fallback

    def has(self, code: str) -> bool:
        return code in self._sentences or (self._fallback is not None and self._fallback.has(code))

    def sentence(self, code: str) -> str:
        found = self._sentences.get(code)
        if found is None:
            assert self._fallback is not None, f"no sentence for {code}"
            return self._fallback.sentence(code)
        return found

    def codes(self) -> list[str]:
        """All of them, in the order of the English file."""
        return self._fallback.codes() if self._fallback is not None else list(self._sentences)

    def fields(self, code: str) -> set[str]:
        """The names of the parameters of a sentence."""
        return {name for _, name, _, _ in string.Formatter().parse(self.sentence(code)) if name}


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
    for code, sentence in sentences.items():
        if not isinstance(sentence, str):
            raise BadCatalogue(f"{path.name}: {code} is not a sentence")
        if base is not None and (not base.has(code) or Catalogue(sentences, base).fields(code) - base.fields(code)):
            raise BadCatalogue(f"{path.name}: {code} has parameters (or a name) that English has not")
    return Catalogue(sentences, base)


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
