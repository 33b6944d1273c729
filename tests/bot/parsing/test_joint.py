"""Bills that several people paid, and whom a bill leaves out."""

import pytest

from tests.bot.parsing.conftest import Read, ReadJson


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


@pytest.mark.parametrize(
    "text",
    [
        "concert 100, Bob paid 40, I cover the rest",
        "Konzert 100, Bob hat 40 gezahlt, ich decke den Rest",
        "concierto 100, Bob pagó 40, yo cubro el resto",
        "concert 100, Bob a payé 40, je couvre le reste",
        "concerto 100, Bob ha pagato 40, io copro il resto",
        "show 100, Bob pagou 40, eu cubro o resto",
    ],
)
def test_who_covers_the_rest_pays_it(read_json: ReadJson, text: str) -> None:
    read = read_json(text)
    (expense,) = read["expenses"]
    assert expense["payers"] == {"Bob": "40.00", "Mia": "60.00"}
    assert len(expense["description"].split()) == 1
    assert not read["needs_confirmation"]


@pytest.mark.parametrize(
    ("text", "payers"),
    [
        ("hotel 300 Bob paid 100 for it and I paid the rest for Anna", {"Bob": "100.00", "Mia": "200.00"}),
        ("hotel 300, Bob paid 100, Anna sorted out the rest", {"Bob": "100.00", "Anna": "200.00"}),
        ("hotel 300, Bob paid 100, Anna owes the rest", {"Bob": "100.00", "Anna": "200.00"}),
        ("hotel 300, Bob pagó 100, Anna arregla el resto", {"Bob": "100.00", "Anna": "200.00"}),
    ],
)
def test_a_rest_of_somebody_is_asked_about(read_json: ReadJson, text: str, payers: dict[str, str]) -> None:
    read = read_json(text)
    assert read["expenses"][0]["payers"] == payers
    assert read["needs_confirmation"]


def test_each_of_several_put_in_as_much(read_json: ReadJson) -> None:
    read = read_json("hotel 300, Bob and Anna paid 100 each, I paid the rest")
    assert read["expenses"][0]["payers"] == {"Bob": "100.00", "Anna": "100.00", "Mia": "100.00"}
    assert not read["needs_confirmation"]


@pytest.mark.parametrize("text", ["hotel 300, Bob and Anna paid 100, I paid the rest", "hotel 300, Bob, Anna paid 100, I paid the rest"])
def test_what_several_put_in_together_is_not_guessed(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["intent"] == "none"


@pytest.mark.parametrize(
    "text",
    [
        "Bob paid 40, I paid the rest",
        "Bob paid 40 and I paid the rest",
        "Bob paid 40, Anna paid 50, I paid the rest",
        "Bob hat 40 gezahlt, ich den Rest",
        "Bob pagó 40 y yo el resto",
        "Bob a payé 40 et moi le reste",
        "Bob ha pagato 40 e io il resto",
        "Bob pagou 40 e eu o resto",
        "Bob ne 40 diye aur baaki maine",
    ],
)
def test_the_rest_of_what_is_asked(read: Read, text: str) -> None:
    found = read(text)
    assert found.question is not None
    assert found.question.code == "no_amount"


@pytest.mark.parametrize(
    "text",
    [
        "Bob paid me 20 with my card",
        "Bob paid the taxi 20 with my card",
        "Bob hat mir 20 mit meiner Karte gezahlt",
        "Bob me pagó 20 con mi tarjeta",
        "Bob m'a payé 20 avec ma carte",
        "Bob mi ha pagato 20 con la mia carta",
        "Bob me pagou 20 com o meu cartão",
        "Bob ne mujhe 20 mere card se diye",
    ],
)
def test_who_pays_with_what_is_not_theirs_is_asked_about(read_json: ReadJson, text: str) -> None:
    assert read_json(text, default_split="everyone")["needs_confirmation"]


@pytest.mark.parametrize("text", ["Bob paid me 20 with his card", "I paid Bob 20 with my card", "Bob paid me 20 for my card"])
def test_who_pays_with_their_own_is_not(read_json: ReadJson, text: str) -> None:
    read = read_json(text)
    assert (read["intent"], read["needs_confirmation"]) == ("settlement", False)


@pytest.mark.parametrize(
    "text",
    [
        "Bob ate 3 of it",
        "I took 12 of it",
        "Bob hatte 3 davon",
        "Bob hat 3 davon gegessen",
        "davon hatte Bob 3",
        "Bob comió 3 de eso",
        "Bob a pris 3 là-dessus",
        "Bob ha mangiato 3 di questi",
        "Bob comeu 3 disso",
        "isme se Bob ne 3 khaya",
    ],
)
def test_pieces_of_something_change_no_bill(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["intent"] == "none"
    assert read_json(text, of_bill=True)["intent"] == "correction"  # in reply to it


@pytest.mark.parametrize(
    "text",
    [
        "Bob ate €3 of it",
        "Bob pays 3 of it",
        "Bob zahlt 3 davon",
        "Bob paga 3 de eso",
        "Bob paie 3 là-dessus",
        "Bob paga 3 disso",
        "isme se Bob 3 dega",
    ],
)
def test_money_of_it_is_a_part_of_the_bill(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["correction"]["field"] == "split"
