"""Lists of people of whom not all are known: nobody who was named may drop out of a split unasked."""

import pytest

from tests.bot.parsing.conftest import Read, ReadJson

# Text; who shares. Mia speaks; Anna, Bob and Dan are members, carl is not.
NAMED = [
    ("paid 30 for sushi with anna and carl", "Mia Anna carl"),
    ("paid 30 for sushi with anna and Carl", "Mia Anna Carl"),
    ("paid 30 for sushi with carl and anna", "Mia carl Anna"),
    ("paid 30 with anna and carl for sushi", "Mia Anna carl"),
    ("with anna and carl sushi 30", "Mia Anna carl"),
    ("sushi 30 w/ anna and carl", "Mia Anna carl"),
    ("sushi 30 with anna, carl and bob", "Mia Anna carl Bob"),
    ("sushi 30 with anna, carl, bob", "Mia Anna carl Bob"),
    ("sushi 30 with anna & carl", "Mia Anna carl"),
    ("sushi 30 with anna + carl", "Mia Anna carl"),
    ("sushi 30 with carl, erik and dan", "Mia carl erik Dan"),
    ("sushi 30 with anna and carl yesterday", "Mia Anna carl"),
    ("sushi 30 with anna and carl at the harbour", "Mia Anna carl"),
    ("sushi 30 split with anna and carl", "Mia Anna carl"),
    ("split 30 with anna and carl for sushi", "Mia Anna carl"),
    ("sushi 30, split anna carl bob", "Mia Anna carl Bob"),
    ("sushi 30 split with carl", "Mia carl"),
    ("sushi 30 50/50 with carl", "Mia carl"),
    ("sushi 30 between anna, carl and me", "Anna carl Mia"),
    ("sushi 30 between carl and anna", "carl Anna"),
    ("sushi 30 split among anna, carl and bob", "Anna carl Bob"),
    ("sushi 30 for anna and carl", "Anna carl"),
    ("sushi 30 for carl and anna", "carl Anna"),
    ("sushi 30 for anna and Carl", "Anna Carl"),
    ("sushi 30 for anna/carl", "Anna carl"),
    ("sushi 30 me and carl", "Mia carl"),
    ("anna, carl and I sushi 30", "Mia Anna carl"),
    ("cena 30 con anna y carl", "Mia Anna carl"),
    ("pagué 30 por la cena con carl y anna", "Mia carl Anna"),
    ("cena 30 entre anna, carl y yo", "Anna carl Mia"),
    ("cena 30 dividida con carl", "Mia carl"),
    ("pizza 30 para anna y carl", "Anna carl"),
    ("jantar 30 com anna e carl", "Mia Anna carl"),
    ("paguei 30 de jantar com bob e carl", "Mia Bob carl"),
    ("abendessen 30 mit anna und carl", "Mia Anna carl"),
    ("ich habe 30 für abendessen mit anna und carl bezahlt", "Mia Anna carl"),
    ("30 für carl und anna", "carl Anna"),
    ("dîner 30 avec anna et carl", "Mia Anna carl"),
    ("j'ai payé 30 pour le dîner avec anna et carl", "Mia Anna carl"),
]


@pytest.mark.parametrize(("text", "sharers"), NAMED)
def test_who_stands_in_a_list_with_a_person_is_a_person_who_is_asked_about(read_json: ReadJson, text: str, sharers: str) -> None:
    answer = read_json(text)
    (expense,) = answer["expenses"]
    assert set(expense["shares"]) == set(sharers.split())
    assert answer["needs_confirmation"]
    assert not any(name.casefold() in expense["description"].casefold().split() for name in sharers.split())


@pytest.mark.parametrize(
    ("text", "payers"),
    [
        ("anna and carl paid 30 for sushi", "Anna carl"),
        ("carl and anna paid 30 for sushi", "carl Anna"),
        ("sushi 30 paid by anna and carl", "Anna carl"),
        ("sushi 30 paid by carl", "carl"),
        ("carl paid 30 for sushi", "carl"),
        ("von anna und carl bezahlt: 30 taxi", "Anna carl"),
    ],
)
def test_so_is_who_paid(read_json: ReadJson, text: str, payers: str) -> None:
    answer = read_json(text)
    assert set(answer["expenses"][0]["payers"]) == set(payers.split())
    assert answer["needs_confirmation"]


