"""What people say about what repeats, in every language: on which days, until when, asked first; and what is done with it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.conversation.intents import Command, Nothing, ParseContext, RecordExpenses, Recurrence, Understanding
from bot.conversation.parsing import parse

WORKING = (1, 2, 3, 4, 5)


def read(text: str, language: str = "en") -> Understanding:
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe",), language=language))


def recurrence(text: str, language: str = "en") -> Recurrence:
    intent = read(text, language).intent
    assert isinstance(intent, RecordExpenses), text
    found = intent.expenses[0].recurring
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("hosting 12.99 monthly until may", date(2025, 5, 31)),
        ("hosting 12.99 every month till 31 dec 2026", date(2026, 12, 31)),
        ("hosting 12.99 every friday until end of june", date(2025, 6, 30)),
        ("hosting 12.99 every month until 2 march 2025", date(2025, 3, 2)),  # behind us: the handler says so
    ],
)
def test_until_when(text: str, day: date) -> None:
    assert recurrence(text).until == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "strom 80 jeden monat bis mai"),
        ("es", "luz 80 cada mes hasta mayo"),
        ("fr", "électricité 80 chaque mois jusqu'en mai"),
        ("it", "luce 80 ogni mese fino a maggio"),
        ("pt", "luz 80 todo mês até maio"),
        ("hi", "bijli 800 har mahine may tak"),
    ],
)
def test_until_when_in_other_languages(language: str, text: str) -> None:
    assert recurrence(text, language).until == date(2025, 5, 31)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "cleaner 40 on the last working day of the month"),
        ("de", "putzhilfe 40 am letzten werktag jedes monats"),
        ("es", "limpieza 40 el último día laborable de cada mes"),
        ("fr", "ménage 40 le dernier jour ouvré du mois"),
        ("it", "pulizie 40 l'ultimo giorno lavorativo del mese"),
        ("pt", "faxina 40 no último dia útil do mês"),
    ],
)
def test_the_last_working_day(language: str, text: str) -> None:
    found = recurrence(text, language)
    assert (found.freq, found.nth, found.weekdays, found.next) == ("monthly", -1, WORKING, date(2025, 3, 31))


def test_weekdays_of_a_month_and_every_other_one() -> None:
    second = recurrence("piano 25 on the second tuesday of every month")
    assert (second.freq, second.nth, second.weekdays, second.next) == ("monthly", 2, (2,), date(2025, 4, 8))
    assert recurrence("piano 25 on the 2nd tuesday of every month") == second
    last = recurrence("piano 25 every last friday")
    assert (last.freq, last.nth, last.weekdays, last.next) == ("monthly", -1, (5,), date(2025, 3, 28))
    other = recurrence("piano 25 every second tuesday")
    assert (other.freq, other.interval, other.weekday, other.next) == ("weekly", 2, "tuesday", date(2025, 3, 18))
    assert recurrence("coffee 3 every weekday").weekdays == WORKING


def test_asked_first_and_at_a_time() -> None:
    assert recurrence("gym 30 every 2 weeks, ask first") == Recurrence("weekly", 2, asks=True)
    assert recurrence("gym 30 alle 2 wochen, frag vorher", "de").asks
    assert recurrence("gym 30 every month at 18:30").at == "18:30"


def test_a_period_says_from_when_and_until_when() -> None:
    found = recurrence("bus pass 49 every month from april to june")
    assert (found.next, found.until) == (date(2025, 4, 1), date(2025, 6, 30))


def test_a_day_that_no_year_has_is_no_amount() -> None:
    found = recurrence("tax 300 on 31 february every year")
    assert (found.day, found.month) == (31, 2)


SENTENCES: list[tuple[Command, dict[str, str]]] = [
    (
        Command("repeats"),
        {
            "en": "what repeats?",
            "de": "was wiederholt sich?",
            "es": "¿qué se repite?",
            "fr": "qu'est-ce qui se répète ?",
            "it": "cosa si ripete?",
            "pt": "o que se repete?",
            "hi": "kya baar baar aata hai?",
        },
    ),
    (
        Command("upcoming"),
        {
            "en": "what bills are coming?",
            "de": "anstehende rechnungen",
            "es": "próximos pagos",
            "fr": "prochaines factures",
            "it": "prossime scadenze",
            "pt": "próximas contas",
            "hi": "aane wale bills",
        },
    ),
    (
        Command("pause", {"what": "spotify"}),
        {
            "en": "pause spotify",
            "de": "pausiere spotify",
            "es": "pausa spotify",
            "fr": "mets spotify en pause",
            "it": "sospendi spotify",
            "pt": "pausa spotify",
            "hi": "spotify roko",
        },
    ),
    (
        Command("resume", {"what": "spotify"}),
        {
            "en": "resume spotify",
            "de": "spotify fortsetzen",
            "es": "reanuda spotify",
            "fr": "reprends spotify",
            "it": "riprendi spotify",
            "pt": "retoma spotify",
            "hi": "spotify phir se shuru karo",
        },
    ),
    (
        Command("new_price", {"what": "spotify", "amount": "15.99", "currency": "EUR", "bare": "yes"}),
        {
            "en": "spotify is 15.99 from now on",
            "de": "spotify kostet jetzt 15,99",
            "es": "spotify cuesta ahora 15,99",
            "fr": "spotify coûte maintenant 15,99",
            "it": "spotify costa ora 15,99",
            "pt": "spotify custa agora 15,99",
            "hi": "spotify ab 15.99 ka hai",
        },
    ),
]


@pytest.mark.parametrize(("meant", "texts"), [pytest.param(meant, texts, id=meant.name) for meant, texts in SENTENCES])
def test_what_is_done_with_it(meant: Command, texts: dict[str, str]) -> None:
    assert {language: read(text, language).intent for language, text in texts.items()} == dict.fromkeys(texts, meant)


def test_a_pause_until_a_month_ends_on_its_first_day() -> None:
    assert read("pause spotify until may").intent == Command("pause", {"what": "spotify", "until": "2025-05-01"})


def test_a_price_in_a_named_money_is_not_bare() -> None:
    assert read("spotify is $15.99 now").intent == Command("new_price", {"what": "spotify", "amount": "15.99", "currency": "USD"})


def test_a_price_of_tomorrow_is_a_plan() -> None:
    assert not isinstance(read("mañana hay que comprar pan que cuesta 3", "es").intent, Command)


def test_a_price_that_can_be_read_in_two_ways_is_asked_about() -> None:
    question = read("spotify is 1.500 from now on").question
    assert question is not None
    assert question.code == "ambiguous_amount"
    assert len(question.options) == 2


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "gym 30 every 0 days"),
        ("en", "rent 900 on the 32nd of every month"),
        ("en", "rent 900 every -2 weeks"),
        ("de", "miete 900 alle 0 tage"),
        ("es", "gym 30 cada 0 días"),
        ("fr", "gym 30 tous les 0 jours"),
        ("pt", "academia 30 a cada 0 dias"),
        ("it", "gym 30 ogni 0 giorni"),
        ("hi", "gym 30 har 0 din"),
    ],
)
def test_what_would_never_come_round_is_explained(language: str, text: str) -> None:
    understood = read(text, language)
    assert (understood.intent, understood.question) == (Nothing("impossible_rhythm"), None)


def test_every_45th_day_is_a_rhythm_and_not_the_day_of_a_month() -> None:
    assert isinstance(read("rent 900 every 45th day").intent, RecordExpenses)
    assert isinstance(read("rent 900 every 45th").intent, Nothing)
