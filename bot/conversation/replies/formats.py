"""Amounts, dates and names as people of one language write them, and the sentences of its catalogue."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import NumberPattern

from bot.conversation.replies.catalogue import catalogue, languages
from core.domain.categories import OTHER, Category, is_own
from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.domain.people import FORMER

NAME_LIMIT = 40
QUOTED_LIMIT = 300
_LETTER_THEN_DIGIT = re.compile(r"(?<=[A-Za-z])(?=\d)")
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Where numbers and names are written as people of this language do."""
    return catalogue(language).customs.locale if language in languages() else Locale.parse(language)


@lru_cache(maxsize=256)
def _pattern(language: str, kind: str, places: int) -> NumberPattern:
    """The language's own pattern with `places` decimals: ISO 4217 decides them here, not the locale's custom."""
    locale = locale_of(language)
    pattern: NumberPattern = copy(locale.currency_formats["standard"] if kind == "currency" else locale.decimal_formats[None])
    pattern.frac_prec = (places, places)
    return pattern


@lru_cache(maxsize=65536)
def _amount(minor: int, currency: str, language: str, *, plain: bool, full: bool) -> str:
    places = DECIMALS[currency]
    shown = 0 if not full and minor % 10**places == 0 else places
    value = Money(abs(minor), currency).decimal
    if plain:
        text = f"{currency} {_pattern(language, 'decimal', shown).apply(value, locale_of(language))}"
    else:
        text = _pattern(language, "currency", shown).apply(value, locale_of(language), currency=currency, currency_digits=False)
        text = _LETTER_THEN_DIGIT.sub("\u00a0", text)  # CLDR's own spacing rule for codes such as CHF
    return f"-{text}" if minor < 0 else text


def clean_label(text: str, *, limit: int = NAME_LIMIT) -> str:
    """Text of a person made safe to stand in a line of ours: one line, no controls or direction overrides, right-to-left isolated."""
    kept = "".join(" " if character in "\n\r\t" else character for character in unicodedata.normalize("NFC", text[: limit * 4]))
    kept = " ".join("".join(character for character in kept if unicodedata.category(character) not in _INVISIBLE).split())
    kept = kept if len(kept) <= limit else kept[: limit - 1].rstrip() + "…"
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in kept):
        return f"\u2068{kept}\u2069"
    return kept


def opening(text: str) -> str:
    """The text with a capital, as it begins a sentence."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Voice:
    """How Tuppence speaks to one chat: its language, and whether only plain text gets through, of which every character costs (SMS)."""

    language: str = "en"
    plain: bool = False

    def say(self, code: str, /, **params: object) -> str:
        """The catalogue's sentence for `code` with `params` filled in; Money, dates and lists are written as this language does.

        `count`, an integer, also chooses the plural.
        """
        count = params.get("count")
        values = {name: self.show(value) for name, value in params.items()}
        return catalogue(self.language).filled(code, values, short=self.plain, count=count if isinstance(count, int) else 0)

    def has(self, code: str) -> bool:
        return catalogue(self.language).has(code)

    def fields(self, code: str) -> set[str]:
        return catalogue(self.language).fields(code)

    def show(self, value: object) -> str:
        if isinstance(value, Money):
            return self.amount(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, tuple | list):
            return self.listing([self.show(item) for item in value])
        return str(value)

    def amount(self, money: Money, *, full: bool = False) -> str:
        """`full`: decimals even where they are zero, as in tables."""
        return _amount(money.minor, money.currency, self.language, plain=self.plain, full=full)

    def amounts(self, sums: dict[str, int]) -> str:
        """Sums by currency, in minor units, joined; zero sums left out."""
        shown = [self.amount(Money(minor, currency)) for currency, minor in sorted(sums.items()) if minor]
        return " + ".join(shown) if shown else self.say("nothing")

    def balance(self, sums: dict[str, int]) -> str:
        """ "+€12 −$3": what somebody is owed and owes, by currency; zero sums left out."""
        shown = [f"{'+' if minor > 0 else '−'}{self.amount(Money(abs(minor), code))}" for code, minor in sorted(sums.items()) if minor]
        return " ".join(shown) or self.say("nothing")

    def day(self, day: date, *, year: bool = False) -> str:
        customs = catalogue(self.language).customs
        shown = str(format_date(day, customs.day_with_year if year else customs.day, locale=customs.locale))
        return shown.rstrip(".")  # a sentence may end behind an abbreviated month

    def month(self, day: date, *, today: date) -> str:
        return str(format_date(day, "LLLL" if day.year == today.year else "LLLL y", locale=locale_of(self.language)))

    def quarter(self, day: date, *, today: date) -> str:
        """ "Q3", "T3", of another year "Q3 2025"."""
        return str(format_date(day, "QQQ" if day.year == today.year else "QQQ y", locale=locale_of(self.language)))

    def days(self, first: date, last: date) -> str:
        """ "1–31 Mar 2025"; one day alone where they are the same."""
        return str(format_interval(first, last, "yMMMd", locale=catalogue(self.language).customs.days))

    def short_day(self, day: date) -> str:
        """ "3 Mar", without its weekday."""
        return str(format_skeleton("MMMd", day, locale=catalogue(self.language).customs.days))

    def short_month(self, day: date, *, year: bool) -> str:
        """ "Mar", "Mar 2025"."""
        return str(format_skeleton("yMMM" if year else "MMM", day, locale=locale_of(self.language)))

    def weekday(self, number: int) -> str:
        """A day of the week; 1 is Monday."""
        return str(format_date(date(2024, 1, number), "EEEE", locale=locale_of(self.language)))

    def language_name(self, language: str) -> str:
        """What this language calls another."""
        return str(locale_of(self.language).languages.get(language, language))

    def listing(self, items: Iterable[str], *, last: str = "and") -> str:
        """ "Anna, Bob and Carl"; `last` is the catalogue's code of the word before the last."""
        names = list(items)
        if len(names) < 2:
            return "".join(names)
        return catalogue(self.language).joined(f"{', '.join(names[:-1])} {self.say(last)} ", names[-1])

    def name(self, name: str) -> str:
        """What somebody is called, safe in a line of ours; whoever was erased as this language calls them."""
        return self.say("former_member") if name == FORMER else clean_label(name)

    def quoted(self, text: str) -> str:
        """What somebody said, in a line of ours."""
        return clean_label(text, limit=QUOTED_LIMIT)

    def category(self, category: Category) -> str:
        """What a book calls it, with its emoji; else this language's word. One whose words were erased is any other."""
        code = f"category_{OTHER if is_own(category.code) else category.code}"
        label = opening(clean_label(category.name)) or (self.say(code) if self.has(code) else clean_label(category.code))
        return f"{category.emoji} {label}" if category.emoji and not self.plain else label
