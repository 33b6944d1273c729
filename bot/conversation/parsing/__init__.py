"""From text to intents: one scan of the message, then named rules compete. Touches no database and no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from bot.conversation.intents import Nothing, ParseContext, Understanding
from bot.conversation.parsing import (
    alerting,
    asking,
    asks,
    budgeting,
    category_talk,
    changes,
    company,
    expenses,
    gates,
    gist,
    goals,
    group_life,
    paying,
    places,
    repeating,
    reporting,
    requests,
    settlements,
    shorthand,
)
from bot.conversation.parsing.banking import bank_alert
from bot.conversation.parsing.elision import cut_elisions
from bot.conversation.parsing.equivalents import equated
from bot.conversation.parsing.lexicon import lexicon, with_own
from bot.conversation.parsing.places import Placed
from bot.conversation.parsing.prices import priced
from bot.conversation.parsing.rules import Candidate, Rule, compete
from bot.conversation.parsing.shape import Scan, scan
from bot.conversation.parsing.tongues import tongue
from bot.conversation.parsing.unread import unread
from core.reading.amounts import Amount, amounts
from core.reading.dates import DateSpan, dates
from core.reading.language import Language, add_folder, load
from core.reading.quantities import quantities
from core.reading.text import LIMIT_CHARACTERS, Token, clean, folded_words, has_overrides, tokenise

RULES: tuple[Rule, ...] = (
    paying.paying,
    reporting.command,
    group_life.command,
    asks.command,
    repeating.command,
    changes.take_back,
    alerting.command,
    goals.command,
    budgeting.command,
    category_talk.command,
    gist.gist,
    budgeting.budget,
    changes.income,
    settlements.settlement,
    settlements.debt,
    changes.correction,
    expenses.several,
    expenses.expense,
    asking.asking,
    asks.query,
    shorthand.question,
    expenses.no_amount,
    gates.nothing,
)
MAX_TOKENS = 200  # beyond that it is no note of an expense, and time is bounded
_PRICE_TAGS = frozenset("àÀ")  # before the price of one: in all languages, so that it tells of none
_SLASH = re.compile(r"^\s*/([a-z_]{2,20})(?:@\w*)*(?=\s|$)", re.IGNORECASE)


def parse(text: str, context: ParseContext) -> Understanding:
    """What a message means in its chat. Never raises on any text; what it does not understand is `Nothing` with a hint.

    A bank's message is told first, by its own words.
    """
    refused = refusal(text)
    if refused is not None:
        return Understanding(Nothing(refused), f"nothing.{refused}")
    alert = bank_alert(text, context)
    if alert is not None:
        return Understanding(alert.intent, alert.rule)
    found = look(text, context)
    best = compete(found, RULES)[0]
    return Understanding(best.intent, best.rule, found.language.code, best.question, best.unread)


def placed(text: str, context: ParseContext) -> Placed | None:
    """A text apart from the group of the sender's that it names; None where it names none."""
    folded = " ".join(folded_words(text))
    if refusal(text) is not None or not any(" ".join(folded_words(group)) in folded for group in context.groups):
        return None
    return places.placed(look(text, context))


def add_languages(folder: Path) -> tuple[str, ...]:
    """Languages of an operator's own, FOLDER/<code>/*.toml (docs/languages.md); their codes. Raises LanguageError for a wrong file."""
    codes = add_folder(folder)
    for code in codes:
        load(code)
        lexicon(code)
    return codes


def explain(text: str, context: ParseContext) -> tuple[Scan, list[Candidate]]:
    """The scan and all candidates, the best first and with what it left unread. For `tuppence parse --explain`."""
    found = look(text, context)
    best, *others = compete(found, RULES)
    left = tuple(found.text[start:end] for start, end in unread(found, best.intent))
    alert = bank_alert(text, context)
    return found, [*([alert] if alert else []), replace(best, unread=left), *others]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the recognisers of money and dates alone see in a text that nothing else is looked for in."""

    text: str
    tokens: tuple[Token, ...]
    amounts: tuple[Amount, ...]
    dates: tuple[DateSpan, ...]


def recognise(text: str, context: ParseContext) -> Recognised:
    """Money and dates of a text without its meaning: read broadly, and a day that may lie either way is the coming one."""
    cleaned = clean(text)
    tokens, language = _tokens(cleaned, context, bound=True)
    counted = [quantity for quantity in quantities(tokens, language) if not quantity.weak]
    found = amounts(tokens, language, currency=context.currency, skip=counted, broad=True)
    money = {place for amount in found if amount.strength == 2 for place in range(amount.first, amount.last)}
    spans = dates(tokens, language, today=context.now.date(), currency=context.currency, skip=money, lean="future", broad=True)
    return Recognised(cleaned, tokens, found, spans)


def refusal(text: str) -> str | None:
    """Why a text is not read at all: too long, or showing in another order than it is stored while it holds digits."""
    if len(text) > LIMIT_CHARACTERS:
        return "too_long"
    if has_overrides(text) and any(character.isdigit() for character in text):
        return "hidden_characters"
    return None


def look(text: str, context: ParseContext) -> Scan:
    """One scan of a text in the language of its chat. A leading "/command@bot" is the word alone, "/two_words" are two."""
    cleaned = _SLASH.sub(lambda found: found[1].replace("_", " "), clean(text), count=1)
    tokens, language = _tokens(cleaned, context)
    words = with_own(language.code, context.categories) if context.categories else lexicon(language.code)
    found = scan(text, cleaned, cut_elisions(tokens, language, words), context, language, words)
    return company.complete(priced(equated(requests.unwrapped(found))))


def _tokens(cleaned: str, context: ParseContext, *, bound: bool = False) -> tuple[tuple[Token, ...], Language]:
    """Tokens, and the language that they tell; `bound`: the one that the context names stands, since there is too little to tell by."""
    tokens = tokenise(cleaned, most=MAX_TOKENS)
    named = names_of((*context.members, *context.aliases), context.speaker)
    language = load((bound and context.language) or tongue(_telling(tokens, named), context.language))
    if language.divider is not None:
        tokens = language.divider.divide(tokens)
    return tokens if len(tokens) <= MAX_TOKENS else (), language


@lru_cache(maxsize=512)
def names_of(names: tuple[str, ...], speaker: str) -> frozenset[str]:
    """The folded words by which people are called. They tell no language: Lena and Jana are verbs in Hindi, Ben and Sara small words elsewhere.

    Without those of the speaker, who may be called "me".
    """
    return frozenset(word for name in names if name != speaker for word in folded_words(name))


def telling_words(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The folded words of a text that may tell its language (see tongues). `names`: see `names_of`."""
    return [word for word in _telling(tokenise(clean(text), most=MAX_TOKENS), names) if word[0].isalpha()]


def _telling(tokens: Sequence[Token], names: frozenset[str]) -> Iterator[str]:
    """The words that may tell a language: no currencies or names, and no letters that hang on digits, as in "5k" or a code."""
    for place, token in enumerate(tokens):
        behind_digits = token.glued and place > 0 and tokens[place - 1].kind == "n"
        before_digits = any(after.glued and after.kind == "n" for after in tokens[place + 1 : place + 2])
        tags_price = token.text in _PRICE_TAGS and any(after.kind == "n" for after in tokens[place + 1 : place + 2])
        if not behind_digits and not before_digits and not tags_price and not _is_code(token) and token.folded not in names:
            yield token.folded


def _is_code(token: Token) -> bool:
    """Whether a token is written like the code of a currency, as "LE": it tells of no language, whatever small word it looks like."""
    return 1 < len(token.text) < 4 and token.text.isupper()
