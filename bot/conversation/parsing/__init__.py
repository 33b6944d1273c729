"""From text to intents: one scan of the message, then named rules compete. Touches no database and no network."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.conversation.intents import Nothing, ParseContext, Understanding
from bot.conversation.parsing import asks, changes, company, expenses, gates, settlements
from bot.conversation.parsing.banking import bank_alert
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.rules import Candidate, Rule, compete
from bot.conversation.parsing.shape import Scan, scan
from bot.conversation.parsing.unread import unread
from core.reading.detect import detect
from core.reading.language import load
from core.reading.text import LIMIT_CHARACTERS, clean, has_overrides, tokenise

RULES: tuple[Rule, ...] = (
    asks.command,
    changes.take_back,
    changes.budget,
    changes.income,
    settlements.settlement,
    settlements.debt,
    changes.correction,
    expenses.several,
    expenses.expense,
    asks.query,
    expenses.no_amount,
    gates.nothing,
)
MAX_TOKENS = 200  # beyond that it is no note of an expense, and time is bounded
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


def explain(text: str, context: ParseContext) -> tuple[Scan, list[Candidate]]:
    """The scan and all candidates, the best first and with what it left unread. For `tuppence parse --explain`."""
    found = look(text, context)
    best, *others = compete(found, RULES)
    left = tuple(found.text[start:end] for start, end in unread(found, best.intent))
    alert = bank_alert(text, context)
    return found, [*([alert] if alert else []), replace(best, unread=left), *others]


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
    tokens = tokenise(cleaned, most=MAX_TOKENS)
    language = load(context.language or detect(token.folded for token in tokens))
    return company.complete(scan(text, cleaned, tokens, context, language, lexicon(language.code)))
