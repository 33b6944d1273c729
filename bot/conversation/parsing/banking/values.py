"""Owns the values in a bank's message: sums with their currencies, account numbers, dates. Knows no words but those of currencies and months."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

from bot.conversation.parsing.banking.cues import cues
from core.domain.currencies import DECIMALS, is_currency
from core.domain.money import Money
from core.errors import DomainError
from core.reading.language import LanguageError
from core.reading.source import Source, table_of
from core.reading.text import Phrases, Token, fold

# Each of these matches a run of bounded length, so that a search takes time in proportion to the text.
_MASK = re.compile(r"(?<!\S)[*•xX]{2,8} \d{3,6}(?!\S)|(?<![^\W_])[A-Za-z]?[0-9*#•xX.=…-]{3,40}")
_HIDES = re.compile(r"[*#•…]|[xX]{2}|\.\.|=|(?<!\d)[xX](?=\d{3})")
_SCHEME = re.compile(r"(?:^|\n)[A-Z]{4}(\d{4})(?![^\W])")  # a card's scheme and its last digits begin a line
_DAY = re.compile(
    r"(?<![\d,*])(?<!\d\.)(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"
    r"|(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<c>20\d\d|\d\d)(?!\d(?!\d:))"
    r"|(?P<d2>\d{1,2})[-/ ]?(?P<n2>[^\W\d_]{3,10})[-/.', ]{0,2}(?P<y2>20\d\d|\d\d)(?![\d:]))"
    r"|(?P<n3>[^\W\d_]{3,10})\.? (?P<d3>\d{1,2}),? (?P<y3>20\d\d)(?!\d)"
)
_CLOCK = re.compile(r"(?<![\d,])\d{1,2}:\d{2}(?::\d{1,2})?|(?<![\d.,])\d{1,2}/\d{1,2}(?![\d/.,])")
_GROUPS = re.compile(r"\d{1,3}(?:[.,' \u00a0]\d{2,3})*[.,' \u00a0]\d{3}")
_COMMA_UNITS = re.compile(r"(?<!\d)\d+(?:[ .\u00a0]\d{3})*,\d{2}(?!\d)(?!,\d)")
MAX_DIGITS = 15
MOST_SUMS = 40  # a text of more numbers is a table or a trick: none of them is read


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of money: tokens [first, last) with its currency's name; `sign` -1, 0 (none shown) or 1. `named`: a currency stands with it."""

    first: int
    last: int
    money: Money
    sign: int
    named: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text."""

    start: int
    end: int

    def holds(self, token: Token) -> bool:
        return self.start <= token.start < self.end


@dataclass(frozen=True, slots=True)
class Currencies:
    """`names`: what stands for a currency to the codes that it may mean; `tens`: names that count in tens of a currency's own unit."""

    names: Phrases[tuple[str, ...]]
    tens: dict[str, str]
    dot_groups: frozenset[str]
    dot_parts: frozenset[str]
    languages: dict[str, frozenset[str]]


@cache
def currencies() -> Currencies:
    """The data file of what banks write. Raises LanguageError naming the key."""
    return checked(files(__package__).joinpath("currencies.toml").read_text(encoding="utf-8"))


def checked(text: str) -> Currencies:
    """The data file of that text. Raises LanguageError naming the key."""
    source = Source("banking/currencies.toml", table_of("banking/currencies.toml", text))
    signs, tens, spoken = source.table("signs", list), source.table("tens", str), source.table("languages", list)
    group, part = source.words("dots.group"), source.words("dots.part")
    listed = {**signs, "dots.group": group, "dots.part": part, "tens": [*tens.values()], "languages": [*spoken]}
    for key, codes in listed.items():
        if not codes or not all(is_currency(str(code)) for code in codes):
            raise LanguageError(f"{source.name}: {key}: ISO 4217 codes are needed")
    folded = {fold(name): code for name, code in tens.items()}
    phrases = [(name, tuple(codes)) for name, codes in signs.items()] + [(name, (code,)) for name, code in folded.items()]
    return Currencies(Phrases(phrases), folded, frozenset(group), frozenset(part), {code: frozenset(found) for code, found in spoken.items()})


# ------------------------------------------------------------------ days and account numbers


def days(text: str, *, now: date, month_first: bool) -> list[tuple[Span, date | None]]:
    """All that is written like a day, in order, with the day where there is such a one, not after `now` and at most a year before it."""
    found = []
    for match in _DAY.finditer(text):
        number = cues().month(fold(match["n2"] or match["n3"] or ""))
        if (match["n2"] or match["n3"]) and number is None:
            continue
        found.append((Span(*match.span()), _day(match, number, now=now, month_first=month_first)))
    return found


