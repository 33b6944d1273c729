"""Linking, weak channels and silent numbers, played through the real inbox, conversation and outbox."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bot.rehearsal import Rehearsal
from core.db.audit import audit
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)


class Phone:
    """People who write on several channels; a chat is named by its channel and who writes there."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.at = START

    async def says(self, who: str, text: str, *, on: str = "telegram", group: str = "", button: str | None = None, reply_to: str | None = None):
        self.at += timedelta(seconds=1)
        message = InboundMessage(
            ChatAddress(on, "", group or f"{on}-{who}"),
            ChatKind.GROUP if group else ChatKind.PRIVATE,
            Person(who, who),
            uuid4().hex,
            InboundKind.BUTTON if button else InboundKind.TEXT,
            self.at,
            text=text,
            button=button,
            reply_to=reply_to,
            chat_title=group,
            position=int(self.at.timestamp()),
        )
        return [sent.message for sent in await self.play.play(message, at=self.at)]

    async def presses(self, who: str, label: str, *, on: str = "telegram", in_chat: str | None = None):
        """The newest button with this label that was sent to the chat (of the presser, where unsaid)."""
        chat = in_chat or f"{on}-{who}"
        sent, choice = next(
            (s, c) for s in reversed(self.play.sent) for c in s.message.choices if c.label == label and s.message.address.chat == chat
        )
        return await self.says(who, "", on=on, group=in_chat or "", button=choice.id, reply_to=sent.message_id)

    def found(self, pattern: str) -> str:
        return next(match[1] for sent in reversed(self.play.sent) if (match := re.search(pattern, sent.message.text)))

    async def links(self, who: str, *, on: str) -> None:
        await self.says(who, "link")
        await self.says(who, "link " + self.found(r"link ([A-Z0-9-]{11})"), on=on)
        await self.presses(who, "It's me")
        await self.presses(who, "Yes, that's me", on=on)


