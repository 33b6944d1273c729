"""Questions that wait in the database come back as they were."""

import json
from datetime import date
from decimal import Decimal

import pytest

from bot.conversation.codec import pack, unpack
from bot.conversation.intents import Command, Correct, ExpenseDraft, Nothing, Payment, RecordExpenses, RecordSettlement, SplitSpec
from core.domain.money import Money

EUR = Money(4550, "EUR")
DAY = date(2025, 3, 14)


@pytest.mark.parametrize(
    "intent",
    [
        RecordExpenses((ExpenseDraft(EUR, "dinner", "food", DAY, (Payment("Anna", EUR),), SplitSpec("equal", ("me", "Anna"))),), ("Carl",), "Lisbon"),
        RecordExpenses((ExpenseDraft(EUR, "", None, None, (), SplitSpec("percent", (), (("Anna", Decimal("33.3")),))),)),
        RecordSettlement("Anna", "Bob", None, DAY),
        Correct("amount", EUR, currencies=("EUR",)),
        Correct("payers", (Payment("Anna"),)),
        Command("join", {"code": "ABC"}),
        Nothing(),
    ],
)
def test_an_intent_survives_the_database(intent):
    assert unpack(json.loads(json.dumps(pack(intent)))) == intent


def test_a_type_that_is_not_listed_does_not_come_back():
    with pytest.raises(KeyError):
        unpack({"is": "Path", "x": "/etc/passwd"})
