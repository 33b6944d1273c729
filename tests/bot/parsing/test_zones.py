"""Where people say that they live: the zone of a city or of a country that has one, and what is no such place."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import pytest

from bot.conversation.intents import Command, Intent, Nothing, ParseContext
from bot.conversation.parsing import parse
from bot.conversation.parsing.zones import time_zone


def read(text: str, language: str = "en", chat: Literal["private", "group"] = "private") -> Intent:
    members = ("zoe", "Anna") if chat == "group" else ()
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="zoe", members=members, language=language, chat=chat)).intent


@pytest.mark.parametrize(
    ("language", "text", "zone"),
    [
        ("en", "I live in Frankfurt", "Europe/Berlin"),
        ("en", "we just moved to Naples, Italy", "Europe/Rome"),
        ("en", "I live in Switzerland", "Europe/Zurich"),
        ("de", "ich wohne jetzt in Essen", "Europe/Berlin"),
        ("de", "ich lebe in Griechenland", "Europe/Athens"),
        ("es", "ahora vivo en Múnich", "Europe/Berlin"),
        ("fr", "j'habite au Danemark", "Europe/Copenhagen"),
        ("pt", "moro na Alemanha", "Europe/Berlin"),
        ("it", "vivo in Germania", "Europe/Berlin"),
        ("hi", "मैं दिल्ली में रहता हूँ", "Asia/Kolkata"),
    ],
)
def test_cities_and_countries_tell_a_zone(language: str, text: str, zone: str) -> None:
    found = read(text, language)
    assert isinstance(found, Command)
    assert (found.name, found.slots.get("time_zone")) == ("set_time_zone", zone)


@pytest.mark.parametrize(
    ("language", "text", "place"),
    [
        ("en", "I live in Atlantis", "Atlantis"),
        ("en", "ich wohne in Atlantis", "Atlantis"),
        ("en", "my time zone is Mars/Base", "Mars/Base"),
        ("en", "I live in the US", "US"),
        ("de", "wir sind nach Atlantis gezogen", "Atlantis"),
        ("es", "vivo en Atlantis", "Atlantis"),
        ("fr", "j'habite à Atlantis", "Atlantis"),
        ("pt", "moro em Atlantis", "Atlantis"),
        ("it", "abito ad Atlantis", "Atlantis"),
        ("hi", "main Atlantis mein rehta hoon", "Atlantis"),
    ],
)
def test_a_place_that_tells_no_zone_is_named_in_the_answer(language: str, text: str, place: str) -> None:
    assert read(text, language) == Command("set_time_zone", {"said": place})


@pytest.mark.parametrize("text", ["I'm in a hurry", "we are in trouble"])
def test_who_is_in_something_names_no_place(text: str) -> None:
    assert isinstance(read(text), Nothing)


@pytest.mark.parametrize("text", ["I live in Atlantis", "we live in fear", "I'm in Naples"])
def test_what_a_group_tells_each_other_is_left_alone(text: str) -> None:
    assert isinstance(read(text, chat="group"), Nothing)


def test_a_group_that_names_its_time_zone_is_answered() -> None:
    assert read("time zone Atlantis", chat="group") == Command("set_time_zone", {"said": "Atlantis"})


def test_a_country_of_several_zones_tells_none() -> None:
    assert time_zone("Canada", {}, "en") is None
    assert time_zone("Kanada", {}, "de") is None
    assert time_zone("Spanien", {}, "de") == "Europe/Madrid"
    assert time_zone("Spain", {}, "tlh") == "Europe/Madrid"  # a language of an operator's own


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("en", "my currency is doubloons", Command("set_currency", {"said": "doubloons"})),
        ("de", "meine währung ist taler", Command("set_currency", {"said": "taler"})),
        ("en", "set language to Elvish", Command("set_language", {"said": "Elvish"})),
        ("es", "idioma klingon", Command("set_language", {"said": "klingon"})),
    ],
)
def test_a_currency_or_language_that_there_is_not_is_named_in_the_answer(language: str, text: str, command: Command) -> None:
    assert read(text, language) == command
    assert isinstance(read(text, language, chat="group"), Nothing)
