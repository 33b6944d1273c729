"""The message as the answer to a question of ours: a code, an option, what was missing, or a change of the bill that was asked about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from bot.conversation.codec import unpack
from bot.conversation.intents import Command, Correct, ExpenseDraft, ParseContext, RecordExpenses, Understanding
from bot.conversation.parsing import parse
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Turn

_CODE_BACK = re.compile(r"(\d{4})[-\s]?(\d{2})\.?", re.ASCII)
_DEFAULTS: tuple[Literal["none", "everyone"], ...] = ("none", "everyone")


def pending_of(turn: Turn) -> dict[str, Any] | None:
    """The question that waits for this sender."""
    pending = turn.conversation.state.get("pending")
    if isinstance(pending, dict) and turn.sender is not None and pending.get("asker") == str(turn.sender.person_id):
        return pending
    return None


def answered(turn: Turn, text: str, context: ParseContext) -> Understanding | None:
    """The message as the answer to what was asked; None where it is none (a new command drops the question)."""
    if "check" in turn.conversation.state and (code := _CODE_BACK.fullmatch(text.strip())):
        return Understanding(Command("code_back", {"code": code[1] + code[2]}), rule="code_back")
    pending = pending_of(turn)
    if pending is None:
        return None
    if pending["kind"] == "question":
        return chosen(pending, text) or completed(pending, text, context)
    if pending["kind"] == "target":
        return (shared_anew(pending["amount"], text, context) if "amount" in pending else None) or about_target(text, context)
    return None


def chosen(pending: dict[str, Any], text: str) -> Understanding | None:
    """By its label or its number."""
    said = text.strip().casefold().rstrip(".")
    for number, (label, intent) in enumerate(pending["options"], start=1):
        if said in (label.casefold(), str(number)):
            return Understanding(unpack(intent), rule="chosen_option")
    return None


def completed(pending: dict[str, Any], text: str, context: ParseContext) -> Understanding | None:
    """The first message with the answer put behind it, where the answer alone records nothing."""
    if pending.get("code") != "no_amount":
        return None
    whole = parse(f"{pending['text']} {text}", context)
    return whole if isinstance(whole.intent, RecordExpenses) and whole.question is None else None


def about_target(text: str, context: ParseContext) -> Understanding | None:
    """The change that was asked for: as said, or as what follows "make it"."""
    as_said = parse(text, context)
    if isinstance(as_said.intent, Correct):
        return as_said
    changed = parse(f"{Voice(as_said.language).say('make_it')} {text}", context)
    return changed if isinstance(changed.intent, Correct) else None


def shared_anew(amount: str, text: str, context: ParseContext) -> Understanding | None:
    """Who shares the bill of `amount` ("30.00 EUR"), read as if it were written behind it; None where the words say something else too.

    Words that leave it to the default say nothing of it. Exact parts that do not add up are said to be so, and are no new expense.
    """
    drafts = [only_draft(parse(f"{amount}, {text}", replace(context, default_split=default))) for default in _DEFAULTS]
    found = drafts[0]
    if found is None or drafts[1] is None or found.split != drafts[1].split:
        found = only_draft(parse(text, context))
        if found is None or found.split.type != "exact":
            return None
    if found.description or found.recurring or found.date not in (None, context.now.date()):
        return None
    return Understanding(Correct("split", found.split), rule="shared_anew")


def only_draft(found: Understanding) -> ExpenseDraft | None:
    if found.question is not None or not isinstance(found.intent, RecordExpenses) or len(found.intent.expenses) != 1:
        return None
    return found.intent.expenses[0]
