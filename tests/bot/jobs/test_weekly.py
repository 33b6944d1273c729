"""The letter of Monday: facts of the week, what comes back, and one tip; once, only where something is known, and never where it is muted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.conversation.replies.catalogue import languages
from bot.rehearsal import Rehearsal, Sent
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import SMS_PARTS_MOST, capabilities_of
from integrations.channels.twilio.alphabet import cost
from integrations.channels.twilio.rendering import sms_text

START = datetime(2025, 3, 14, 12, tzinfo=UTC)  # a Friday
MONDAY = datetime(2025, 3, 17, 9, 30, tzinfo=UTC)


class Anna:
    """One person on one channel."""

    def __init__(self, play: Rehearsal, channel: str = "telegram") -> None:
        self.play = play
        self.channel = channel
        self.at = START
        self.count = 0

    async def says(self, text: str) -> str:
        self.at += timedelta(seconds=1)
        self.count += 1
        address = ChatAddress(self.channel, "", "anna")
        person = Person("anna", "anna")
        message = InboundMessage(address, ChatKind.PRIVATE, person, str(self.count), InboundKind.TEXT, self.at, text=text, position=self.count)
        return "\n".join(each.message.text for each in await self.play.play(message, at=self.at))

    async def presses(self, sent: Sent, label: str) -> str:
        choice = next(each for each in sent.message.choices if each.label == label)
        self.count += 1
        address, kind = ChatAddress(self.channel, "", "anna"), InboundKind.BUTTON
        message = InboundMessage(
            address, ChatKind.PRIVATE, Person("anna", "anna"), str(self.count), kind, self.at, button=choice.id, reply_to=sent.message_id
        )
        return "\n".join(each.message.text for each in await self.play.play(message, at=self.play.clock()))

    async def spends(self) -> None:
        """Six quiet weeks, and one with far more in restaurants; a gym each month, and a rule that is due on Thursday."""
        meals, shopping = ("pizza 9", "burger 11", "ramen 10", "tacos 12", "falafel 8", "curry 10"), (41, 38, 40, 44, 36, 40)
        for weeks, (meal, amount) in enumerate(zip(meals, shopping, strict=True), start=1):
            for days, what in ((0, f"groceries {amount}"), (weeks % 5, meal), *([(2, "bus 5")] if weeks in (1, 3, 6) else [])):
                await self.says(f"{what} on {_day(date(2025, 3, 10) - timedelta(weeks=weeks) + timedelta(days=days))}")
        for what in ("groceries 42 on 10 march", "sushi 60 on 11 march", "bus 5 on 12 march"):
            await self.says(what)
        for day in (date(2024, 12, 16), date(2025, 1, 16), date(2025, 2, 16)):
            await self.says(f"gymnastique 29.90 on {_day(day)} {day.year}")
        await self.says("late fee 15 on 5 march")
        await self.says("internet 35 on the 20th every month")

    async def until(self, moment: datetime) -> list[Sent]:
        """The letters of a week that come."""
        self.at = moment
        sent = await self.play.play(None, at=moment)
        return [each for each in sent if re.search(r"\b1\d mar|\b1\d\. M", each.message.text, re.IGNORECASE) or "usual" in each.message.text]


def _day(day: date) -> str:
    return f"{day.day} {('january', 'february', 'march', *[''] * 8, 'december')[day.month - 1]}"


@pytest.fixture
async def anna(database: Database) -> AsyncIterator[Anna]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Anna(play)


async def test_three_facts_what_comes_back_and_one_tip_once(anna: Anna) -> None:
    await anna.spends()
    [letter] = await anna.until(MONDAY)
    lines = letter.message.text.split("\n")
    assert lines[0] == "Mon 10 Mar to Sun 16 Mar: €107 in 3 expenses. €52 more than usual (€55)."
    assert lines[1] == "Eating out €60 (56%), 6 times your usual."
    assert lines[2:4] == ["Until Sun 23 Mar €35 comes due:", "• Thu 20 Mar: internet €35"]
    assert "Seen to come back:" in lines[4] and "gymnastique €29.90" in lines[5]
    labels = [choice.label for choice in letter.message.choices]
    assert "Keep an eye on gymnastique" in labels
    assert "Show them" in labels and "€15" in lines[6] and len(lines) == 7
    assert await anna.until(MONDAY + timedelta(hours=2)) == []
    assert "Gymnastique €29.90, every month" in await anna.presses(letter, "Keep an eye on gymnastique")


async def test_a_second_letter_does_not_say_again_what_comes_back_nor_the_same_tip(anna: Anna) -> None:
    await anna.spends()
    [first] = await anna.until(MONDAY)
    for what in ("groceries 42", "sushi 20", "bus 5"):
        await anna.says(what)
    [second] = await anna.until(MONDAY + timedelta(days=7))
    assert "come back" in first.message.text and "come back" not in second.message.text
    tips = {line for line in first.message.text.split("\n")[6:] if line}
    assert not tips & set(second.message.text.split("\n"))


@pytest.mark.parametrize("said", ["mute", "mute the weekly letter", "mute until friday"])
async def test_nothing_where_it_is_muted(anna: Anna, said: str) -> None:
    await anna.spends()
    await anna.says(said)
    assert await anna.until(MONDAY) == []


async def test_nothing_of_who_gets_a_report_of_the_week(anna: Anna) -> None:
    await anna.spends()
    await anna.says("every sunday 18:00 send report")
    assert not any("Seen to" in each.message.text for each in await anna.until(MONDAY))


async def test_who_wants_less_has_it_once_in_a_month(anna: Anna) -> None:
    await anna.spends()
    assert len(await anna.until(MONDAY)) == 1
    assert "the weekly letter" in await anna.says("less of this")
    for what in ("groceries 42", "sushi 20", "bus 5"):
        await anna.says(what)
    assert await anna.until(MONDAY + timedelta(days=7)) == []


async def test_nothing_of_who_has_just_begun_and_on_no_other_day(anna: Anna) -> None:
    for what in ("groceries 42", "sushi 60", "bus 5"):
        await anna.says(what)
    assert await anna.until(MONDAY) == []
    await anna.spends()
    assert await anna.until(MONDAY + timedelta(days=1)) == []


@pytest.mark.parametrize("language", languages())
async def test_by_sms_it_is_two_segments_at_most(database: Database, language: str) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        anna = Anna(play, "sms")
        await anna.spends()
        await database.pool.execute("UPDATE people SET language = $1", language)
        [letter] = await anna.until(MONDAY)
        text = sms_text(letter.message.text, letter.message.choices)
        assert "107" in text and cost(text).segments <= SMS_PARTS_MOST, text
        assert letter.message.choices == ()
