"""What a message means as the answer to what was asked, or as a word about the bill that it replies to. Reads no database."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.conversation.codec import unpack
from bot.conversation.dispatch import amount_in
from bot.conversation.intents import Command, Correct, Nothing, ParseContext, Payment, RecordExpenses, SplitSpec, Understanding
from bot.conversation.parsing import parse
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Turn
from core.domain.money import Money

WHAT_MOST = 60  # characters of an answer to what an amount was for
_CODE_BACK = re.compile(r"(\d{4})[-\s]?(\d{2})\.?", re.ASCII)
_ANY_AMOUNT = "100"  # parts and weights are the same of any amount


def answered(turn: Turn, text: str, context: ParseContext) -> Understanding | None:
    """The message as the answer to what was asked; None where it is none (a new command drops the question)."""
    if "check" in turn.conversation.state and (code := _CODE_BACK.fullmatch(text.strip())):
        return Understanding(Command("code_back", {"code": code[1] + code[2]}), rule="code_back")
    pending = pending_of(turn)
    if pending is None:
        return None
    if pending["kind"] == "question":
        return chosen(pending, text, context) or completed(pending, text, context)
    if pending["kind"] == "target":
        return about_bill(text, context)
    return None


def pending_of(turn: Turn) -> dict[str, Any] | None:
    """The question that waits for this sender."""
    pending = turn.conversation.state.get("pending")
    if isinstance(pending, dict) and turn.sender is not None and pending.get("asker") == str(turn.sender.person_id):
        return pending
    return None


def chosen(pending: dict[str, Any], text: str, context: ParseContext) -> Understanding | None:
    """By its label or its number, or by saying the amount again so that it is clear."""
    said = text.strip().casefold().rstrip(".")
    options = [(label.casefold(), unpack(intent)) for label, intent in pending["options"]]
    for number, (label, intent) in enumerate(options, start=1):
        if said in (label, str(number)):
            return Understanding(intent, rule="chosen_option")
    amount = amount_alone(parse(text, context))
    meant = [intent for _, intent in options if amount is not None and amount_in(intent) == amount]
    return Understanding(meant[0], rule="chosen_option") if len(meant) == 1 else None


def completed(pending: dict[str, Any], text: str, context: ParseContext) -> Understanding | None:
    """What was missing put together with what was said: "taxi" and then "12", or "12" and then "taxi"."""
    alone = parse(text, context)
    if pending.get("code") == "record_amount":
        if not isinstance(alone.intent, Nothing) or alone.question is not None or len(text) > WHAT_MOST or text.rstrip().endswith("?"):
            return None
        whole = parse(f"{text} {pending['text']}", context)
    elif pending.get("code") == "no_amount" and names_nothing(alone):
        whole = parse(f"{pending['text']} {text}", context)
    else:
        return None
    return whole if isinstance(whole.intent, RecordExpenses) and whole.question is None else None


def said_of_bill(text: str, understood: Understanding, context: ParseContext) -> Understanding | None:
    """A reply to a bill that says no more than an amount, or who shares: it changes that bill. None where it says something else."""
    if names_nothing(understood) or (isinstance(understood.intent, Nothing) and understood.question is None):
        return about_bill(text, context)
    return None


def about_bill(text: str, context: ParseContext) -> Understanding | None:
    """The change of a bill that is in mind: as said, as who shares it, or as what follows "make it"."""
    as_said = parse(text, context)
    if isinstance(as_said.intent, Correct):
        return as_said
    if (split := split_said(text, as_said, context)) is not None:
        return Understanding(Correct("split", split), rule="correction.split", language=as_said.language)
    changed = parse(f"{Voice(as_said.language).say('make_it')} {text}", context)
    return changed if isinstance(changed.intent, Correct) else None


def split_said(text: str, as_said: Understanding, context: ParseContext) -> SplitSpec | None:
    """Who shares, from words that say nothing else: "only Anna and me", "everyone except Dan", "Anna 20, me 10", "60/40"; None for other words."""
    group = replace(context, chat="group", default_split="everyone")  # what names nobody is shared by nobody in particular there
    speaker = (Payment(context.speaker),)
    for understood in (as_said, parse(f"{_ANY_AMOUNT} {text}", group)):
        intent = understood.intent
        if not isinstance(intent, RecordExpenses) or len(intent.expenses) != 1 or understood.question is not None:
            continue
        draft = intent.expenses[0]
        told = draft.split.type != "equal" or bool(draft.split.people)
        exact = bool(draft.split.exact)
        if told and not draft.description and draft.payments in ((), speaker) and exact == (understood is as_said):
            return draft.split
    return None


def names_nothing(understood: Understanding) -> bool:
    """Whether a message says an amount and not what it was for: "12", "€12", "12.50 with Bob"."""
    intent = understood.intent
    if isinstance(intent, RecordExpenses):
        return len(intent.expenses) == 1 and not intent.expenses[0].description
    return understood.question is not None and understood.question.code == "record_amount"


def amount_alone(understood: Understanding) -> Money | None:
    """The amount of a message that says no more."""
    if not names_nothing(understood):
        return None
    return amount_in(understood.intent if isinstance(understood.intent, RecordExpenses) else understood.question.options[0][1])  # type: ignore[union-attr]
