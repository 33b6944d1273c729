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


@pytest.mark.parametrize(
    "text",
    [
        "Anna got 60 back from the hotel",
        "deposit back 45",
        "hotel deposit back 45",
        "Anna got a 60 refund from the hotel",
        "got 30 refund for the hotel with Bob",
        "Anna hat 60 vom Hotel zurückbekommen",
        "Anna recibió 60 de vuelta del hotel",
        "fianza de vuelta 45",
        "Anna a été remboursée 60 par l'hôtel",
        "caution rendue 45",
        "Anna ha ricevuto indietro 60 dall'hotel",
        "cauzione indietro 45",
        "Anna recebeu 60 de volta do hotel",
        "caução de volta 45",
        "Anna ko hotel se 60 wapas mile",
        "deposit wapas mila 45",
    ],
)
def test_money_that_somebody_got_again_is_no_bill(read_json: ReadJson, text: str) -> None:
    assert read_json(text, default_split="everyone")["intent"] == "none"


@pytest.mark.parametrize("text", ["taxi back 20", "Bob paid 20 for the taxi back", "Taxi zurück 20", "taxi de vuelta 20", "táxi de volta 20"])
def test_a_way_back_is_one(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["expenses"][0]["amount"] == "20.00"
