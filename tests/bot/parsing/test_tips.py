"""Asking for tips in every language, and what it must not be taken for."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, Intent, Nothing, ParseContext, Query, RecordExpenses
from bot.conversation.parsing import parse


def read(text: str, language: str = "en", chat: str = "private") -> Intent:
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), language=language, chat=chat)  # type: ignore[arg-type]
    return parse(text, context).intent


SENTENCES = {
    "tips": {
        "en": ("any tips?", "tips", "any saving tips?", "how can I save money?", "save money", "where can I cut back?", "help me save money"),
        "de": ("Tipps?", "hast du Tipps?", "Spartipps", "wie kann ich Geld sparen?", "wo kann ich sparen?", "Geld sparen", "ein paar Tipps bitte"),
        "es": ("¿algún consejo?", "consejos", "¿tienes consejos?", "consejos para ahorrar", "¿cómo puedo ahorrar dinero?", "ahorrar dinero"),
        "fr": (
            "des conseils ?",
            "conseils",
            "tu as des conseils ?",
            "conseils pour économiser",
            "comment économiser ?",
            "comment je peux économiser ?",
        ),
        "pt": ("alguma dica?", "dicas", "tens dicas?", "dicas para poupar", "como posso poupar dinheiro?", "economizar dinheiro"),
        "it": ("qualche consiglio?", "consigli", "hai consigli?", "consigli per risparmiare", "come posso risparmiare?", "risparmiare soldi"),
        "hi": ("koi tips?", "tips", "tips do", "paise kaise bachaun?", "saving tips", "paise bachane ke tips batao"),
    },
    "more_tips": {
        "en": ("more tips", "any more tips?", "another tip please"),
        "de": ("mehr Tipps", "weitere Tipps", "noch ein Tipp"),
        "es": ("más consejos", "otro consejo"),
        "fr": ("plus de conseils", "d'autres conseils", "encore un conseil"),
        "pt": ("mais dicas", "outra dica"),
        "it": ("altri consigli", "un altro consiglio"),
        "hi": ("aur tips", "aur tips do"),
    },
}


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [(name, language, text) for name, by_language in SENTENCES.items() for language, texts in by_language.items() for text in texts],
)
def test_asked_for(name: str, language: str, text: str) -> None:
    assert read(text, language) == Command(name)


@pytest.mark.parametrize("text", ["any tips?", "tips", "more tips"])
def test_in_a_group_a_bare_word_is_for_the_others(text: str) -> None:
    assert not isinstance(read(text, chat="group"), Command)


def test_in_a_group_a_whole_question_is_heard() -> None:
    assert read("how can we save money?", chat="group") == Command("tips")


@pytest.mark.parametrize("text", ["tip 5", "tips 12.50", "I paid 5 for tips", "saved 20 on shoes", "Tipp 3 Euro", "dicas 20"])
def test_a_tip_that_was_paid_is_none(text: str) -> None:
    assert read(text) != Command("tips")


@pytest.mark.parametrize("text", ["tip 5", "tips 12.50"])
def test_it_is_an_expense(text: str) -> None:
    assert isinstance(read(text), RecordExpenses)


@pytest.mark.parametrize("text", ["save the date", "how can I save my work?", "tips for a trip to Rome?"])
def test_other_talk_is_none(text: str) -> None:
    assert isinstance(read(text), Nothing | Query)
