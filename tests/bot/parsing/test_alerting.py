"""How people say that they want fewer alerts, or at other times, in every language, and what must not be taken for it."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, Intent, Nothing, ParseContext
from bot.conversation.parsing import parse


def read(text: str, language: str = "en") -> Intent:
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), language=language)).intent


# One sentence a rule, in each language.
SENTENCES: dict[str, tuple[Command, dict[str, str]]] = {
    "mute_until": (
        Command("mute_alerts", {"until": "2025-03-17"}),
        {
            "en": "mute until Monday",
            "de": "stumm bis Montag",
            "es": "sin avisos hasta el lunes",
            "fr": "pas d'alertes jusqu'à lundi",
            "it": "niente avvisi fino a lunedì",
            "pt": "sem avisos até segunda",
            "hi": "somvar tak alert band karo",
        },
    ),
    "mute": (
        Command("mute_alerts"),
        {
            "en": "mute forever",
            "de": "keine Hinweise mehr",
            "es": "sin avisos",
            "fr": "plus d'alertes",
            "it": "niente più avvisi",
            "pt": "sem avisos",
            "hi": "alert band karo",
        },
    ),
    "mute_budgets": (
        Command("mute_alerts", {"topic": "budgets"}),
        {
            "en": "mute budgets",
            "de": "keine Hinweise zu Budgets",
            "es": "sin avisos de presupuestos",
            "fr": "pas d'alertes sur les budgets",
            "it": "niente avvisi su budget",
            "pt": "sem avisos sobre orçamentos",
            "hi": "budget ke alert band karo",
        },
    ),
    "mute_budgets_until": (
        Command("mute_alerts", {"topic": "budgets", "until": "2025-03-17"}),
        {
            "en": "mute budgets until Monday",
            "de": "keine Hinweise zu Budgets bis Montag",
            "es": "sin avisos de presupuestos hasta el lunes",
            "fr": "pas d'alertes sur les budgets jusqu'à lundi",
            "it": "niente avvisi su budget fino a lunedì",
            "pt": "sem avisos sobre orçamentos até segunda",
            "hi": "somvar tak budget ke alert band karo",
        },
    ),
    "mute_tips_for": (
        Command("mute_alerts", {"topic": "tips", "until": "2025-03-28"}),
        {
            "en": "mute tips for two weeks",
            "de": "keine Tipps für zwei Wochen",
            "es": "sin avisos de consejos durante dos semanas",
            "fr": "pas de conseils pendant deux semaines",
            "it": "niente consigli per due settimane",
            "pt": "sem avisos sobre dicas por duas semanas",
            "hi": "do hafte ke liye tips mute karo",
        },
    ),
    "mute_for": (
        Command("mute_alerts", {"until": "2025-03-17"}),
        {
            "en": "mute for 3 days",
            "de": "stumm für drei Tage",
            "es": "sin avisos durante 3 días",
            "fr": "coupe les alertes pendant 3 jours",
            "it": "silenzia gli avvisi per tre giorni",
            "pt": "sem avisos por 3 dias",
            "hi": "teen din ke liye alert band karo",
        },
    ),
    "mute_unusual": (
        Command("mute_alerts", {"topic": "unusual"}),
        {
            "en": "mute unusual spending",
            "de": "keine Hinweise zu ungewöhnlichen Ausgaben",
            "es": "sin avisos de gastos raros",
            "fr": "pas d'alertes sur les dépenses inhabituelles",
            "it": "niente avvisi su spese insolite",
            "pt": "sem avisos sobre gastos fora do comum",
            "hi": "alag kharch ke alert band karo",
        },
    ),
    "unmute": (
        Command("unmute_alerts"),
        {
            "en": "unmute",
            "de": "Hinweise an",
            "es": "activa los avisos",
            "fr": "réactive les alertes",
            "it": "riattiva gli avvisi",
            "pt": "ativa os avisos",
            "hi": "alert chalu karo",
        },
    ),
    "less": (
        Command("less_alerts"),
        {
            "en": "less of this",
            "de": "weniger davon",
            "es": "menos de esto",
            "fr": "moins de ça",
            "it": "meno di questi",
            "pt": "menos disso",
            "hi": "aise kam",
        },
    ),
    "weekly": (
        Command("pace_alerts", {"pace": "weekly"}),
        {
            "en": "only weekly",
            "de": "nur wöchentlich",
            "es": "solo una vez a la semana",
            "fr": "seulement une fois par semaine",
            "it": "solo settimanale",
            "pt": "só uma vez por semana",
            "hi": "sirf hafte mein ek baar",
        },
    ),
    "daily": (
        Command("pace_alerts", {"pace": "daily"}),
        {
            "en": "only daily",
            "de": "Hinweise einmal am Tag",
            "es": "solo una vez al día",
            "fr": "alertes une fois par jour",
            "it": "avvisi una volta al giorno",
            "pt": "avisos uma vez por dia",
            "hi": "alert din mein ek baar",
        },
    ),
    "once": (
        Command("pace_alerts", {"pace": "once"}),
        {
            "en": "alerts at once",
            "de": "Hinweise sofort",
            "es": "avisos al momento",
            "fr": "alertes immédiatement",
            "it": "avvisi subito",
            "pt": "avisos na hora",
            "hi": "alert turant bhejo",
        },
    ),
}
CASES = [(meant, language, text) for meant, sentences in SENTENCES.values() for language, text in sentences.items()]


@pytest.mark.parametrize(("meant", "language", "text"), CASES, ids=[text for _, _, text in CASES])
def test_it_is_understood(meant: Command, language: str, text: str) -> None:
    assert read(text, language) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("no bill alerts until 1 May", Command("mute_alerts", {"topic": "bills", "until": "2025-05-01"})),
        ("mute goals", Command("mute_alerts", {"topic": "goals"})),
        ("mute until yesterday", Command("mute_alerts", {"until": "2025-03-13"})),
        ("unmute bills", Command("unmute_alerts", {"topic": "bills"})),
        ("fewer alerts about bills", Command("less_alerts", {"topic": "bills"})),
        ("no alerts about unusual spending", Command("mute_alerts", {"topic": "unusual"})),
        ("quiet 22 to 22", Command("set_quiet", {"from": "22:00", "until": "22:00"})),
        ("quiet from 25 to 30", Nothing("quiet_hours_unclear")),
        ("no quiet hours", Command("set_quiet")),
    ],
)
def test_days_topics_and_hours(text: str, meant: Intent) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "mute anna",
        "mute anna until monday",
        "stop the car for 2 days",
        "less of this 12",
        "weekly shop 45",
        "quiet dinner 30",
        "stop the car 20",
        "alert 5",
    ],
)
def test_what_is_none_of_it(text: str) -> None:
    found = read(text)
    assert not isinstance(found, Command) or found.name not in ("mute_alerts", "less_alerts", "pace_alerts", "set_quiet")


GROUP = ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "anna"), chat="group", language="en")


@pytest.mark.parametrize(
    "text",
    [
        "I did not get your message",
        "don't text me",
        "don't message me",
        "no messages",
        "I got no notifications",
        "no goals today",
        "turn off your notifications",
    ],
)
def test_a_group_that_talks_of_messages_mutes_nothing(text: str) -> None:
    assert isinstance(parse(text, GROUP).intent, Nothing)


@pytest.mark.parametrize("text", ["don't message me", "no messages please", "leave me alone"])
def test_alone_it_is_said_to_us(text: str) -> None:
    assert read(text) == Command("mute_alerts")


@pytest.mark.parametrize("text", ["I did not get your message", "I got no notifications"])
def test_what_did_not_come_is_nothing_to_mute(text: str) -> None:
    assert not isinstance(read(text), Command)


@pytest.mark.parametrize("text", ["mute until Monday", "no bill alerts until Monday", "stop goals until Monday"])
def test_a_group_mutes_by_an_order_or_the_alerts_name(text: str) -> None:
    found = parse(text, GROUP).intent
    assert isinstance(found, Command) and found.name == "mute_alerts" and found.slots["until"] == "2025-03-17"
