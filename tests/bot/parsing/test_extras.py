"""Some pay more or less than a part like the others': said in every language, and what only looks like it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.conversation.intents import Correct, RecordExpenses, SplitSpec
from core.domain.money import Money
from tests.bot.parsing.conftest import Read, ReadJson

ALL = {"default_split": "everyone"}


def shares(read_json: ReadJson, text: str, **changes: object) -> dict[str, str]:
    (expense,) = read_json(text, **(ALL | changes))["expenses"]
    assert sum(map(Decimal, expense["shares"].values())) == Decimal(expense["amount"])
    return expense["shares"]


@pytest.mark.parametrize(
    ("text", "anna"),
    [
        ("pizza 80, anna +8", "26.00"),
        ("pizza 80, Anna + 8", "26.00"),
        ("pizza 80, equal but Anna pays 8 more", "26.00"),
        ("paid 80 for pizza, split equally, except anna pays 8 less", "14.00"),
        ("pizza 80 anna 8 extra", "26.00"),
        ("pizza €80, Anna -€8", "14.00"),
        ("pizza 80, 8 more for Anna", "26.00"),
        ("Pizza 80, Anna zahlt 8 mehr", "26.00"),
        ("Pizza 80, Anna 8 weniger", "14.00"),
        ("pizza 80, anna paga 8 más", "26.00"),
        ("pizza 80 entre todos pero anna 8 menos", "14.00"),
        ("pizza 80, anna paie 8 de plus", "26.00"),
        ("pizza 80, anna 8 de moins", "14.00"),
        ("pizza 80, anna paga 8 in più", "26.00"),
        ("pizza 80, anna 8 in meno", "14.00"),
        ("pizza 80, anna paga 8 a mais", "26.00"),
        ("pizza 80 com todos, anna 8 a menos", "14.00"),
        ("pizza 80, anna 8 zyada degi", "26.00"),
        ("pizza 80, anna 8 kam degi", "14.00"),
    ],
)
def test_one_pays_more_or_less(read_json: ReadJson, text: str, anna: str) -> None:
    found = shares(read_json, text)
    assert found["Anna"] == anna
    assert len(found) == 4
    assert len({found[name] for name in ("Mia", "Bob", "Dan")}) == 1


def test_several_pay_more_or_less_and_only_some_share(read_json: ReadJson) -> None:
    text = "museum 90 with anna and bob, anna pays 6 more and bob pays 3 less"
    assert shares(read_json, text) == {"Mia": "29.00", "Anna": "35.00", "Bob": "26.00"}
    assert shares(read_json, "museum 90 with anna, anna +10", default_split="none") == {"Mia": "40.00", "Anna": "50.00"}


def test_more_goes_with_shares(read_json: ReadJson) -> None:
    assert shares(read_json, "boat 120, double for Bob, Anna 20 extra") == {"Mia": "20.00", "Anna": "40.00", "Bob": "40.00", "Dan": "20.00"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pizza 80, anna +90", "adjustments_too_large"),
        ("pizza 80, anna pays 30 less", "adjustments_too_large"),
        ("pizza 80, anna +1", "who_shares"),  # Anna and somebody with her?
        ("pizza 80, anna 20, bob 10 less", "who_shares"),
    ],
)
def test_what_cannot_be_or_may_mean_something_else_is_asked(read: Read, text: str, code: str) -> None:
    understood = read(text, **ALL)
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.question is not None
    assert understood.question.code == code


@pytest.mark.parametrize("text", ["drinks 30 and bob 2 more beers", "4+3.50 tea with anna", "anna paid 5 more"])
def test_what_is_not_more_of_a_part(read: Read, text: str) -> None:
    intent = read(text, **ALL).intent
    drafts = intent.expenses if isinstance(intent, RecordExpenses) else ()
    assert all(draft.split.type != "adjusted" for draft in drafts)


def test_more_said_of_the_last_bill(read: Read) -> None:
    said = read("no, anna pays 5 more", context=("pizza 80",), **ALL).intent
    assert said == Correct("split", SplitSpec("adjusted", ("Anna",), exact=(("Anna", Money(500, "EUR")),)))
