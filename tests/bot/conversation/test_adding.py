"""Several people added to a group at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob"):
            await Chat(play, who, "ski").joins()
        yield play


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("add Eve and Finn", "Eve and Finn are in, as guests until they write here."),
        ("add Eve, and Finn", "Eve and Finn are in, as guests until they write here."),
        ("add Emil and Jan to the trip", "Emil and Jan are in, as guests until they write here."),
        ("add Gus, Hal & Ida to the group", "Gus, Hal and Ida are in, as guests until they write here."),
        ("add Emil to the group", "Emil is in, as a guest until they write here."),
        ("add Bob and Lou", "Lou is in, as a guest until they write here."),  # Bob was
        ("füge Max und Moritz hinzu", "Max und Moritz sind dabei, als Gäste, bis sie selbst hier schreiben."),
        ("añade a Luis y Marta", "Luis y Marta están dentro, como invitados hasta que escriban aquí."),
    ],
)
async def test_each_of_several_is_somebody(play: Rehearsal, text: str, said: str) -> None:
    assert await Chat(play, "anna", "ski").says(text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "add milk and eggs",
        "add Italy, France and Spain to the trip",
        "add Italy to the trip",
        "add Beach Day to the trip",
        "include Sunday and Monday",
        "add Friday and Saturday",
        "add Friday",
        "add April and October",
        "add Sunscreen and Towels",
        "add Lisbon and Porto",
        "füge Italien und Frankreich hinzu",
        "füge Samstag und Sonntag hinzu",
        "añade Italia y Francia",
        "añade Sábado y Domingo",
        "ajoute Italie et Espagne",
        "ajoute Samedi et Dimanche",
        "aggiungi Francia e Spagna",
        "aggiungi Sabato e Domenica",
        "adiciona Itália e França",
        "adiciona Sábado e Domingo",
        "Italy aur France ko group mein add karo",
        "Somvar aur Mangalvar ko group mein add karo",
        "add Zed\nYui, Kim",
    ],
)
async def test_things_days_and_places_are_nobody(play: Rehearsal, text: str) -> None:
    assert await Chat(play, "anna", "ski").says(text) == []


async def test_parts_for_all_that_comes_are_no_bill(play: Rehearsal) -> None:
    anna = Chat(play, "anna", "ski")
    assert "shared anna 2 and bob 1" in (await anna.says("split everything by weights anna 2 bob 1 from now on"))[0]
    await anna.says("by weights: anna 2, bob 1")
    assert (await play.final({("telegram", "ski"): "ski"}))["ski"]["expenses"] == []


async def test_what_somebody_paid_for_is_not_what_they_share(play: Rehearsal) -> None:
    anna, bob = Chat(play, "anna", "ski"), Chat(play, "bob", "ski")
    await anna.says("lift passes 70")
    await bob.says("chalet 60 with anna")
    (said,) = await anna.says("what did bob pay for")
    assert "Chalet" in said and "Lift" not in said


@pytest.mark.parametrize("text", ["what did I pay for", "what did bob pay for", "was habe ich bezahlt", "qué pagué", "qu'est-ce que j'ai payé"])
async def test_what_the_speaker_paid_for_is_not_what_others_did(play: Rehearsal, text: str) -> None:
    anna, bob = Chat(play, "anna", "ski"), Chat(play, "bob", "ski")
    await anna.says("lift passes 70")
    await bob.says("chalet 60 with anna")
    (said,) = await bob.says(text)
    assert "60" in said and "70" not in said
