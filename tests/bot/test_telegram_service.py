"""The whole service as people on Telegram meet it: `tuppence serve` as a process, the Bot API at wire level, by webhook and by asking."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.conversation.replies.catalogue import introductions
from tests.support.bot_api_rules import Refusal
from tests.support.fake_telegram import TOKEN, USERNAME, FakeTelegram
from tests.support.telegram_service import SECRET, TelegramService, labels, newest, telegram_service, texts

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["webhook", "polling"])
async def service(request: pytest.FixtureRequest, place: tuple[Path, str]) -> AsyncIterator[TelegramService]:
    """Either way that updates come; by polling also at the platform's pace, which is never exceeded."""
    (home, dsn), hooked = place, request.param == "webhook"
    async with FakeTelegram().running() as fake, telegram_service(fake, dsn, home, webhook=hooked, TEST_PACE="off" if hooked else "on") as running:
        yield running
        assert hooked or fake.violations == []


@pytest.fixture
async def hooked(place: tuple[Path, str]) -> AsyncIterator[TelegramService]:
    home, dsn = place
    async with FakeTelegram().running() as fake, telegram_service(fake, dsn, home, webhook=True, TELEGRAM_WEBHOOK_SECRET=SECRET) as running:
        yield running


async def test_alone_an_expense_is_noted_edited_and_undone(service: TelegramService) -> None:
    fake = service.fake
    anna, chat = fake.person(7, "Anna"), fake.chat(7)
    fake.write(chat, anna, "/start")
    await service.said(chat, "Hi Anna!")
    coffee = fake.write(chat, anna, "coffee 3.50")
    noted = await service.said(chat, "Coffee €3.50")
    assert labels(noted) == ["Undo", "Change"]
    fake.edit(chat, coffee, "coffee 4.50")
    await service.until(lambda: "€4.50" in chat.messages[noted["message_id"]]["text"])
    press = fake.press(chat, anna, noted["message_id"], "Undo")
    await service.until(lambda: "Back to" in chat.messages[noted["message_id"]]["text"])
    await service.until(lambda: press in fake.answered)
    assert fake.answered[press] == "", "the button stops spinning though there is nothing to say"
    await service.quiet()
    assert len(texts(chat)) == 2, "one message an expense, edited in place"
    assert TOKEN.split(":")[1] not in service.log.read_text()
    assert '"event":"introduced"' in service.log.read_text()
    async with httpx.AsyncClient() as client:
        metrics = (await client.get(f"http://127.0.0.1:{service.port}/metrics")).text
    for stage in ("accepted", "answered", "sent"):
        assert f'tuppence_messages_total{{channel="telegram",stage="{stage}"}}' in metrics


async def test_a_group_of_three(service: TelegramService) -> None:
    fake = service.fake
    anna, bob, carl = fake.person(7, "Anna", username="annalovesmoney"), fake.person(8, "Bob"), fake.person(9, "Carl")
    group = fake.chat(-5, kind="group", title="Trip", people=(7, 8, 9))
    fake.add_bot(group, anna)
    card = await service.said(group, "Hi! I keep the tab here.")
    assert "I know 1 of 3" in card["text"]
    assert "make me an admin" in card["text"], "privacy mode is on"
    fake.press(group, bob, card["message_id"], "I'm in")
    await service.until(lambda: "I know 2 of 3" in group.messages[card["message_id"]]["text"])
    fake.press(group, carl, card["message_id"], "I'm in")
    await service.until(lambda: "Carl" in group.messages[card["message_id"]]["text"])
    await service.quiet()
    assert "I know 2 of 3" not in group.messages[card["message_id"]]["text"]
    paid = fake.write(group, anna, f"@{USERNAME} paid 30 for dinner")
    dinner = await service.said(group, "Dinner €30")
    assert dinner["reply_to_message"]["message_id"] == paid["message_id"]
    fake.write(group, bob, f"/undo@{USERNAME}")
    await service.said(group, "There is nothing of yours")
    fake.write(group, bob, "/undo@AnotherBot")
    fake.write(group, bob, "no, it was 33", reply_to_message={key: dinner[key] for key in ("message_id", "date", "chat", "from", "text")})
    await service.said(group, "Changed: Dinner €33")
    fake.write(group, carl, "paid 9 for water with @AnnaLovesMoney")
    await service.said(group, "Water €9")
    press = fake.press(group, carl, dinner["message_id"], "Undo")
    await service.until(lambda: fake.answered.get(press, "").startswith("Only Anna"))
    await service.quiet()
    assert await service.balances() == {"Anna": 2200 - 450, "Bob": -1100, "Carl": -1100 + 450}


