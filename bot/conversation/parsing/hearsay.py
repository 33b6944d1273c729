"""Owns which messages a language model may be asked about, and what of its answer is believed: what the message itself says. Asks nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.conversation.intents import (
    PROPOSAL,
    ExpenseDraft,
    Intent,
    Nothing,
    ParseContext,
    Payment,
    Query,
    Question,
    RecordExpenses,
    RecordIncome,
    RecordSettlement,
    SplitSpec,
    Understanding,
)
from bot.conversation.parsing import look
from bot.conversation.parsing.categories import category_of
from bot.conversation.parsing.lexicon import category_names
from bot.conversation.parsing.people import MEMBER, NEW
from bot.conversation.parsing.shape import Scan
from core.domain.money import Money
from core.domain.people import name_key
from core.domain.remarks import Guess, Remark
from core.errors import DomainError
from core.reading.dates import DateSpan
from core.reading.source import LanguageError, table_of
from core.reading.text import clean, folded_words

SPEAKER = "me"
_STRANGER = "somebody"
_WORDS_MOST = 8
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")

Openness = Literal["anything", "questions"]
# What the rules can say of a message that they made nothing of. Whatever else they say (a plan, a denial, a code), they have understood.
_OPEN: Mapping[str, Openness] = {"unknown": "anything", "chatter": "anything", "question": "questions"}


class NotInTheText(Exception):
    """The model named something that the message does not say, or does not say clearly."""


def compile_patterns(text: str) -> re.Pattern[str]:
    """One pattern out of the table of kept_back.toml. Raises LanguageError naming the key that is wrong."""
    patterns = table_of("kept_back.toml", text).get("patterns") or {"patterns": None}
    for name, pattern in patterns.items():
        try:
            re.compile(pattern)
        except (re.error, TypeError) as problem:
            raise LanguageError(f"kept_back.toml: {name}: {problem}") from problem
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns.values()))


@cache
def _kept_back() -> re.Pattern[str]:
    return compile_patterns(files("bot.conversation.parsing").joinpath("kept_back.toml").read_text("utf-8"))


def check_data() -> None:
    """Read the data file, so that a wrong one is told of at start-up. Raises LanguageError."""
    _kept_back()


def openness(understood: Understanding) -> Openness | None:
    """What may be made of a message after the rules have read it; None where they have understood it, be it as nothing."""
    if understood.question is not None or not isinstance(understood.intent, Nothing):
        return None
    return _OPEN.get(understood.intent.hint)


def may_leave(text: str) -> bool:
    """Whether a text holds nothing that looks like a number of a card, an account or a phone, a code, or an address."""
    return _kept_back().search(clean(text)) is None


def names_amount(text: str, context: ParseContext) -> bool:
    """Whether an amount stands in the text."""
    return any(item.amount is not None for item in look(text, context).shape.items)


def remark(text: str, context: ParseContext) -> Remark:
    """What a model gets to see of a message and its chat."""
    return Remark(without_handles(look(text, context)), context.speaker, context.members, category_names(), context.currency, context.now.date())


def without_handles(seen: Scan) -> str:
    """The text with the names of people instead of their accounts: "@mia_92" is Mia, or somebody where we do not know her."""
    text = seen.text
    for item in reversed(seen.shape.items):
        first, last = seen.tokens[item.first], seen.tokens[item.last - 1]
        if item.mention is not None and first.text == "@":
            text = text[: first.start] + (_STRANGER if item.mark == NEW else item.mention.name) + text[last.end :]
    return text


def believed(guess: Guess, text: str, context: ParseContext, *, only: Openness = "anything") -> Understanding | None:
    """The guess as an intent made of the message's own amount, days, names and words; None where it says anything else.

    What would be written is a question first (`Question` with the code PROPOSAL); a query stands as it is.
    """
    read = _READERS.get(guess.kind)
    if read is None or (only == "questions" and guess.kind != "query"):
        return None
    seen = look(text, context)
    try:
        intent = read(_Witness(seen), guess)
    except (NotInTheText, DomainError):
        return None
    question = None if isinstance(intent, Query) else Question(PROPOSAL)
    return Understanding(intent, f"model.{guess.kind}", seen.language.code, question)


@dataclass(frozen=True, slots=True)
class _Witness:
    """Answers with what stands in the message, or raises NotInTheText."""

    scan: Scan

    def amount(self, guess: Guess) -> Money:
        """The amount of that value in the message. One that can be read in two ways, or is in one of several currencies, is none."""
        if guess.amount is None or _AMOUNT.fullmatch(guess.amount) is None:
            raise NotInTheText
        value = Decimal(guess.amount)
        said = [item.amount for item in self.scan.shape.items if item.amount is not None and value in (item.amount.value, item.amount.other)]
        if not value or not said or any(each.other is not None or each.currencies or each.negative for each in said):
            raise NotInTheText
        codes = {each.currency or self.scan.context.currency for each in said}
        if len(codes) > 1 or (guess.currency is not None and guess.currency not in codes):
            raise NotInTheText
        return Money.of(value, codes.pop())

    def day(self, said: date | None) -> date:
        """The day that the message names; today where it names none. Never one to come."""
        if any(not span.is_day or span.direction == "future" or span.start > self.scan.today for span in self.scan.dates):
            raise NotInTheText
        days = {span.start for span in self.scan.dates} or {self.scan.today}
        if (said is not None and said not in days) or (said is None and len(days) > 1):
            raise NotInTheText
        return said or days.pop()

    def period(self, guess: Guess) -> tuple[date | None, date | None]:
        """First and last day of the one time that the message names; None twice where it names none."""
        spans: set[DateSpan] = set(self.scan.dates)
        if len(spans) > 1:
            raise NotInTheText
        start, end = next(((span.start, span.end) for span in spans), (None, None))
        if (guess.start or start) != start or (guess.end or end) != end:
            raise NotInTheText
        return start, end

    def person(self, name: str | None) -> str:
        """A member whom the message names; the speaker need not be named."""
        if name is None:
            raise NotInTheText
        speaker = self.scan.context.speaker
        if name.casefold() == SPEAKER or name_key(name) == name_key(speaker):
            return speaker
        named = {item.mention.name for item in self.scan.shape.items if item.mention is not None and item.mark == MEMBER}
        found = next((each for each in named if name_key(each) == name_key(name)), None)
        if found is None:
            raise NotInTheText
        return found

    def words(self, said: str | None) -> str:
        """The words as the message writes them, all together; "" for none."""
        wanted = folded_words(said or "")
        if not wanted:
            return ""
        folded = tuple(token.folded for token in self.scan.tokens)
        places = (place for place in range(len(folded)) if folded[place : place + len(wanted)] == wanted)
        place = next(places, None)
        if place is None or len(wanted) > _WORDS_MOST:
            raise NotInTheText
        return self.scan.text[self.scan.tokens[place].start : self.scan.tokens[place + len(wanted) - 1].end]

    def category(self, guess: Guess, words: str) -> str | None:
        """The one that the words point to for the rules too; else the model's, if there is such a category."""
        if guess.category is not None and guess.category not in category_names():
            raise NotInTheText
        return category_of(folded_words(words), self.scan.lexicon) or guess.category

    def sharers(self, guess: Guess) -> SplitSpec:
        """In equal parts, by name: what the card shows is what is written, whoever comes or goes in between."""
        context = self.scan.context
        if guess.sharing != "named" and guess.people:
            raise NotInTheText
        everyone = guess.sharing == "everyone" or (guess.sharing == "unsaid" and context.default_split == "everyone")
        named = tuple(self.person(name) for name in guess.people) if guess.sharing == "named" else ()
        people = tuple(dict.fromkeys(context.members if everyone else named)) or (context.speaker,)
        if guess.sharing == "named" and not named:
            raise NotInTheText
        return SplitSpec("none" if people == (context.speaker,) else "equal", people)


