"""Settlements, corrections, taking back, budgets, income, questions, commands, and silence."""

from typing import Any

import pytest

from tests.bot.parsing.conftest import Read, ReadJson


@pytest.mark.parametrize(
    ("text", "sender", "receiver", "amount"),
    [
        ("I paid anna back 18", "Mia", "Anna", "18.00"),
        ("gave bob 20", "Mia", "Bob", "20.00"),
        ("bob gave me 20 yesterday", "Bob", "Mia", "20.00"),
        ("sent 12.50 to dan", "Mia", "Dan", "12.50"),
        ("bob paid anna 12", "Bob", "Anna", "12.00"),
        ("received 9 from dan", "Dan", "Mia", "9.00"),
        ("settle with anna", "Mia", "Anna", None),
        ("I paid Anna everything", "Mia", "Anna", None),
        ("bob paid me back", "Bob", "Mia", None),
    ],
)
def test_settlements(read_json: ReadJson, text: str, sender: str, receiver: str, amount: str | None) -> None:
    settled = read_json(text)["settlement"]
    assert (settled["from"], settled["to"], settled["amount"]) == (sender, receiver, amount)


@pytest.mark.parametrize(
    ("text", "field", "value", "target"),
    [
        ("no, it was 61", "amount", "61.00", "last"),
        ("make it 14", "amount", "14.00", "last"),
        ("actually 20 usd", "amount", "20.00", "last"),
        ("cab was 14 not 40", "amount", "14.00", "cab"),
        ("it was in dollars", "currency", "USD", "last"),
        ("it was yesterday", "date", "2025-03-13", "last"),
        ("Bob paid", "payers", ["Bob"], "last"),
        ("without Dan", "participants_remove", ["Dan"], "last"),
        ("add Anna", "participants_add", ["Anna"], "last"),
        ("category groceries", "category", "groceries", "last"),
        ("call it pizza night", "description", "pizza night", "last"),
    ],
)
def test_corrections(read_json: ReadJson, text: str, field: str, value: object, target: str) -> None:
    assert read_json(text)["correction"] == {"field": field, "value": value, "target": target}


@pytest.mark.parametrize(
    ("text", "intent", "target"),
    [
        ("undo", "undo", "last"),
        ("undo that", "undo", "last"),
        ("delete the cab", "delete", "cab"),
        ("delete last", "delete", "last"),
        ("cancel netflix subscription", "cancel_recurring", "netflix"),
    ],
)
def test_taking_back(read_json: ReadJson, text: str, intent: str, target: str) -> None:
    answer = read_json(text)
    assert (answer["intent"], answer["target"]) == (intent, target)


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("who owes whom", {"kind": "balances"}),
        ("what do I owe", {"kind": "balances"}),
        ("how much does Anna owe me", {"kind": "balance_with", "person": "Anna"}),
        ("how much on food last month?", {"kind": "spend", "category": "food", "start": "2025-02-01", "end": "2025-02-28"}),
        ("what did we spend last week", {"kind": "spend", "start": "2025-03-03", "end": "2025-03-09"}),
        ("spending by category", {"kind": "spend_by_category"}),
        ("last 7 expenses", {"kind": "list", "limit": 7}),
        ("show expenses", {"kind": "list"}),
        ("biggest expense this month", {"kind": "biggest", "start": "2025-03-01"}),
        ("history of the cab", {"kind": "history", "text": "cab"}),
        ("find sushi", {"kind": "search", "text": "sushi"}),
        ("how much is left for food", {"kind": "budget_status", "category": "food"}),
    ],
)
def test_questions(read_json: ReadJson, text: str, slots: dict[str, Any]) -> None:
    assert slots.items() <= read_json(text)["query"].items()


def test_budgets_and_income(read_json: ReadJson) -> None:
    assert read_json("budget food 400 a month")["budget"] == {"category": "food", "amount": "400.00", "currency": "EUR", "period": "month"}
    assert read_json("set a weekly budget of 90 for eating out")["budget"]["period"] == "week"
    assert read_json("got paid 2850")["income"]["amount"] == "2850.00"
    refund = read_json("refund 20 from zara")["income"]
    assert (refund["amount"], refund["description"], refund["refund"]) == ("20.00", "zara", True)


@pytest.mark.parametrize(
    ("text", "name", "slots"),
    [
        ("help", "help", {}),
        ("my currency is usd", "set_currency", {"currency": "USD"}),
        ("I live in Tokyo", "set_time_zone", {"time_zone": "Asia/Tokyo", "place": "Tokyo"}),
        ("time zone Europe/Vienna", "set_time_zone", {"time_zone": "Europe/Vienna", "place": "Europe/Vienna"}),
        ("speak german", "set_language", {"language": "de"}),
        ("my name is Maria", "set_name", {"name": "Maria"}),
        ("split with everyone from now on", "set_default_split", {"value": "everyone"}),
        ("new group Lisbon with Anna and Bob", "new_group", {"name": "Lisbon", "people": "Anna,Bob"}),
        ("join K7Q2M9XA", "join", {"code": "K7Q2M9XA"}),
        ("leave", "leave", {}),
        ("who is in", "members", {}),
        ("add Carl", "add_member", {"name": "Carl"}),
        ("in Porto", "enter_group", {"name": "Porto"}),
        ("back to my own", "leave_group_view", {}),
        ("invite", "invite", {}),
        ("export me", "export", {}),
        ("delete me", "delete_me", {}),
        ("settle up", "settle_plan", {}),
    ],
)
def test_commands(read_json: ReadJson, text: str, name: str, slots: dict[str, str]) -> None:
    answer = read_json(text)
    assert answer["intent"] == name
    assert {key: answer[key] for key in slots} == slots


@pytest.mark.parametrize(
    "text",
    [
        "I might buy a bike for 300",
        "if we take the ferry it costs 50",
        "should I pay 20 for this?",
        "I didn't pay the 20 for the cab",
        "I will pay 50 tomorrow",
        "dentist tomorrow 80",
        "your login code is 482913",
        "see you at 5",
        "meet at 7:30 at cafe 21",
        "I have 3 kids",
        "lol 10/10",
        "call me at 12345678",
        "anna, can you pay me 20",
        "what is 15% of 80",
        "set the heating to 21",
        "put the music on level 4",
        "delete the meeting from my calendar",
        "URGENT! claim your £500 prize now",
        "happy birthday!",
        "good morning",
        "ok",
    ],
)
def test_talk_records_nothing(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["intent"] == "none"


def test_one_time_codes_are_named_so_that_their_text_is_erased(read: Read) -> None:
    assert read("Your verification code is 482913").intent.hint == "one_time_code"  # type: ignore[union-attr]


def test_texts_that_show_another_order_are_refused(read: Read) -> None:
    assert read("tea \u202e05.4").intent.hint == "hidden_characters"  # type: ignore[union-attr]


def test_long_texts_are_refused(read: Read) -> None:
    assert read("tea 4 " * 2000).intent.hint == "too_long"  # type: ignore[union-attr]
