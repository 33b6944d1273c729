"""`tuppence parse`: messages in, what they would be understood as out. Touches no database."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal, cast

from bot.cli.jsonl import Json, Refused, answer_lines
from bot.clock import SystemClock
from bot.conversation.intents import ParseContext, Understanding
from bot.conversation.parsing import Recognised, add_languages, contract, explain, recognise, refusal
from bot.conversation.parsing import parse as understand
from bot.conversation.parsing.shape import Scan
from core.domain.currencies import is_currency
from core.reading.language import LanguageError
from core.reading.text import LIMIT_CHARACTERS

HELP = "JSON Lines: a message in, what it would be understood as out"
_KEYS = frozenset({"text", "now", "speaker", "members", "aliases", "currency", "language", "chat", "default_split", "context", "sender", "groups"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", choices=["money", "date"], help="show only what this recogniser sees")
    parser.add_argument("--languages", type=Path, metavar="FOLDER", help="languages of your own, FOLDER/<code>/*.toml, besides those that come along")
    parser.add_argument("--explain", action="store_true", help="add tokens, values with their spans, and the rules that competed")


def run(options: argparse.Namespace, *, clock: Callable[[], datetime] = SystemClock()) -> int:
    """Answer every line of stdin on stdout. The exit status is 1 where a line was refused. `clock` gives `now` where a line has none."""

    if options.languages is not None:
        try:
            add_languages(options.languages)
        except LanguageError as problem:
            print(f"tuppence parse: {problem}", file=sys.stderr)
            return 2

    def answer(record: Json) -> Json:
        text = _text(record, "text", needed=True)
        context = _context(record, clock)
        if options.only is not None:
            return _recognised(text, context, options.only)
        return _explained(text, context) if options.explain else contract.as_json(understand(text, context), context)

    return answer_lines(answer, keys=_KEYS)


def _context(record: Json, clock: Callable[[], datetime]) -> ParseContext:
    chat = _choice(record, "chat", ("private", "group"), "private")
    split = _choice(record, "default_split", ("none", "everyone"), "none")
    members = _names(record, "members")
    return ParseContext(
        now=_now(record, clock),
        speaker=_text(record, "speaker") or "me",
        members=members,
        aliases=_aliases(record),
        currency=_currency(record),
        language=_text(record, "language") or None,
        chat=cast(Literal["private", "group"], chat),
        default_split=cast(Literal["none", "everyone"], split),
        context=_names(record, "context"),
        sender=_text(record, "sender") or None,
        groups=_names(record, "groups"),
    )


def _text(record: Json, key: str, *, needed: bool = False) -> str:
    value = record.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise Refused(f"{key} must be a string")
    return value


def _names(record: Json, key: str) -> tuple[str, ...]:
    value = record.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value) or len(value) > 1000:
        raise Refused(f"{key} must be a list of strings")
    return tuple(value)


def _aliases(record: Json) -> dict[str, str]:
    value = record.get("aliases")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
        raise Refused("aliases must be an object of strings")
    return dict(value)


def _choice(record: Json, key: str, choices: tuple[str, ...], default: str) -> str:
    value = _text(record, key) or default
    if value not in choices:
        raise Refused(f"{key} must be one of {', '.join(choices)}")
    return value


def _currency(record: Json) -> str:
    code = _text(record, "currency") or "EUR"
    if not is_currency(code):
        raise Refused(f"currency {code[:8]!r} is no ISO 4217 code")
    return code


def _now(record: Json, clock: Callable[[], datetime]) -> datetime:
    said = _text(record, "now")
    if not said:
        return clock().astimezone()
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as problem:
        raise Refused(f"now {said[:40]!r} is no ISO 8601 time") from problem
    if not 1900 <= moment.year <= 2900:
        raise Refused("now is out of range")
    return moment


def _recognised(text: str, context: ParseContext, only: str) -> Json:
    """What one recogniser alone sees. A bare number counts as money only where it is the whole text or written like money."""
    if len(text) > LIMIT_CHARACTERS:
        raise Refused(f"text is longer than {LIMIT_CHARACTERS} characters")
    found = recognise(text, context)
    if only == "date":
        return {"dates": [{"date": span.start.isoformat(), "text": _source(found, span.first, span.last)} for span in found.dates if span.is_day]}
    marked = [amount for amount in found.amounts if amount.strength > 0 or _alone(found, amount.first, amount.last)]
    return {"amounts": [contract.amount_as_json(amount, _source(found, amount.first, amount.last), context.currency) for amount in marked]}


def _alone(found: Recognised, first: int, last: int) -> bool:
    return not any(re.search(r"\w", token.text) for place, token in enumerate(found.tokens) if not first <= place < last)


def _source(found: Scan | Recognised, first: int, last: int) -> str:
    return found.text[found.tokens[first].start : found.tokens[last - 1].end]


def _explained(text: str, context: ParseContext) -> Json:
    refused = refusal(text)
    if refused is not None:
        return contract.as_json(understand(text, context), context) | {"tokens": [], "values": [], "rules": []}
    found, candidates = explain(text, context)
    best = candidates[0]
    understood = Understanding(best.intent, best.rule, found.language.code, best.question, best.unread)
    values = [
        {
            "kind": "money",
            "value": str(amount.value),
            "currency": amount.currency,
            "text": _source(found, amount.first, amount.last),
            "span": _span(found, amount.first, amount.last),
        }
        for amount in found.amounts
    ]
    values += [
        {
            "kind": "date",
            "value": f"{span.start}/{span.end}",
            "currency": None,
            "text": _source(found, span.first, span.last),
            "span": _span(found, span.first, span.last),
        }
        for span in found.dates
    ]
    return contract.as_json(understood, context) | {
        "language": found.language.code,
        "question": contract.question_as_json(best.question),
        "unread": list(best.unread),
        "categories": contract.categories_as_json(best.intent),
        "shape": found.shape.text,
        "tokens": [token.text for token in found.tokens],
        "values": values,
        "rules": [{"rule": candidate.rule, "score": candidate.score, "intent": contract.intent_name(candidate.intent)} for candidate in candidates],
    }


def _span(found: Scan, first: int, last: int) -> list[int]:
    return [found.tokens[first].start, found.tokens[last - 1].end]
