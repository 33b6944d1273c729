"""Messages about money ahead by the roles of their words: what tells a question from an order, and what is left alone."""

import pytest

from bot.conversation.intents import Command, Nothing, Query, RecordExpenses, SetBudget
from bot.conversation.parsing.slips import Slips
from tests.bot.parsing.conftest import Read

ALONE = {"members": (), "chat": "private"}


def test_the_same_words_are_a_budget_or_a_question(read: Read) -> None:
    told = read("my grocery budget is 350", **ALONE).intent
    asked = read("is 350 in my grocery budget?", **ALONE).intent
    assert isinstance(told, SetBudget) and str(told.amount) == "350.00"
    assert isinstance(asked, Command) and asked.name == "afford"


@pytest.mark.parametrize(
    "text", ["spotify 9.99 a month up to december", "tengo taxi 30", "j'ai payé 30 de courses", "dinner 60 within walking distance"]
)
def test_an_expense_stays_one(read: Read, text: str) -> None:
    assert not isinstance(read(text, **ALONE).intent, SetBudget | Command | Query)


@pytest.mark.parametrize("text", ["leave me alone", "can I buy 30?", "what's next?", "I left", "be quiet", "this is too much"])
def test_what_people_say_to_each_other_in_a_group_is_not_meant_for_us(read: Read, text: str) -> None:
    assert isinstance(read(text).intent, Nothing)


def test_a_budget_is_not_added_to_in_silence(read: Read) -> None:
    assert read("increase the food budget by 50", **ALONE).intent == Nothing("budget_by")


def test_a_day_that_its_month_lacks_is_said_to_be_none(read: Read) -> None:
    assert read("rent 900 on 31 february", **ALONE).intent == Nothing("impossible_day")
    assert isinstance(read("rent 900 on 28 february", **ALONE).intent, RecordExpenses)


def test_whoever_pays_and_is_paid_is_not_the_same(read: Read) -> None:
    assert read("Mia paid Mia 25").intent == Nothing("same_person")


@pytest.mark.parametrize(("word", "meant"), [("bugdet", "budget"), ("budgt", "budget"), ("budgeet", "budget"), ("budhet", "budget")])
def test_a_slip_is_put_right(word: str, meant: str) -> None:
    assert Slips(["budget", "alert"]).meant(word) == meant


@pytest.mark.parametrize("word", ["budget", "gadget", "bud", "alertness", "b2dget"])
def test_another_word_is_no_slip(word: str) -> None:
    assert Slips(["budget", "alert"]).meant(word) is None


def test_where_two_words_are_as_near_nothing_is_guessed() -> None:
    assert Slips(["taking", "making"]).meant("waking") is None