async def test_the_menu_and_the_descriptions_are_told_in_every_language(hooked: TelegramService) -> None:
    fake = hooked.fake
    told = introductions()
    await hooked.until(lambda: "menu_button" in fake.said)
    assert set(told) >= {"de", "en", "es", "fr", "hi", "it", "pt"}
    for language, (commands, about, short) in told.items():
        code = None if language == "en" else language
        assert {each["command"]: each["description"] for each in fake.said["commands", code]} == commands
        assert (fake.said["description", code], fake.said["short_description", code]) == (about, short)
    german, english = fake.said["commands", "de"], fake.said["commands", None]
    assert [each["command"] for each in german] == [each["command"] for each in english]
    assert all(here["description"] != there["description"] for here, there in zip(german, english, strict=True))


async def test_whoever_has_telegram_in_german_is_met_in_german(hooked: TelegramService) -> None:
    fake = hooked.fake
    mia, chat = fake.person(21, "Mia", language="de"), fake.chat(21)
    fake.write(chat, mia, "/start")
    await hooked.said(chat, "Hallo Mia!")
    fake.write(chat, mia, "Kaffee 3,50")
    noted = await hooked.said(chat, "Kaffee 3,50\u00a0€")
    assert labels(noted) == ["Rückgängig", "Ändern"]


async def test_out_and_in_again_and_blocked(hooked: TelegramService) -> None:
    fake = hooked.fake
    anna, group, alone = fake.person(7, "Anna"), fake.chat(-5, kind="supergroup", title="Trip", people=(7,)), fake.chat(7)
    fake.add_bot(group, anna)
    await hooked.said(group, "Hi! I keep the tab here.")
    fake.add_bot(group, anna, was="member", now="kicked")
    fake.write(group, anna, "taxi 20")  # came while it was thrown out: noted, and not said
    await hooked.quiet()
    fake.add_bot(group, anna, was="kicked", now="member")
    await hooked.until(lambda: len([text for text in texts(group) if text.startswith("Hi!")]) == 2)
    fake.write(group, anna, "bus 4")
    await hooked.said(group, "Bus €4")
    alone.closed = Refusal(403, "Forbidden: bot was blocked by the user")
    fake.write(alone, anna, "coffee 3")
    await hooked.quiet()
    dead = await hooked.owner.fetch("SELECT reason FROM outbox WHERE state = 'dead'")
    assert {row[0] for row in dead} == {"opted_out"}
    alone.closed = None
    fake.write(alone, anna, "coffee 4")
    await hooked.said(alone, "Coffee €4")


async def test_where_only_known_people_are_served_strangers_get_one_line(place: tuple[Path, str]) -> None:
    home, dsn = place
    async with FakeTelegram().running() as fake, telegram_service(fake, dsn, home, webhook=True, TUPPENCE_GROUPS="known") as service:
        eve, anna = fake.person(6, "Eve"), fake.person(7, "Anna")
        group, alone = fake.chat(-5, kind="supergroup", title="Trip", people=(6, 7)), fake.chat(7)
        fake.add_bot(group, eve)
        await service.said(group, "Hi! I keep the tab only where")
        fake.write(group, eve, "taxi 20")
        fake.write(group, anna, "bus 4")
        await service.quiet()
        assert len(texts(group)) == 1, "said once, then silent"
        assert await service.owner.fetchval("SELECT count(*) FROM people") == 0, "nothing is kept of them"
        assert await service.owner.fetchval("SELECT count(*) FROM inbox WHERE body IS NOT NULL") == 0
        fake.write(alone, anna, "coffee 3.50")
        await service.said(alone, "Coffee €3.50")
        fake.write(group, eve, "taxi 20")
        await service.quiet()
        assert len(texts(group)) == 1, "somebody known has to write there"
        fake.write(group, anna, "bus 4")
        await service.said(group, "Bus €4")
        fake.write(group, eve, "taxi 20")
        await service.said(group, "Taxi €20")
        assert await service.balances() == {"Anna": -1000, "Eve": 1000}


