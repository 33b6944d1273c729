"""The message catalogues: one data file a language, checked when it is loaded."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError

from core.reading.source import LanguageError, table_of

FOLDER = Path(__file__).parent
FALLBACK = "en"
SHORT = "short"  # the table of a file that holds the short forms
FORMATS = {"locale", "days", "day", "day_with_year"}
_LAST_WORD = re.compile(r"([^\W\d_]+) $")

Sentence = str | Mapping[str, str]  # one, or one a plural category of CLDR, chosen by the parameter `count`


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a small word becomes where what follows begins as `where` says: "de" before "Anna" is "d'"."""

    where: re.Pattern[str]
    form: str


@dataclass(frozen=True, slots=True)
class Customs:
    """How a language writes: the CLDR locale of its numbers and names, that of stretches of days, CLDR patterns of days, and words that change before
    others."""

    locale: Locale
    days: Locale
    day: str
    day_with_year: str
    before: Mapping[str, Meeting] = field(default_factory=dict)


class Catalogue:
    """Sentences by code. A language that lacks one falls back to English. `short`: what is said instead where every character costs."""

    def __init__(
        self, sentences: Mapping[str, Sentence], fallback: Catalogue | None, customs: Customs, *, short: Mapping[str, Sentence] | None = None
    ) -> None:
        self._sentences = sentences
        self._fallback = fallback
        self._short = short or {}
        self.customs = customs

    def has(self, code: str) -> bool:
        return code in self._sentences or (self._fallback is not None and self._fallback.has(code))

    def own_codes(self, *, short: bool = False) -> list[str]:
        """What this file itself says, in its order."""
        return list(self._short if short else self._sentences)

    def forms(self, code: str, *, short: bool = False) -> Mapping[str, str]:
        """The sentence by plural category; only `other` where it counts nothing."""
        found = (self._short.get(code) if short else None) or self._sentences.get(code)
        if found is None:
            assert self._fallback is not None, f"no sentence for {code}"
            return self._fallback.forms(code, short=short)
        return {"other": found} if isinstance(found, str) else found

    def sentence(self, code: str, *, short: bool = False, count: int = 0) -> str:
        forms = self.forms(code, short=short)
        return forms["other"] if len(forms) == 1 else forms.get(self.customs.locale.plural_form(count), forms["other"])

    def filled(self, code: str, values: Mapping[str, str], *, short: bool = False, count: int = 0) -> str:
        """The sentence with `values` in place of its parameters, words before them as they are said there."""
        sentence = self.sentence(code, short=short, count=count)
        if not self.customs.before:
            return sentence.format(**values)
        said = []
        for words, name in _parts(sentence):
            value = values[name] if name else ""
            said.append(self.joined(words, value))
        return "".join(said)

    def joined(self, words: str, value: str) -> str:
        """`value` behind `words`, whose last one may change before it."""
        last = _LAST_WORD.search(words)
        meeting = self.customs.before.get(last[1]) if last else None
        if last is None or meeting is None or not meeting.where.match(value):
            return words + value
        return words[: last.start()] + meeting.form + value

    @property
    def version(self) -> str:
        """Eight letters and digits that are others as soon as a sentence is."""
        said = repr((sorted(self._sentences.items(), key=str), sorted(self._short.items(), key=str)))
        return hashlib.sha256(said.encode()).hexdigest()[:8]

    def codes(self) -> list[str]:
        """All of them, in the order of the English file."""
        return self._fallback.codes() if self._fallback is not None else list(self._sentences)

    def fields(self, code: str, *, short: bool = False) -> set[str]:
        """The names of the parameters of a sentence."""
        return {name for form in self.forms(code, short=short).values() for _, name in _parts(form) if name}


@lru_cache(maxsize=8192)
def _parts(sentence: str) -> tuple[tuple[str, str | None], ...]:
    """Words, and the name of the parameter behind them."""
    return tuple((words, name) for words, name, _, _ in string.Formatter().parse(sentence))


_own: dict[str, str] = {}  # what an operator says in other words: the text of a file by language


def add_sentences(folder: Path) -> tuple[str, ...]:
    """An operator's own sentences, FOLDER/<code>.toml (docs/templates.md), in place of ours; the languages. Raises LanguageError for a wrong file."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml"))}
    if unknown := found.keys() - set(languages()):
        raise LanguageError(f"{min(unknown)}.toml: no language that answers are written in ({', '.join(languages())})")
    _own.clear()
    _own.update(found)
    catalogue.cache_clear()
    for language in languages():
        catalogue(language)
    return tuple(found)


@lru_cache(maxsize=32)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language, English where there is none. Raises LanguageError naming file and key."""
    path = FOLDER / f"{language}.toml"
    if not path.is_file():
        return catalogue(FALLBACK)
    fallback = None if language == FALLBACK else _english()
    return read_catalogue(path.read_text(encoding="utf-8"), language, fallback=fallback, own=_own.get(language, ""))