def clocks(text: str) -> list[Span]:
    """Times, and days without a year: no money."""
    return [Span(*match.span()) for match in _CLOCK.finditer(text)]


def _day(match: re.Match[str], month: int | None, *, now: date, month_first: bool) -> date | None:
    if match["y"]:
        tries = [(match["y"], match["m"], match["d"])]
    elif month is not None:
        tries = [(match["y2"] or match["y3"], str(month), match["d2"] or match["d3"])]
    else:
        a, b, c = match["a"], match["b"], match["c"]
        tries = [(c, a, b), (c, b, a)] if month_first else [(c, b, a), (c, a, b)]
        if match["mark"] == "-" and len(c) == 2:
            tries.append((a, b, c))
    for year, number, day in tries:
        try:
            found = date(int(year) if len(year) == 4 else 2000 + int(year), int(number), int(day))
        except ValueError:
            continue
        if -1 <= (now - found).days <= 366:
            return found
    return None


def masks(text: str) -> list[tuple[Span, str]]:
    """Account and card numbers of which a part is hidden, and their last four digits shown."""
    found = []
    for match in _MASK.finditer(text):
        whole = match.group().rstrip(".=-")
        run = whole.lstrip("-=")
        start = match.start() + len(whole) - len(run)
        digits = "".join(character for character in run if character.isdigit())
        if len(digits) >= 2 and _HIDES.search(run) and not run.endswith("#"):
            found.append((Span(start, start + len(run)), digits[-4:]))
    found += [(Span(*match.span(1)), match[1]) for match in _SCHEME.finditer(text)]
    return sorted(found, key=lambda shown: shown[0].start)


# ------------------------------------------------------------------ sums


def sums(text: str, tokens: Sequence[Token], taken: Sequence[Span], *, currency: str) -> list[Sum]:
    """The numbers of a text that may be money, in order. `taken`: what is known to be something else; `currency`: the chat's own."""
    folded = [token.folded for token in tokens]
    comma_units = _COMMA_UNITS.search(text) is not None
    found, place = [], 0
    held = _held(tokens, taken)
    while place < len(tokens):
        if tokens[place].kind != "n" or held[place] or _part_of_word(tokens, place):
            place += 1
            continue
        last = _joined(tokens, place, held)
        sum_ = _sum(tokens, folded, place, last, currency=currency, comma_units=comma_units)
        if sum_ is None and last > place + 1:
            last = place + 1
            sum_ = _sum(tokens, folded, place, last, currency=currency, comma_units=comma_units)
        if sum_ is not None:
            found.append(sum_)
            if len(found) > MOST_SUMS:
                return []
        place = max(last, sum_.last if sum_ else 0)
    return found


def _held(tokens: Sequence[Token], taken: Sequence[Span]) -> list[bool]:
    """For each token whether one of the spans holds it; both are in order."""
    spans = sorted(taken, key=lambda span: span.start)
    held, at = [], 0
    for token in tokens:
        while at < len(spans) and spans[at].end <= token.start:
            at += 1
        held.append(at < len(spans) and spans[at].holds(token))
    return held


def _part_of_word(tokens: Sequence[Token], place: int) -> bool:
    """ "UPI-29", "N55", "19-5": a number stuck to what is no currency."""
    if not tokens[place].glued or place == 0:
        return False
    before = tokens[place - 1]
    if before.text in ("_", "/", "@") or (before.text == "-" and before.glued and place > 1 and tokens[place - 2].kind in "nw"):
        return True
    if before.kind == "w" and before.glued and place > 1 and tokens[place - 2].kind == "n":
        return True
    return before.kind == "w" and _codes([before.folded], 0) is None and (len(before.text) == 1 or cues().by_word.get(before.folded) is None)


def _joined(tokens: Sequence[Token], place: int, held: Sequence[bool]) -> int:
    """The end of a number whose thousands are parted by spaces: "10 000.00"."""
    last = place + 1
    if not (tokens[place].text.isdigit() and len(tokens[place].text) <= 3):
        return last
    while last < len(tokens) and not held[last] and tokens[last].kind == "n" and tokens[last].start == tokens[last - 1].end + 1:
        text = tokens[last].text
        if not text[:3].isdigit() or (len(text) > 3 and (text[3] not in ".," or len(text) > 6)):
            break
        last += 1
        if len(text) > 3:
            break
    return last


