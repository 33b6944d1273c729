"""Reads how people divide a receipt that was shown with numbered lines: whole messages or nothing, so that no other message is taken for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files

from bot.conversation.intents import DivideReceipt, FixedLine, LineClaim
from core.reading.source import LanguageError, table_of
from core.reading.text import folded_words

TEXT_MOST = 500
SEGMENT_MOST = 40  # words and numbers: names are looked for from each of them on
WORDS = "divisions.toml"
KINDS = ("me", "everyone", "and", "rest", "line", "of", "had", "delete", "tip", "total", "filler", "show")
ME = "me"
# Letters are what is nothing else: in many scripts a word holds marks that count as no letters.
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\s\d,;.!?\"()\[\]{}#%&+:=×@$€£*/\\|<>~^-]+|[,;\n#%&+:=×@-]")
_TIMES = ("x", "×")
_NAME_WORDS_MOST = 3
_SHORTEST = 3  # letters of a word that may stand for a line's name


@dataclass(frozen=True, slots=True)
class Shown:
    """The receipt as it was shown: the names of its lines in order, and the decimals of its currency."""

    lines: tuple[str, ...]
    places: int


@dataclass(slots=True)
class _Parts:
    claims: list[LineClaim] = field(default_factory=list)
    rest: tuple[str, ...] | None = None
    dropped: list[int] = field(default_factory=list)
    fixed: list[FixedLine] = field(default_factory=list)
    tip: Decimal | None = None
    tip_percent: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """One message in one language. Each `_part` method reads a whole segment, or says that it is none of its kind."""

    words: Mapping[str, frozenset[str]]
    names: Mapping[tuple[str, ...], str]
    shown: Shown
    found: _Parts

    def segment(self, tokens: Sequence[str]) -> bool:
        kept = [token for token in tokens if token not in self.words["filler"]]
        ways = (self._tip, self._total, self._dropped, self._fixed, self._rest, self._counted, self._claimed, self._had)
        return any(way(kept) for way in ways) if kept else False

    def _tip(self, tokens: list[str]) -> bool:
        left = [token for token in tokens if token not in self.words["tip"]]
        if len(left) == len(tokens) or left[1:] not in ([], ["%"]) or not left:
            return False
        if left[1:]:
            self.found.tip_percent = _decimal(left[0], 2)
            return self.found.tip_percent is not None and self.found.tip_percent <= 100
        self.found.tip = _decimal(left[0], self.shown.places)
        return self.found.tip is not None

    def _total(self, tokens: list[str]) -> bool:
        if tokens[0] not in self.words["total"] or len(tokens) != 2:
            return False
        self.found.total = _decimal(tokens[1], self.shown.places)
        return self.found.total is not None

    def _dropped(self, tokens: list[str]) -> bool:
        if tokens[0] not in self.words["delete"] or tokens[1:2] == [] or tokens[1] not in self.words["line"]:
            return False
        lines = self._lines(tokens[1:])
        self.found.dropped += lines or []
        return bool(lines)

    def _fixed(self, tokens: list[str]) -> bool:
        """ "line 3 is 2x beer 9.00" """
        if len(tokens) < 3 or tokens[0] not in self.words["line"] or (line := self._line(tokens[1])) is None:
            return False
        price, middle, quantity = _decimal(tokens[-1], self.shown.places), tokens[2:-1], 1000
        if len(middle) >= 2 and middle[0].isdecimal() and middle[1] in _TIMES:
            quantity, middle = 1000 * int(middle[0]), middle[2:]
        if price is None or not 0 < quantity < 10**6 or any(token[0].isdigit() for token in middle):
            return False
        self.found.fixed.append(FixedLine(line, " ".join(middle), quantity, price))
        return True

    def _rest(self, tokens: list[str]) -> bool:
        if tokens[0] not in self.words["rest"]:
            return False
        people = self._people(tokens[1:])
        self.found.rest = people
        return people is not None

    def _counted(self, tokens: list[str]) -> bool:
        """ "2 of the 3 beers are mine" """
        if len(tokens) < 4 or not tokens[0].isdecimal() or tokens[1] not in self.words["of"] or not 0 < int(tokens[0][:4]) < 1000:
            return False
        middle, people = self._before_people(tokens[2:])
        if not people:
            return False
        by_number = len(middle) == 2 and middle[0] in self.words["line"]
        numbers = [] if by_number else [token for token in middle if token.isdecimal()]
        line = self._line(middle[1]) if by_number else self._named([token for token in middle if not token.isdecimal()])
        if line is None or len(numbers) > 1 or any(not int(tokens[0]) <= int(number[:4]) < 1000 for number in numbers):
            return False
        self.found.claims.append(LineClaim(line, people, 1000 * int(tokens[0]), 1000 * int(numbers[0]) if numbers else 0))
        return True

    def _claimed(self, tokens: list[str]) -> bool:
        """ "1 3 anna" """
        head, people = self._before_people(tokens)
        return self._claim(head, people)

    def _had(self, tokens: list[str]) -> bool:
        """ "anna had 1 and 3" """
        verb = next((place for place, token in enumerate(tokens) if token in self.words["had"]), None)
        return verb is not None and self._claim(tokens[verb + 1 :], self._people(tokens[:verb]))

    def _claim(self, head: Sequence[str], people: tuple[str, ...] | None) -> bool:
        lines = self._lines(head)
        if not lines:
            named = self._named(head)
            lines = [named] if named is not None else None
        if lines is None or people is None:
            return False
        self.found.claims += [LineClaim(line, people, 0) for line in lines]
        return True

    # -------------------------------------------------------------- what segments are made of

    def _before_people(self, tokens: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...] | None]:
        """The tokens before the longest end that names people, and these."""
        for place in range(1, len(tokens)):
            if tokens[place - 1] not in self.words["and"] and (people := self._people(tokens[place:])) is not None:
                return tokens[:place], people
        return tokens, None

    def _people(self, tokens: Sequence[str]) -> tuple[str, ...] | None:
        """Members as the chat has them; () for everyone, None where the tokens are something else as well."""
        found: list[str] = []
        everyone, place = False, 0
        while place < len(tokens):
            token = tokens[place]
            size = next((n for n in range(_NAME_WORDS_MOST, 0, -1) if tuple(tokens[place : place + n]) in self.names), 0)
            if size:
                found.append(self.names[tuple(tokens[place : place + size])])
            elif token in self.words["me"]:
                found.append(ME)
            elif token in self.words["everyone"]:
                everyone = True
            elif token not in self.words["and"] and token != "@":
                return None
            place += size or 1
        return () if everyone and not found else tuple(dict.fromkeys(found)) if found and not everyone else None

    def _lines(self, tokens: Sequence[str]) -> list[int] | None:
        """Numbers of lines, "1-3" and "1,3" among them; None where the tokens are something else as well, or no such line was shown."""
        found: list[int] = []
        upto = False
        for token in tokens:
            if token == "-" and found and not upto:
                upto = True
                continue
            if token in self.words["line"] or token in self.words["and"]:
                continue
            for part in token.split(","):
                line = self._line(part)
                if line is None or (upto and line <= found[-1]):
                    return None
                found += range(found[-1] + 1, line + 1) if upto else [line]
                upto = False
        return None if upto or not found else list(dict.fromkeys(found))

    def _line(self, token: str) -> int | None:
        return int(token) if token.isdecimal() and len(token) < 4 and 0 < int(token) <= len(self.shown.lines) else None

    def _named(self, tokens: Sequence[str]) -> int | None:
        """The one line that a word or more stand in; the last letters may differ ("beer", "beers")."""
        plain = ["".join(folded_words(token)) for token in tokens]
        wanted = [token[: max(_SHORTEST, len(token) - 1)] for token in plain if len(token) >= _SHORTEST]
        if not wanted or len(wanted) != len(tokens):
            return None
        fitting = [
            number
            for number, name in enumerate(self.shown.lines, 1)
            if all(any(word.startswith(start) for word in folded_words(name)) for start in wanted)
        ]
        return fitting[0] if len(fitting) == 1 else None


def read_division(text: str, *, names: Mapping[str, str], shown: Shown, language: str | None) -> DivideReceipt | None:
    """What a message says of a receipt's lines; None unless all of it does. `names`: what people are called to the member's name."""
    folded = text.casefold()
    if len(text) > TEXT_MOST or _TOKEN.sub("", folded).strip(" .!\t"):
        return None
    segments = _segments(_TOKEN.findall(folded))
    if not all(len(segment) <= SEGMENT_MOST for segment in segments):
        return None
    table = {tuple(_TOKEN.findall(said.casefold())): name for said, name in names.items() if said.strip()}
    known = words()
    for code in dict.fromkeys([language if language in known else "en", "en", *known]):
        reader = _Reader(known[code or "en"], table, shown, _Parts())
        if segments and all(reader.segment(segment) for segment in segments):
            found = reader.found
            changes = tuple(found.claims), found.rest, tuple(found.dropped), tuple(found.fixed)
            if found.rest is not None and not shown.lines:
                return None
            return DivideReceipt(*changes, found.tip, found.tip_percent, found.total)
    return None


def picture_asked(text: str) -> str | None:
    """The name of the bill whose picture a message asks for; "" where it names none, None where it asks for none."""
    folded = " ".join(text.casefold().split()).rstrip(" .!?")
    phrases = [phrase for kinds in words().values() for phrase in kinds["show"] if folded == phrase or folded.startswith(phrase + " ")]
    return folded[len(max(phrases, key=len)) :].strip() if phrases and len(text) <= TEXT_MOST else None


def _segments(tokens: Sequence[str]) -> list[list[str]]:
    """The tokens between commas, semicolons and line ends."""
    found: list[list[str]] = [[]]
    for token in tokens:
        if token in (",", ";", "\n"):
            found.append([])
        else:
            found[-1].append(token)
    return [segment for segment in found if segment]


def _decimal(token: str, places: int) -> Decimal | None:
    """An amount with a point or a comma before at most `places` digits; what could be thousands is none."""
    whole, mark, part = token.replace(",", ".").partition(".")
    if not whole.isdecimal() or len(whole) > 9 or (mark and not (part.isdecimal() and 0 < len(part) <= min(places, 2))):
        return None
    return Decimal(f"{int(whole)}.{part}" if mark else int(whole))


@cache
def words() -> dict[str, dict[str, frozenset[str]]]:
    """The words by language and kind. Raises LanguageError naming the key."""
    return checked(files(__package__).joinpath(WORDS).read_text(encoding="utf-8"))


def checked(text: str) -> dict[str, dict[str, frozenset[str]]]:
    """The words of a data file. Raises LanguageError naming the key."""
    raw = table_of(WORDS, text)
    for code, kinds in raw.items():
        for kind in sorted({*KINDS, *kinds}):
            listed = kinds.get(kind)
            if kind not in KINDS or not isinstance(listed, list) or not all(isinstance(word, str) and word == word.casefold() for word in listed):
                raise LanguageError(f"{WORDS}: {code}.{kind}: a list of words in small letters is needed")
    return {code: {kind: frozenset(listed) for kind, listed in kinds.items()} for code, kinds in raw.items()}