@pytest.mark.parametrize(
    ("text", "sharers", "description"),
    [
        ("sushi 30 with anna and drinks", "Mia Anna", "sushi and drinks"),
        ("sushi 30 with anna and wine", "Mia Anna", "sushi and wine"),
        ("sushi with wine 30", "Mia", "sushi with wine"),
        ("sushi 30 with anna and tip", "Mia Anna", "sushi and tip"),
        ("sushi 30 with anna with card", "Mia Anna", "sushi with card"),
        ("paid 30 with card for sushi", "Mia", "card for sushi"),
        ("sushi 30 paid by card", "Mia", "sushi paid by card"),
        ("sushi 30 with anna and taxi", "Mia Anna", "sushi and taxi"),
        ("sushi 30 with anna and a bottle of wine", "Mia Anna", "sushi and a bottle of wine"),
        ("milk and bread 30 for anna", "Anna", "milk and bread"),
        ("rent paid 30", "Mia", "rent"),
        ("lunch with friends 30", "Mia", "lunch with friends"),
        ("sushi 30 with anna and bob yesterday", "Mia Anna Bob", "sushi"),
        ("cena 30 con anna y vino", "Mia Anna", "cena y vino"),
        ("cena 30 con tarjeta", "Mia", "cena con tarjeta"),
        ("jantar 30 com anna e sobremesa", "Mia Anna", "jantar e sobremesa"),
        ("abendessen 30 mit anna und wein", "Mia Anna", "abendessen und wein"),
        ("abendessen 30 mit karte", "Mia", "abendessen mit karte"),
        ("dîner 30 avec anna et du vin", "Mia Anna", "dîner et du vin"),
        ("dîner 30 avec dessert", "Mia", "dîner avec dessert"),
    ],
)
def test_things_in_a_list_are_no_people(read_json: ReadJson, text: str, sharers: str, description: str) -> None:
    answer = read_json(text)
    (expense,) = answer["expenses"]
    assert (set(expense["shares"]), expense["description"]) == (set(sharers.split()), description)
    assert not answer["needs_confirmation"]


