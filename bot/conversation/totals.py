"""Reads what somebody says of a receipt: of the total of one that is being read or was asked about, of the lines of one that was shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.conversation.intents import Command, Correct, ExpenseDraft, Intent, ParseContext, RecordExpenses, SplitSpec, Understanding
from bot.conversation.parsing import parse
from bot.conversation.parsing.divisions import Shown, picture_asked, read_division
from bot.conversation.turn import Turn
from core.domain.currencies import DECIMALS
from core.domain.money import Money


def total_said(pending: dict[str, Any], text: str, context: ParseContext) -> Understanding | None:
    """A bare sum, while a receipt is read or its total is asked for: "38", "it was 38", "38 euros". Anything with words of its own is no answer."""
    if "receipt" not in pending:
        return None
    said = parse(text, replace(context, chat="private"))
    meant = [intent for _, intent in said.question.options] if said.question is not None else [said.intent]
    amounts = [amount for intent in meant if (amount := bare_sum(intent)) is not None]
    if len(meant) != 1 or not amounts:
        return None
    whole = parse(f"{pending['text']} {text}", context)
    if pending["text"] and isinstance(whole.intent, RecordExpenses) and whole.question is None and whole.intent.expenses[0].amount == amounts[0]:
        return replace(whole, rule="receipt.total", answers=True)  # "with Anna" stood under the photo
    draft = ExpenseDraft(amounts[0], "", None, None, (), SplitSpec("equal"))
    return Understanding(RecordExpenses((draft,)), rule="receipt.total", language=said.language, answers=True)


def bare_sum(intent: Intent) -> Money | None:
    """The amount of an intent that says nothing else."""
    match intent:
        case RecordExpenses(expenses=(ExpenseDraft(description="", recurring=None) as only,)):
            return only.amount
        case Correct(field="amount", value=Money() as amount, target="last"):
            return amount
    return None


def divided(turn: Turn, text: str, context: ParseContext) -> Understanding | None:
    """The lines of the receipt that was shown last, given to people; only in answer to it, or to nothing. Or its picture, asked for."""
    asked = picture_asked(text)
    if asked is not None:
        return Understanding(Command("show_receipt", {"target": asked}), rule="receipt.show", language=context.language or "en")
    card = turn.conversation.state.get("card")
    if not isinstance(card, dict) or (turn.replied_to is not None and card["bill"] not in map(str, turn.replied_to.bill_ids)):
        return None
    names = {name: name for name in context.members} | context.aliases | context.handles
    shown = Shown(tuple(card["lines"]), DECIMALS[card["currency"]])
    division = read_division(text, names=names, shown=shown, language=context.language)
    return None if division is None else Understanding(division, rule="receipt.lines", language=context.language or "en")
