"""Owns the words and patterns of one language: loads its data files, expands macros, compiles, and refuses wrong ones by file and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bot.conversation.parsing.sieve import Need, Sieve, needs
from bot.conversation.parsing.slips import Slips
from core.reading.language import PARTS_OF_YEAR, LanguageError, added, available
from core.reading.source import table_of
from core.reading.text import Phrases, folded_words

_FILES = (
    "money.toml",
    "asks.toml",
    "group.toml",
    "budgets.toml",
    "categories.toml",
    "questions.toml",
    "recurring.toml",
    "alerts.toml",
    "goals.toml",
    "reports.toml",
    "gist.toml",
)
_WORD = re.compile(r"[^\W\d_]{2,}(?:'[^\W\d_]+)?")
# Clauses are looked for within a shape and taken out of it: they begin and end where its words do.
_SEARCHED = frozenset(("sharing", "pairs", "payers", "recurring", "repeats", "asking_sizes"))
_WITHIN = frozenset(("gates", "settlements.everything"))  # looked for anywhere, also within a word
_LITERAL = frozenset(  # of the text itself, not of its shape
    (
        "gates.as_written",
        "commands.join",
        "commands.link_code",
        "commands.come_back",
        "paying.method",
        "paying.forget",
        "group.comment",
        "group.note",
    )
)
_WORD_BOUNDS = (r"(?:(?<!\S)|(?=\s))(?:", r")(?!\S)")
# Lists of words that tell what a text is not: standing in one of them takes no word.
_TELLING_ONLY = frozenset(f"words.{name}" for name in ("chatter", "not_names", "kin", "things", "sold", "occasions", "elsewhere")) | frozenset(
    ("query_words.elsewhere", "not_accounts.words")
)
REPORT_HEADS = frozenset(("text", "chart", "pdf", "csv", "xlsx", "meals", "reports", "well"))
MAIL_HEADS = frozenset(("mail", "posted"))
RANK_HEADS = frozenset(("spending", "of_merchant", "of_category", "of_month"))  # what is told apart by something, or ranked
_REPORT_TIMES = ("day", "week", "month", "year", "by_day", "by_week", "by_month")
_REPORT_ROWS = ("by_category", "by_merchant", "by_person", "by_group")
REPORT_ROLES = REPORT_HEADS.union(
    MAIL_HEADS, RANK_HEADS, ("top",), _REPORT_TIMES, _REPORT_ROWS, PARTS_OF_YEAR, ("dark", "every", "stop", "forget", "small")
)
# What a message about money ahead is about, and what else its words say of that (see gist).
GIST_HEADS = frozenset(
    (
        *("afford", "spend", "buy", "fit", "enough", "budget", "limit", "most", "left", "over", "due", "bill", "fixed", "save", "advice"),
        *("have", "alert", "hush", "quiet", "night", "fewer", "these", "digest", "rollover", "calendar", "category"),
        *("ceiling", "bound", "message", "single"),
    )
)
GIST_ROLES = GIST_HEADS.union(
    ("may", "if", "money", "did", "by", "ask", "when", "want", "after", "stop", "start", "again"),
    ("weekly", "daily", "once", "remove", "unit", "small", "endings"),
    ("order", "closing", "asks", "told", "need", "you", "file"),
)
GIST_JOINTS = frozenset(("-", "'", "’", ""))  # between words that are as well written apart: "puis-je"
_PATTERN_SECTIONS = (
    "gates",
    "sharing",
    "pairs",
    "payers",
    "settlements",
    "corrections",
    "take_back",
    "budgets",
    "budget_talk",
    "alert_talk",
    "goal_talk",
    "income",
    "queries",
    "commands",
    "paying",
    "group",
    "category_talk",
    "asking",
    "asking_sizes",
    "recurring",
    "repeats",
    "recurring_talk",
    "requests",
)
_WORD_SECTIONS = (
    "words",
    "fillers",
    "recurring",
    "query_words",
    "not_accounts",
    "leftovers",
    "asking_words",
    "repeat_words",
    "alert_topics",
    "alert_spans",
    "goal_words",
    "budget_steps",
)
_MACRO_SECTIONS = ("macros", "ask_macros", "group_macros", "alert_macros", "goal_macros")
_PORTION = re.compile(r"[1-9]/[2-9]")
_MACRO = re.compile(r"\{([a-z_]+[0-9]?)\}")


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    outright: bool  # the category's own name, as "groceries"; otherwise a word that points to it, as "milk"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the rules need of a language. `patterns`: section and name ("queries.spend") to compiled patterns, in order."""

    code: str
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    words: Mapping[str, frozenset[str]]
    people: Phrases[str]
    categories: Phrases[Category]
    places: Mapping[str, str]
    languages: Mapping[str, str]
    pay_kinds: Mapping[str, str]
    colours: Mapping[str, str]
    edges: frozenset[tuple[str, ...]]
    reports: Phrases[str]  # the words of requests for reports, each with what it says
    report_words: frozenset[str]  # with which what a report is called begins
    gist: Phrases[frozenset[str]]  # the words of messages about money ahead, each with all that it says
    gist_heads: frozenset[str]  # without any of which a message is about something else
    gist_slips: Slips  # by which one of these is mistyped
    gist_endings: tuple[str, ...]  # of words that are written as one with a category
    sieve: Sieve
    counted: Phrases[int]
    portions: Phrases[Fraction]
    endings: tuple[str, ...]
    capital_nouns: bool  # a capital says nothing about a name


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of a language, over that of its family (`extends`) and the English one. Raises LanguageError for a wrong file."""
    return build(code, _layered(code))


@lru_cache(maxsize=256)
def with_own(code: str, named: tuple[tuple[str, str], ...]) -> Lexicon:
    """The lexicon of a language with what a book calls its categories: (name, code), which win over words that come along."""
    known = lexicon(code)
    return replace(known, categories=known.categories.under([(name, Category(category, outright=True)) for name, category in named]))


@cache
def category_names() -> tuple[str, ...]:
    """All categories there are, in the order of the data file."""
    return tuple(tables_of("en")["categories"])


def _layered(code: str) -> dict[str, Any]:
    own = tables_of(code)
    return own if code == "en" else over(_layered(own.get("extends", "en")), code, own)


def over(base: Mapping[str, Any], code: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """A language's own tables over the English ones, less the English words that mean something else in it.

    Its table `without` names them by list, or under "*" for all lists, as "no" and "do" in Portuguese ("in the", "of the").
    """
    without = own.get("without", {})
    left = _less(base, frozenset(without.get("*", ())))
    for key, dropped in without.items():
        section, _, name = key.partition(".")
        if not isinstance(dropped, list) or (key != "*" and not isinstance(left.get(section, {}).get(name), list)):
            raise LanguageError(f"{code}: without.{key}: a list of words, and the name of an English list, are needed")
        if key != "*":
            kept = [] if dropped == ["*"] else [word for word in left[section][name] if word not in dropped]
            left[section] = {**left[section], name: kept}
    return _merged(left, {key: value for key, value in own.items() if key not in ("without", "extends")})


def _less(table: Mapping[str, Any], dropped: frozenset[str]) -> dict[str, Any]:
    """A table and the tables in it, their lists without some words."""
    return {
        key: _less(value, dropped)
        if isinstance(value, dict)
        else [word for word in value if not isinstance(word, str) or word not in dropped]
        if isinstance(value, list)
        else value
        for key, value in table.items()
    }


def check_tables() -> None:
    """Read the tables of every language, and what it takes from others. Patterns are compiled when somebody writes in the language.

    Raises LanguageError naming file and key.
    """
    for code in available():
        _layered(code)


@cache
def keywords(code: str) -> frozenset[str]:
    """The words that the rules of a language know: of its lists, and in its patterns."""
    words = lexicon(code)
    listed = {
        part
        for name, found in words.words.items()
        if name not in _TELLING_ONLY and not name.startswith(("leftovers.", "asking_words."))
        for phrase in found
        for part in phrase.split()
    }
    sources = (pattern.pattern for name, patterns in words.patterns.items() if not name.startswith("gates.") for pattern in patterns)
    return frozenset(listed | literals(sources) | {part for edge in words.edges for part in edge})


def literals(sources: Iterable[str]) -> set[str]:
    """The words that stand in patterns as they are."""
    return {word for source in sources for word in _WORD.findall(re.sub(r"\(\?P<\w+>|\\[a-z]|\{[a-z_]+[0-9]?\}", " ", source))}


@cache
def tables_of(code: str) -> dict[str, Any]:
    """The language's own tables, as its files have them. Not to be changed."""
    folder, tables = added(code) or files(__package__).joinpath("languages", code), dict[str, Any]()
    for name in _FILES:
        if folder.joinpath(name).is_file():
            tables |= table_of(f"{code}/{name}", folder.joinpath(name).read_text(encoding="utf-8"))
    return tables


