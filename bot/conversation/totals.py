"""Reads what somebody says of the total of a receipt that is being read, or was asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.conversation.intents import Correct, ExpenseDraft, Intent, ParseContext, RecordExpenses, SplitSpec, Understanding
from bot.conversation.parsing import parse
from core.domain.money import Money

TOTAL_SAID = "receipt.total"  # the rule of such an answer


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
        return replace(whole, rule=TOTAL_SAID)  # "with Anna" stood under the photo
    draft = ExpenseDraft(amounts[0], "", None, None, (), SplitSpec("equal"))
    return Understanding(RecordExpenses((draft,)), rule=TOTAL_SAID, language=said.language)


def bare_sum(intent: Intent) -> Money | None:
    """The amount of an intent that says nothing else."""
    match intent:
        case RecordExpenses(expenses=(ExpenseDraft(description="", recurring=None) as only,)):
            return only.amount
        case Correct(field="amount", value=Money() as amount, target="last"):
            return amount
    return None
