"""Owns telling a language by the script that its words are written in. Latin letters tell none."""

from __future__ import annotations

from collections.abc import Iterable

from core.reading.language import scripts


def by_script(words: Iterable[str]) -> str | None:
    """The language written most in the script of any word, None for Latin letters; kana tells before Han, which Japanese also uses."""
    strange = [word for word in words if not word.isascii()]
    for code, first, last in scripts():
        if any(first <= character <= last for word in strange for character in word):
            return code
    return None
