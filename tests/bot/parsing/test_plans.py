"""What people write about the plan of a group: why a payment, direct debts, through one person, all paid, couples, parts from now on."""

from __future__ import annotations

import pytest

from bot.conversation.intents import Command, RecordExpenses
from tests.bot.parsing.conftest import Read

WHY = Command("why_transfer", {"sender": "Dan", "receiver": "Anna"})
DIRECT, ALL_PAID, BY_HOUSEHOLD = Command("direct_debts"), Command("settle_all"), Command("plan_by_household")
THROUGH = Command("plan_through", {"person": "Anna"})
COUPLE = Command("set_household", {"people": "Anna,Bob"})
APART = Command("clear_household", {"people": "Anna,Bob"})
PARTS = Command("set_default_weights", {"what": "", "weights": "Anna 60,Bob 40"})


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", {"why does Dan pay Anna?": WHY, "direct debts please": DIRECT, "everything via Anna": THROUGH, "everyone is even": ALL_PAID}),
        ("en", {"Anna and Bob are a couple": COUPLE, "count Anna and Bob separately": APART, "Anna 60, Bob 40 from now on": PARTS}),
        ("de", {"warum zahlt Dan an Anna?": WHY, "direkte Schulden": DIRECT, "alles über Anna": THROUGH, "wir sind quitt": ALL_PAID}),
        ("de", {"Anna und Bob sind ein Paar": COUPLE, "Anna und Bob zählen einzeln": APART, "ab jetzt Anna 60, Bob 40": PARTS}),
        ("es", {"¿por qué Dan le paga a Anna?": WHY, "deudas directas": DIRECT, "todo a través de Anna": THROUGH, "estamos a mano": ALL_PAID}),
        ("es", {"Anna y Bob son pareja": COUPLE, "Anna y Bob ya no son pareja": APART, "Anna 60, Bob 40 desde ahora": PARTS}),
        ("fr", {"pourquoi Dan doit payer Anna ?": WHY, "dettes directes": DIRECT, "tout passe par Anna": THROUGH, "on est quittes": ALL_PAID}),
        ("fr", {"Anna et Bob sont en couple": COUPLE, "Anna et Bob comptent séparément": APART, "Anna 60, Bob 40 désormais": PARTS}),
        ("pt", {"por que o Dan paga a Anna?": WHY, "dívidas diretas": DIRECT, "tudo pela Anna": THROUGH, "estamos quites": ALL_PAID}),
        ("pt", {"Anna e Bob são um casal": COUPLE, "Anna e Bob contam separado": APART, "Anna 60, Bob 40 a partir de agora": PARTS}),
        ("it", {"perché Dan deve pagare Anna?": WHY, "debiti diretti": DIRECT, "tutto tramite Anna": THROUGH, "siamo pari": ALL_PAID}),
        ("it", {"Anna e Bob sono una coppia": COUPLE, "Anna e Bob contano separati": APART, "Anna 60, Bob 40 da ora": PARTS}),
        ("hi", {"Dan Anna ko paise kyun dega?": WHY, "direct udhaar": DIRECT, "sab Anna ke through": THROUGH, "hum barabar hain": ALL_PAID}),
        ("hi", {"Anna aur Bob couple hain": COUPLE, "Anna aur Bob alag hain": APART, "ab se Anna 60, Bob 40": PARTS}),
    ],
)
def test_what_is_said_of_plans(read: Read, language: str, said: dict[str, Command]) -> None:
    assert {text: read(text, language=language).intent for text in said} == said


def test_whose_the_parts_are(read: Read) -> None:
    two = {"members": ("Mia", "Anna")}
    assert read("split 60/40 from now on", **two).intent == Command("set_default_weights", {"what": "", "weights": "Mia 60,Anna 40"})
    assert read("rent 60/40 with Bob from now on").intent == Command("set_default_weights", {"what": "rent", "weights": "Mia 60,Bob 40"})
    assert read("rent 60/40 from now on").intent == Command("set_default_weights", {"what": "rent", "weights": ""})


@pytest.mark.parametrize("text", ["Anna 60, Dan 40", "Anna 60, Dan 40 yesterday", "taxi 20, Anna and Bob are a couple"])
def test_a_bill_stays_a_bill(read: Read, text: str) -> None:
    assert isinstance(read(text).intent, RecordExpenses)


@pytest.mark.parametrize("text", ["why does Anna pay", "everything is even", "Anna and Zoltan are a couple", "we are settled in the hotel"])
def test_what_is_no_command(read: Read, text: str) -> None:
    assert not isinstance(read(text).intent, Command)


def test_who_is_not_named_shares_by_default(read: Read) -> None:
    [unsaid], [said] = (read(text, default_split="everyone").intent.expenses for text in ("taxi 20", "taxi 20 with everyone"))
    assert (unsaid.by_default, said.by_default) == (True, False)
