"""What banks write: own examples in many languages, nothing wrong on made-up sums, nothing of a bank in what people write, and bounded time."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.intents import BankAlert, Nothing, ParseContext
from bot.conversation.parsing import parse
from bot.conversation.parsing.banking import is_code, without_codes
from bot.conversation.parsing.banking.cues import checked, cues
from bot.conversation.parsing.banking.values import currencies, read_value
from bot.conversation.parsing.contract import as_json
from core.domain.currencies import DECIMALS
from core.reading.language import LanguageError

CORPUS = [json.loads(line) for line in (Path(__file__).parent / "bank_messages.jsonl").read_text("utf-8").splitlines()]
CHAT = ParseContext(now=datetime(2025, 3, 14, 12), members=("me",))


def alert_in(text: str, **changes: Any) -> BankAlert | None:
    found = parse(text, replace(CHAT, **changes)).intent
    return found if isinstance(found, BankAlert) else None


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["text"][:40])
def test_a_message_is_read(case: dict[str, Any]) -> None:
    context = replace(CHAT, currency=case["chat"], sender=case["sender"])
    got = as_json(parse(case["text"], context), context)
    assert got["intent"] == "bank_alert"
    alert = got["bank_alert"]
    assert isinstance(alert, dict)
    assert {key: alert[key] for key in case["expect"]} == case["expect"]


def test_a_message_of_unknown_sender_is_known_by_what_it_shows() -> None:
    text = "EUR 12.50 debited from A/c XX4321 at CORNER SHOP on 13-03-2025. Avl Bal EUR 80.20"
    found = alert_in(text)
    assert found is not None
    assert (str(found.amount), found.account, found.merchant, found.date) == ("12.50", "4321", "CORNER SHOP", date(2025, 3, 13))


@pytest.mark.parametrize(
    "text",
    [
        "paid 45 for dinner with @anna",
        "spent 12.50 at the corner shop with my debit card",
        "my account balance is 1200.00, rent 800 is due 2025-04-01",
        "transferred 1500.00 to landlord for march 2025",
        "bought a phone for 1299.99 on 2025-03-01, model X2000",
        "Anna owes me 2500.50 for the trip in 2024",
        "refund 19.99 from paper house, order 88123",
    ],
)
def test_what_people_write_is_no_bank_message(text: str) -> None:
    assert alert_in(text) is None


@pytest.mark.parametrize("text", ["551204 is your OTP. Do not share it", "Ваш код 4455. Никому не сообщайте", "رمز التحقق 445566"])
def test_a_code_is_told_before_it_is_kept(text: str) -> None:
    assert is_code(text)


def test_a_payment_that_warns_of_codes_is_no_code() -> None:
    assert not is_code("EUR 12.50 debited from A/c XX4321. Never share your OTP with anyone")


SUMS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999.99"), places=2)


@given(amount=SUMS, left=SUMS, account=st.integers(0, 9999))
def test_the_sum_is_never_the_balance_nor_the_account(amount: Decimal, left: Decimal, account: int) -> None:
    text = f"Balance was checked. INR {amount:,} debited from A/c XX{account:04} on 01-03-2025 at TEA HOUSE. Avl Bal INR {left:,}. Call 18001234567"
    found = alert_in(text, sender="MYBANK", currency="INR")
    assert found is not None
    assert (found.kind, str(found.amount), str(found.balance), found.account) == ("debit", str(amount), str(left), f"{account:04}")


@given(amount=SUMS, code=st.sampled_from(["EUR", "BRL", "TRY", "IDR", "RUB", "KZT"]))
def test_dots_group_where_a_comma_parts(amount: Decimal, code: str) -> None:
    text = f"{amount:,}".translate(str.maketrans(",.", ".,"))
    assert read_value(text, code, comma_units=True) == amount


@given(st.text(max_size=300), st.sampled_from(["INR", "RUB", "EUR", "SAR"]))
def test_no_text_is_too_strange(text: str, currency: str) -> None:
    found = parse(text, replace(CHAT, sender="MYBANK", currency=currency)).intent
    assert isinstance(found, BankAlert | Nothing)
    assert not isinstance(found, BankAlert) or found.kind in ("none", "balance") or found.amount


@pytest.mark.parametrize(("text", "code"), [("1.234", "CHF"), ("1,2,3", "EUR"), ("1.23.4", "INR"), ("12,34,5", "INR")])
def test_a_number_that_could_be_two_is_none(text: str, code: str) -> None:
    assert read_value(text, code, comma_units=False) is None


def test_a_message_longer_than_any_is_not_read_in_part() -> None:
    text = "EUR 12.50 debited from A/c XX4321 at CORNER SHOP. " + "Thank you for banking with us. " * 60
    assert alert_in(text, sender="MYBANK") == BankAlert("none")


PIECES = (
    *("debited ", "Rs.5 ", "INR 5.00 bal ", "a/c XX1234 ", "from 1234 ", "XX1234", "* ", "1 000 ", "01/02/25 ", "5 jan 25 ", "UPI/DR/123456/a "),
    *("; a credited ", "покупка 5 р ", "-5 ", "credited to ", "a/cX", "ب1", "1", "x", "."),
)


@pytest.mark.parametrize("piece", PIECES)
def test_no_message_takes_long(piece: str) -> None:
    """Aimed at 5 ms; the bound leaves room for a slower or busier machine."""
    for length in (400, 1600, 4096):
        text, best = (piece * length)[:length], float("inf")
        for _ in range(3):
            start = time.process_time()
            alert_in(text, sender="MYBANK", currency="INR")
            best = min(best, time.process_time() - start)
        assert best < 0.025


# ------------------------------------------------------------------ the data


def test_the_data_are_sound() -> None:
    assert len(cues().by_word) > 1000
    assert cues().month("march") == 3
    assert {cues().month(name) for name in ("jan", "may", "sept", "декабря")} == {1, 5, 9, 12}
    assert not currencies().dot_groups & currencies().dot_parts
    assert set(currencies().languages) <= set(DECIMALS)
    files = {path.stem for path in (Path(parse.__code__.co_filename).parent / "banking" / "words").glob("*.toml")}
    assert {code for spoken in currencies().languages.values() for code in spoken} <= files


@pytest.mark.parametrize("wrong", ['debits = ["x"]', 'debit = "x"', 'debit = ["--", ""]', "debit = [1]", "debit ="])
def test_a_wrong_file_is_refused_by_its_name(wrong: str) -> None:
    with pytest.raises(LanguageError, match=r"banking/words/xx\.toml"):
        checked("xx.toml", wrong)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("558211 is your verification code", "•••••• is your verification code"),
        ("Your OTP for a payment of EUR 45.10 is 55-82-11", "Your OTP for a payment of EUR 45.10 is ••••••••"),
        ("G-558211 is your login code", "•••••••• is your login code"),
        ("paid 1200 for the rent", "paid 1200 for the rent"),
        (
            "EUR 12.50 debited from A/c XX4321. Never share your OTP with anyone",
            "EUR 12.50 debited from A/c XX4321. Never share your OTP with anyone",
        ),
    ],
)
def test_a_code_is_hidden_where_what_people_write_is_kept(text: str, kept: str) -> None:
    assert without_codes(text) == kept
