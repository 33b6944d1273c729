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


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("Birmingham, Alabama", None),
        ("Cambridge, Massachusetts", None),
        ("Portland, Maine", None),
        ("Portland, Maine, USA", None),
        ("Valencia, Venezuela", None),
        ("Naples, Florida", None),
        ("Odessa, Texas", None),
        ("Paris, Texas", None),
        ("London, Ontario", None),
        ("Vancouver, Washington", None),
        ("Santiago, Spain", None),
        ("Athens, Georgia", None),
        ("Berlin, Middle-earth", None),
        ("Georgia, USA", "America/New_York"),
        ("Tbilisi, Georgia", "Asia/Tbilisi"),
        ("Savannah, Georgia", "America/New_York"),
        ("Valencia, Spain", "Europe/Madrid"),
        ("Córdoba, Argentina", "America/Argentina/Cordoba"),
        ("Portland, Oregon", "America/Los_Angeles"),
        ("New York, NY", "America/New_York"),
        ("Toronto, Canada", "America/Toronto"),
        ("Odessa, Ukraine", "Europe/Kyiv"),
        ("Mumbai, India", "Asia/Kolkata"),
        ("London, UK", "Europe/London"),
        ("Tampa, Florida", "America/New_York"),
    ],
)
def test_what_follows_a_comma_must_fit(place: str, zone: str | None) -> None:
    assert time_zone(place, {}, "en") == zone


@pytest.mark.parametrize("place", ["Georgia", "Victoria", "Valencia", "Córdoba", "Hamilton", "Florida", "West", "South", "Central", "General"])
def test_a_name_of_several_places_or_of_a_part_of_a_country_tells_none(place: str) -> None:
    assert time_zone(place, {}, "en") is None
    assert time_zone("Australia/West", {}, "en") == "Australia/West"


@pytest.mark.parametrize(("place", "zone"), [("Perth", "Australia/Perth"), ("Tasmania", "Australia/Hobart"), ("Birmingham", "Europe/London")])
def test_a_city_far_the_largest_of_its_name_and_a_region_in_one_zone_tell_theirs(place: str, zone: str) -> None:
    assert time_zone(place, {}, "en") == zone


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I live in fear"),
        ("en", "I moved to cash"),
        ("de", "ich lebe in angst"),
        ("de", "wir wohnen in einem Hotel"),
        ("de", "wir ziehen nach links"),
        ("es", "vivimos en paz"),
        ("fr", "nous vivons dans la peur"),
        ("it", "viviamo in pace"),
        ("pt", "moramos em paz"),
        ("hi", "main dar mein rehta hoon"),
    ],
)
def test_a_figure_of_speech_is_no_place(language: str, text: str) -> None:
    assert isinstance(read(text, language), Nothing)


@pytest.mark.parametrize(
    ("language", "text", "zone"),
    [
        ("en", "I moved to Berlin yesterday", "Europe/Berlin"),
        ("de", "wir sind gestern nach Berlin gezogen", "Europe/Berlin"),
        ("es", "me mudé a Madrid ayer", "Europe/Madrid"),
        ("fr", "j'ai déménagé à Berlin hier", "Europe/Berlin"),
        ("it", "mi sono trasferito a Milano ieri", "Europe/Rome"),
        ("pt", "mudei para Lisboa ontem", "Europe/Lisbon"),
    ],
)
def test_when_somebody_moved_is_no_part_of_the_place(language: str, text: str, zone: str) -> None:
    found = read(text, language)
    assert isinstance(found, Command)
    assert found.slots.get("time_zone") == zone


@pytest.mark.parametrize("text", ["currency exchange fee 5", "my time zone app 3", "time zone app €3"])
def test_what_costs_something_is_no_setting(text: str) -> None:
    assert not isinstance(read(text), Command)
    assert read("time zone UTC+2") == Command("set_time_zone", {"said": "UTC+2"})