def _merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A language's own tables before the English ones, since people mix; a list grows, anything else is replaced."""
    found = dict(base)
    for key, value in more.items():
        if isinstance(value, dict):
            found[key] = _merged(found.get(key, {}), value)
        elif isinstance(value, list):
            found[key] = [*value, *(word for word in found.get(key, []) if word not in value)]
        else:
            found[key] = value
    return found


def build(code: str, tables: Mapping[str, Any]) -> Lexicon:
    """A checked lexicon from its tables. Raises LanguageError naming the key."""
    macros = {name: text for of in _MACRO_SECTIONS for name, text in _strings(code, tables, of).items()}
    macros["period"] = tables.get("budgets", {}).get("period", "")
    patterns: dict[str, tuple[re.Pattern[str], ...]] = {}
    for section in _PATTERN_SECTIONS:
        for name, sources in tables.get(section, {}).items():
            if isinstance(sources, list) and (section != "recurring" or name in ("patterns", "starts")):
                key, bounds = f"{code}: {section}.{name}", _WORD_BOUNDS if section in _SEARCHED else ("", "")
                patterns[f"{section}.{name}"] = tuple(_compile(key, source.join(bounds), macros) for source in sources)
    words = {f"{section}.{name}": _folded(found) for section in _WORD_SECTIONS for name, found in tables.get(section, {}).items()}
    people = [(phrase, letter) for name, letter in (("speaker", "I"), ("everyone", "E")) for phrase in tables["words"][name]]
    return Lexicon(
        code=code,
        patterns=patterns,
        words=words,
        people=Phrases(people),
        categories=Phrases(_categories(code, tables)),
        places={" ".join(folded_words(place)): zone for place, zone in _strings(code, tables, "places").items()},
        languages={" ".join(folded_words(name)): target for name, target in _strings(code, tables, "languages").items()},
        pay_kinds={" ".join(folded_words(name)): kind for name, kind in _strings(code, tables, "pay_kinds").items()},
        colours={" ".join(folded_words(name)): shown for name, shown in _strings(code, tables, "colours").items()},
        edges=frozenset(folded_words(phrase) for phrase in tables["fillers"]["edges"]),
        reports=Phrases(_reports(code, tables)),
        report_words=frozenset(folded_words(phrase)[0] for phrase, role in _reports(code, tables) if role in REPORT_HEADS | MAIL_HEADS | RANK_HEADS),
        gist=Phrases(_gist(code, tables).items()),
        gist_heads=(heads := _gist_heads(code, tables)),
        gist_slips=Slips(heads),
        gist_endings=tuple(ending for ending in tables.get("gist", {}).get("endings", ())),
        sieve=Sieve(patterns, _needs),
        counted=Phrases(_counted(code, tables)),
        portions=Phrases(_portions(code, tables)),
        endings=tuple(sorted((ending for ending in tables["words"]["endings"]), key=len, reverse=True)),
        capital_nouns=tables["names"]["capital_nouns"] is True,
    )


