"""What people do with categories, in every language, and what it must not be taken for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.conversation.intents import Command, Correct, Intent, ParseContext, Query, RecordExpenses, SetBudget
from bot.conversation.parsing import parse
from bot.conversation.parsing.category_talk import emoji_apart

CONTEXT = ParseContext(
    now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), categories=(("Kites", "own_1"), ("board game night", "own_2"))
)


def read(text: str, language: str = "en") -> Intent:
    return parse(text, replace(CONTEXT, language=language)).intent


SENTENCES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "new": (
        "new_category",
        {"emoji": "🛶"},
        {
            "en": "new category boats 🛶",
            "de": "neue Kategorie Boote 🛶",
            "es": "nueva categoría barcas 🛶",
            "fr": "nouvelle catégorie bateaux 🛶",
            "it": "nuova categoria barche 🛶",
            "pt": "nova categoria barcos 🛶",
            "hi": "nayi category naav 🛶",
        },
    ),
    "rename": (
        "rename_category",
        {"one": "gifts"},
        {
            "en": "rename gifts to surprises",
            "de": "benenne Geschenke in Freuden um",
            "es": "renombra regalos a sorpresas",
            "fr": "renomme cadeaux en surprises",
            "it": "rinomina regali in sorprese",
            "pt": "renomeia presentes para surpresas",
            "hi": "category tohfa ka naam khushi rakho",
        },
    ),
    "merge": (
        "merge_category",
        {"one": "own_1", "two": "entertainment"},
        {
            "en": "merge kites into fun",
            "de": "führe Kites mit Unterhaltung zusammen",
            "es": "fusiona kites con ocio",
            "fr": "fusionne kites avec loisirs",
            "it": "unisci kites con svago",
            "pt": "junta kites com lazer",
            "hi": "kites ko manoranjan mein milao",
        },
    ),
    "hide": (
        "hide_category",
        {"one": "own_1"},
        {
            "en": "hide kites",
            "de": "verstecke Kites",
            "es": "oculta kites",
            "fr": "masque kites",
            "it": "nascondi kites",
            "pt": "oculta kites",
            "hi": "kites chhupao",
        },
    ),
    "show": (
        "show_category",
        {"code": "own_1"},
        {
            "en": "bring back kites",
            "de": "zeige Kites wieder",
            "es": "recupera kites",
            "fr": "remets kites",
            "it": "recupera kites",
            "pt": "recupera kites",
            "hi": "kites wapas lao",
        },
    ),
    "emoji": (
        "set_emoji",
        {"one": "own_1", "emoji": "🪁"},
        {
            "en": "emoji of kites 🪁",
            "de": "Emoji von Kites 🪁",
            "es": "emoji de kites 🪁",
            "fr": "emoji de kites 🪁",
            "it": "emoji di kites 🪁",
            "pt": "emoji de kites 🪁",
            "hi": "kites ka emoji 🪁",
        },
    ),
    "colour": (
        "set_colour",
        {"one": "own_1", "colour": "#2e7d32"},
        {
            "en": "colour of kites: green",
            "de": "Farbe von Kites grün",
            "es": "color de kites verde",
            "fr": "couleur de kites vert",
            "it": "colore di kites verde",
            "pt": "cor de kites verde",
            "hi": "kites ka rang hara",
        },
    ),
    "listed": (
        "categories",
        {},
        {
            "en": "which categories are there?",
            "de": "welche Kategorien gibt es?",
            "es": "mis categorías",
            "fr": "mes catégories",
            "it": "le mie categorie",
            "pt": "minhas categorias",
            "hi": "categories dikhao",
        },
    ),
}


@pytest.mark.parametrize(
    ("name", "slots", "language", "text"),
    [(name, slots, language, text) for name, slots, texts in SENTENCES.values() for language, text in texts.items()],
)
def test_what_is_done_with_categories(name: str, slots: dict[str, str], language: str, text: str):
    found = read(text, language)
    assert isinstance(found, Command) and found.name == name, found
    assert found.slots.items() >= slots.items()


def test_words_that_name_no_category_are_kept_where_the_word_is_said():
    assert read("rename category knitting to wool") == Command("rename_category", {"one": "knitting", "new": "wool", "emoji": ""})
    assert read("merge knitting into kites") == Command("merge_category", {"one": "knitting", "two": "own_1"})


@pytest.mark.parametrize(
    "text", ["rename dinner to lunch", "merge anna and bob", "hide the evidence", "show food", "show me the food", "bring back milk"]
)
def test_what_is_about_something_else(text: str):
    found = read(text)
    assert not (isinstance(found, Command) and "category" in found.name), found


def test_a_books_own_category_is_known_in_every_place_where_one_is_named():
    own = "own_1"
    expense = read("wax 20 #kites")
    assert isinstance(expense, RecordExpenses) and (expense.expenses[0].category, expense.expenses[0].description) == (own, "wax")
    guessed = read("kites 45")
    assert isinstance(guessed, RecordExpenses) and guessed.expenses[0].category == own
    several = read("pizza 30 #board game night")
    assert isinstance(several, RecordExpenses) and (several.expenses[0].category, several.expenses[0].description) == ("own_2", "pizza")
    assert read("put it under kites") == Correct("category", own)
    asked = read("how much on kites in february")
    assert isinstance(asked, Query) and asked.category == own
    limit = read("budget kites 50")
    assert isinstance(limit, SetBudget) and limit.category == own


def test_no_other_book_knows_it():
    found = parse("wax 20 #kites", replace(CONTEXT, language="en", categories=())).intent
    assert isinstance(found, RecordExpenses) and found.expenses[0].category != "own_1"


def test_an_own_name_wins_over_a_word_that_comes_along_and_over_a_brand():
    context = replace(CONTEXT, language="en", categories=(("coffee", "own_3"), ("lidl", "own_4")))
    found = [parse(text, context).intent for text in ("coffee 3", "lidl 40")]
    assert [intent.expenses[0].category for intent in found if isinstance(intent, RecordExpenses)] == ["own_3", "own_4"]


@pytest.mark.parametrize(
    ("text", "name", "emoji"),
    [
        ("pets 🐶", "pets", "🐶"),
        ("🐶 pets", "pets", "🐶"),
        ("pets", "pets", ""),
        ("“date night” ❤️", "date night", "❤️"),
        ("🐶🐶🐶🐶🐶🐶🐶🐶🐶 pets", "pets", ""),
    ],
)
def test_a_name_and_its_emoji(text: str, name: str, emoji: str):
    assert emoji_apart(text) == (name, emoji)


def test_an_emoji_of_several_pieces_stays_whole():
    found = read("emoji of kites 👨‍👩‍👧")
    assert isinstance(found, Command) and found.slots["emoji"] == "👨‍👩‍👧"
