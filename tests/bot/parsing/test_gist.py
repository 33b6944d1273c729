"""Messages about money ahead by the roles of their words: what tells a question from an order, and what is left alone."""

import pytest

from bot.conversation.intents import Command, Nothing, Query, RecordExpenses, SetBudget
from bot.conversation.parsing.slips import Slips
from core.domain.money import Money
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


STEPS = {
    "en": ("add 50 to the food budget", "raise the food budget by 50", "food budget 50 more", "food budget +50"),
    "de": ("erhöhe das Essensbudget um 50", "50 mehr für das Essensbudget"),
    "es": ("sube el presupuesto de comida en 50", "añade 50 al presupuesto de comida"),
    "fr": ("augmente le budget repas de 50", "ajoute 50 au budget repas"),
    "it": ("aumenta il budget cibo di 50", "aggiungi 50 al budget cibo"),
    "pt": ("aumenta o orçamento de comida em 50", "adiciona 50 ao orçamento de comida"),
    "hi": ("khane ka budget 50 badhao", "khane ke budget mein 50 jodo"),
}


@pytest.mark.parametrize(("language", "text"), [(language, text) for language, texts in STEPS.items() for text in texts])
def test_a_budget_is_changed_by_an_amount(read: Read, language: str, text: str) -> None:
    slots = {"amount": "50.00", "currency": "EUR", "way": "more", "category": "food"}
    assert read(text, language=language, **ALONE).intent == Command("change_budget", slots)


@pytest.mark.parametrize("text", ["lower the food budget by 50", "cut my food budget by 50"])
def test_a_budget_is_lowered_by_an_amount(read: Read, text: str) -> None:
    assert read(text, **ALONE).intent == Command("change_budget", {"amount": "50.00", "currency": "EUR", "way": "less", "category": "food"})


@pytest.mark.parametrize("text", ["raise the food budget to 50", "add a food budget of 50", "spend no more than 50 on food", "food budget 50"])
def test_an_amount_that_it_is_from_now_on_is_no_change_by_it(read: Read, text: str) -> None:
    assert read(text, **ALONE).intent == SetBudget("food", Money(5000, "EUR"), "month")


def test_a_day_that_its_month_lacks_is_said_to_be_none(read: Read) -> None:
    assert read("rent 900 on 31 february", **ALONE).intent == Nothing("impossible_day")
    assert isinstance(read("rent 900 on 28 february", **ALONE).intent, RecordExpenses)


def test_whoever_pays_and_is_paid_is_not_the_same(read: Read) -> None:
    assert read("Mia paid Mia 25").intent == Nothing("same_person")


@pytest.mark.parametrize("text", ["cap 20", "new cap 25", "ceiling 300", "ski cap 15"])
def test_a_thing_that_is_called_like_a_limit_is_bought(read: Read, text: str) -> None:
    assert isinstance(read(text, **ALONE).intent, RecordExpenses)


@pytest.mark.parametrize("text", ["weekly cap 20", "groceries cap 120", "set a cap of 20", "limit 30", "cap groceries at 120"])
def test_beside_a_word_of_budgets_it_is_one(read: Read, text: str) -> None:
    assert isinstance(read(text, **ALONE).intent, SetBudget)


@pytest.mark.parametrize(
    "text", ["no budget left for food", "I have no budget left", "I have no budget", "we have no limit", "delete the budget file"]
)
@pytest.mark.parametrize("chat", ["private", "group"])
def test_without_a_verb_of_removing_no_budget_goes(read: Read, text: str, chat: str) -> None:
    found = read(text, members=() if chat == "private" else ("Mia", "Anna"), chat=chat).intent
    assert not isinstance(found, Command) or found.name != "remove_budget"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("remove the food budget", "remove_budget"),
        ("could you please delete the food budget", "remove_budget"),
        ("no alerts at night", "set_quiet"),
        ("no more notifications please", "mute_alerts"),
        ("turn off the budget alerts", "mute_alerts"),
        ("fewer bill alerts", "less_alerts"),
        ("can we afford 80 for groceries", "afford"),
        ("can we afford a hotel for 220?", "afford"),
        ("when is the next bill", "upcoming"),
        ("which bills are coming up?", "upcoming"),
        ("show our subscriptions", "repeats"),
    ],
)
def test_what_a_group_plainly_asks_or_orders_is_heard(read: Read, text: str, name: str) -> None:
    found = read(text).intent
    assert isinstance(found, Command) and found.name == name


@pytest.mark.parametrize("text", ["set the food budget to 300", "new budget: food 300", "food budget 300", "food limit 300", "budget 1500"])
def test_a_group_sets_a_budget_by_its_category_or_an_order(read: Read, text: str) -> None:
    assert isinstance(read(text).intent, SetBudget)


@pytest.mark.parametrize(
    "text", ["our budget is 300", "my limit is 3 beers", "speed limit 50", "dinner limit 30 each", "buget food 300", "budget unicorns 50"]
)
def test_what_a_group_is_told_of_a_budget_is_neither_one_nor_an_expense(read: Read, text: str) -> None:
    assert isinstance(read(text, default_split="everyone").intent, Nothing)


@pytest.mark.parametrize(
    ("text", "language"), [("mera food budget hatao", "hi"), ("lösch das Essensbudget", "de"), ("borra el presupuesto de comida", "es")]
)
def test_the_verb_of_an_order_may_stand_last(read: Read, text: str, language: str) -> None:
    found = read(text, language=language).intent
    assert isinstance(found, Command) and found.name == "remove_budget"


@pytest.mark.parametrize(("word", "meant"), [("bugdet", "budget"), ("budgt", "budget"), ("budgeet", "budget"), ("budhet", "budget")])
def test_a_slip_is_put_right(word: str, meant: str) -> None:
    assert Slips(["budget", "alert"]).meant(word) == meant


@pytest.mark.parametrize("word", ["budget", "gadget", "bud", "alertness", "b2dget"])
def test_another_word_is_no_slip(word: str) -> None:
    assert Slips(["budget", "alert"]).meant(word) is None


def test_where_two_words_are_as_near_nothing_is_guessed() -> None:
    assert Slips(["taking", "making"]).meant("waking") is None
