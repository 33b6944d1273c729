"""Expenses: the amount, who paid, who shares, when, and what for."""

import pytest

from tests.bot.parsing.conftest import Read, ReadJson


@pytest.mark.parametrize(
    ("text", "amount", "currency", "description", "category", "date"),
    [
        ("tea 2.80", "2.80", "EUR", "tea", "food", "2025-03-14"),
        ("17 for parking", "17.00", "EUR", "parking", "transport", "2025-03-14"),
        ("just paid 23 euros for a cab to the station", "23.00", "EUR", "cab to the station", "transport", "2025-03-14"),
        ("spent £41 at Tesco yesterday", "41.00", "GBP", "Tesco", "groceries", "2025-03-13"),
        ("two croissants 5", "5.00", "EUR", "two croissants", "food", "2025-03-14"),
        ("4 beers 18.40", "18.40", "EUR", "4 beers", "food", "2025-03-14"),
        ("noodles ¥980", "980", "JPY", "noodles", "food", "2025-03-14"),
        ("bought a lamp for 39.90 on monday", "39.90", "EUR", "lamp", "housing", "2025-03-10"),
        ("9 march museum 14", "14.00", "EUR", "museum", "entertainment", "2025-03-09"),
        ("/add 6.10 Bagel", "6.10", "EUR", "Bagel", "food", "2025-03-14"),
        ("Bagel #groceries 6.10", "6.10", "EUR", "Bagel", "groceries", "2025-03-14"),
        ("6.10 Popcorn [Entertainment]", "6.10", "EUR", "Popcorn", "entertainment", "2025-03-14"),
        ("30 Ferry NOK", "30.00", "NOK", "Ferry", "transport", "2025-03-14"),
    ],
)
def test_plain_notes(read_json: ReadJson, text: str, amount: str, currency: str, description: str, category: str, date: str) -> None:
    (expense,) = read_json(text)["expenses"]
    assert (expense["amount"], expense["currency"], expense["description"], expense["category"], expense["date"]) == (
        amount,
        currency,
        description,
        category,
        date,
    )
    assert expense["payers"] == {"Mia": amount}
    assert expense["shares"] == {"Mia": amount}


@pytest.mark.parametrize(
    ("text", "payers", "split_type", "shares"),
    [
        ("paid 48 for sushi with Anna", "Mia", "equal", "Mia 24.00, Anna 24.00"),
        ("sushi 48 with anna and bob", "Mia", "equal", "Mia 16.00, Anna 16.00, Bob 16.00"),
        ("sushi 48 for everyone", "Mia", "equal", "Mia 12.00, Anna 12.00, Bob 12.00, Dan 12.00"),
        ("paid 48 for sushi, everyone except Dan", "Mia", "equal", "Mia 16.00, Anna 16.00, Bob 16.00"),
        ("48 for Bob", "Mia", "for", "Bob 48.00"),
        ("sushi 48, only me", "Mia", "none", "Mia 48.00"),
        ("Anna paid 48 for sushi for everyone", "Anna", "equal", "Mia 12.00, Anna 12.00, Bob 12.00, Dan 12.00"),
        ("sushi 48 paid by bob with me", "Bob", "equal", "Bob 24.00, Mia 24.00"),
        ("Dan paid 48 for me", "Dan", "for", "Mia 48.00"),
        ("sushi 48: anna 20, bob 28", "Mia", "exact", "Anna 20.00, Bob 28.00"),
        ("sushi 48, anna 20, rest me", "Mia", "exact", "Anna 20.00, Mia 28.00"),
        ("sushi 48, 75% me 25% bob", "Mia", "percent", "Mia 36.00, Bob 12.00"),
        ("sushi 48 70/30 with anna", "Mia", "percent", "Mia 33.60, Anna 14.40"),
        ("sushi 48, anna 2 shares, bob 1 share", "Mia", "shares", "Anna 32.00, Bob 16.00"),
        ("sushi 48 split 4 ways", "Mia", "equal", "Mia 12.00, Anna 12.00, Bob 12.00, Dan 12.00"),
        ("sushi 48, bob owes half", "Mia", "equal", "Mia 24.00, Bob 24.00"),
        ("12 each for me and anna", "Mia", "equal", "Mia 12.00, Anna 12.00"),
        ("anna owes me 15 for lunch", "Mia", "for", "Anna 15.00"),
        ("borrowed 15 from bob", "Bob", "for", "Mia 15.00"),
        ("sushi 10 with anna and bob", "Mia", "equal", "Mia 3.34, Anna 3.33, Bob 3.33"),
    ],
)
def test_who_paid_and_who_shares(read_json: ReadJson, text: str, payers: str, split_type: str, shares: str) -> None:
    answer = read_json(text)
    (expense,) = answer["expenses"]
    assert list(expense["payers"]) == [payers]
    assert expense["split_type"] == split_type
    assert ", ".join(f"{name} {amount}" for name, amount in expense["shares"].items()) == shares
    assert not answer["needs_confirmation"]


