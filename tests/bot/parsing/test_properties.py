"""What holds for every text: reading never fails, and never books an amount that the text does not hold."""

import re
from datetime import datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.intents import ParseContext, RecordExpenses
from bot.conversation.parsing import parse
from bot.conversation.parsing.contract import as_json
from core.domain import splits
from core.errors import DomainError

CONTEXT = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Mia", members=("Mia", "Anna", "Bob", "Dan"), chat="group")
WORDS = st.sampled_from(
    [
        "paid",
        "spent",
        "12",
        "12.50",
        "1.234",
        "0",
        "-3",
        "€5",
        "$",
        "5k",
        "for",
        "with",
        "anna",
        "bob",
        "Carl",
        "everyone",
        "except",
        "me",
        "split",
        "50%",
        "3/4",
        "yesterday",
        "on",
        "monday",
        "march",
        "31",
        "every",
        "week",
        "no",
        "it",
        "was",
        "undo",
        "delete",
        "cab",
        "dinner",
        ",",
        ".",
        "?",
        "and",
        "each",
        "owes",
        "half",
        "rest",
        "7pm",
        "@dan",
        "twenty",
        "five",
        "cents",
        "pesos",
        "in",
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=14).map(" ".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_reading_never_fails(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert as_json(understood, CONTEXT)["rule"] == understood.rule


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_what_is_booked_unasked_adds_up(text: str) -> None:
    understood = parse(text, CONTEXT)
    if not isinstance(understood.intent, RecordExpenses) or understood.question is not None:
        return
    for draft in understood.intent.expenses:
        payers = tuple(payment.person for payment in draft.payments)
        try:
            shares = splits.split(
                draft.amount,
                type=draft.split.type,
                people=draft.split.people,
                weights=dict(draft.split.weights),
                exact=dict(draft.split.exact),
                payers=payers,
            )
        except DomainError as problem:
            raise AssertionError(f"{text!r} would be booked: {problem}") from problem
        assert sum(share.amount.minor for share in shares) == draft.amount.minor
        assert draft.amount.minor > 0


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(min_value="0.01", max_value="99999.99", places=2),
    st.sampled_from(["tea {}", "{} cab", "paid {} for dinner with Anna", "€{} soup", "spent {} on books yesterday"]),
)
def test_the_amount_booked_is_the_amount_written(amount: Decimal, sentence: str) -> None:
    understood = parse(sentence.format(amount), CONTEXT)
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.question is None
    assert understood.intent.expenses[0].amount.decimal == amount


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join))
def test_without_a_digit_or_number_word_nothing_is_booked(text: str) -> None:
    if re.search(r"\d|twenty|five", text):
        return
    assert not isinstance(parse(text, CONTEXT).intent, RecordExpenses)