def _needs(name: str, source: str) -> tuple[Need, ...]:
    """What a pattern of a list needs of a shape; nothing where it is not looked for in shapes."""
    return () if name in _LITERAL else needs(source, at_word=name not in _WITHIN and name.partition(".")[0] not in _WITHIN)


def _counted(code: str, tables: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Phrases that say how many share ("zu dritt"), each with the number."""
    found = [(phrase, number) for number, phrases in tables["counted"].items() for phrase in phrases]
    if not all(number.isdecimal() and isinstance(phrase, str) for phrase, number in found):
        raise LanguageError(f"{code}: counted: a number and its phrases are needed")
    return [(phrase, int(number)) for phrase, number in found]


def _reports(code: str, tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Phrases of requests for reports, each with its role."""
    found = tables.get("reports", {})
    for role, phrases in found.items():
        if role not in REPORT_ROLES or not isinstance(phrases, list) or not all(isinstance(each, str) and folded_words(each) for each in phrases):
            raise LanguageError(f"{code}: reports.{role}: one of {', '.join(sorted(REPORT_ROLES))} and its phrases are needed")
    return [(phrase, role) for role, phrases in found.items() for phrase in phrases]


def _gist(code: str, tables: Mapping[str, Any]) -> dict[tuple[str, ...], frozenset[str]]:
    """Phrases in comparison form, each with its roles; little words that hang on others are apart, as in what is read."""
    cut = frozenset(tables["words"]["elisions"])
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for role, phrases in tables.get("gist", {}).items():
        if role not in GIST_ROLES or not isinstance(phrases, list) or not all(isinstance(each, str) and folded_words(each) for each in phrases):
            raise LanguageError(f"{code}: gist.{role}: one of {', '.join(sorted(GIST_ROLES))} and its phrases are needed")
        for phrase in phrases if role != "endings" else ():
            words = tuple(
                word
                for part in folded_words(phrase)
                for word in (part.split("'") if part.split("'")[0] in cut else [part])
                if word not in GIST_JOINTS
            )
            found[words] = found.get(words, frozenset()) | {role}
    return found


def _gist_heads(code: str, tables: Mapping[str, Any]) -> frozenset[str]:
    """Of each phrase that says what it is about the longest word, which is found in fewest messages."""
    endings = tables.get("gist", {}).get("endings", ())
    return frozenset((*(max(words, key=len) for words, roles in _gist(code, tables).items() if roles & GIST_HEADS), *endings))


def _portions(code: str, tables: Mapping[str, Any]) -> list[tuple[str, Fraction]]:
    """Phrases that say which part of a whole ("two thirds"), each with the fraction that is its key."""
    found = [(phrase, part) for part, phrases in tables["portions"].items() for phrase in phrases]
    if not all(_PORTION.fullmatch(part) and isinstance(phrase, str) for phrase, part in found):
        raise LanguageError(f"{code}: portions: a fraction like 2/3 and its phrases are needed")
    return [(phrase, Fraction(part)) for phrase, part in found]


def _strings(code: str, tables: Mapping[str, Any], key: str) -> dict[str, str]:
    found = tables.get(key, {})
    if not all(isinstance(value, str) for value in found.values()):
        raise LanguageError(f"{code}: {key}: a table of words is needed")
    return dict(found)


def _folded(found: list[str]) -> frozenset[str]:
    return frozenset(" ".join(folded_words(word)) for word in found)


def _categories(code: str, tables: Mapping[str, Any]) -> list[tuple[str, Category]]:
    found: dict[str, Category] = {}
    for name, lists in tables["categories"].items():
        for word in lists["words"]:
            if word in found:
                raise LanguageError(f"{code}: categories.{name}: {word!r} is also one of {found[word].name}")
            found[word] = Category(name, outright=False)
    for name, lists in tables["categories"].items():
        for word in lists["names"]:
            found[word] = Category(name, outright=True)
    return list(found.items())


def _compile(key: str, source: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    expanded = source
    for _ in range(4):  # macros within macros
        try:
            expanded = _MACRO.sub(lambda match: macros[match.group(1)], expanded)
        except KeyError as problem:
            raise LanguageError(f"{key}: no macro {problem}") from problem
    try:
        return re.compile(expanded.replace("{{", "{").replace("}}", "}"))
    except re.error as problem:
        raise LanguageError(f"{key}: {problem}: {source}") from problem