def _sum(tokens: Sequence[Token], folded: Sequence[str], first: int, last: int, *, currency: str, comma_units: bool) -> Sum | None:
    before, after = _before(tokens, folded, first, currency), _after(tokens, folded, last, currency)
    if after is not None and (before is None or (before[0] > 0 and tokens[before[0] - 1].kind == "n" and not tokens[first].glued)):
        start, end, name = first, after[0], after
    elif before is not None:
        start, end, name = before[0], last, before
    elif last > first + 1 and not any(mark in tokens[last - 1].text for mark in ".,"):
        return None
    else:
        start, end, name = first, last, (0, None, False)
    code = chosen(name[1], currency) if name[1] else currency
    value = read_value("".join(token.text for token in tokens[first:last]), code, comma_units=comma_units)
    if value is None:
        return None
    try:
        money = Money.of(value * 10 if name[2] else value, code)
    except DomainError:
        return None
    return Sum(start, end, money, _sign(tokens, start, first), name[1] is not None)


def chosen(codes: tuple[str, ...], currency: str) -> str:
    """Of what a sign may mean: the chat's own currency where it is among it, else the first."""
    return currency if currency in codes else codes[0]


Name = tuple[int, tuple[str, ...] | None, bool]


def _before(tokens: Sequence[Token], folded: Sequence[str], place: int, currency: str) -> Name | None:
    """Where the name of a currency before a number begins, what it may mean, and whether it counts in tens."""
    end = place
    while end > 0 and place - end < 2 and tokens[end - 1].text in (".", ":", "-", "+", "(", "="):
        end -= 1
    for start in range(max(0, end - 3), end):
        found = _codes(folded, start)
        if found is None or start + found[1] != end or tokens[start].kind == "n":
            continue
        if _is_name(tokens[start], glued=tokens[place].glued, codes=found[0], size=found[1], currency=currency):
            return start, found[0], folded[start] in currencies().tens
    return None


def _after(tokens: Sequence[Token], folded: Sequence[str], place: int, currency: str) -> Name | None:
    """Where the name of a currency after a number ends."""
    if place + 1 < len(tokens) and tokens[place].text == "/" and tokens[place + 1].text == "-":
        return None
    if place >= len(tokens) or tokens[place].text == "\n":
        return None
    found = _codes(folded, place)
    if found is None or not _is_name(
        tokens[place], glued=tokens[place].glued or "." in tokens[place - 1].text, codes=found[0], size=found[1], currency=currency
    ):
        return None
    return place + found[1], found[0], folded[place] in currencies().tens


def _codes(folded: Sequence[str], place: int) -> tuple[tuple[str, ...], int] | None:
    word = folded[place]
    if len(word) == 3 and word.isascii() and word.upper() in DECIMALS:
        return (word.upper(),), 1
    return currencies().names.at(folded, place)


def _is_name(token: Token, *, glued: bool, codes: tuple[str, ...], size: int, currency: str) -> bool:
    """Whether a word that may name a currency does: a code is in capitals, a single letter is the chat's own currency's and sticks to its number."""
    if size == 1 and len(token.text) == 1 and token.text.isalpha() and token.text.isascii():
        return glued and currency in codes
    if len(token.text) == 3 and token.folded.upper() == codes[0]:
        return token.text.isupper() or glued
    return True


def _sign(tokens: Sequence[Token], start: int, number: int) -> int:
    for place in (start - 1, number - 1):
        if place < 0 or tokens[place].text not in "+-" or not tokens[place].text:
            continue
        free = place == 0 or not tokens[place].glued or tokens[place - 1].text in (":", "(", "=", "\n") or tokens[place - 1].kind == "w"
        if free and tokens[place + 1].glued:
            return -1 if tokens[place].text == "-" else 1
    return 0


def read_value(text: str, code: str, *, comma_units: bool) -> Decimal | None:
    """The value of a number as banks write it; None where it could be two. `comma_units`: the message writes units behind a comma elsewhere."""
    if sum(character.isdigit() for character in text) > MAX_DIGITS:
        return None
    plain = text.replace(" ", "").replace("\u00a0", "").replace("'", "").lstrip(".,")
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return _decimal(plain)
    head, mark, tail = plain[:last], plain[last], plain[last + 1 :]
    other = "," if mark == "." else "."
    if other not in head and (head.count(mark) or (len(tail) == 3 and 0 < len(head) <= 3 and _grouped(mark, code, comma_units=comma_units))):
        return _decimal(head.replace(mark, "") + tail) if len(tail) == 3 else None
    if len(tail) == 3 and other not in head and code not in currencies().dot_parts and DECIMALS[code] != 3:
        return None
    return _decimal(head.replace(other, "").replace(mark, "") + "." + tail)


def _grouped(mark: str, code: str, *, comma_units: bool) -> bool:
    """Whether one sign before exactly three digits parts thousands."""
    if mark == ",":
        return True
    return comma_units or code in currencies().dot_groups


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
