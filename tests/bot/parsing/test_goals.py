"""How people say what they save for, in every language, and what must not be taken for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.conversation.intents import Command, Intent, Nothing, ParseContext
from bot.conversation.parsing import parse


def read(text: str, language: str = "en") -> Intent:
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), language=language)).intent


MONEY = {"amount": "600.00", "currency": "EUR"}
FIFTY = {"amount": "50.00", "currency": "EUR"}
# One sentence a kind, in each language: what a bike is called there, and the sentences.
BIKE = {"en": "bike", "de": "Fahrrad", "es": "bici", "fr": "vélo", "pt": "bicicleta", "it": "bici", "hi": "bike"}
SENTENCES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "set by a day": (
        {"do": "set", "verb": "save", "due": "2025-06-01", **MONEY},
        {
            "en": "save 600 for a bike by June",
            "de": "600 für ein Fahrrad bis Juni sparen",
            "es": "ahorrar 600 para una bici para junio",
            "fr": "économiser 600 pour un vélo d'ici juin",
            "pt": "poupar 600 para uma bicicleta até junho",
            "it": "risparmiare 600 per una bici entro giugno",
            "hi": "june tak bike ke liye 600 bachana hai",
        },
    ),
    "set by the end of a month": (
        {"do": "set", "verb": "save", "due": "2025-06-30", **MONEY},
        {
            "en": "save 600 for a bike by the end of June",
            "de": "spare 600 für ein Fahrrad bis Ende Juni",
            "es": "ahorrar 600 para una bici para finales de junio",
            "fr": "économiser 600 pour un vélo d'ici fin juin",
            "pt": "poupar 600 para uma bicicleta até o fim de junho",
            "it": "risparmiare 600 per una bici entro fine giugno",
        },
    ),
    "set by its name": (
        {"do": "set", "due": "2025-07-01", **MONEY},
        {
            "en": "goal bike 600 by 1 July",
            "de": "Ziel Fahrrad 600 bis 1. Juli",
            "es": "meta bici 600 para el 1 de julio",
            "fr": "objectif vélo 600 pour le 1er juillet",
            "pt": "meta bicicleta 600 até 1 de julho",
            "it": "obiettivo bici 600 entro il 1 luglio",
            "hi": "goal bike 600 1 july tak",
        },
    ),
    "put": (
        {"do": "aside", **FIFTY},
        {
            "en": "put 50 aside for the bike",
            "de": "50 fürs Fahrrad zurückgelegt",
            "es": "aparta 50 para la bici",
            "fr": "mets 50 de côté pour le vélo",
            "pt": "guardei 50 para a bicicleta",
            "it": "metti da parte 50 per la bici",
            "hi": "bike ke liye 50 alag rakho",
        },
    ),
    "saved": (
        {"do": "aside", **FIFTY},
        {
            "en": "saved 50 for bike",
            "de": "ich habe 50 fürs Fahrrad gespart",
            "es": "ahorré 50 para la bici",
            "fr": "j'ai économisé 50 pour le vélo",
            "pt": "poupei 50 para a bicicleta",
            "it": "ho risparmiato 50 per la bici",
            "hi": "bike ke liye 50 bachaye",
        },
    ),
    "out": (
        {"do": "out", "maybe": "yes", **FIFTY},
        {
            "en": "took 50 out of the bike",
            "de": "50 aus dem Fahrrad genommen",
            "es": "saqué 50 de la bici",
            "fr": "retiré 50 du vélo",
            "pt": "tirei 50 da bicicleta",
            "it": "ho preso 50 dalla bici",
            "hi": "bike se 50 nikale",
        },
    ),
    "ask": (
        {"do": "show", "maybe": "yes"},
        {
            "en": "how is the bike going?",
            "de": "wie läuft es mit dem Fahrrad?",
            "es": "¿cómo va la bici?",
            "fr": "où en est le vélo ?",
            "pt": "como vai a bicicleta?",
            "it": "come va la bici?",
            "hi": "bike ke liye kitna bacha hai?",
        },
    ),
    "amount": (
        {"do": "change", **MONEY},
        {
            "en": "change the bike goal to 600",
            "de": "Ziel Fahrrad auf 600",
            "es": "cambia la meta bici a 600",
            "fr": "passe l'objectif vélo à 600",
            "pt": "muda a meta bicicleta para 600",
            "it": "porta l'obiettivo bici a 600",
            "hi": "goal bike 600 karo",
        },
    ),
    "day": (
        {"do": "change", "due": "2025-08-01"},
        {
            "en": "move the bike goal to August",
            "de": "Ziel Fahrrad bis August",
            "es": "meta bici para agosto",
            "fr": "objectif vélo pour août",
            "pt": "meta bicicleta até agosto",
            "it": "obiettivo bici entro agosto",
            "hi": "goal bike august tak",
        },
    ),
    "name": (
        {"do": "change", "new": "moto"},
        {
            "en": "rename the bike goal to moto",
            "de": "benenne das Ziel Fahrrad in moto um",
            "es": "renombra la meta bici a moto",
            "fr": "renomme l'objectif vélo en moto",
            "pt": "renomeia a meta bicicleta para moto",
            "it": "rinomina l'obiettivo bici in moto",
            "hi": "goal bike ka naam moto rakho",
        },
    ),
    "drop": (
        {"do": "drop"},
        {
            "en": "drop the bike goal",
            "de": "lösche das Ziel Fahrrad",
            "es": "borra la meta bici",
            "fr": "supprime l'objectif vélo",
            "pt": "apaga a meta bicicleta",
            "it": "elimina l'obiettivo bici",
            "hi": "goal bike hatao",
        },
    ),
}
CASES = [(slots, language, text) for slots, sentences in SENTENCES.values() for language, text in sentences.items()]


@pytest.mark.parametrize(("slots", "language", "text"), CASES, ids=[text for _, _, text in CASES])
def test_it_is_understood(slots: dict[str, str], language: str, text: str) -> None:
    assert read(text, language) == Command("goal", {**slots, "name": BIKE[language]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("goals", "my goals", "what are we saving for?")),
        *(("de", "meine Sparziele"), ("es", "mis metas"), ("fr", "mes objectifs"), ("it", "i miei obiettivi")),
        *(("pt", "as minhas metas"), ("hi", "mere goals dikhao")),
    ],
)
def test_all_of_them(language: str, text: str) -> None:
    assert read(text, language) == Command("goal", {"do": "show"})


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("by May", "2025-05-01"),
        ("by the end of May", "2025-05-31"),
        ("by March", "2025-03-31"),
        ("by February", "2026-02-01"),
        ("by Christmas", "2025-12-25"),
        ("by June 2026", "2026-06-01"),
        ("by June 2024", "2024-06-30"),
        ("by next year", "2026-01-01"),
        ("by yesterday", "2025-03-13"),
        ("in 6 months", "2025-09-14"),
    ],
)
def test_by_when(said: str, due: str) -> None:
    """Of a month that is named its first day; of the present one its last. What is over stays as it was said, to be refused by its name."""
    assert read(f"save 600 for a bike {said}") == Command("goal", {"do": "set", "verb": "save", "name": "bike", "due": due, **MONEY})


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("put 50 aside", {"do": "aside", **FIFTY}),
        ("put aside 50 for the bike", {"do": "aside", "name": "bike", **FIFTY}),
        ("saved 50 for the bike yesterday", {"do": "aside", "name": "bike", "on": "2025-03-13", **FIFTY}),
        ("saved 50 dollars for the bike", {"do": "aside", "name": "bike", "said": "yes", "amount": "50.00", "currency": "USD"}),
        ("goal bike", {"do": "show", "name": "bike"}),
        ("save 600 for Anna's birthday", {"do": "set", "verb": "save", "name": "Anna's birthday", **MONEY}),
    ],
)
def test_names_days_and_currencies(text: str, slots: dict[str, str]) -> None:
    assert read(text) == Command("goal", slots)


@pytest.mark.parametrize("text", ["save 0 for a bike", "save -5 for a bike", "goal bike 0"])
def test_nothing_is_no_goal(text: str) -> None:
    assert read(text) == Nothing("goal_amount")


def test_an_amount_that_can_be_read_in_two_ways_is_asked_about() -> None:
    found = parse("save 1.234 for a bike", ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe"))
    assert found.question is not None and found.question.code == "ambiguous_amount"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", text) for text in ("how is it going?", "how are you doing?", "took 100 out of the ATM", "goalie gloves 45")),
        *(("en", text) for text in ("paid 45 for goal keeper gloves", "saved the day", "put 50 on anna", "save 5 for me", "save the receipt")),
        *(
            ("de", "100 vom Automaten genommen"),
            ("de", "wie läuft es?"),
            ("es", "saqué 100 del cajero"),
            ("it", "come va?"),
            ("it", "come va la vita?"),
        ),
        *(("hi", "bank se 100 nikale"), ("fr", "où en est la vie ?"), ("pt", "como vai você?")),
    ],
)
def test_what_is_none_of_it(language: str, text: str) -> None:
    found = read(text, language)
    assert not isinstance(found, Command) or found.name != "goal"


GROUP = ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), chat="group", default_split="everyone")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("great goal!", "en"),
        ("what a goal!", "en"),
        ("goal 2:1", "en"),
        ("our goal is to win", "en"),
        ("Unser Ziel ist der Strand", "de"),
        ("notre objectif est la plage", "fr"),
        ("nuestro objetivo es ganar", "es"),
    ],
)
def test_a_group_that_talks_of_goals_is_answered_of_one_that_it_has_alone(text: str, language: str) -> None:
    found = parse(text, replace(GROUP, language=language)).intent
    assert isinstance(found, Nothing) or (isinstance(found, Command) and found.slots["maybe"] == "yes")


@pytest.mark.parametrize("text", ["goal in minute 30", "next goal 3", "a goal 2 to 1", "goal bike 300"])
def test_a_goal_that_somebody_scored_is_none_to_save_for(text: str) -> None:
    assert isinstance(parse(text, GROUP).intent, Nothing)


@pytest.mark.parametrize("text", ["goal bike 300 by June", "set a goal bike 300", "goal: bike 300"])
def test_a_group_sets_a_goal_by_its_day_or_an_order(text: str) -> None:
    found = parse(text, GROUP).intent
    assert isinstance(found, Command) and (found.name, found.slots["do"], found.slots["name"]) == ("goal", "set", "bike")
