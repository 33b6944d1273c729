"""Files in the chat: who is told, what is refused and how, and that nothing is written before somebody says so."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from bot.rehearsal import Rehearsal, Sent
from core.db.audit import audit
from core.db.session import Database
from core.domain.messages import Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
HEAD = "Date,Description,Category,Cost,Currency,"
TABLE = HEAD + "Anna,Ben Olsen,Cem\n2025-01-02,Cabin,Rent,300.00,EUR,200.00,-100.00,-100.00\n2025-01-03,Tea,Groceries,9.00,EUR,-3.00,6.00,-3.00\n"


class Stage:
    def __init__(self, play: Rehearsal, folder: Path) -> None:
        self.play, self.folder, self.at = play, folder, START

    async def say(self, who: str, text: str = "", *, chat: str = "", on: str = "telegram", **more: object) -> list[Sent]:
        self.at += timedelta(seconds=1)
        chat = chat or f"alone-{who}"
        kind = ChatKind.GROUP if chat.startswith("group") else ChatKind.PRIVATE
        message = InboundMessage(
            address=ChatAddress(on, "", chat),
            chat_kind=kind,
            sender=Person(who, who),
            message_id=uuid4().hex,
            kind=more.pop("kind", InboundKind.TEXT),
            sent_at=self.at,
            text=text,
            chat_title="ski" if kind is ChatKind.GROUP else "",
            position=int(self.at.timestamp()),
            **more,
        )
        return await self.play.play(message, at=self.at)

    async def send(self, who: str, content: str | bytes | None, *, text: str = "", **where: str) -> list[Sent]:
        path = self.folder / uuid4().hex
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await self.say(who, text, kind=InboundKind.FILE, attachments=(Attachment(str(path), "text/csv"),), **where)

    async def press(self, who: str, label: str, **where: str) -> list[Sent]:
        sent, choice = next((s, c) for s in reversed(self.play.sent) for c in s.message.choices if c.label == label)
        return await self.say(who, kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id, **where)

    async def group(self) -> None:
        for who in ("anna", "ben"):
            await self.say(who, chat="group-ski", kind=InboundKind.JOIN)


@pytest.fixture
async def stage(database: Database, tmp_path: Path) -> AsyncIterator[Stage]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Stage(play, tmp_path)


def texts(sent: list[Sent]) -> dict[str, str]:
    return {each.message.address.chat: each.message.text for each in sent if not each.message.toast}


async def entries(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("SELECT count(*) FROM entries")
    finally:
        await connection.close()


async def test_in_a_group_entered_alone_the_others_are_told(stage: Stage, dsn: str):
    await stage.group()
    await stage.say("anna", "in ski")
    card = texts(await stage.send("anna", TABLE))
    assert list(card) == ["alone-anna"] and card["alone-anna"].startswith("[ski] Splitwise file: 2 bills")
    assert await entries(dsn) == 0
    await stage.press("anna", "Ben Olsen is ben")
    told = texts(await stage.press("anna", "Import"))
    assert told["group-ski"].startswith("anna: 2 bills from Splitwise are in.")
    assert await entries(dsn) == 2
    undone = texts(await stage.say("anna", "undo the import"))
    assert undone["alone-anna"].startswith("[ski] The import is taken back: 2 bills.") and "The import is taken back" in undone["group-ski"]
    assert (await audit(dsn))[1] == []


async def test_nobody_else_decides_and_a_second_file_takes_the_place_of_the_first(stage: Stage, dsn: str):
    await stage.group()
    await stage.send("anna", TABLE, chat="group-ski")
    assert [each.message.toast for each in await stage.press("ben", "Import", chat="group-ski")] == [True]
    await stage.send("anna", TABLE.replace("Cabin", "Hut"), chat="group-ski")
    first = stage.play.sent[0:]
    card = next(each for each in first if "Splitwise" in each.message.text)
    old = next(choice for choice in card.message.choices if choice.label == "Import")
    gone = await stage.say("anna", kind=InboundKind.BUTTON, button=old.id, reply_to=card.message_id, chat="group-ski")
    assert gone[-1].message.text == "That file is no longer waiting. Send it again."
    assert await entries(dsn) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("just words, and more", "I do not know that kind of file."),
        (b" " * 10_485_761, "That file is too large for me"),
        (HEAD + "Anna,Ben\n2025-01-02,x,,ten,EUR,5.00,-5.00\n", "I found no bill in that file"),
        (None, "I do not know that kind of file."),  # the channel does not have it any more
    ],
)
async def test_what_cannot_be_taken_over_is_said_alone_and_left_in_peace_in_a_group(stage: Stage, content: str | bytes | None, said: str):
    await stage.group()
    assert texts(await stage.send("anna", content))["alone-anna"].startswith(said)
    answers = texts(await stage.send("anna", content, chat="group-ski"))
    assert answers == {} or not said.startswith("I do not know")


async def test_words_beside_a_file_that_is_nothing_count(stage: Stage, dsn: str):
    assert "Taxi" in texts(await stage.send("anna", "a menu, of course", text="taxi 12"))["alone-anna"]
    assert await entries(dsn) == 1


async def test_lines_left_out_are_told_five_at_most(stage: Stage):
    bad = "".join(f"2025-01-0{number},x,,1.00,EUR,5.00,-4.00,0.00\n" for number in range(1, 9))
    text = texts(await stage.send("anna", TABLE + bad))["alone-anna"]
    assert "I leave out 8 lines: line 4 (it does not add up)" in text and "line 8 (it does not add up) and 3 more." in text


async def test_many_strangers_fit_on_one_card(stage: Stage):
    names = [f"Guest {number}" for number in range(60)]
    row = ",".join(["59.00"] + ["-1.00"] * 59)
    (sent,) = await stage.send("anna", f"{HEAD}{','.join(names)}\n2025-01-02,x,,59.00,EUR,{row}\n")
    assert "60 people are new to me" in sent.message.text and "50 more" in sent.message.text
    assert len(sent.message.choices) <= capabilities_of("telegram").buttons
    assert [choice.label for choice in sent.message.choices[-2:]] == ["Import", "Leave it"]


async def test_hostile_names_stay_in_their_line(stage: Stage):
    text = texts(await stage.send("anna", TABLE.replace("Cem", '"Cem\u202e\n=cmd() {count}"')))["alone-anna"]
    assert "Cem =cmd() {count}" in text and "\u202e" not in text


async def test_where_a_sender_can_be_forged_a_code_comes_first(stage: Stage, dsn: str):
    await stage.send("anna", TABLE, on="sms")
    press = next(c for s in reversed(stage.play.sent) for c in s.message.choices if c.label == "Import")
    bearer = next(s for s in reversed(stage.play.sent) if press in s.message.choices)
    asked = await stage.say("anna", kind=InboundKind.BUTTON, button=press.id, reply_to=bearer.message_id, on="sms")
    assert "Import that file?" in asked[-1].message.text and await entries(dsn) == 0
    await stage.say("anna", code_in(asked), on="sms")
    assert await entries(dsn) == 2
    asked = await stage.say("anna", "undo", on="sms")
    assert await entries(dsn) == 2, "all of a file at once needs a code in whatever words"
    await stage.say("anna", code_in(asked), on="sms")
    assert await entries(dsn) == 4


def code_in(sent: list[Sent]) -> str:
    found = re.search(r"[0-9]{4}-[0-9]{2}", sent[-1].message.text)
    assert found is not None
    return found[0]


async def test_an_export_of_the_book_comes_back_as_nothing_new(stage: Stage, dsn: str):
    await stage.group()
    await stage.say("anna", "taxi 30", chat="group-ski")
    sent = await stage.say("anna", "json", chat="group-ski")
    document = sent[-1].message.documents[0]
    assert document.name == "tuppence.json" and '"name": "ski"' in document.content
    again = texts(await stage.send("ben", document.contents, chat="group-ski"))
    assert again["group-ski"] == "All of that Tuppence file is here already: nothing to add."
    for form in ("csv", "export as xlsx", "beancount", "hledger", "export"):
        (answer,) = await stage.say("anna", form, chat="group-ski")
        assert len(answer.message.documents) == 1 and answer.message.documents[0].contents
    personal = await stage.say("anna", "export me")
    assert '"addresses"' in personal[-1].message.documents[0].content


OURS = {
    "format": "tuppence",
    "version": 1,
    "people": ["Anna", "Ben"],
    "rows": [
        {
            "id": "\ud800",
            "kind": "expense",
            "date": "2025-01-02",
            "description": "Tea",
            "currency": "EUR",
            "paid": {"Anna": "9.00"},
            "shares": {"Ben": "9.00"},
        }
    ],
}


ODD = (
    "{}",
    '{"weights": [["Anna", 0.5]]}',
    '{"exact": 1e999999999}',
    '{"people": ["\\ud800"]}',
    f'{{"lines": {"[" * 300}{"]" * 300}}}',
    f'{{"a": {"9" * 30}}}',
)


@pytest.mark.parametrize("split", ODD)
async def test_what_is_said_beside_a_bill_of_ours_may_be_anything(stage: Stage, dsn: str, split: str):
    content = json.dumps(OURS).replace('"kind"', f'"split": {split}, "kind"')
    assert "Tuppence file: one bill" in texts(await stage.send("anna", content))["alone-anna"]
    await stage.press("anna", "Import")
    assert await entries(dsn) == 1


async def test_the_history_of_what_was_taken_over_is_told(stage: Stage):
    await stage.send("anna", TABLE)
    await stage.press("anna", "Import")
    assert "you imported Tea €9" in texts(await stage.say("anna", "history of tea"))["alone-anna"]
