"""The message as the answer to a question of ours (a code, an option, what was missing), or as a change of the bill that it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from bot.conversation.codec import unpack
from bot.conversation.handlers.mail import CODE_UNTIL
from bot.conversation.handlers.questions import UNRATED, amount_in
from bot.conversation.intents import (
    Command,
    Correct,
    Elsewhere,
    ExpenseDraft,
    Nothing,
    ParseContext,
    RecordExpenses,
    RecordSettlement,
    TakeBack,
    Understanding,
)
from bot.conversation.parsing import parse
from bot.conversation.parsing.changes import is_deletion
from bot.conversation.parsing.group_life import note_of
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.replies.formats import Voice
from bot.conversation.totals import divided, total_said
from bot.conversation.turn import Turn
from core.domain.money import Money

_CODE_BACK = re.compile(r"(\d{4})[-\s]?(\d{2})\.?", re.ASCII)
_MAIL_CODE = re.compile(r"(\d{3})[-\s]?(\d{3})\.?", re.ASCII)
_ANY_AMOUNT = "100"  # parts and weights are the same of any amount
_LARGE_AMOUNT = "1000000000"  # of which anything that somebody put in is a part
UNCLEAR = (
    "who_shares",
    "split_does_not_add_up",
    "ambiguous_amount",
    "no_amount",
)  # questions that a message makes clear by being the answer to a bill
ANY_AMOUNT_ANSWERS = ("more_than_owed", "owes_nothing", UNRATED)  # questions that another amount than those offered answers too
WHAT_MOST = 60  # characters of an answer to what an amount was for
_DEFAULTS: tuple[Literal["none", "everyone"], ...] = ("none", "everyone")


class Said:
    """A text in its chat, read as it stands once, whoever asks for that and how often."""

    def __init__(self, text: str, context: ParseContext) -> None:
        self.text = text
        self.context = context

    @cached_property
    def alone(self) -> Understanding:
        return parse(self.text, self.context)


def pending_of(turn: Turn) -> dict[str, Any] | None:
    """The question that waits for this sender."""
    pending = turn.conversation.state.get("pending")
    if isinstance(pending, dict) and turn.sender is not None and pending.get("asker") == str(turn.sender.person_id):
        return pending
    return None


def answered(turn: Turn, said: Said, *, card: ParseContext) -> Understanding | None:
    """The message as the answer to what was asked or shown; None where it is none (a new command drops the question).

    `card`: what may be known of the receipt that was shown last.
    """
    if (code := code_back(turn, said.text.strip())) is not None:
        return code
    pending = pending_of(turn)
    if pending is None:
        return divided(turn, said.text, card)
    if pending["kind"] == "question":
        if "currency" in pending:  # a bare number is in what was asked about
            said = Said(said.text, replace(said.context, currency=pending["currency"]))
        option = chosen(pending, said, numbered=turn.capabilities.numbered)
        return option or total_said(pending, said.text, said.context) or counted_as(pending, said) or completed(pending, said)
    if pending["kind"] == "due":
        return how_much(said, currency=pending["currency"])
    if pending["kind"] == "target":
        return (shared_anew(pending["amount"], said) if "amount" in pending else None) or about_bill(said)
    return None


def code_back(turn: Turn, text: str) -> Understanding | None:
    """A code that this chat waits for: of a check, or one that went out by mail."""
    state, sent = turn.conversation.state, turn.conversation.state.get(CODE_UNTIL)
    if "check" in state and (code := _CODE_BACK.fullmatch(text)):
        return Understanding(Command("code_back", {"code": code[1] + code[2]}), rule="code_back")
    if isinstance(sent, int) and sent > turn.message.sent_at.timestamp() and (code := _MAIL_CODE.fullmatch(text)):
        return Understanding(Command("mail_code", {"code": code[1] + code[2]}), rule="mail_code")
    return None


def chosen(pending: dict[str, Any], said: Said, *, numbered: bool) -> Understanding | None:
    """By its label or its number, or by saying the amount again so that it is clear.

    `numbered`: the choices are read as numbers here. Elsewhere a number is an amount where another amount is an answer too.
    """
    numbered = numbered or pending.get("code") not in ANY_AMOUNT_ANSWERS
    label_said = said.text.strip().casefold().rstrip(".")
    options = [(label.casefold(), unpack(intent)) for label, intent in pending["options"]]
    for number, (label, intent) in enumerate(options, start=1):
        if label_said == label or (numbered and label_said == str(number)):
            there = Elsewhere(UUID(pending["books"][number - 1]), said.text) if pending.get("books") else None
            return Understanding(intent, rule="chosen_option", answers=True, elsewhere=there)
    if pending.get("books"):
        return None  # the groups are told apart by who is in them
    amount = amount_alone(said.alone) or amount_alone(parse(said.text, replace(said.context, chat="private")))  # in a group a bare number is chatter
    meant = [intent for _, intent in options if amount is not None and amount_in(intent) == amount]
    return Understanding(meant[0], rule="chosen_option", answers=True) if len(meant) == 1 else None


def counted_as(pending: dict[str, Any], said: Said) -> Understanding | None:
    """The amount of a payment that was asked about, neither of those offered; of money without a rate how much of what is owed it paid.

    A bare number is in the currency that was asked about, where there is but one.
    """
    if pending.get("code") not in ANY_AMOUNT_ANSWERS:
        return None
    kept = unpack(pending["options"][-1][1])
    assert isinstance(kept, RecordSettlement) and kept.amount is not None, "a payment was asked about"
    owed = pending.get("currencies", [kept.amount.currency])
    amount = amount_alone(parse(said.text, replace(said.context, currency=owed[0] if len(owed) == 1 else said.context.currency, chat="private")))
    if amount is None or ("currencies" in pending and amount.currency not in owed):
        return None
    foreign = kept.amount if "currencies" in pending else kept.foreign
    return Understanding(replace(kept, amount=amount, foreign=foreign, on_credit=False), rule="counted_as", answers=True)


def how_much(said: Said, *, currency: str) -> Understanding | None:
    """An amount alone, for the day that was asked about; a bare number is in its currency."""
    amount = amount_alone(parse(said.text, replace(said.context, currency=currency, chat="private")))
    if amount is None:
        return None
    return Understanding(Command("book_due", {"amount": str(amount), "currency": amount.currency}), rule="due_amount", answers=True)


def completed(pending: dict[str, Any], said: Said) -> Understanding | None:
    """What was missing put together with what was said: "taxi" and then "12", or "12" and then "taxi"."""
    alone, text, context = said.alone, said.text, said.context
    if pending.get("code") == "record_amount":
        other = alone.question is not None and alone.question.code != "no_amount"  # "lunch" alone would be asked about, and is the answer
        if not isinstance(alone.intent, Nothing) or other or len(text) > WHAT_MOST or text.rstrip().endswith("?"):
            return None
        whole = parse(f"{text} {pending['text']}", context)
    elif pending.get("code") == "no_amount" and (names_nothing(alone) or not isinstance(alone.intent, RecordExpenses)):
        first = parse(f"{text}, {pending['text']}", context)  # the whole of what the text says parts of: "Bob paid 40, I paid the rest"
        joint = (draft := only_draft(first)) is not None and len(draft.payments) > 1
        whole = first if joint else parse(f"{pending['text']} {text}", context)
    else:
        return None
    return whole if isinstance(whole.intent, RecordExpenses) and whole.question is None else None


def names_nothing(understood: Understanding) -> bool:
    """Whether a message says an amount and not what it was for: "12", "€12", "12.50 with Bob"."""
    if isinstance(understood.intent, RecordExpenses):
        return len(understood.intent.expenses) == 1 and not understood.intent.expenses[0].description
    return understood.question is not None and understood.question.code == "record_amount"


def amount_alone(understood: Understanding) -> Money | None:
    """The amount of a message that says no more."""
    if not names_nothing(understood):
        return None
    asked = understood.question.options[0][1] if understood.question is not None and understood.question.options else understood.intent
    return amount_in(asked)


def note_of_bill(said: Said, understood: Understanding) -> Understanding | None:
    """ "note: was for the birthday" in reply to a bill."""
    text = note_of(said.text, lexicon(understood.language).patterns.get("group.note", ()))
    return Understanding(Command("comment", {"target": "last", "text": text}), rule="group.note", language=understood.language) if text else None


def said_of_bill(said: Said, understood: Understanding) -> Understanding | None:
    """A reply to a bill that says no more than an amount, who shares, who paid, or to delete it. None where it says something else."""
    if is_deletion(said.text, lexicon(understood.language).patterns.get("take_back.replied", ())):
        return Understanding(TakeBack("delete"), rule="take_back.delete", language=understood.language)
    unclear = understood.question is not None and understood.question.code in UNCLEAR
    if names_nothing(understood) or unclear or (isinstance(understood.intent, Nothing) and understood.question is None):
        return about_bill(said)
    return None


def about_bill(said: Said) -> Understanding | None:
    """The change of a bill that is in mind: as said, as who paid or shares it, or as what follows "make it"."""
    alone = parse(said.text, replace(said.context, of_bill=True))
    if isinstance(alone.intent, Correct):
        return alone
    if (changed := paid_anew(said) or shared_anew(_ANY_AMOUNT, said)) is not None:
        return changed
    changed = parse(f"{Voice(said.alone.language).say('make_it')} {said.text}", said.context)
    return changed if isinstance(changed.intent, Correct) else None


def paid_anew(said: Said) -> Understanding | None:
    """That several paid a bill, a part each, one the rest, or all the same; None where the words say something else too."""
    found = only_draft(said.alone) or only_draft(parse(f"{_LARGE_AMOUNT}, {said.text}", replace(said.context, default_split="everyone")))
    if found is None or len(found.payments) < 2 or found.description or not found.by_default:
        return None
    return Understanding(Correct("payers", found.payments), rule="paid_anew")


def shared_anew(amount: str, said: Said) -> Understanding | None:
    """Who shares the bill of `amount` ("30.00 EUR"), read as if it were written behind it; None where the words say something else too.

    Words that leave it to the default say nothing of it. Exact parts that do not add up are said to be so, and are no new expense.
    """
    found = _whoever_is_meant(f"{amount}, {said.text}", said.context)
    if found is None or (found.split.exact and amount == _ANY_AMOUNT):
        found = _percents_amiss(f"{amount}, {said.text}", said.context) or only_draft(said.alone)
        if found is None or found.split.type not in ("exact", "percent"):
            return None
    if found.description or found.recurring or found.date not in (None, said.context.now.date()):
        return None
    return Understanding(Correct("split", found.split), rule="shared_anew")


def _whoever_is_meant(text: str, context: ParseContext) -> ExpenseDraft | None:
    """The one expense of a text that says who shares it, so that the chat's default says nothing of it; else None."""
    draft: ExpenseDraft | None = None
    for default in _DEFAULTS:
        found = only_draft(parse(text, replace(context, default_split=default)))
        if found is None or (draft is not None and found.split != draft.split):
            return None
        draft = draft or found
    return draft


def _percents_amiss(text: str, context: ParseContext) -> ExpenseDraft | None:
    """The one expense of a text whose percentages are not the whole: of a bill they are refused with what they make."""
    found = parse(text, context)
    if found.question is None or found.question.code != "split_does_not_add_up":
        return None
    draft = only_draft(replace(found, question=None))
    return draft if draft is not None and draft.split.type == "percent" else None


def only_draft(found: Understanding) -> ExpenseDraft | None:
    if found.question is not None or not isinstance(found.intent, RecordExpenses) or len(found.intent.expenses) != 1:
        return None
    return found.intent.expenses[0]
