"""Owns the command line's JSON of an understanding: amounts as strings, payers and shares worked out. Decides nothing about meaning."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime

from bot.conversation.intents import (
    BankAlert,
    Command,
    Correct,
    ExpenseDraft,
    Intent,
    Nothing,
    ParseContext,
    Query,
    Question,
    RecordExpenses,
    RecordIncome,
    RecordSettlement,
    Recurrence,
    SetBudget,
    SplitSpec,
    TakeBack,
    Understanding,
)
from core.domain import splits
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

Json = dict[str, object]
# Answers to a question that is not there, and courtesies: alone they record nothing and say nothing.
_SMALL_TALK = {"greeting", "thanks", "confirm", "decline", "payment_made"}


def as_json(understood: Understanding, context: ParseContext) -> Json:
    """The contract's object for `tuppence parse`, without the id."""
    intent = understood.intent
    answer: Json = {"intent": intent_name(intent), "rule": understood.rule, "needs_confirmation": asks(understood)}
    return answer | _slots(intent, context)


def asks(understood: Understanding) -> bool:
    """Whether the product would ask before it writes: a question, or people it does not know yet."""
    new = isinstance(understood.intent, RecordExpenses | RecordSettlement) and bool(understood.intent.unknown_people)
    return understood.question is not None or new


def intent_name(intent: Intent) -> str:
    """The contract's name of an intent."""
    if isinstance(intent, TakeBack):
        return intent.kind
    if isinstance(intent, Command):
        return "none" if intent.name in _SMALL_TALK else intent.name
    names: dict[type, str] = {
        RecordExpenses: "expense",
        RecordSettlement: "settlement",
        Correct: "correction",
        Query: "query",
        SetBudget: "budget",
        RecordIncome: "income",
        BankAlert: "bank_alert",
        Nothing: "none",
    }
    return names[type(intent)]


# Keys of a query that are there only where they are meant.
_SELDOM = ("currency", "than_start", "than_end", "unit", "least", "most", "things", "instead", "step")


def _slots(intent: Intent, context: ParseContext) -> Json:  # noqa: PLR0911  # one a kind of intent
    if isinstance(intent, RecordExpenses):
        return {"expenses": [_expense(draft) for draft in intent.expenses]} | ({"group": intent.group} if intent.group else {})
    if isinstance(intent, RecordSettlement):
        code = intent.amount.currency if intent.amount else context.currency
        return {
            "settlement": {"from": intent.sender, "to": intent.receiver, "amount": _text(intent.amount), "currency": code, "date": _text(intent.date)}
        }
    if isinstance(intent, Correct):
        return {"correction": {"field": intent.field, "value": _value(intent), "target": intent.target}}
    if isinstance(intent, TakeBack):
        return {"target": intent.target} | ({"date": _text(intent.date)} if intent.date else {})
    if isinstance(intent, Query):
        slots = {
            each.name: _text(value) if isinstance(value, date | Money) else value
            for each in fields(intent)
            if each.name != "own" and ((value := getattr(intent, each.name)) not in (None, ()) or each.name not in _SELDOM)
        }
        return {"query": slots}
    if isinstance(intent, SetBudget):
        return {"budget": {"category": intent.category, "amount": str(intent.amount), "currency": intent.amount.currency, "period": intent.period}}
    if isinstance(intent, RecordIncome):
        income: Json = {
            "amount": str(intent.amount),
            "currency": intent.amount.currency,
            "description": intent.description,
            "date": _text(intent.date),
        }
        return {"income": income | ({"refund": True} if intent.refund else {})}
    if isinstance(intent, BankAlert):
        return {"bank_alert": _alert(intent)}
    return dict(intent.slots) if isinstance(intent, Command) and intent.name not in _SMALL_TALK else {}


def _expense(draft: ExpenseDraft) -> Json:
    return {
        "amount": str(draft.amount),
        "currency": draft.amount.currency,
        "description": draft.description,
        "category": draft.category,
        "date": _text(draft.date),
        "payers": _paid(draft),
        "split_type": "exact" if draft.split.type == "adjusted" else draft.split.type,  # the contract knows what comes of it
        "shares": shares_of(draft),
        "recurring": _recurring(draft.recurring) if draft.recurring is not None else None,
    }


def _recurring(read: Recurrence) -> Json:
    return {
        "freq": read.freq,
        "interval": read.interval,
        "day": read.day,
        "weekday": read.weekday,
        "month": read.month,
        "next": _text(read.next),
    }


def _paid(draft: ExpenseDraft) -> Json | None:
    try:
        paid = splits.split_payments(draft.amount, given={payment.person: payment.amount for payment in draft.payments})
    except DomainError:
        return None
    return {person: str(money) for person, money in paid.items()}


def shares_of(draft: ExpenseDraft) -> Json | None:
    """Name to amount; None where the parts do not add up, which is asked about."""
    spec = draft.split
    try:
        shares = splits.split(
            draft.amount,
            type=spec.type,
            people=spec.people,
            weights=dict(spec.weights),
            exact=dict(spec.exact),
            payers=tuple(payment.person for payment in draft.payments),
        )
    except DomainError:
        return None
    return {share.member: str(share.amount) for share in shares}


def _value(correction: Correct) -> object:
    value = correction.value
    if isinstance(value, SplitSpec):
        parts = {person: str(part) for person, part in (*value.weights, *value.exact)}
        return {"type": value.type, "people": list(value.people)} | ({"parts": parts} if parts else {})
    if isinstance(value, tuple):
        payments = [part for part in value if not isinstance(part, str)]
        return [payment.person for payment in payments] if payments else list(value)
    return _text(value)


def _alert(alert: BankAlert) -> Json:
    money = alert.amount or alert.balance
    return {
        "kind": alert.kind,
        "amount": _text(alert.amount),
        "currency": money.currency if money else None,
        "merchant": alert.merchant,
        "account": alert.account,
        "balance": _text(alert.balance),
        "reference": alert.reference,
        "date": _text(alert.date),
    }


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def question_as_json(question: Question | None) -> Json | None:
    """The question that the product would ask, for `--explain`."""
    if question is None:
        return None
    return {"code": question.code, "params": dict(question.params), "options": [label for label, _ in question.options]}


def categories_as_json(intent: Intent) -> list[Json]:
    """The category of each expense, how sure it is, and what would be asked about, for `--explain`."""
    drafts = intent.expenses if isinstance(intent, RecordExpenses) else ()
    return [{"category": draft.category, "confidence": round(draft.confidence, 2), "choices": list(draft.choices)} for draft in drafts]


def amount_as_json(amount: Amount, text: str, currency: str) -> Json:
    """What the money recogniser saw: in the currency's own decimals where they can hold it."""
    code = amount.currency or currency
    try:
        shown = str(Money.of(amount.value, code))
    except DomainError:
        shown = f"{amount.value.normalize():f}"
    return {"amount": shown, "currency": code, "text": text}
