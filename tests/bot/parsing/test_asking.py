"""Questions that compare, count, average and ask why, those that go on from the last, and what is none of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import pytest

from bot.conversation.intents import Intent, ParseContext, Query
from bot.conversation.parsing import parse
from bot.conversation.parsing.asking import Step, before, stepped

CONTEXT = ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=("zoe", "Anna"), language="en")
MARCH, FEBRUARY = (date(2025, 3, 1), date(2025, 3, 31)), (date(2025, 2, 1), date(2025, 2, 28))


def read(text: str, *, asked: bool = False, language: str = "en") -> Intent:
    return parse(text, replace(CONTEXT, asked=asked, language=language)).intent


def test_two_times_are_compared_the_later_with_the_earlier_and_what_runs_with_as_much():
    expected = Query("compare", "food", start=MARCH[0], end=date(2025, 3, 14), than_start=FEBRUARY[0], than_end=date(2025, 2, 14))
    assert read("compare food in february and march") == expected
    assert read("compare food in march and february") == expected
    assert read("did I spend more on food than last month?") == expected


def test_one_time_is_compared_with_the_one_before_it():
    assert read("compare february") == Query("compare", start=FEBRUARY[0], end=FEBRUARY[1], than_start=date(2025, 1, 1), than_end=date(2025, 1, 31))


@pytest.mark.parametrize(
    ("days", "earlier"),
    [
        ((date(2025, 3, 1), date(2025, 3, 31)), (date(2025, 2, 1), date(2025, 2, 28))),
        ((date(2025, 3, 1), date(2025, 3, 30)), (date(2025, 2, 1), date(2025, 2, 28))),
        ((date(2025, 3, 3), date(2025, 3, 9)), (date(2025, 2, 24), date(2025, 3, 2))),
        ((date(2025, 1, 1), date(2025, 3, 31)), (date(2024, 10, 1), date(2024, 12, 31))),
        ((date(2025, 1, 1), date(2025, 2, 28)), (date(2024, 11, 1), date(2024, 12, 31))),
        ((date(2025, 1, 1), date(2025, 12, 31)), (date(2024, 1, 1), date(2024, 12, 31))),
        ((date(2024, 2, 1), date(2024, 2, 29)), (date(2024, 1, 1), date(2024, 1, 31))),
    ],
)
def test_the_stretch_before(days: tuple[date, date], earlier: tuple[date, date]):
    assert before(*days) == earlier


@pytest.mark.parametrize(
    ("days", "step", "way", "found"),
    [
        (MARCH, "year", -1, (date(2024, 1, 1), date(2024, 12, 31))),
        (MARCH, "month", -1, FEBRUARY),
        (MARCH, "week", -1, (date(2025, 3, 3), date(2025, 3, 9))),  # it runs: the week before this one
        (FEBRUARY, "week", -1, (date(2025, 1, 20), date(2025, 1, 26))),
        (FEBRUARY, "month", 1, MARCH),
        ((date(2025, 3, 14), date(2025, 3, 14)), "month", -1, FEBRUARY),
        ((date(2025, 3, 14), date(2025, 3, 14)), "quarter", -1, (date(2024, 10, 1), date(2024, 12, 31))),
        ((date(2025, 1, 1), date(2025, 3, 31)), "quarter", 1, (date(2025, 4, 1), date(2025, 6, 30))),
        ((date(2025, 3, 10), date(2025, 3, 16)), "day", -1, (date(2025, 3, 13), date(2025, 3, 13))),
    ],
)
def test_the_day_or_month_or_year_before_or_after_is_a_whole_one(days: tuple[date, date], step: Step, way: Literal[-1, 1], found: tuple[date, date]):
    assert stepped(*days, step, way, today=date(2025, 3, 14)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("why is food so high?", Query("why", "food")),
        ("why did I spend so much in february?", Query("why", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("how many coffees did I buy in february?", Query("times", "food", text="coffee", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("how often did I go to lidl", Query("times", "groceries", text="lidl")),
        ("average spend on food per week", Query("per", "food", unit="week")),
        ("how much do I spend per month on transport", Query("per", "transport", unit="month")),
    ],
)
def test_counts_averages_and_reasons(text: str, found: Query):
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("and in february?", "en", Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("and anna?", "en", Query("follow", person="Anna")),
        ("what about transport?", "en", Query("follow", "transport")),
        ("und im Februar?", "de", Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("¿y Anna?", "es", Query("follow", person="Anna")),
        ("et en février ?", "fr", Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("e i trasporti?", "it", Query("follow", "transport")),
        ("e em fevereiro?", "pt", Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])),
        ("aur february mein?", "hi", Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])),
    ],
)
def test_a_question_goes_on_only_from_another(text: str, language: str, found: Query):
    assert read(text, asked=True, language=language) == found
    assert read(text, language=language) != found


@pytest.mark.parametrize(
    "text",
    [
        "why is the sky so high?",
        "why not?",
        "how many people are in the group?",
        "how many days until friday",
        "how often did I go to the gym",
        "this is more than I can take",
    ],
)
def test_what_is_no_question_about_the_books(text: str):
    assert not (isinstance(found := read(text), Query) and found.kind in ("why", "times", "per", "compare") and found.start is None), found


QUESTIONS = Path(__file__).parents[1] / "conversation" / "questions" / "questions.jsonl"


def test_a_whole_question_is_the_same_behind_another():
    """In seven languages: only what leaves something out goes on from the last one."""
    for each in map(json.loads, QUESTIONS.read_text("utf-8").splitlines()):
        alone = read(each["text"], language=each["language"])
        assert not isinstance(alone, Query) or read(each["text"], asked=True, language=each["language"]) == alone, each["text"]
    assert read("February?", asked=True) == Query("follow", start=FEBRUARY[0], end=FEBRUARY[1])


def test_an_expense_that_begins_like_a_question_is_one():
    assert not isinstance(read("and milk 2", asked=True), Query)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "before that"),
        ("en", "average"),
        ("en", "which one"),
        ("en", "what are they"),
        ("en", "the previous one"),
        ("de", "davor"),
        ("es", "antes"),
        ("fr", "pourquoi"),
        ("pt", "antes"),
        ("it", "prima"),
        ("hi", "uske pehle"),
    ],
)
def test_a_group_goes_on_only_by_a_question_mark(language: str, text: str):
    group = replace(CONTEXT, asked=True, language=language, chat="group")
    assert isinstance(parse(text, replace(group, chat="private")).intent, Query)
    assert isinstance(parse(f"{text}?", group).intent, Query)
    assert not isinstance(parse(text, group).intent, Query)


@pytest.mark.parametrize(("language", "text"), [("es", "todo hasta 100 está bien"), ("en", "cinema show from 20"), ("it", "tutto sotto 100 va bene")])
def test_all_and_show_alone_ask_for_no_expenses_of_a_size(language: str, text: str):
    assert not isinstance(read(text, language=language), Query)
