"""What the sentences of a catalogue tell people to write: their quoted examples and the lines of the help, ready to be parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from bot.conversation.answers import Said, about_bill, shared_anew
from bot.conversation.intents import (
    Command,
    Correct,
    DivideReceipt,
    Intent,
    ParseContext,
    Query,
    RecordExpenses,
    RecordIncome,
    RecordSettlement,
    SplitSpec,
    TakeBack,
    Understanding,
)
from bot.conversation.parsing import parse
from bot.conversation.parsing.divisions import Shown, read_division
from bot.conversation.replies.catalogue import catalogue
from core.domain.money import Money

QUOTED = re.compile("“([^”]+)”|„([^“]+)“")
SAMPLES = {
    "receiver": "Anna",
    "amount": "30 EUR",
    "service": "IBAN",
    "book": "Lisbon",
    "name": "Lisbon",
    "code": "K7QM2-RPD4X",
    "target": "…",
    "token": "…",
}
NOT_TO_BE_WRITTEN = {"forward_on": "Bearer", "no_such_bill": "…"}  # a header of HTTP, and what was not found
A_NAME = {"delete_ask"}  # quotes what somebody is called afterwards
AMOUNT = "30.00 EUR"  # of the bill that is asked about
RECEIPT = {  # the lines that examples speak of
    language: Shown((name, "Pizza", "Pasta", "Wine"), 2)
    for language, name in {"en": "Beer", "de": "Bier", "es": "Cerveza", "fr": "Bière", "pt": "Cerveja", "it": "Birra", "hi": "Beer"}.items()
}
PARTS = {"ask_who_shares"}  # are put behind the expense


@dataclass(frozen=True)
class Example:
    code: str
    short: bool
    text: str


def examples(language: str) -> Iterator[Example]:
    """In the order of the file."""
    words = catalogue(language)
    for short in (False, True):
        for code in catalogue("en").own_codes(short=short):
            for form in dict.fromkeys(words.forms(code, short=short).values()):
                yield from (Example(code, short, text) for text in written(code, form))


def written(code: str, sentence: str) -> Iterator[str]:
    if code in A_NAME:
        return
    for line in re.sub(r"\{(\w+)\}", lambda found: SAMPLES.get(found[1], "…"), sentence).split("\n"):
        quoted = [one or other for one, other in QUOTED.findall(line)]
        for text in line[1:].split(" · ") if line.startswith("•") else quoted:
            if NOT_TO_BE_WRITTEN.get(code, "\0") not in text:
                yield text.strip().replace("CODE", SAMPLES["code"])


def understood(example: Example, language: str) -> Understanding | None:
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Zoe", members=("Zoe", "Anna", "Bob", "Dan"), language=language, groups=("Lisbon",))
    if example.code == "ask_split":
        return shared_anew(AMOUNT, Said(example.text, context))
    if example.code == "ask_change":
        return about_bill(Said(example.text, context))
    if example.code.startswith("receipt_"):
        division = read_division(example.text, names={name: name for name in context.members}, shown=RECEIPT[language], language=language)
        return Understanding(division, rule="receipt.lines") if division is not None else None
    return parse(whole(example, language), context)


def whole(example: Example, language: str) -> str:
    """What is written, with an expense before it where it is but a part of one."""
    first = next(found.text for found in examples(language) if found.code == "list_empty")
    return f"{first} {example.text}" if example.code in PARTS else example.text


@cache
def promise(example: Example, language: str) -> object:
    """What an example means, alike for two that promise the same: an amount as the place of its number in the text, names left out."""
    found = understood(example, language)
    if found is None or found.question is not None:
        return found and found.question
    numbers = [Decimal(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d\d)?", whole(example, language))]
    return repr(_meaning(found.intent, numbers))


def _meaning(intent: Intent, numbers: list[Decimal]) -> object:
    def place(amount: object) -> object:
        return numbers.index(amount.decimal) if isinstance(amount, Money) and amount.decimal in numbers else amount

    match intent:
        case RecordExpenses():
            drafts = [(place(draft.amount), draft.category, draft.date, draft.payments, people_of(draft.split)) for draft in intent.expenses]
            return drafts, intent.group
        case RecordSettlement():
            return intent.sender, intent.receiver, place(intent.amount)
        case RecordIncome():
            return place(intent.amount), intent.refund
        case Correct():
            value = people_of(intent.value) if isinstance(intent.value, SplitSpec) else place(intent.value)
            return intent.field, value if intent.field != "description" else "…"
        case DivideReceipt():
            return intent
        case TakeBack():
            return intent.kind, intent.target == "last"
        case Query():
            return intent.kind, intent.category, intent.start, intent.end
        case Command():
            return intent.name, {name: value for name, value in intent.slots.items() if name not in ("place", "proof", "name", "target", "text")}
        case _:
            return None


def people_of(split: SplitSpec) -> object:
    """Who shares, in any order."""
    return split.type, sorted(split.people), sorted(split.exact)
