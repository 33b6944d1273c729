"""What people say about their budgets, in every language, and what it must not be taken for."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, Intent, Nothing, ParseContext, Query, SetBudget, Understanding
from bot.conversation.parsing import parse
from core.domain.money import Money


def read(text: str, language: str = "en") -> Understanding:
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), language=language))


# One sentence a rule, in each language.
SENTENCES: dict[str, tuple[Intent, dict[str, str]]] = {
    "set": (
        SetBudget("food", Money(40000, "EUR"), "month"),
        {
            "en": "budget food 400 a month",
            "de": "Budget Essen 400 im Monat",
            "es": "presupuesto comida 400 al mes",
            "fr": "budget nourriture 400 par mois",
            "it": "budget cibo 400 al mese",
            "pt": "orçamento comida 400 por mês",
            "hi": "khane ka budget mahine ka 400",
        },
    ),
    "set_all": (
        SetBudget(None, Money(30000, "EUR"), "week"),
        {
            "en": "budget 300 a week",
            "de": "Budget 300 pro Woche",
            "es": "presupuesto 300 a la semana",
            "fr": "budget 300 par semaine",
            "it": "budget 300 a settimana",
            "pt": "orçamento 300 por semana",
            "hi": "hafte ka budget 300",
        },
    ),
    "left": (
        Query("budget_status", category="food"),
        {
            "en": "how much can I still spend on food?",
            "de": "wie viel kann ich noch für Essen ausgeben?",
            "es": "¿cuánto puedo gastar todavía en comida?",
            "fr": "combien je peux encore dépenser en nourriture ?",
            "it": "quanto posso ancora spendere per cibo?",
            "pt": "quanto ainda posso gastar em comida?",
            "hi": "khane pe kitna kharch kar sakta hoon?",
        },
    ),
    "remove": (
        Command("remove_budget", {"category": "food"}),
        {
            "en": "remove the food budget",
            "de": "lösche das Budget für Essen",
            "es": "borra el presupuesto de comida",
            "fr": "supprime le budget nourriture",
            "it": "togli il budget di cibo",
            "pt": "remove o orçamento de comida",
            "hi": "khane ka budget hatao",
        },
    ),
    "move": (
        Command("move_budget", {"amount": "50.00", "currency": "EUR", "one": "food", "two": "transport"}),
        {
            "en": "move 50 from food to transport",
            "de": "verschiebe 50 von Essen nach Transport",
            "es": "mueve 50 de comida a transporte",
            "fr": "déplace 50 de nourriture à transport",
            "it": "sposta 50 da cibo a trasporti",
            "pt": "move 50 de comida para transporte",
            "hi": "khane se 50 transport mein daalo",
        },
    ),
    "rollover_on": (
        Command("set_rollover", {"value": "on", "category": "food"}),
        {
            "en": "rollover on for food",
            "de": "nimm den Rest für Essen mit",
            "es": "acumula lo que sobra de comida",
            "fr": "reporte ce qui reste pour nourriture",
            "it": "riporta quello che resta di cibo",
            "pt": "acumula o que sobra de comida",
            "hi": "khane ka rollover on karo",
        },
    ),
    "rollover_off": (
        Command("set_rollover", {"value": "off"}),
        {
            "en": "rollover off",
            "de": "kein Übertrag mehr",
            "es": "desactiva la acumulación",
            "fr": "désactive le report",
            "it": "disattiva il riporto",
            "pt": "desativa o acumulo",
            "hi": "rollover band karo",
        },
    ),
    "payday": (
        Command("set_payday", {"day": "25"}),
        {
            "en": "my payday is the 25th",
            "de": "mein Zahltag ist der 25.",
            "es": "mi día de pago es el 25",
            "fr": "mon jour de paie est le 25",
            "it": "il mio giorno di paga è il 25",
            "pt": "o meu dia de pagamento é o dia 25",
            "hi": "mera payday 25 tarikh hai",
        },
    ),
    "payday_last": (
        Command("set_payday", {"day": "31"}),
        {
            "en": "my payday is the end of the month",
            "de": "mein Zahltag ist am Monatsende",
            "es": "mi día de pago es a fin de mes",
            "fr": "mon jour de paie est en fin de mois",
            "it": "il mio giorno di paga è a fine mese",
            "pt": "o meu dia de pagamento é no fim do mês",
            "hi": "meri salary mahine ke aakhri din aati hai",
        },
    ),
    "afford": (
        Command("afford", {"amount": "200.00", "currency": "EUR"}),
        {
            "en": "can I afford 200?",
            "de": "kann ich mir 200 leisten?",
            "es": "¿puedo permitirme 200?",
            "fr": "je peux me permettre 200 ?",
            "it": "posso permettermi 200?",
            "pt": "posso gastar 200?",
            "hi": "kya main 200 afford kar sakta hoon?",
        },
    ),
    "afford_food": (
        Command("afford", {"amount": "200.00", "currency": "EUR", "category": "food"}),
        {
            "en": "can I afford 200 for food?",
            "de": "kann ich mir 200 für Essen leisten?",
            "es": "¿puedo gastar 200 en comida?",
            "fr": "je peux dépenser 200 en nourriture ?",
            "it": "posso spendere 200 per cibo?",
            "pt": "posso gastar 200 em comida?",
            "hi": "kya main khane pe 200 kharch kar sakta hoon?",
        },
    ),
}
CASES = [(name, language) for name, (_, said) in SENTENCES.items() for language in said]


@pytest.mark.parametrize(("name", "language"), CASES)
def test_every_language_says_it(name: str, language: str):
    meant, said = SENTENCES[name]
    assert read(said[language], language).intent == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("food left?", Query("budget_status", category="food")),
        ("left?", Query("budget_status")),
        ("no budget for food any more", Command("remove_budget", {"category": "food"})),
        ("move 50 to fun from food", Command("move_budget", {"amount": "50.00", "currency": "EUR", "one": "food", "two": "entertainment"})),
        ("can I afford a concert for 90?", Command("afford", {"amount": "90.00", "currency": "EUR", "category": "entertainment"})),
        ("can I afford $90 for food", Command("afford", {"amount": "90.00", "currency": "USD", "category": "food"})),
        ("I get paid on the 1st", Command("set_payday", {"day": "1"})),
        ("no payday", Command("set_payday")),
        ("budget 20 per day", SetBudget(None, Money(2000, "EUR"), "day")),
        ("budget snorkeling 40 a week", SetBudget("snorkeling", Money(4000, "EUR"), "week")),
        ("budget food 0", Nothing("budget_zero")),
        ("budget food -5", Nothing("budget_negative")),
    ],
)
def test_other_ways_to_say_it(text: str, meant: Intent):
    assert read(text).intent == meant


@pytest.mark.parametrize("text", ["budget food 1.500", "move 1.500 from food to fun", "can I afford 1.500?"])
def test_an_amount_that_can_be_two_is_asked_about(text: str):
    question = read(text).question
    assert question is not None and question.code == "ambiguous_amount"
    assert [label for label, _ in question.options] == ["1500.00 EUR", "1.50 EUR"]


@pytest.mark.parametrize(
    "text", ["the bus left", "move 50 from savings to checking", "anna left", "transfer 50 from zoe to anna", "my salary is 2500"]
)
def test_what_is_about_something_else(text: str):
    understood = read(text)
    assert not understood.rule.startswith("budget")
