"""What of a message nothing took is said: the words that no value, name, keyword or text of the outcome accounts for."""

import pytest

from bot.conversation.parsing import explain
from tests.bot.parsing.conftest import GROUP


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("paid 30 for sushi with anna and bob yesterday", ()),
        ("sushi 30 with anna and carl", ()),
        ("rent 900 every 1st", ()),
        ("cab 24 USD", ()),
        ("soup 6, cab 9.50 and museum 12", ()),
        ("I paid anna back 18", ()),
        ("I paid anna back 18 for the marvellous concert tickets", ("marvellous concert tickets",)),
        ("no, it was 61", ()),
        ("no, it was 61 not frobnicated", ("frobnicated",)),
        ("how much on groceries last month?", ()),
        ("set a budget of 200 for groceries", ()),
        ("who owes whom", ()),
        ("undo", ()),
        ("received salary 2000 from Initech", ()),
        ("see you at the lake", ("see you at the lake",)),
        ("zorg blub 7pm anna zorg", ("zorg blub", "zorg")),
        ("pagué 30 por la cena con anna", ()),
        ("...", ()),
        ("", ()),
    ],
)
def test_what_nothing_took(text: str, unread: tuple[str, ...]) -> None:
    _, candidates = explain(text, GROUP)
    assert candidates[0].unread == unread
