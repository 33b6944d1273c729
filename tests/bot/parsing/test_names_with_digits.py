"""Members are called as they like: a name with digits in it is written like an order number, and is somebody all the same."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import ParseContext, RecordExpenses, RecordSettlement
from bot.conversation.parsing import parse

CONTEXT = ParseContext(
    now=datetime(2025, 3, 14, 18), speaker="me", members=("me", "anna92", "M0003", "Anna 2"), chat="group", default_split="everyone"
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "payer", "people", "description"),
    [
        ("taxi 20 with anna92", "me", ("me", "anna92"), "taxi"),
        ("taxi 20 with m0003", "me", ("me", "M0003"), "taxi"),
        ("anna92 paid 30 for dinner", "anna92", (), "dinner"),
        ("@anna92 paid 12 for beer", "anna92", (), "beer"),
        ("ich habe mit anna92 30 für essen bezahlt", "me", ("me", "anna92"), "essen"),
        ("taxi 20 with anna 2", "me", ("me", "Anna 2"), "taxi"),
    ],
)
def test_somebody_is_meant(text: str, payer: str, people: tuple[str, ...], description: str) -> None:
    understood = parse(text, CONTEXT)
    assert isinstance(understood.intent, RecordExpenses) and understood.question is None, understood
    (draft,) = understood.intent.expenses
    assert [payment.person for payment in draft.payments] in ([payer], [] if payer == "me" else [payer])
    assert not people or set(draft.split.people) == set(people)
    assert draft.description == description


def test_a_number_that_names_nobody_stays_one() -> None:
    understood = parse("invoice r2d2 40", CONTEXT)
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.intent.expenses[0].description == "invoice r2d2"


def test_paying_somebody_back() -> None:
    understood = parse("I paid anna92 back 12", CONTEXT)
    assert isinstance(understood.intent, RecordSettlement)
    assert understood.intent.receiver == "anna92"
