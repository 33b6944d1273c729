"""Owns what a bank's message says happened: money came, money went, or nothing moved. Reads no names and writes nothing."""

from __future__ import annotations

from typing import Literal

from bot.conversation.parsing.banking.cues import Mark
from bot.conversation.parsing.banking.message import Message

Kind = Literal["debit", "credit", "refund", "transfer", "balance", "none"]
_STRONG = ("debit", "credit", "refund")
_SIGNS = 3  # how much must speak for a bank where no sender's name does


def kind_of(message: Message) -> Kind:
    """What happened. `none` wherever a word says that it did not, or not yet, or where what happened cannot be told."""
    if message.first("code") is not None and _code_first(message):
        return "none"
    happened = direction(message)
    if message.main is None:
        return "balance" if message.balance is not None and message.first(*_STRONG) is None and _is_quiet(message) else "none"
    if not message.main.money or _is_undone(message) or _is_advert(message):
        return "none"
    return happened or "none"


def direction(message: Message) -> Kind | None:
    """The way that the money went, by the first word that says it; else by the sum's sign; None where nothing tells."""
    if message.first("own") is not None:
        return "transfer"
    strong = _strongest(message)
    if message.first("refund") is not None and (strong is None or "debit" not in strong.roles):
        return "refund"
    if strong is not None:
        return "transfer" if _pays_card(message, strong) else _of(strong)
    return _by_sign(message) or _by_weak_words(message)


def _strongest(message: Message) -> Mark | None:
    """The word that stands right before the sum ("CR Amt: 40.00"), else the first one."""
    main = message.main
    if main is not None:
        near = [mark for mark in message.all(*_STRONG) if 0 <= main.first - mark.last <= 2]
        if near:
            return near[-1]
    return message.first(*_STRONG)


def _pays_card(message: Message, strong: Mark) -> bool:
    """ "Payment of 50.00 was credited to your credit card": the person's own money on both sides."""
    came = message.first("credit", after=strong.last)
    if "debit" not in strong.roles or came is None:
        return False
    return any(0 <= mark.first - came.last <= 4 and "noise" in mark.roles for mark in message.marks)


def _by_sign(message: Message) -> Kind | None:
    if message.main is None or not message.main.sign:
        return None
    return "debit" if message.main.sign < 0 else "credit"


def _by_weak_words(message: Message) -> Kind | None:
    said = message.first("debit_said", "credit_said")
    if said is not None:
        return "debit" if "debit_said" in said.roles else "credit"
    if message.first("move") is not None:
        return "credit" if _from_follows(message) else "debit" if _to_somebody(message) else "transfer"
    shown = message.account is not None and message.balance is not None
    return "debit" if shown or message.first("event") is not None else None


def _from_follows(message: Message) -> bool:
    """ "Transfer 50 from Ann": somebody else's, where a name and no account stands right behind the sum."""
    main = message.main
    giver = message.first("from", after=main.last) if main is not None else None
    if main is None or giver is None or giver.first != main.last or "to" in giver.roles:
        return False
    return not any(mark.first <= giver.last + 1 and mark.first >= giver.last and "account" in mark.roles for mark in message.marks)


def _to_somebody(message: Message) -> bool:
    """ "Your transfer of 50 to Ann": a name and no account stands behind the sum and "to"."""
    main = message.main
    taker = message.first("to", after=main.last) if main is not None else None
    if main is None or taker is None or taker.first != main.last or taker.last >= len(message.tokens):
        return False
    return message.tokens[taker.last].kind == "w" and not any(
        taker.last <= mark.first <= taker.last + 1 and mark.roles & {"account", "stop"} for mark in message.marks
    )


def _of(mark: Mark) -> Kind:
    return "debit" if "debit" in mark.roles else "credit"


def _code_first(message: Message) -> bool:
    """Whether a one-time code is what it is about, and not a word of its small print."""
    code = message.first("code")
    strong = message.first(*_STRONG)
    return code is not None and not (
        strong is not None and strong.first < code.first and message.main is not None and message.main.first < code.first
    )


def _is_quiet(message: Message) -> bool:
    return not message.all("failed", "requested", "planned", "due", "advert_strong")


def _is_undone(message: Message) -> bool:
    """Declined, asked for, or only to come: such a word before what happened, or close behind it."""
    failed, strong = message.first("failed"), message.first(*_STRONG)
    if failed is not None:
        return not _came_back(message, failed)
    first = strong or message.first("debit_said", "credit_said", "event", "move")
    for mark in message.all("requested", "planned", "due"):
        if first is None or mark.first <= first.first:
            return True
        if mark.first - first.last <= 4 and mark.roles & {"requested", "planned"}:
            return True
    return False


def _came_back(message: Message, failed: Mark) -> bool:
    """ "The unsuccessful payment of 42.00 has been credited": said in so many words, and not as what is to come."""
    came = message.first("credit", "refund", after=failed.last)
    return came is not None and came.last - came.first > 2 and message.first("planned") is None


def _is_advert(message: Message) -> bool:
    """What is for sale: words of adverts where no account, balance or reference is shown."""
    if message.account is not None or message.balance is not None:
        return False
    words = message.all("advert", "advert_strong")
    return any("advert_strong" in mark.roles for mark in words) or len(words) >= 2


def speaks_of_bank(message: Message) -> bool:
    """Whether a text of unknown sender is a bank's: what people write themselves has neither hidden numbers nor balances nor references."""
    signs = 2 * (message.account is not None) + 2 * (message.balance is not None)
    signs += message.first("reference") is not None
    signs += message.first("debit", "credit", "refund") is not None
    signs += message.first("failed", "code", "requested", "planned", "due") is not None
    signs += any(day is not None for _, day in message.days)
    signs += message.main is not None and message.main.named
    return signs > _SIGNS
