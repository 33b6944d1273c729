"""A second amount in a note is never dropped in silence: it is booked, asked about, or counts something."""

from datetime import datetime
from decimal import Decimal

import pytest

from bot.conversation.intents import ParseContext, RecordExpenses
from bot.conversation.parsing import parse

CONTEXT = ParseContext(now=datetime(2025, 3, 14, 12), speaker="me", members=("me", "Anna"), currency="EUR", chat="group")


@pytest.mark.parametrize(
    "text",
    [
        "18 euros and 4 tip",
        "18 euros y 4 de propina",
        "18 Euro und 4 Trinkgeld",
        "18 euros et 4 de pourboire",
        "18 euros e 4 de gorjeta",
        "18 € museum and 4",
        "18 € 40 taxi",
        "4 and 18 euros",
    ],
)
def test_a_second_amount_that_may_belong_is_asked_about_with_the_sum(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert understood.question is not None
    offered = {intent.expenses[0].amount.decimal for _, intent in understood.question.options if isinstance(intent, RecordExpenses)}
    assert len(offered) == 3
    assert sum(sorted(offered)[:2]) == max(offered)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("18€, 2 pizzas", "18"),
        ("2 pizzas and 18€", "18"),
        ("18 euros and 40 cents", "18.40"),
        ("18 € 2024 wine", "18"),
        ("18 euros con 40", "18.40"),
    ],
)
def test_a_number_that_counts_dates_or_says_cents_is_no_second_amount(text: str, amount: str) -> None:
    understood = parse(text, CONTEXT)
    assert understood.question is None
    assert isinstance(understood.intent, RecordExpenses)
    assert [draft.amount.decimal for draft in understood.intent.expenses] == [Decimal(amount)]


@pytest.mark.parametrize(
    "text",
    [
        "dinner 80 with 20 tip",
        "dinner 80 tip 20",
        "dinner 80 (tip 20)",
        "dinner 80 euros with a 20 euro tip",
        "cena 80 con 20 propina",
        "cena 80 con 20 de propina",
        "cena 80 con propina de 20",
        "jantar 80 com 20 de gorjeta",
        "cena 80 con 20 di mancia",
        "dîner 80 avec 20 de pourboire",
        "Essen 80 mit 20 Trinkgeld",
        "dinner 80 20 tip ke saath",
    ],
)
def test_a_tip_is_in_the_amount_or_on_top_of_it(text: str) -> None:
    question = parse(text, CONTEXT).question
    assert question is not None
    offered = [intent.expenses[0].amount.decimal for _, intent in question.options if isinstance(intent, RecordExpenses)]
    assert offered == [Decimal(80), Decimal(100)]


@pytest.mark.parametrize(
    "text", ["dinner 80 including 10 tip", "Essen 80 inkl. 10 Trinkgeld", "resto 80€ dont 20€ de pourboire", "cena 80 propina incluida 10"]
)
def test_what_is_said_to_be_in_the_amount_is_no_doubt(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert understood.question is None
    assert isinstance(understood.intent, RecordExpenses)
    assert [draft.amount.decimal for draft in understood.intent.expenses] == [Decimal(80)]