def test_nobody_named_follows_the_chat(read_json: ReadJson) -> None:
    assert read_json("cab 24", default_split="everyone")["expenses"][0]["shares"] == {"Mia": "6.00", "Anna": "6.00", "Bob": "6.00", "Dan": "6.00"}


def test_several_in_one_message(read_json: ReadJson) -> None:
    found = [(expense["amount"], expense["description"]) for expense in read_json("soup 6, cab 9.50 and museum 12")["expenses"]]
    assert found == [("6.00", "soup"), ("9.50", "cab"), ("12.00", "museum")]


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("rent 900 every 1st", {"freq": "monthly", "day": 1, "next": "2025-04-01"}),
        ("cleaner 40 every tuesday", {"freq": "weekly", "weekday": "tuesday", "next": "2025-03-18"}),
        ("every 2 weeks 40 cleaner", {"freq": "weekly", "interval": 2}),
        ("insurance 300 yearly", {"freq": "yearly"}),
    ],
)
def test_recurring(read_json: ReadJson, text: str, schedule: dict[str, object]) -> None:
    (expense,) = read_json(text)["expenses"]
    assert expense["date"] is None
    assert schedule.items() <= expense["recurring"].items()


def test_an_ambiguous_amount_is_asked_with_complete_answers(read: Read) -> None:
    understood = read("rent 1.250")
    assert understood.question is not None
    assert understood.question.code == "ambiguous_amount"
    assert [intent.expenses[0].amount.minor for _, intent in understood.question.options] == [125000, 125]  # type: ignore[union-attr]


def test_a_split_that_does_not_add_up_is_asked_with_the_difference(read: Read) -> None:
    question = read("sushi 48, anna 20, bob 40").question
    assert question is not None
    assert (question.code, question.params["difference"]) == ("split_does_not_add_up", "-12.00")


def test_a_name_one_letter_off_is_asked(read: Read) -> None:
    understood = read("sushi 48 with Ana")
    assert understood.question is not None
    assert understood.question.code == "look_alike"
    assert [label for label, _ in understood.question.options] == ["Anna", "Ana"]


def test_new_people_are_named(read: Read, read_json: ReadJson) -> None:
    assert read("sushi 48 with Carl").intent.unknown_people == ("Carl",)  # type: ignore[union-attr]
    assert read_json("sushi 48 with Carl")["needs_confirmation"]


def test_a_number_of_sharers_that_fits_nobody_is_asked(read: Read) -> None:
    question = read("sushi 48 split 3 ways").question
    assert question is not None
    assert question.code == "who_shares"


@pytest.mark.parametrize(("text", "amount"), [("2 teas 3.50 each", "7.00"), ("teas 3.50 each for everyone", "14.00")])
def test_a_price_a_piece_is_multiplied(read_json: ReadJson, text: str, amount: str) -> None:
    assert read_json(text)["expenses"][0]["amount"] == amount


def test_a_price_a_piece_without_a_number_of_pieces_is_asked(read: Read) -> None:
    question = read("teas 3.50 each").question
    assert question is not None
    assert question.code == "how_many"


def test_split_by_a_bare_number(read: Read, read_json: ReadJson) -> None:
    assert len(read_json("bill 84.60 split between 4")["expenses"][0]["shares"]) == 4
    assert read("bill 84.60 split between 3").question is not None


def test_a_group_named_first(read: Read) -> None:
    assert read("in Porto: 20 cab", chat="private").intent.group == "Porto"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "hint"), [("tea 0", "zero_amount"), ("-3 tea", "negative_amount"), ("tea 1e400", "absurd_amount"), ("tea " + "9" * 30, "absurd_amount")]
)
def test_absurd_amounts_are_explained(read: Read, text: str, hint: str) -> None:
    assert read(text, chat="private", members=("Mia",)).intent.hint == hint  # type: ignore[union-attr]


def test_a_missing_amount_is_asked_in_private_alone(read: Read) -> None:
    alone = read("paid for sushi", chat="private", members=("Mia",))
    assert alone.question is not None
    assert alone.question.code == "no_amount"
    assert read("paid for sushi").question is None


def test_a_bare_number_is_not_booked_unasked(read: Read) -> None:
    alone = read("45", chat="private", members=("Mia",))
    assert alone.rule == "expense.bare"
    assert alone.question is not None
