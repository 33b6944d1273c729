"""Bills that several people paid, and whom a bill leaves out."""

import pytest

from tests.bot.parsing.conftest import ReadJson


@pytest.mark.parametrize(
    "text",
    [
        "concert 100, Bob paid 40, I paid the rest",
        "concert 100, Bob paid 40 and I the rest",
        "concert 100: Bob put in 40, the rest me",
        "Konzert 100, Bob hat 40 gezahlt, ich den Rest",
        "concierto 100, Bob pagó 40 y yo el resto",
        "concert 100, Bob a payé 40 et moi le reste",
        "concerto 100, Bob ha pagato 40 e io il resto",
        "show 100, Bob pagou 40 e eu o resto",
        "concert 100, Bob ne 40 diye aur baaki maine",
    ],
)
def test_one_paid_a_part_and_another_the_rest(read_json: ReadJson, text: str) -> None:
    read = read_json(text)
    (expense,) = read["expenses"]
    assert (expense["payers"], expense["split_type"]) == ({"Bob": "40.00", "Mia": "60.00"}, "none")
    assert len(expense["description"].split()) == 1


def test_who_owes_a_part_has_paid_none(read_json: ReadJson) -> None:
    (expense,) = read_json("concert 100, Bob pays 40, rest me")["expenses"]
    assert (expense["payers"], expense["shares"]) == ({"Mia": "100.00"}, {"Bob": "40.00", "Mia": "60.00"})


@pytest.mark.parametrize(
    "text",
    [
        "concert 100, half paid by Bob, half by me",
        "concert 100, Bob paid half and I the other half",
        "concert 100, Bob and I each paid half",
        "Konzert 100, Bob hat die Hälfte gezahlt und ich die andere",
        "concierto 100, Bob pagó la mitad y yo la otra mitad",
    ],
)
def test_two_paid_a_half_each(read_json: ReadJson, text: str) -> None:
    (expense,) = read_json(text)["expenses"]
    assert expense["payers"] == {"Bob": "50.00", "Mia": "50.00"}


@pytest.mark.parametrize(
    "text",
    [
        "ice cream 12 not for Bob",
        "ice cream 12, but not for Bob",
        "ice cream 12 w/o Bob",
        "Eis 12, nicht für Bob",
        "helado 12 no para Bob",
        "glace 12 pas pour Bob",
        "gelato 12 al bar, non per Bob",
        "sorvete 12 não para o Bob",
        "ice cream 12 Bob ke liye nahi",
    ],
)
def test_who_is_left_out_owes_nothing(read_json: ReadJson, text: str) -> None:
    (expense,) = read_json(text, default_split="everyone")["expenses"]
    assert (expense["split_type"], expense["shares"]) == ("equal", {"Mia": "4.00", "Anna": "4.00", "Dan": "4.00"})
