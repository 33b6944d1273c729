"""Money given back, as people write it on a phone: by which service, and again."""

import pytest

from tests.bot.parsing.conftest import ReadJson


@pytest.mark.parametrize(
    "text",
    [
        "just sent Bob €10 on Revolut",
        "sent 10 to Bob via Wise",
        "paid Bob 10 with Monzo",
        "paid Bob 10 via my bank",
        "gave Bob another 10 in cash",
        "gave Bob 10 more",
        "ich hab Bob noch 10 per Revolut überwiesen",
        "ich habe Bob weitere 10 gegeben",
        "le di otros 10 a Bob por Bizum",
        "ho dato altri 10 a Bob con Satispay",
        "dei mais 10 para o Bob por Pix",
        "Bob ko aur 10 diye",
    ],
)
def test_given_back(read_json: ReadJson, text: str) -> None:
    read = read_json(text)
    assert (read["intent"], read["needs_confirmation"]) == ("settlement", False)
    assert {name: read["settlement"][name] for name in ("from", "to", "amount")} == {"from": "Mia", "to": "Bob", "amount": "10.00"}


@pytest.mark.parametrize("text", ["got 10 more from Bob", "got another 10 from Bob on PayPal"])
def test_received_again(read_json: ReadJson, text: str) -> None:
    settlement = read_json(text)["settlement"]
    assert {name: settlement[name] for name in ("from", "to", "amount")} == {"from": "Bob", "to": "Mia", "amount": "10.00"}


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("everyone owes me 5 for the tickets", "tickets"),
        ("all of you still owe me 5 for the tickets", "tickets"),
        ("alle schulden mir 5 für die Karten", "Karten"),
        ("todos me deben 5 por las entradas", "entradas"),
        ("tout le monde me doit 5 pour les billets", "billets"),
        ("tutti mi devono 5 per i biglietti", "biglietti"),
    ],
)
def test_everyone_owes_so_much_each(read_json: ReadJson, text: str, description: str) -> None:
    read = read_json(text)
    (expense,) = read["expenses"]
    assert (expense["description"], expense["amount"], expense["payers"]) == (description, "15.00", {"Mia": "15.00"})
    assert (expense["shares"], read["needs_confirmation"]) == ({"Anna": "5.00", "Bob": "5.00", "Dan": "5.00"}, False)
