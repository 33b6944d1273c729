"""Owns what keeps a message from being recorded: questions, plans, conditions, denials, codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from bot.conversation.intents import Nothing
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Scan, Shape

_APART = frozenset(("as_written", "priced", "measured"))  # looked for in the text as it is written, or by some rules only


def tells(scan: Scan, shape: Shape, name: Literal["priced", "measured"]) -> bool:
    """Whether a shape says what something costs and not that anybody bought it, "the flight costs 300", or how large it is, "1.75 tall"."""
    return any(pattern.search(shape.text) for pattern in scan.patterns(f"gates.{name}"))


def gate(scan: Scan, shape: Shape) -> str | None:
    """The name of the first gate that a shape runs into."""
    for name, patterns in scan.section("gates").items():
        if name not in _APART and any(pattern.search(shape.text) for pattern in patterns):
            return name
    return _as_written(scan.lexicon.code, scan.text)


def is_present(scan: Scan, shape: Shape) -> bool:
    """Whether a verb of paying is one of the present: "mañana pago 30" is a plan. With a mark it is another form: "pagó"."""
    tokens = [scan.tokens[item.first] for item in shape.items]
    return any(token.folded in scan.lexicon.words["leftovers.present"] and token.text.casefold() == token.folded for token in tokens)


@lru_cache(maxsize=8)
def _as_written(code: str, text: str) -> str | None:
    """Marks that comparison leaves out can make another word: "würde" is a condition, "wurde" tells what happened."""
    patterns = lexicon(code).patterns.get("gates.as_written", ())
    return "hypothetical" if patterns and any(pattern.search(text.casefold()) for pattern in patterns) else None


def nothing(scan: Scan) -> Candidate:
    """What stands when nothing else does."""
    found = gate(scan, scan.shape)
    if found is None and any(span.direction == "future" for span in scan.dates) and scan.amounts:
        found = "planned"
    hint = found or ("chatter" if scan.context.chat == "group" or len(scan.tokens) > 12 else "unknown")
    if hint != "one_time_code" and any(
        quantity.kind in ("phone", "identifier") and len(scan.text) < 60 and _absurd(scan, quantity.first, quantity.last)
        for quantity in scan.quantities
    ):
        hint = "absurd_amount"
    return Candidate(f"nothing.{hint}", Nothing(hint), 90 if hint == "one_time_code" else 1)


def _absurd(scan: Scan, first: int, last: int) -> bool:
    digits = [token for token in scan.tokens[first:last] if token.kind == "n"]
    exponent = last - first == 2 and scan.tokens[first].folded == "e" and first > 0 and scan.tokens[first - 1].kind == "n"
    return exponent or any(len(token.text) > 15 for token in digits)
