"""Where people say that they can be paid, and what they say of paying: how to, whether somebody did, and reminders."""

from __future__ import annotations

import pytest

from bot.conversation.intents import Command, RecordExpenses, RecordSettlement
from tests.bot.parsing.conftest import Read

IBAN = "AT61 1904 3002 3457 3201"
BANK = Command("pay_method", {"kind": "iban", "account": IBAN})
PAYPAL = Command("pay_method", {"kind": "paypal", "account": "mia.b"})
CASH = Command("pay_method", {"kind": "cash", "account": "cash"})
PIX = Command("pay_method", {"kind": "pix", "account": "mia@example.com"})
UPI = Command("pay_method", {"kind": "upi", "account": "mia@okbank"})
SWISH = Command("pay_method", {"kind": "swish", "account": "070 765 43 21"})
METHODS, PAY, QUIET, LOUD = Command("pay_methods"), Command("pay"), Command("stop_reminders"), Command("resume_reminders")
FORGET = Command("forget_method", {"kind": "iban", "service": ""})
PAY_ANNA, REMIND, DID_BOB = Command("pay", {"person": "Anna"}), Command("remind", {"people": "Bob"}), {"sender": "Bob"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", {f"my iban is {IBAN}": BANK, "My PayPal is mia.b": PAYPAL, "my pix key is mia@example.com": PIX, "my upi id: mia@okbank": UPI}),
        ("en", {"my swish is 070 765 43 21": SWISH, "pay me in cash": CASH, "I prefer cash": CASH, "forget my iban": FORGET}),
        ("de", {f"meine IBAN ist {IBAN}": BANK, "mein PayPal heißt mia.b": PAYPAL, "zahl mir per swish: 070 765 43 21": SWISH}),
        ("de", {"zahlt mir bar": CASH, "vergiss meine IBAN": FORGET}),
        ("es", {f"mi iban es {IBAN}": BANK, "mi paypal es mia.b": PAYPAL, "mi clave pix es mia@example.com": PIX}),
        ("es", {"págame en efectivo": CASH, "olvida mi iban": FORGET}),
        ("fr", {f"mon iban est {IBAN}": BANK, "mon paypal, c'est mia.b": None, "mon paypal : mia.b": PAYPAL, "ma clé pix est mia@example.com": PIX}),
        ("fr", {"paie-moi en espèces": CASH, "oublie mon iban": FORGET}),
        ("pt", {f"meu iban é {IBAN}": BANK, "o meu paypal é mia.b": PAYPAL, "minha chave pix é mia@example.com": PIX}),
        ("pt", {"me paga em dinheiro": CASH, "esquece o meu iban": FORGET}),
        ("it", {f"il mio iban è {IBAN}": BANK, "il mio paypal è mia.b": PAYPAL, "la mia chiave pix è mia@example.com": PIX}),
        ("it", {"pagami in contanti": CASH, "dimentica il mio iban": FORGET}),
        ("hi", {f"mera iban {IBAN} hai": BANK, "mera paypal mia.b hai": PAYPAL, "meri upi id mia@okbank hai": UPI}),
        ("hi", {"mujhe cash do": CASH, "mera iban hatao": FORGET}),
    ],
)
def test_where_somebody_can_be_paid(read: Read, language: str, said: dict[str, Command | None]) -> None:
    expected = {text: meant for text, meant in said.items() if meant is not None}
    assert {text: read(text, language=language).intent for text in expected} == expected


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", {"how can I be paid?": METHODS, "my payment methods": METHODS, "pay": PAY, "how do I pay Anna?": PAY_ANNA, "pay anna": PAY_ANNA}),
        ("en", {"remind bob": REMIND, "please remind Bob to pay me": REMIND, "stop reminding me": QUIET, "remind me again": LOUD}),
        ("de", {"wie kann ich bezahlt werden?": METHODS, "meine Zahlungsarten": METHODS, "wie bezahle ich Anna?": PAY_ANNA, "bezahlen": PAY}),
        ("de", {"erinnere Bob ans Zahlen": REMIND, "erinnere mich nicht mehr": QUIET, "erinnere mich wieder": LOUD}),
        ("es", {"¿cómo me pueden pagar?": METHODS, "mis métodos de pago": METHODS, "¿cómo puedo pagar a Anna?": PAY_ANNA, "pagar": PAY}),
        ("es", {"recuérdale a Bob que me pague": REMIND, "deja de recordarme": QUIET, "recuérdame otra vez": LOUD}),
        ("fr", {"comment peut-on me payer ?": METHODS, "mes moyens de paiement": METHODS, "comment payer Anna ?": PAY_ANNA, "payer": PAY}),
        ("fr", {"rappelle à Bob de me payer": REMIND, "arrête de me rappeler": QUIET, "rappelle-moi à nouveau": LOUD}),
        ("pt", {"como podem me pagar?": METHODS, "meus métodos de pagamento": METHODS, "como pago a Anna?": PAY_ANNA, "pagar": PAY}),
        ("pt", {"lembra o Bob de me pagar": REMIND, "para de me lembrar": QUIET, "me lembra de novo": LOUD}),
        ("it", {"come possono pagarmi?": METHODS, "i miei metodi di pagamento": METHODS, "come posso pagare Anna?": PAY_ANNA, "pagare": PAY}),
        ("it", {"ricorda a Bob di pagarmi": REMIND, "smetti di ricordarmelo": QUIET, "ricordamelo di nuovo": LOUD}),
        ("hi", {"mere payment methods": METHODS, "Anna ko kaise pay karu": PAY_ANNA, "pay karna hai": PAY}),
        ("hi", {"Bob ko yaad dilao": REMIND, "mujhe yaad mat dilao": QUIET, "mujhe phir se yaad dilao": LOUD}),
    ],
)
def test_what_is_said_of_paying(read: Read, language: str, said: dict[str, Command]) -> None:
    assert {text: read(text, language=language).intent for text in said} == said


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "did Bob pay me?"),
        ("en", "has bob paid me back yet"),
        ("de", "hat Bob mir schon gezahlt?"),
        ("es", "¿Bob ya me ha pagado?"),
        ("fr", "est-ce que Bob m'a payé ?"),
        ("pt", "o Bob já me pagou?"),
        ("it", "Bob mi ha già pagato?"),
        ("hi", "kya Bob ne mujhe paise diye?"),
    ],
)
def test_whether_somebody_paid(read: Read, language: str, text: str) -> None:
    found = read(text, language=language).intent
    assert isinstance(found, Command) and found.name == "pay_status", found
    assert found.slots["sender"] == "Bob" and found.slots.get("receiver", "Mia") == "Mia"