@pytest.fixture
async def phone(database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Phone(play)


def texts(messages) -> str:
    return "\n".join(message.text for message in messages)


# ------------------------------------------------------------------ linking


@pytest.mark.parametrize("first", ["starter", "joiner"])
async def test_linked_in_whichever_order(phone, dsn, first):
    await phone.says("anna", "lunch 12")
    await phone.says("anna", "coffee 3", on="whatsapp")
    await phone.says("anna", "link")
    await phone.says("anna", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    sides = [("It's me", "telegram"), ("Yes, that's me", "whatsapp")]
    for label, channel in sides if first == "starter" else reversed(sides):
        said = texts(await phone.presses("anna", label, on=channel))
    assert said.count("Linked") == 2
    for channel in ("telegram", "whatsapp"):
        listed = texts(await phone.says("anna", "list", on=channel))
        assert "Lunch" in listed
        assert "Coffee" in listed
    assert (await audit(dsn))[1] == []


async def test_words_do_as_well_as_buttons(phone):
    await phone.says("anna", "link")
    await phone.says("anna", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    assert "on Telegram too" in texts(await phone.says("anna", "yes", on="whatsapp"))
    assert texts(await phone.says("anna", "it's me")).count("Linked") == 2


async def test_a_no_in_words_kills_it(phone):
    await phone.says("anna", "link")
    await phone.says("eve", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    said = texts(await phone.says("anna", "not me"))
    assert "nothing is linked" in said
    assert (await phone.presses("eve", "Yes, that's me", on="whatsapp"))[0].toast


async def test_after_ten_minutes_a_yes_is_too_late(phone):
    await phone.says("anna", "link")
    await phone.says("anna", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    await phone.presses("anna", "It's me")
    phone.at += timedelta(minutes=11)
    late = await phone.presses("anna", "Yes, that's me", on="whatsapp")
    assert late[0].toast
    assert "is over" in late[0].text


async def test_a_yes_twice_is_one_side(phone):
    await phone.says("anna", "link")
    await phone.says("anna", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    await phone.presses("anna", "It's me")
    again = await phone.presses("anna", "It's me")
    assert [message.toast for message in again] == [True]


async def test_buttons_and_questions_from_before_go_on(phone):
    await phone.says("anna", "coffee 3", on="whatsapp")
    await phone.links("anna", on="whatsapp")
    assert "Taken back: Coffee" in texts(await phone.presses("anna", "Undo", on="whatsapp"))


async def test_names_do_not_change_with_the_channel(phone):
    await phone.says("anna", "coffee 3")
    await phone.says("anna", "link")
    code = phone.found(r"link ([A-Z0-9-]{11})")
    await phone.says("annie", f"link {code}", on="whatsapp")
    await phone.presses("annie", "Yes, that's me", on="whatsapp")
    await phone.presses("anna", "It's me")
    await phone.says("annie", "new group Lisbon", on="whatsapp")
    assert "In Lisbon: anna." in texts(await phone.says("annie", "who is in?", on="whatsapp"))


async def test_in_a_group_nothing_is_linked(phone):
    await phone.says("anna", "link")
    code = phone.found(r"link ([A-Z0-9-]{11})")
    assert "private chat" in texts(await phone.says("ben", f"link {code}", group="Lisbon"))
    assert "private chat" in texts(await phone.says("ben", "unlink this", group="Lisbon"))


async def test_news_go_to_the_preferred_channel_once(phone):
    await phone.says("anna", "new group Lisbon")
    await phone.says("ben", "join " + phone.found(r"join ([A-Z0-9-]{11})"))
    await phone.links("anna", on="whatsapp")
    await phone.says("anna", "list")

    async def told() -> list[str]:
        return [m.address.channel for m in await phone.says("ben", "in Lisbon: taxi 10") if m.address.chat.endswith("anna")]

    assert await told() == ["telegram"]  # where she wrote last
    await phone.says("anna", "write to me on WhatsApp")
    assert await told() == ["whatsapp"]
    await phone.says("anna", "send me things here")
    assert await told() == ["telegram"]


async def test_everything_goes_out_and_away_over_all_channels(phone, dsn):
    await phone.says("anna", "lunch 12")
    await phone.says("anna", "coffee with Grandma 3", on="whatsapp")
    await phone.links("anna", on="whatsapp")
    (exported,) = await phone.says("anna", "export me")
    content = exported.documents[0].content
    assert all(word in content for word in ("telegram", "whatsapp", "lunch", "coffee"))
    await phone.says("anna", "delete me")
    gone = await phone.presses("anna", "Delete everything")
    assert sorted(message.address.channel for message in gone) == ["telegram", "whatsapp"]
    for channel in ("telegram", "whatsapp"):
        assert "No expenses yet" in texts(await phone.says("anna", "list", on=channel))
    assert (await audit(dsn))[1] == []


async def test_a_message_that_was_read_before_the_link_is_read_again(phone, database):
    """The sender of a message that waits became another person meanwhile: it is recorded for that one, once."""
    await phone.says("anna", "coffee 3", on="whatsapp")
    await phone.says("anna", "link")
    await phone.says("anna", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="whatsapp")
    await phone.presses("anna", "Yes, that's me", on="whatsapp")
    sent, choice = next((s, c) for s in reversed(phone.play.sent) for c in s.message.choices if c.label == "It's me")
    at = phone.at + timedelta(seconds=1)

    def message(on, text, button=None):
        kind = InboundKind.BUTTON if button else InboundKind.TEXT
        chat = ChatAddress(on, "", f"{on}-anna")
        return InboundMessage(
            chat, ChatKind.PRIVATE, Person("anna", "anna"), uuid4().hex, kind, at, text=text, button=button, reply_to=sent.message_id
        )

    phone.play.clock.move_to(at)
    await phone.play.runtime.accept(message("telegram", "", choice.id))
    await phone.play.runtime.accept(message("whatsapp", "taxi 9"))
    await phone.play.play(None, at=at)  # two chats wait for each other in nothing: only when both are answered is the list whole
    phone.at = phone.play.clock()
    listed = (await phone.says("anna", "list"))[-1].text
    assert listed.count("Taxi") == 1
    assert listed.count("Coffee") == 1


# ------------------------------------------------------------------ weak channels


async def sms_pair(phone) -> None:
    await phone.says("anna", "new group Lisbon")
    await phone.says("ben", "join " + phone.found(r"join ([A-Z0-9-]{11})"), on="sms")
    await phone.says("ben", "paid 10 for taxi", on="sms")


async def test_no_settlement_without_the_code(phone):
    await sms_pair(phone)
    assert "To confirm, send" in texts(await phone.says("ben", "anna paid me 5", on="sms"))
    assert "anna to ben" in texts(await phone.says("ben", "who owes whom", on="sms"))
    code = phone.found(r"send (\d{4}-\d{2})")
    assert "anna → ben" in texts(await phone.says("ben", code.replace("-", ""), on="sms"))
    assert "even" in texts(await phone.says("ben", "who owes whom", on="sms"))


async def test_a_code_from_another_chat_is_nothing(phone):
    await sms_pair(phone)
    await phone.says("ben", "anna paid me 5", on="sms")
    code = phone.found(r"send (\d{4}-\d{2})")
    await phone.says("eve", code, on="sms")
    await phone.says("ben", code, on="whatsapp")
    assert "anna to ben" in texts(await phone.says("ben", "who owes whom", on="sms"))


async def test_five_wrong_codes_end_it_for_a_day(phone):
    await sms_pair(phone)
    await phone.says("ben", "anna paid me 5", on="sms")
    code = phone.found(r"send (\d{4}-\d{2})")
    wrong = "000000" if not code.startswith("0000") else "111111"
    for _ in range(4):
        assert "not the code" in texts(await phone.says("ben", wrong, on="sms"))
    assert "until tomorrow" in texts(await phone.says("ben", wrong, on="sms"))
    await phone.says("ben", code, on="sms")
    assert "until tomorrow" in texts(await phone.says("ben", "anna paid me 5", on="sms"))
    assert "anna to ben" in texts(await phone.says("ben", "who owes whom", on="sms"))
    phone.at += timedelta(days=1, seconds=1)
    assert "To confirm, send" in texts(await phone.says("ben", "anna paid me 5", on="sms"))


async def test_a_code_lasts_ten_minutes(phone):
    await sms_pair(phone)
    await phone.says("ben", "export me", on="sms")
    code = phone.found(r"send (\d{4}-\d{2})")
    phone.at += timedelta(minutes=10)
    said = await phone.says("ben", code, on="sms")
    assert "over" in texts(said)
    assert not said[0].documents


async def test_what_is_held_is_what_was_said_last(phone):
    await sms_pair(phone)
    await phone.says("ben", "anna paid me 5", on="sms")
    first = phone.found(r"send (\d{4}-\d{2})")
    await phone.says("ben", "export me", on="sms")
    second = phone.found(r"send (\d{4}-\d{2})")
    if first != second:
        assert "not the code" in texts(await phone.says("ben", first, on="sms"))
    assert "Your data is a file" in texts(await phone.says("ben", second, on="sms"))


async def test_the_receiver_on_a_weak_channel_confirms_by_code(phone):
    await sms_pair(phone)
    asked = texts(await phone.says("anna", "I paid ben 5"))
    assert "ben, did it arrive?" in asked
    assert "To confirm, send" in texts(await phone.presses("ben", "No, undo it", on="sms"))
    assert "Everyone is even" in texts(await phone.says("ben", "who owes whom", on="sms"))
    assert "Taken back" in texts(await phone.says("ben", phone.found(r"send (\d{4}-\d{2})"), on="sms"))
    assert (await phone.presses("ben", "No, undo it", on="sms"))[0].toast  # once


async def test_nobody_is_deleted_or_linked_by_a_forged_number(phone):
    """The attacker writes as Ben, but what goes to Ben's number is read by Ben."""
    await sms_pair(phone)
    await phone.says("eve", "link")
    await phone.says("ben", "link " + phone.found(r"link ([A-Z0-9-]{11})"), on="sms")
    await phone.presses("eve", "It's me")
    for forged in ("yes", "ok", "it's me", "123456", "delete me", "yes", "delete me", "ok"):
        await phone.says("ben", forged, on="sms")
    assert "Taxi" in texts(await phone.says("ben", "list", on="sms"))
    assert "Taxi" not in texts(await phone.says("eve", "list"))


# ------------------------------------------------------------------ silent numbers


HISTORY = ("rent", "museum", "lisbon", "otto", "800", "30")
PROBES = ("list", "who owes whom", "settings", "how much did I spend", "undo", "delete the rent", "history of the rent", "biggest", "who is in?")


async def test_a_silent_number_sees_no_line_of_before(phone):
    await phone.says("anna", "rent 800", on="sms")
    await phone.says("anna", "new group Lisbon with Otto", on="sms")
    await phone.says("anna", "museum 30", on="sms")
    await phone.says("ben", "join " + phone.found(r"join ([A-Z0-9-]{11})"))
    buttons = [(sent.message_id, choice.id) for sent in phone.play.sent for choice in sent.message.choices if sent.message.address.channel == "sms"]
    phone.at += timedelta(days=45)
    assert not [m for m in await phone.says("ben", "in Lisbon: taxi 10") if m.address.channel == "sms"]  # nothing is told to it either
    heard = [message for probe in PROBES for message in await phone.says("anna", probe, on="sms")]
    for message_id, button in buttons:
        heard += await phone.says("anna", "", on="sms", button=button, reply_to=message_id)
    heard += await phone.says("anna", "export me", on="sms")
    heard += await phone.says("anna", phone.found(r"send (\d{4}-\d{2})"), on="sms")
    said = re.sub(r"\b\d{4}-\d{2}\b(?!-)", "", texts(heard).lower())  # a code may hold any digits, those of the rent too
    leaked = [line for line in said.splitlines() if "no “rent”" not in line and any(word in line for word in HISTORY)]
    assert leaked == []


async def test_forty_four_days_are_a_holiday(phone):
    await phone.says("anna", "rent 800", on="sms")
    phone.at += timedelta(days=44, hours=23)
    assert "Rent" in texts(await phone.says("anna", "list", on="sms"))
    phone.at += timedelta(days=44, hours=22)
    assert "Rent" in texts(await phone.says("anna", "list", on="sms"))


async def test_a_channel_that_keeps_its_people_has_no_such_rule(phone):
    await phone.says("anna", "rent 800")
    phone.at += timedelta(days=400)
    assert "Rent" in texts(await phone.says("anna", "list"))


async def test_back_by_the_last_thing_recorded_in_three_tries(phone, dsn):
    await phone.says("anna", "rent 800", on="sms")
    await phone.says("anna", "taxi 24", on="sms")
    phone.at += timedelta(days=60)
    await phone.says("anna", "lunch 9", on="sms")
    assert "not among" in texts(await phone.says("anna", "it's me: taxi 25", on="sms"))
    assert "Welcome back" in texts(await phone.says("anna", "it's me: taxi 24", on="sms"))
    listed = texts(await phone.says("anna", "list", on="sms"))
    assert all(what in listed for what in ("Rent", "Taxi", "Lunch"))
    assert (await audit(dsn))[1] == []


async def test_after_three_wrong_tries_words_do_not_help(phone):
    await phone.says("anna", "taxi 24", on="sms")
    phone.at += timedelta(days=60)
    for guess in (20, 21, 22):
        await phone.says("anna", f"it's me: taxi {guess}", on="sms")
    assert "cannot take your word" in texts(await phone.says("anna", "it's me: taxi 24", on="sms"))
    assert "Taxi" not in texts(await phone.says("anna", "list", on="sms"))


async def test_back_by_linking_from_another_channel(phone):
    await phone.says("anna", "rent 800", on="whatsapp")
    await phone.links("anna", on="whatsapp")
    phone.at += timedelta(days=60)
    assert "Rent" in texts(await phone.says("anna", "list"))
    assert "silent" in texts(await phone.says("anna", "hello", on="whatsapp"))
    assert "other channel" in texts(await phone.says("anna", "it's me", on="whatsapp"))
    await phone.links("anna", on="whatsapp")
    assert "Rent" in texts(await phone.says("anna", "list", on="whatsapp"))


async def test_a_member_says_no(phone):
    await phone.says("anna", "new group Lisbon", on="whatsapp")
    await phone.says("ben", "join " + phone.found(r"join ([A-Z0-9-]{11})"))
    phone.at += timedelta(days=60)
    await phone.says("anna", "hello", on="whatsapp")
    assert "Is it really anna?" in texts(await phone.says("anna", "it's me", on="whatsapp"))
    assert "asked your groups today" in texts(await phone.says("anna", "it's me", on="whatsapp"))
    told = texts(await phone.presses("ben", "No"))
    assert "somebody else" in told
    assert (await phone.presses("ben", "Yes, it is anna"))[0].toast
    assert "Lisbon" not in texts(await phone.says("anna", "who owes whom", on="whatsapp"))


async def test_nobody_vouches_for_themselves(phone):
    """The stranger with the old number joins the group in their own name, and is no member who could vouch."""
    await phone.says("anna", "new group Lisbon", on="whatsapp")
    code = phone.found(r"join ([A-Z0-9-]{11})")
    await phone.says("ben", f"join {code}")
    phone.at += timedelta(days=60)
    await phone.says("eve", "hello", on="telegram")
    await phone.says("anna", f"join {code}", on="whatsapp")
    asked = await phone.says("anna", "it's me", on="whatsapp")
    assert {message.address.chat for message in asked if message.choices} == {"telegram-ben"}
