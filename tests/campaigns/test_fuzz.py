"""The short form of the fuzz campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.conversation.intents import RecordExpenses, Understanding
from bot.conversation.parsing import parse
from core.domain.money import Money
from tests.campaigns import fuzz

CONTEXT = replace(fuzz.contexts(random.Random(1)), currency="EUR", language="en")


def test_no_text_breaks_the_parser() -> None:
    assert fuzz.run(seconds=120, seed=11, most=800) == (800, [])


@pytest.mark.parametrize(
    ("text", "value", "possible"),
    [
        ("tea 1.234,50", "1234.50", True),
        ("tea 2.80 and 3.20", "6.00", True),
        ("3x4.20 tea", "12.60", True),
        ("tea 5k", "5000", True),
        ("1 200 rent", "1200", True),
        ("tea .9", "0.90", True),
        ("tea 88 minus 10 %", "79.20", True),
        ("tea 2.80", "28", False),
        ("tea 12 and cake 3", "22", False),
    ],
)
def test_what_figures_may_come_to(text: str, value: str, possible: bool) -> None:
    values = fuzz._possible(text, 1)
    assert values is not None
    assert (Decimal(value) in values) is possible


def test_money_that_is_not_in_the_text_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def far_more(text, context) -> Understanding:
        understood = parse(text, context)
        assert isinstance(understood.intent, RecordExpenses)
        drafts = tuple(replace(draft, amount=Money(draft.amount.minor * 1009, draft.amount.currency)) for draft in understood.intent.expenses)
        return replace(understood, intent=RecordExpenses(drafts))

    assert fuzz.findings("tea 2.80", CONTEXT) == []
    monkeypatch.setattr(fuzz, "parse", far_more)
    assert any("is not in the text" in finding for finding in fuzz.findings("tea 2.80", CONTEXT))


def test_an_exception_and_a_long_time_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "BOUND_SECONDS", 0.0)
    assert any(finding.startswith("took") for finding in fuzz.findings("tea 2.80", CONTEXT))
    monkeypatch.setattr(fuzz, "parse", lambda text, context: 1 / 0)
    assert any(finding.startswith("raised") for finding in fuzz.findings("tea 2.80", CONTEXT))
