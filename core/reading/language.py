"""Owns the language data: one file a language, checked and given as values. Adding a language is adding a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from core.domain.currencies import DECIMALS
from core.reading.calendar import PARTS
from core.reading.holidays import is_rule
from core.reading.names import currency_names
from core.reading.source import LanguageError, Source, add_folder, added, available, read
from core.reading.text import Divider, Phrases, folded_words

__all__ = [
    "CENTS", "Dates", "Designator", "Language", "LanguageError", "Measures", "Numbers",
    "add_folder", "added", "available", "build", "load", "read", "scripts", "telling",
]  # fmt: skip

CENTS = ("cents",)
_LONGEST_COMPOUND = 60  # letters; longer words are no numbers
_CENT = Decimal("0.01")
_MANY = {"k": 1000, "m": 10**6}


@dataclass(frozen=True, slots=True)
class Numbers:
    """How amounts are written. `words` and `scales`: folded word to value; `pairs`: two number words in a row are units and cents,
    also with one of `pair_links` between them.

    `tens_and`: a conjunction parts tens and ones ("treinta y cinco"); `ones_first`: ones come first ("fünf und zwanzig"); `twenties`:
    counted in twenties ("quatre-vingt-dix"); `bare`: a scale alone is a number ("mil"). `small`: scales below this count within a group.
    `point`: words that part off decimals; `fractions`: word to denominator ("half"); `weak`: words that
    are also others, and numbers only beside a currency. `compound`: what a run of letters is made of.
    """

    decimal: str
    group: str
    pairs: bool
    pair_links: frozenset[str]
    tens_and: bool
    ones_first: bool
    twenties: bool
    bare: bool
    small: int
    conjunctions: frozenset[str]
    articles: frozenset[str]
    point: frozenset[str]
    fractions: Mapping[str, int]
    weak: frozenset[str]
    words: Mapping[str, int]
    scales: Mapping[str, int]
    suffixes: Mapping[str, int]
    marked: Mapping[str, int]
    compound: re.Pattern[str] | None

    def may_begin(self, word: str) -> bool:
        """Whether a number in words can begin with a folded word: most words are told apart from numbers by this alone."""
        return word in self.articles or word in self.fractions or bool(self.pieces(word))

    def pieces(self, word: str) -> tuple[str, ...]:
        """The number words and scales that a folded word is made of, none where it holds anything else."""
        if word in self.words or word in self.scales:
            return (word,)
        return () if self.compound is None or len(word) > _LONGEST_COMPOUND else _parts(self.compound, word)


@lru_cache(maxsize=1024)
def _parts(compound: re.Pattern[str], word: str) -> tuple[str, ...]:
    """The words that a word consists of, one after another; none where anything is left."""
    parts, place = [], 0
    while (match := compound.match(word, place)) is not None and match.end() > place:
        parts.append(match.group())
        place = match.end()
    return tuple(parts) if place == len(word) else ()


@dataclass(frozen=True, slots=True)
class Designator:
    """What names a currency in a text: the codes it may mean (none: the chat's), how much of it ("MUSD", a coin), and how it must be written."""

    codes: tuple[str, ...]
    doubtful: bool = False
    capitals_after: bool = False  # only in capitals and only after the number
    worth: Decimal = Decimal(1)
    after: bool = False  # only after the number: "we won 50"
    coin: bool = False  # a word of everyday: only where nothing but money is looked for


@dataclass(frozen=True, slots=True)
class Measures:
    units: Phrases[bool]
    labels: frozenset[str]
    percent: frozenset[str]
    clock: frozenset[str]
    at: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """Date words as one table of phrases, each with the letter that stands for its class in core.reading.dates and its value."""

    words: Phrases[tuple[str, int | str]]
    month_first: frozenset[str] | None  # None: always day first
    endings: frozenset[str]
    clock: frozenset[str]  # words after which "5.30" is a time
    year_first: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    numbers: Numbers
    designators: Phrases[Designator]
    home: str  # the currency that a sign of several means first, "" for none
    links: frozenset[str]  # what may stand between a scale and its currency: "2 millones de pesos"
    cents_after: frozenset[str]  # what may stand between units and cents
    measures: Measures
    dates: Dates
    divider: Divider | None  # for a script that puts no spaces between words

    def may_begin_amount(self, word: str) -> bool:
        """Whether an amount can begin with a folded word or mark: most words are told apart from money by this alone."""
        return self.designators.begins(word) or self.numbers.may_begin(word)


@cache
def load(code: str) -> Language:
    """The language `code`; English where there is no file of it. Raises LanguageError for a wrong file."""
    if code not in available():
        code = "en"
    return build(code, _common(), read(f"{code}.toml"))


@cache
def _common() -> dict[str, Any]:
    return read("common.toml")


@cache
def telling() -> Mapping[str, tuple[str, ...]]:
    """Folded small words to the codes of the languages that they tell from others."""
    source, found = Source("common.toml", _common()), dict[str, tuple[str, ...]]()
    for code in source.table("telling", list):
        for word in source.folded(f"telling.{code}"):
            found[word] = (*found.get(word, ()), code)
    return found


@cache
def scripts() -> tuple[tuple[str, str, str], ...]:
    """Codes of languages with the first and the last letter of a script that tells them, in the order in which they are tried."""
    source, found = Source("common.toml", _common()), []
    for code, letters in source.table("scripts", str).items():
        if len(letters) != 3 or letters[1] != "-" or letters[0] > letters[2]:
            raise LanguageError(f"{source.name}: scripts.{code}: two letters with a dash between are needed")
        found.append((code, letters[0], letters[2]))
    return tuple(found)


def build(code: str, common: Mapping[str, Any], table: Mapping[str, Any]) -> Language:
    """A checked language from the tables of two files. Raises LanguageError naming file and key."""
    source = Source(f"{code}.toml", table)
    numbers = _numbers(source)
    designators = _designators(Source("common.toml", common), source)
    dates = _date_words(source, numbers)
    first, order = source.words("dates.month_first"), source.text("dates.order", "day")
    if order not in ("day", "local", "year"):
        raise LanguageError(f"{source.name}: dates.order: {order!r} is none of day, local, year")
    return Language(
        code=code,
        name=source.text("name"),
        numbers=numbers,
        designators=Phrases(designators.items()),
        home=_known(source, "money.home", home) if (home := source.text("money.home", "")) else "",
        links=source.folded("money.of"),
        cents_after=numbers.conjunctions | source.folded("money.and"),
        measures=_measures(source),
        dates=Dates(
            words=Phrases(dates.items()),
            month_first=frozenset(first) if order == "local" else None,
            endings=source.folded("dates.ends"),
            clock=source.folded("measures.at"),
            year_first=order == "year",
        ),
        divider=_divider(source, numbers, [*designators, *dates]),
    )


def _numbers(source: Source) -> Numbers:
    decimal, group = source.text("numbers.decimal", "."), source.text("numbers.group", ",")
    if decimal not in (".", ",") or group not in (".", ",", " ", "'") or decimal == group:
        raise LanguageError(f"{source.name}: numbers.decimal and numbers.group: two different signs of number are needed")
    words = source.series("numbers.tens", 10, 10, 90) | source.series("numbers.hundreds", 100, 100, 900)
    words |= source.series("numbers.sequence", 0, 1, 99) | source.values("numbers.words", 0, 999)
    scales = source.values("numbers.scales", 10, 10**15)
    conjunctions = source.folded("numbers.and")
    return Numbers(
        decimal=decimal,
        group=group,
        pairs=source.flag("numbers.pairs"),
        pair_links=source.folded("numbers.pair_links"),
        tens_and=source.flag("numbers.tens_and"),
        ones_first=source.flag("numbers.ones_first"),
        twenties=source.flag("numbers.twenties"),
        bare=source.flag("numbers.bare"),
        small=10**4 if 10 in scales.values() else 1000,
        conjunctions=conjunctions,
        articles=source.folded("numbers.articles"),
        point=source.folded("numbers.point"),
        fractions=source.values("numbers.fractions", 2, 10),
        weak=source.folded("numbers.weak"),
        words=words,
        scales=scales,
        suffixes={"k": 1000} | source.values("numbers.suffixes", 10, 10**15),
        marked=source.values("numbers.marked", 10, 10**15),
        compound=_any_of([*words, *scales, *conjunctions]) if source.flag("numbers.compound") else None,
    )


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """The longest word that stands at a place; each is tried once, so that a run of letters is read in linear time."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def _designators(common: Source, source: Source) -> dict[str, Designator]:
    """Words, codes and signs of money; what the language says of a word goes before what all share."""
    found = _codes(common)
    for sign, codes in common.table("signs", list).items():
        found[sign] = _sign(tuple(_known(common, f"signs.{sign}", code) for code in codes if code != "?"), doubtful=codes[0] == "?")
    for name, code in currency_names(source.code).items():
        found.setdefault(name, Designator((code,)))
    for word, code in common.table("names", str).items():
        found[word] = _target(common, f"names.{word}", code, found)
    for word in common.words("minor.words"):
        found.setdefault(word, _sign(CENTS))
    groups = found | _doubtful(common, "doubtful")
    endings = source.words("money.endings")
    own = _doubtful(source, "money.doubtful")
    for word, target in source.table("money.words", str).items():
        own |= dict.fromkeys(_inflected(word, endings), _target(source, f"money.words.{word}", target, groups | own))
    own |= {word: replace(own[word], after=True) for word in source.words("money.after") if word in own}
    for word in source.words("money.cents"):
        own |= dict.fromkeys(_inflected(word, endings), _sign(CENTS))
    own |= {word: Designator((), worth=cents * _CENT) for word, cents in source.values("money.parts", 1, 500).items()}
    own |= {word: Designator((), worth=cents * _CENT, coin=True) for word, cents in source.values("money.coins", 1, 500).items()}
    return found | own


def _codes(common: Source) -> dict[str, Designator]:
    """The codes of ISO 4217, alone and with a letter for thousands or millions ("MUSD")."""
    words = {code.upper() for code in common.words("codes.words")}
    found = {code.lower(): Designator((code,), capitals_after=code in words) for code in DECIMALS}
    for letter, worth in _MANY.items():
        found |= {letter + code.lower(): Designator((code,), capitals_after=True, worth=Decimal(worth)) for code in DECIMALS}
    return found | {alias.lower(): Designator((_known(common, "codes.also", code),)) for alias, code in common.table("codes.also", str).items()}


def _target(source: Source, key: str, target: str, found: Mapping[str, Designator]) -> Designator:
    known = found.get(target) or found.get(target.lower())
    if known is None:
        raise LanguageError(f"{source.name}: {key}: {target!r} is no sign and no ISO 4217 code")
    return Designator(known.codes, doubtful=known.doubtful)


def _doubtful(source: Source, key: str) -> dict[str, Designator]:
    """Words that several countries use: the chat's currency decides, else it is asked."""
    return {
        word: Designator(tuple(_known(source, f"{key}.{word}", code) for code in codes), doubtful=True)
        for word, codes in source.table(key, list).items()
    }


def _sign(codes: tuple[str, ...], *, doubtful: bool = False) -> Designator:
    return Designator(codes, doubtful=doubtful, worth=_CENT if codes == CENTS else Decimal(1))


def _inflected(word: str, endings: Iterable[str]) -> list[str]:
    """A word bare and with the endings that its language hangs on it."""
    return [word, *(word + ending for ending in endings)]


def _known(source: Source, key: str, code: object) -> str:
    if not isinstance(code, str) or (code not in DECIMALS and code not in CENTS):
        raise LanguageError(f"{source.name}: {key}: {code!r} is no ISO 4217 code")
    return code


def _measures(source: Source) -> Measures:
    return Measures(
        units=Phrases((unit, True) for unit in source.words("measures.units")),
        labels=source.folded("measures.labels"),
        percent=source.folded("measures.percent"),
        clock=frozenset("".join(phrase.split()) for phrase in source.folded("measures.clock")),
        at=source.folded("measures.at"),
    )


# The class letters of core.reading.dates, by the key of the data file.
_DATE_CLASSES = {
    "of": "f", "the": "t", "on": "a", "last": "l", "this": "h", "next": "x", "ago": "g", "ahead": "G", "within": "i", "before": "b",
    "after": "B", "since": "S", "until": "u", "between": "e", "weekend": "E", "one": "1", "and": "&", "each": "v", "some": "k",
    "over_next": "X", "coming": "c", "ago_first": "C", "year_mark": "Y", "month_mark": "K", "day_mark": "D",
}  # fmt: skip
_DAYS = (("weekdays", "W", 1, 7), ("months", "M", 1, 12), ("relative", "R", -400, 400), ("either", "r", 1, 10))
PARTS_OF_YEAR = frozenset(f"{name}_{which}" for name, months in PARTS.items() for which in (*range(1, 12 // months + 1), "this", "last"))
_DATE_UNITS = {"day", "week", "fortnight", "month", "year", "business day"}


def _date_words(source: Source, numbers: Numbers) -> dict[str, tuple[str, int | str]]:
    """Phrases to the letter of their class and their value; a phrase of a later class replaces one of an earlier."""
    entries: dict[str, tuple[str, int | str]] = {}
    for key, letter in _DATE_CLASSES.items():
        for word in source.words(f"dates.{key}"):
            entries.setdefault(word, (letter, word))
    for word, number in numbers.words.items():
        if 1 <= number <= 90:
            entries.setdefault(word, ("N", number))
    entries |= {word: ("o", number) for word, number in source.values("numbers.ordinals", 1, 31).items()}
    for word, unit in source.table("dates.units", str).items():
        if unit not in _DATE_UNITS:
            raise LanguageError(f"{source.name}: dates.units.{word}: {unit!r} is none of {sorted(_DATE_UNITS)}")
        entries |= dict.fromkeys(_inflected(word, source.words("dates.endings")), ("U", unit))
    for part, phrases in source.table("dates.parts", list).items():
        if part not in PARTS_OF_YEAR:
            raise LanguageError(f"{source.name}: dates.parts.{part}: none of {sorted(PARTS_OF_YEAR)}")
        entries |= dict.fromkeys(phrases, ("Q", part))
    for word, rule in source.table("dates.holidays", str).items():
        if not is_rule(rule):
            raise LanguageError(f"{source.name}: dates.holidays.{word}: {rule!r} is no day of a year")
        entries[word] = ("H", rule)
    return entries | _days(source)


def _days(source: Source) -> dict[str, tuple[str, int | str]]:
    """Names of weekdays and months, and of days seen from today, with their endings; a word that is also another has a small letter."""
    entries: dict[str, tuple[str, int | str]] = {}
    weak, endings = source.folded("dates.weak"), source.words("dates.endings")
    for key, letter, low, high in _DAYS:
        for word, number in source.values(f"dates.{key}", low, high).items():
            entries |= dict.fromkeys(_inflected(word, endings), (letter.lower() if word in weak and letter in "WM" else letter, number))
    return entries


def _divider(source: Source, numbers: Numbers, phrases: Iterable[str]) -> Divider | None:
    if not source.flag("unspaced"):
        return None
    known = {word for phrase in phrases for word in folded_words(phrase)}
    known |= {*numbers.words, *numbers.scales, *numbers.conjunctions, *numbers.articles, *numbers.point, *numbers.fractions}
    known |= source.folded("measures.units") | source.folded("measures.clock") | source.folded("measures.percent") | source.folded("measures.labels")
    return Divider(known | source.folded("money.of") | source.folded("money.and") | source.folded("words"))