@lru_cache(maxsize=1)
def _english() -> Catalogue:
    """What the other languages are held against, whatever an operator says in its place."""
    return read_catalogue((FOLDER / f"{FALLBACK}.toml").read_text(encoding="utf-8"), FALLBACK, fallback=None)


def read_catalogue(text: str, language: str, *, fallback: Catalogue | None, own: str = "") -> Catalogue:
    """A catalogue from the text of its file, with sentences of `own` in place of its own. Raises LanguageError naming file and key."""
    raw = table_of(f"{language}.toml", text)
    formats, before, short = raw.pop("formats", {}), raw.pop("before", {}), raw.pop(SHORT, {})
    if own:
        ours = read_catalogue(text, language, fallback=fallback)
        said = table_of(f"{language}.toml", own)
        _check_own(language, said, ours)
        short |= said.pop(SHORT, {})
        raw |= said
    try:
        customs = _customs(language, formats, before, fallback)
        _check_shapes([*raw.items(), *short.items()], customs.locale)
        made = Catalogue(raw, fallback, customs, short=short)
        _check_parameters(made, fallback)
    except ValueError as problem:
        raise LanguageError(f"{language}.toml: {problem}") from problem
    return made


def _customs(language: str, formats: dict[str, Any], before: dict[str, Any], fallback: Catalogue | None) -> Customs:
    if unknown := formats.keys() - FORMATS:
        raise ValueError(f"formats.{min(unknown)} is not known")
    try:
        locale = Locale.parse(formats.get("locale", language))
        days = Locale.parse(formats.get("days", str(locale)))
    except (UnknownLocaleError, TypeError) as problem:
        raise ValueError(f"formats.locale and formats.days are locales: {problem}") from problem
    usual = fallback.customs if fallback is not None else None
    day, with_year = (formats.get(key) or (getattr(usual, key) if usual else None) for key in ("day", "day_with_year"))
    if not isinstance(day, str) or not isinstance(with_year, str):
        raise ValueError("formats.day and formats.day_with_year are patterns")
    return Customs(locale, days, day, with_year, {word: _meeting(word, rule) for word, rule in before.items()})


def _meeting(word: str, rule: Any) -> Meeting:
    if not isinstance(rule, dict) or rule.keys() != {"where", "form"} or not all(isinstance(value, str) for value in rule.values()):
        raise ValueError(f"before.{word} says `where` and `form`")
    try:
        return Meeting(re.compile(rule["where"], re.IGNORECASE), rule["form"])
    except re.error as problem:
        raise ValueError(f"before.{word}.where: {problem}") from problem


def _check_own(language: str, said: Mapping[str, Any], ours: Catalogue) -> None:
    """Only sentences that there are, with no parameters but theirs."""
    locale = ours.customs.locale
    for table, short in ((said.get(SHORT, {}), True), ({code: entry for code, entry in said.items() if code != SHORT}, False)):
        try:
            if not isinstance(table, dict):
                raise ValueError(f"{SHORT} is a table of sentences")
            _check_shapes(table.items(), locale)
            if unknown := table.keys() - set(ours.codes()):
                raise ValueError(f"{min(unknown)} is no sentence of ours")
            made = Catalogue(table, ours, ours.customs)
            if wrong := [code for code in table if made.fields(code) - ours.fields(code)]:
                raise ValueError(f"{wrong[0]} has {'{'}{min(made.fields(wrong[0]) - ours.fields(wrong[0]))}{'}'}, which it is not told")
        except ValueError as problem:
            raise LanguageError(f"{language}.toml: {'the short ' if short else ''}{problem}") from problem


def _check_shapes(entries: Iterable[tuple[str, Any]], locale: Locale) -> None:
    categories = {*locale.plural_form.tags, "other"}
    for code, entry in entries:
        forms = entry if isinstance(entry, dict) else {"other": entry}
        if "other" not in forms or not all(isinstance(form, str) for form in forms.values()):
            raise ValueError(f"{code} is not a sentence")
        if unknown := forms.keys() - categories:
            raise ValueError(f"{code}.{min(unknown)} is no plural of this language: it has {', '.join(sorted(categories))}")


def _check_parameters(made: Catalogue, fallback: Catalogue | None) -> None:
    for code in made.own_codes():
        if fallback is not None and (not fallback.has(code) or made.fields(code) - fallback.fields(code)):
            raise ValueError(f"{code} has parameters (or a name) that English has not")
    for code in made.own_codes(short=True):
        if not made.has(code) or made.fields(code, short=True) - made.fields(code):
            raise ValueError(f"the short {code} has parameters (or a name) that the long one has not")


COMMAND = "command_"


def introductions() -> dict[str, tuple[dict[str, str], str, str]]:
    """By language: the commands of the menu with what each does, what we are for, and the same in few words."""
    found = {}
    for language in languages():
        words = catalogue(language)
        commands = {code.removeprefix(COMMAND): words.sentence(code) for code in words.codes() if code.startswith(COMMAND)}
        found[language] = (commands, words.sentence("about"), words.sentence("about_short"))
    return found


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Every language that has a catalogue."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