def test_holder_and_bank_are_read_behind_the_account(read: Read) -> None:
    found = read(f"my IBAN is {IBAN}, bic BKAUATWW in the name of Mia Berg").intent
    assert found == Command("pay_method", {"kind": "iban", "account": IBAN, "bic": "BKAUATWW", "holder": "Mia Berg"})
    assert read("my zelle is mia@example.com").intent == Command("pay_method", {"kind": "void", "account": "zelle/mia@example.com"})


def test_an_iban_alone_is_ones_own_in_a_private_chat(read: Read) -> None:
    assert read(IBAN, chat="private", members=("Mia",)).intent == BANK
    assert not isinstance(read(IBAN).intent, Command)
    assert not isinstance(read(IBAN.replace("01", "02"), chat="private", members=("Mia",)).intent, Command)


def test_a_wrong_account_is_taken_to_be_told_what_is_wrong(read: Read) -> None:
    assert read("my iban is AT61 1904 3002 3457 3202").intent == Command("pay_method", {"kind": "iban", "account": "AT61 1904 3002 3457 3202"})


@pytest.mark.parametrize(
    "text",
    [
        "my paypal is empty",
        "my bank is around the corner",
        "my name is Mia Berg",
        "my phone is 8 years old",
        "pay me via paypal 20",
        "my bank account is empty",
        "forget my data",
        "remind me to buy milk",
        "pay Zoltan",
    ],
)
def test_what_is_none_of_this(read: Read, text: str) -> None:
    found = read(text).intent
    assert not (
        isinstance(found, Command) and found.name in ("pay_method", "forget_method", "pay", "remind", "stop_reminders", "resume_reminders")
    ), found


@pytest.mark.parametrize("text", ["paid Anna 20 for cash machine fees", "pix 20 for lunch", "paypal fee 3.50", "paypal 20 for lunch", "iban fee 2"])
def test_a_bill_stays_a_bill(read: Read, text: str) -> None:
    assert isinstance(read(text).intent, RecordExpenses | RecordSettlement)
