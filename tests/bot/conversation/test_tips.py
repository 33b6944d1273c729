"""What tips say: each rule in each language, with its numbers and whole on every channel; the bills that show it; what is no longer so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bot.conversation.handlers.tips import sentence
from bot.conversation.replies.catalogue import catalogue, languages
from bot.conversation.replies.formats import Voice
from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.categories import AS_THEY_COME
from core.domain.messages import ChatAddress, ChatKind, Choice, InboundKind, InboundMessage, Person
from core.domain.tips.measures import measure
from core.domain.tips.ranking import Tip
from core.domain.tips.rules import OCCASIONS, PARAMETERS, Rule, library
from integrations.channels.limits import capabilities_of
from integrations.channels.twilio.rendering import sms_text
from tests.support.spendings import shown_by

RULES = tuple(library().rules.values())
START = datetime(2025, 3, 14, 12, tzinfo=UTC)


def tip_of(rule: Rule) -> Tip:
    found = measure(shown_by(rule), rule, library())
    assert found is not None
    return Tip(rule, found)


def said(tip: Tip, voice: Voice) -> str:
    return sentence(voice, AS_THEY_COME, tip, "EUR")


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_all(language: str) -> None:
    words = catalogue(language)
    assert {*(f"tip_{kind}" for kind in PARAMETERS), *(f"occasion_{each}" for each in OCCASIONS)} <= set(words.own_codes())
    for tip in map(tip_of, RULES):
        known = {"what", "other", "count", *tip.found.amounts, *tip.found.counts}
        assert words.fields(f"tip_{tip.rule.measure}") <= known, (language, tip.rule.name)


@pytest.mark.parametrize("language", languages())
def test_each_rule_reads_whole_on_every_channel(language: str) -> None:
    for plain in (False, True):
        voice = Voice(language, plain=plain)
        labels = [voice.say(code) for code in ("button_tip_show", "button_tip_good", "button_tip_bad")]
        for tip in map(tip_of, RULES):
            text = said(tip, voice)
            assert "{" not in text
            assert "…" not in text
            if plain:
                whole = sms_text(text, [Choice(id=str(number), label=label) for number, label in enumerate(labels)])
                assert "..." not in whole, (language, tip.rule.name, whole)


def test_the_same_rule_in_two_languages() -> None:
    tip = tip_of(library().rules["coffee_often"])
    assert said(tip, Voice("en")) == "Coffee: 24 times in 90 days, €240 in all. Try leaving out one in 3. That would be about €27 a month."
    assert said(tip, Voice("de")) == "Kaffee: 24-mal in 90 Tagen, zusammen 240\xa0€. Lass mal jedes 3. Mal aus. Das wären etwa 27\xa0€ im Monat."


class Talk:
    """A person who writes alone."""

    def __init__(self, play: Rehearsal) -> None:
        self.play, self.at = play, START

    async def say(self, text: str = "", *, press: str | None = None) -> str:
        """What is answered, last."""
        self.at += timedelta(minutes=1)
        button = next((choice.id for sent in reversed(self.play.sent) for choice in sent.message.choices if choice.label == press), None)
        kind = InboundKind.BUTTON if press else InboundKind.TEXT
        address, person = ChatAddress("telegram", "", "alone-anna"), Person("anna", "anna")
        message = InboundMessage(
            address, ChatKind.PRIVATE, person, uuid4().hex, kind, self.at, text=text, button=button, position=int(self.at.timestamp())
        )
        await self.play.play(message, at=self.at)
        return self.play.sent[-1].message.text


@pytest.fixture
async def talk(database: Database) -> AsyncIterator[Talk]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Talk(play)


async def test_what_was_deleted_since_shows_nothing_any_more(talk: Talk) -> None:
    await talk.say("bread 2")
    talk.at += timedelta(days=40)
    await talk.say("late fee 15")
    assert await talk.say("tips") == "Late fees: 1 in 30 days, €15 in all. Can that be avoided? That would be about €15 a month."
    assert "Late fee €15" in await talk.say(press="Show them")
    await talk.say("delete late fee")
    assert await talk.say(press="Show them") == "That is no longer so: the bills have changed since."


async def test_of_many_bills_the_newest_are_shown(talk: Talk) -> None:
    await talk.say("bread 2")
    talk.at += timedelta(days=31)
    for _ in range(13):
        await talk.say("coffee 3.50")
        talk.at += timedelta(days=1)
    assert (await talk.say("tips")).startswith("Coffee: 13 times in 30 days, €45.50 in all.")
    shown = (await talk.say(press="Show them")).split("\n")
    assert (len(shown), shown[0], shown[-1]) == (12, "Coffee, newest first:", "And 3 more.")


async def test_the_last_tip_is_answered_in_words(talk: Talk) -> None:
    await talk.say("bread 2")
    assert (await talk.say("not for me")).startswith("I did not get that")  # no tip was told
    talk.at += timedelta(days=40)
    await talk.say("late fee 15")
    await talk.say("tips")
    assert await talk.say("not for me") == "All right, I leave that one alone for a good while."
    assert (await talk.say("more tips")).startswith("Nothing new just now.")
