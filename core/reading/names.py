"""Owns the names and signs of all currencies as a language writes them, from Unicode CLDR. Decides nothing about which word counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel import Locale, UnknownLocaleError

from core.domain.currencies import DECIMALS

_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’\-.])*")
_DIGIT = re.compile(r"[\d\s]")


def currency_names(language: str) -> dict[str, str]:
    """Name or sign to ISO 4217 code: "mexikanische pesos" → MXN, "CA$" → CAD. Empty for a language that CLDR does not know.

    A name that two currencies share is left out: the language's own file says what it means.
    """
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return {}
    found: dict[str, set[str]] = {}
    for code in DECIMALS:
        for name in _names(locale, code):
            found.setdefault(name.casefold(), set()).add(code)
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def _names(locale: Locale, code: str) -> Iterator[str]:
    plurals = locale._data["currency_names_plural"].get(code, {})  # Babel shows them one count at a time
    for name in {str(locale.currencies.get(code, "")), *plurals.values()}:
        if _NAME.fullmatch(name):
            yield name
    sign = str(locale.currency_symbols.get(code, code))
    if len(sign) > 1 and not _DIGIT.search(sign) and not sign.isalpha():
        yield sign
