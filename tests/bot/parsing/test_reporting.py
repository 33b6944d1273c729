"""Requests for reports: days, forms, what they are told apart by, and how often, in every language; and what is none."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, ParseContext, RecordExpenses
from bot.conversation.parsing import parse
from bot.conversation.parsing.lexicon import REPORT_ROLES, build, tables_of
from core.reading.language import LanguageError

NOW = datetime(2025, 6, 14, 12, 0)  # a Saturday
MARCH = {"start": "2025-03-01", "end": "2025-03-31"}
HALF_MAY = {"start": "2025-05-01", "end": "2025-05-15"}
LAST_WEEK = {"start": "2025-06-02", "end": "2025-06-08"}
MONDAYS = {"every": "week", "weekday": "1", "at": "09:00"}


def said(text: str, language: str = "en", now: datetime = NOW) -> Command | None:
    intent = parse(text, ParseContext(now=now, language=language)).intent
    return intent if isinstance(intent, Command) else None


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("report", {}),
        ("Report, please", {}),
        ("report last week", LAST_WEEK),
        ("report march", MARCH),
        ("show me a report of March", MARCH),
        ("report 2024", {"start": "2024-01-01", "end": "2024-12-31"}),
        ("report year", {"start": "2025-01-01", "end": "2025-12-31"}),
        ("weekly report", {"start": "2025-06-09", "end": "2025-06-15"}),
        ("report 1 to 15 may", HALF_MAY),
        ("report 1-15 may", HALF_MAY),
        ("report from 1 may to 15 may", HALF_MAY),
        ("report march to may", {"start": "2025-03-01", "end": "2025-05-31"}),
        ("report 15 may to 1 may", {"start": "2025-05-15", "end": "2025-05-01"}),
        ("chart", {"form": "chart"}),
        ("dark chart of last week", {"form": "chart", **LAST_WEEK, "look": "dark"}),
        ("pdf march", {"form": "pdf", **MARCH}),
        ("xlsx last week", {"form": "xlsx", **LAST_WEEK}),
        ("csv report", {"form": "csv"}),
        ("report by shop", {"by": "merchant"}),
        ("groceries report last week", {**LAST_WEEK, "category": "groceries"}),
    ],
)
def test_a_report(text: str, slots: dict[str, str]) -> None:
    assert said(text) == Command("report", slots)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("report q1", "2025-01-01", "2025-03-31"),
        ("report Q3", "2024-07-01", "2024-09-30"),
        ("Q3 2023 report", "2023-07-01", "2023-09-30"),
        ("report for the second quarter of 2024", "2024-04-01", "2024-06-30"),
        ("report this quarter", "2025-04-01", "2025-06-30"),
        ("report last quarter", "2025-01-01", "2025-03-31"),
        ("report last quarter 2023", "2023-10-01", "2023-12-31"),
        ("report first half of 2024", "2024-01-01", "2024-06-30"),
        ("report h2", "2024-07-01", "2024-12-31"),
        ("report q1 to q3 2024", "2024-01-01", "2024-09-30"),
        ("report q4 to q1", "2024-10-01", "2025-03-31"),
        ("report q1 to q2", "2025-01-01", "2025-06-30"),
    ],
)
def test_a_part_of_a_year(text: str, start: str, end: str) -> None:
    assert said(text) == Command("report", {"start": start, "end": end})


@pytest.mark.parametrize(
    ("language", "third", "last", "half"),
    [
        ("de", "Bericht drittes Quartal 2024", "Bericht letztes Quartal", "Bericht 1. Halbjahr 2024"),
        ("es", "informe del tercer trimestre de 2024", "informe del trimestre pasado", "informe del primer semestre de 2024"),
        ("fr", "rapport T3 2024", "rapport du trimestre dernier", "rapport du premier semestre 2024"),
        ("pt", "relatório do 3º trimestre de 2024", "relatório do último trimestre", "relatório do primeiro semestre de 2024"),
        ("it", "resoconto del terzo trimestre 2024", "resoconto dello scorso trimestre", "resoconto del primo semestre 2024"),
        ("hi", "q3 2024 ki report", "pichhli timahi ki report", "h1 2024 ki report"),
    ],
)
def test_parts_of_a_year_in_other_languages(language: str, third: str, last: str, half: str) -> None:
    assert said(third, language) == Command("report", {"start": "2024-07-01", "end": "2024-09-30"})
    assert said(last, language) == Command("report", {"start": "2025-01-01", "end": "2025-03-31"})
    assert said(half, language) == Command("report", {"start": "2024-01-01", "end": "2024-06-30"})


@pytest.mark.parametrize(
    "text", ["every 3rd tuesday send report", "report 1 march to q2", "report q3 2023 and 2024", "report every month on the 5th"]
)
def test_what_is_only_half_understood_is_no_report(text: str) -> None:
    assert said(text) is None


@pytest.mark.parametrize("text", ["q1 rent 900", "lunch h2 12", "3 quarters of a pizza 18"])
def test_a_part_of_a_year_alone_asks_for_nothing(text: str) -> None:
    assert isinstance(parse(text, ParseContext(now=NOW)).intent, RecordExpenses)


@pytest.mark.parametrize(
    ("language", "march", "half", "mondays", "stop", "meals"),
    [
        ("de", "Bericht März", "Bericht vom 1. bis 15. Mai", "Bericht jeden Montag um 9 Uhr", "keine Berichte mehr", "wo essen wir am günstigsten?"),
        ("es", "informe de marzo", "informe del 1 al 15 de mayo", "informe cada lunes a las 9:00", "no más informes", "¿dónde comemos más barato?"),
        ("fr", "rapport de mars", "rapport du 1 au 15 mai", "rapport chaque lundi à 9h", "plus de rapports", "où mange-t-on le moins cher ?"),
        (
            "pt",
            "relatório de março",
            "relatório de 1 a 15 de maio",
            "relatório cada segunda-feira às 9:00",
            "cancela relatórios",
            "onde comemos mais barato?",
        ),
        (
            "it",
            "resoconto di marzo",
            "resoconto dal 1 al 15 maggio",
            "resoconto ogni lunedì alle 9:00",
            "niente più resoconti",
            "dove mangiamo a meno?",
        ),
        ("hi", "march ki report", "1 se 15 may ki report", "har somvar 9:00 report bhejo", "reports band karo", "sabse sasta restaurant"),
    ],
)
def test_in_other_languages(language: str, march: str, half: str, mondays: str, stop: str, meals: str) -> None:
    assert said(march, language) == Command("report", MARCH)
    assert said(half, language) == Command("report", HALF_MAY)
    assert said(mondays, language) == Command("schedule_report", MONDAYS)
    assert said(stop, language) == Command("stop_reports")
    assert said(meals, language) == Command("meals")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("every monday 9:00 send report", Command("schedule_report", MONDAYS)),
        ("send me a pdf report every friday at 6pm", Command("schedule_report", {"every": "week", "weekday": "5", "at": "18:00", "form": "pdf"})),
        ("report every month", Command("schedule_report", {"every": "month"})),
        ("report every quarter", Command("schedule_report", {"every": "month", "interval": "3"})),
        ("every half year pdf report", Command("schedule_report", {"every": "month", "interval": "6", "form": "pdf"})),
        ("report every year", Command("schedule_report", {"every": "year"})),
        ("every 2nd tuesday send report", Command("schedule_report", {"every": "week", "interval": "2", "weekday": "2"})),
        ("report every 2 weeks at 8", Command("schedule_report", {"every": "week", "interval": "2", "at": "08:00"})),
        ("report every day at 18", Command("schedule_report", {"every": "day", "at": "18:00"})),
        ("daily report every day at 21:30", Command("schedule_report", {"every": "day", "at": "21:30"})),
        ("my reports", Command("show_reports")),
        ("stop reports", Command("stop_reports")),
        ("meals last week", Command("meals", LAST_WEEK)),
    ],
)
def test_every_so_often_and_meals(text: str, command: Command) -> None:
    assert said(text) == command


def test_days_that_have_begun_this_year_are_of_this_year() -> None:
    now = datetime(2025, 3, 14, 12, 0)
    for text in ("report 1 march to 31 march", "report 1 to 31 march", "report from march 1 to march 31"):
        assert said(text, now=now) == Command("report", MARCH), text
    turned = {"start": "2025-03-15", "end": "2025-03-01"}
    assert said("report 15 march to 1 march", now=now) == Command("report", turned)
    assert said("report 15 december to 10 march", now=now) == Command("report", {"start": "2024-12-15", "end": "2025-03-10"})
    assert said("report 1 to 31 march 2024", now=now) == Command("report", {"start": "2024-03-01", "end": "2024-03-31"})


@pytest.mark.parametrize(
    "text", ["report 50", "chart 12 for paper", "report card 5", "meals 45", "paid 45 for meals", "graph paper 3.20", "every day coffee 3"]
)
def test_what_costs_something_is_an_expense(text: str) -> None:
    assert isinstance(parse(text, ParseContext(now=NOW)).intent, RecordExpenses)


@pytest.mark.parametrize("text", ["csv", "xlsx", "export csv"])
def test_a_file_of_the_whole_book_is_an_export(text: str) -> None:
    assert (found := said(text)) is not None and found.name == "export"


@pytest.mark.parametrize(
    "text",
    ["report the bug to anna", "the report is great", "report every 2 months", "report every monday and friday", "chart of darkness and light"],
)
def test_words_that_are_left_over_make_it_none(text: str) -> None:
    assert (found := said(text)) is None or found.name not in ("report", "schedule_report")


@pytest.mark.parametrize("table", [{"fax": ["fax"]}, {"text": "report"}, {"text": [""]}])
def test_a_wrong_table_is_refused_by_its_key(table: dict[str, object]) -> None:
    with pytest.raises(LanguageError, match="en: reports"):
        build("en", tables_of("en") | {"reports": table})
    assert set(tables_of("en")["reports"]) <= REPORT_ROLES


@pytest.mark.parametrize(
    ("text", "language", "start", "end"),
    [
        ("report 31 feb to 3 march", "en", "2025-02-28", "2025-03-03"),
        ("report feb 30 to march 3", "en", "2025-02-28", "2025-03-03"),
        ("report 1 feb to 31st feb", "en", "2025-02-01", "2025-02-28"),
        ("Bericht 31. Februar bis 3. März", "de", "2025-02-28", "2025-03-03"),
    ],
)
def test_a_day_that_its_month_does_not_have_is_its_last_one(text: str, language: str, start: str, end: str) -> None:
    assert said(text, language) == Command("report", {"start": start, "end": end})