@pytest.mark.parametrize(
    "text",
    [
        "sushi 30 with anna and friends",
        "paid 30 for sushi with anna and her sister",
        "paid 30 for sushi with anna and her flatmate",
        "sushi 30 with anna and bob's sister",
        "sushi 30 with anna, wine and bob",
        "paid 30 for sushi with wine and anna",
        "sushi 30 anna and carl",
        "sushi 30 with anna and 2 friends",
        "sushi 30 with anna and two others",
        "sushi 30 with everyone and carl",
        "sushi 30, everyone except carl",
        "sushi 30, everyone except Carl",
        "cab 30 to the airport with anna, bob owes half",
        "sushi 30 with anna and zorbing 20",
        "cab 9, sushi 30 with anna and friends",
        "cena 30 con anna y su hermana",
        "jantar 30 com anna e amigos",
        "abendessen 30 mit anna und ihrer schwester",
        "dîner 30 avec anna et sa soeur",
    ],
)
def test_where_it_stays_open_who_shares_it_is_asked(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["needs_confirmation"]


@pytest.mark.parametrize(
    ("text", "payer", "shares"),
    [
        ("30 for bowling, anna paid", "Anna", {"Mia": "30.00"}),
        ("30 for zorbing, anna paid", "Anna", {"Mia": "30.00"}),
        ("30 for zorbing, anna 10, bob 20", "Mia", {"Anna": "10.00", "Bob": "20.00"}),
        ("30 for zorbing, anna owes half", "Mia", {"Mia": "15.00", "Anna": "15.00"}),
    ],
)
def test_a_new_clause_ends_a_list(read_json: ReadJson, text: str, payer: str, shares: dict[str, str]) -> None:
    answer = read_json(text)
    (expense,) = answer["expenses"]
    assert (list(expense["payers"]), expense["shares"]) == ([payer], shares)
    assert not answer["needs_confirmation"]


def test_what_is_a_member_s_is_not_the_member(read_json: ReadJson) -> None:
    """A purpose is no debt of that member's, and whose card it was leaves open who paid."""
    gift = read_json("20 for anna's birthday")
    assert (gift["expenses"][0]["shares"], gift["expenses"][0]["description"], gift["needs_confirmation"]) == (
        {"Mia": "20.00"},
        "anna's birthday",
        False,
    )
    assert read_json("paid 20 for sushi with anna's flatmate")["needs_confirmation"]
    assert read_json("paid 20 with anna's card")["needs_confirmation"]
    assert read_json("paid 20 for a present for anna and bob's wedding")["needs_confirmation"]


def test_of_several_expenses_each_may_have_to_be_asked_about(read: Read, read_json: ReadJson) -> None:
    assert read_json("rent 1.250, cab 9")["needs_confirmation"]
    assert read("rent 1.250, cab 9").question.options[1][1].expenses[0].amount.minor == 125  # type: ignore[union-attr]
    assert read("rent 1.250, boat 1.300").question.options == ()  # type: ignore[union-attr]
    assert read("teas 3.50 each, cab 9").question.code == "how_many"  # type: ignore[union-attr]


def test_where_more_than_one_thing_is_open_no_answer_is_offered_as_complete(read: Read) -> None:
    question = read("sushi 1.250 with anna and friends").question
    assert question is not None
    assert (question.code, question.options) == ("ambiguous_amount", ())


@pytest.mark.parametrize("text", ["Anna paid 60 for sushi with Bob", "sushi 60 paid by anna, split with bob", "Anna pagó 60 de cena con Bob"])
def test_with_bob_when_anna_paid_is_asked_since_neither_contract_nor_corpus_says_whether_the_speaker_shares(read: Read, text: str) -> None:
    question = read(text).question
    assert question is not None
    assert question.code == "who_shares"


@pytest.mark.parametrize(
    ("text", "sharers"),
    [
        ("Anna paid 60 for sushi with me", "Anna Mia"),
        ("Anna paid 60 for sushi with me and Bob", "Anna Mia Bob"),
        ("Anna paid 60 for sushi with Anna and Bob", "Anna Bob"),
        ("Anna paid 60 for sushi between Bob and Dan", "Bob Dan"),
    ],
)
def test_with_the_speaker_or_the_payer_among_the_named_it_is_said_who_shares(read_json: ReadJson, text: str, sharers: str) -> None:
    answer = read_json(text)
    assert set(answer["expenses"][0]["shares"]) == set(sharers.split())
    assert not answer["needs_confirmation"]


def test_anna_paid_and_nobody_named_is_the_speaker_alone_by_the_contract_and_everyone_where_the_chat_says_so(read_json: ReadJson) -> None:
    alone = read_json("Anna paid 30 for taxi", default_split="none")["expenses"][0]
    assert (alone["payers"], alone["split_type"], alone["shares"]) == ({"Anna": "30.00"}, "none", {"Mia": "30.00"})
    assert set(read_json("Anna paid 30 for taxi", default_split="everyone")["expenses"][0]["shares"]) == {"Mia", "Anna", "Bob", "Dan"}


@pytest.mark.parametrize("text", ["deposit 300 paid by Anna, refundable", "dinner 40 paid by Anna, delicious"])
def test_a_remark_behind_who_paid_is_nobody(read_json: ReadJson, text: str) -> None:
    read = read_json(text)
    (expense,) = read["expenses"]
    assert expense["payers"] == {"Anna": expense["amount"]}
    assert "delicious" not in (expense["shares"] or {}) and "refundable" not in (expense["shares"] or {})