def _expense(witness: _Witness, guess: Guess) -> Intent:
    words = witness.words(guess.description)
    payer = witness.person(guess.person or SPEAKER)
    draft = ExpenseDraft(
        witness.amount(guess), words, witness.category(guess, words), witness.day(guess.day), (Payment(payer),), witness.sharers(guess)
    )
    return RecordExpenses((draft,))


def _settlement(witness: _Witness, guess: Guess) -> Intent:
    sender, receiver = witness.person(guess.sender), witness.person(guess.receiver)
    if sender == receiver:
        raise NotInTheText
    return RecordSettlement(sender, receiver, witness.amount(guess), witness.day(guess.day))


def _income(witness: _Witness, guess: Guess) -> Intent:
    return RecordIncome(witness.amount(guess), witness.words(guess.description), witness.day(guess.day))


def _query(witness: _Witness, guess: Guess) -> Intent:
    if guess.asked is None or guess.amount is not None:
        raise NotInTheText
    start, end = witness.period(guess)
    words = witness.words(guess.description)
    category = witness.category(guess, words)
    person = witness.person(guess.person) if guess.person is not None else None
    return Query(guess.asked, category=category, person=person, text=None if category else words or None, start=start, end=end)


_READERS: Mapping[str, Callable[[_Witness, Guess], Intent]] = {"expense": _expense, "settlement": _settlement, "income": _income, "query": _query}
