"""Bank messages: what a bank or a mobile-money service writes to its customer, of whatever bank: words are data, none has a rule."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from bot.conversation.intents import BankAlert, ParseContext
from bot.conversation.parsing.banking.message import Message, look
from bot.conversation.parsing.banking.names import merchant_of, reference_of
from bot.conversation.parsing.banking.verdict import kind_of, speaks_of_bank
from bot.conversation.parsing.rules import Candidate

LEAST_CHARACTERS = 28
_HIDDEN = re.compile(r"[*#•xX]{2}\d|[*#]\d{3}|\d[*•xX]{2}")
_CODE = re.compile(r"\b(?:[A-Z]{1,3}-)?\d(?:[ -]?\d){3,7}\b")
_LONG, _UNITS = re.compile(r"\d{4}"), re.compile(r"\d[.,]\d\d")


def bank_alert(text: str, context: ParseContext) -> Candidate | None:
    """A bank's message. With a sender's name every text is one, without it what shows the signs of one."""
    if context.sender is None and not may_be_one(text):
        return None
    message = look(text, context)
    if context.sender is None and not speaks_of_bank(message):
        return None
    alert = alert_of(message)
    return Candidate(f"bank.{alert.kind}", alert, 95)


def is_code(text: str) -> bool:
    """Whether a message is about a one-time code, whatever else it says: such a one is not even kept."""
    message = look(text, ParseContext(now=datetime(2000, 1, 1, tzinfo=UTC), sender=""))
    return message.first("code") is not None and kind_of(message) == "none"


def without_codes(text: str) -> str:
    """The text with its digits hidden, where it is about a one-time code: for places that keep what people write."""
    return _CODE.sub(lambda found: "•" * len(found.group()), text) if _CODE.search(text) and is_code(text) else text


def may_be_one(text: str) -> bool:
    """A quick look: a hidden number, or a long one and one written like money."""
    if len(text) < LEAST_CHARACTERS:
        return False
    return _HIDDEN.search(text) is not None or (_LONG.search(text) is not None and _UNITS.search(text) is not None)


def alert_of(message: Message) -> BankAlert:
    """What a message says. Of one that moved no money nothing is kept but a balance."""
    kind = kind_of(message)
    if kind == "none":
        return BankAlert("none")
    if kind == "balance" or message.main is None:
        return BankAlert("balance", account=message.account, balance=message.balance)
    return BankAlert(
        kind,
        amount=message.main.money,
        merchant=merchant_of(message, kind),
        account=message.account,
        balance=message.balance,
        reference=reference_of(message),
        date=_day(message),
    )


def _day(message: Message) -> date | None:
    return next((day for _, day in message.days if day is not None), None)