async def test_a_group_that_becomes_a_supergroup_keeps_its_tab(hooked: TelegramService) -> None:
    fake = hooked.fake
    anna, bob = fake.person(7, "Anna"), fake.person(8, "Bob")
    group = fake.chat(-5, kind="group", title="Trip", people=(7, 8))
    fake.add_bot(group, anna)
    card = await hooked.said(group, "Hi!")
    fake.press(group, bob, card["message_id"], "I'm in")
    await hooked.until(lambda: "Bob" in group.messages[card["message_id"]]["text"])
    fake.write(group, anna, "taxi 20")
    await hooked.said(group, "Taxi €20")
    new = fake.upgrade(group, anna, -1005)
    fake.write(new, bob, "bus 4")
    bus = await hooked.said(new, "Bus €4, paid by you, split with everyone: €2 each. You owe €8 in all.")
    fake.press(new, bob, bus["message_id"], "Undo")
    await hooked.until(lambda: new.messages[bus["message_id"]]["text"].startswith("Taken back"))
    await hooked.quiet()
    assert await hooked.balances() == {"Anna": 1000, "Bob": -1000}
    assert await hooked.owner.fetchval("SELECT count(*) FROM books WHERE kind = 'group'") == 1


async def test_photos_together_get_one_answer_and_reactions_can_be_all_of_it(hooked: TelegramService) -> None:
    fake = hooked.fake
    anna, alone, group = fake.person(7, "Anna"), fake.chat(7), fake.chat(-5, kind="supergroup", title="Trip", people=(7,))
    photo = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9, "file_size": 9}]
    for _ in range(4):
        fake.write(alone, anna, photo=photo, media_group_id="album")
    await hooked.said(alone, "I could not read this one.")
    fake.write(alone, anna, "dinner 45", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"})
    await hooked.said(alone, "Dinner €45")
    fake.write(alone, anna, "delete me", forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "x"})
    await hooked.said(alone, "I keep money")
    await hooked.quiet()
    assert len([text for text in texts(alone) if "could not read" in text]) == 1
    fake.write(group, anna, "just react")
    await hooked.said(group, "From now on I only react")
    taxi = fake.write(group, anna, "taxi 20")
    await hooked.until(lambda: group.messages[taxi["message_id"]].get("reactions") == ["👌"])
    fake.edit(group, taxi, "taxi 22")
    await hooked.said(group, "Taxi €22 (was €20)")
    fake.write(group, anna, "answer again")
    fake.write(group, anna, "bus 4")
    await hooked.said(group, "Bus €4")
    assert newest(group, "Taxi €20") is None


async def test_a_crowd_in_one_chat_is_quick(hooked: TelegramService) -> None:
    """Nothing of a bot, of an anonymous admin, of a channel or of the platform itself is stored."""
    fake = hooked.fake
    anna, group = fake.person(7, "Anna"), fake.chat(-5, kind="supergroup", title="Trip", people=(7,))
    before = await hooked.counts()
    nobody = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    fake.write(group, nobody, "taxi 20", sender_chat={"id": -5, "type": "supergroup", "title": "Trip"})
    fake.write(group, {"id": 99, "is_bot": True, "first_name": "Other"}, "taxi 20")
    fake.write(group, anna, "taxi 20", via_bot={"id": 99, "is_bot": True, "first_name": "Other"})
    fake.write(
        group,
        anna,
        sticker={"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False},
    )
    fake.write(group, anna, new_chat_title="Trip!")
    fake.update("poll", {"id": "1", "question": "?", "chat": {"id": -5}}, chat_id=-5)
    fake.update("message", {"message_id": "broken", "chat": {"id": -5}}, chat_id=-5)
    fake.update("something_new", {"chat": {"id": -5}, "deep": [[[]]]}, chat_id=-5)
    await hooked.quiet()
    assert [status for _, status in fake.delivered] == [200] * 8
    assert await hooked.counts() == before
    assert newest(group, "") is None


def test_without_a_token_the_library_is_not_loaded() -> None:
    code = "import sys, bot.cli.serve, bot.web.app; sys.exit(any(name.split('.')[0] == 'telegram' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
