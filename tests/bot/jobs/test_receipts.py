"""Photos of receipts, from "Reading…" to one bill: through the real inbox, conversation and outbox, with a reader that says what it was told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest

import bot.jobs.receipts as desk
from bot.conversation.engine import Engine
from bot.wake import RECEIPTS
from bot.wiring import Reading as Connected
from core.db import receipts
from core.db.claims import Identity
from core.db.erasure import erase_person
from core.db.session import Database
from core.domain.messages import Attachment, ChatKind, InboundKind, InboundMessage, Person
from core.domain.receipts import Line, Reading, Receipt
from core.errors import ServiceUnavailable
from integrations.storage.memory import MemoryBlobs
from tests.support.doubles import FakeFiles, FakePictures, FakeReader
from tests.support.running import Running, message, running

LINES = (Line("Margherita", 950), Line("Wine", 1850, 2000, 925))
MARIO = Receipt(merchant="Da Mario", date=date(2025, 3, 13), currency="EUR", lines=LINES, total=2800)
SURE = Reading(MARIO, {}, (), "it", "fake")
UNSURE = replace(SURE, receipt=replace(MARIO, total=2900), confidence={"items": 900}, ask=("total",))
CARD = "Da Mario · Thu 13 Mar · €28, 2 lines, adds up.\n1 Margherita €9.50 · 2 2× Wine €18.50\nEating out. This month €28."


class Shop:
    """A service with a fake reader, and what people send it."""

    def __init__(self, service: Running, reader: FakeReader, files: FakeFiles, blobs: MemoryBlobs) -> None:
        self.service, self.reader, self.files, self.blobs = service, reader, files, blobs

    async def photo(self, number: int, *, caption: str = "", data: bytes = b"mario", chat: str = "anna", wait: bool = True, **fields) -> None:
        self.files.files[f"file-{number}"] = data
        await self.send(
            message(chat, number, caption, kind=InboundKind.PHOTO, attachments=(Attachment(f"file-{number}", "image/jpeg"),), **fields), wait
        )

    async def say(self, number: int, text: str, *, chat: str = "anna", wait: bool = True, **fields) -> None:
        await self.send(message(chat, number, text, **fields), wait)

    async def send(self, sent: InboundMessage, wait: bool) -> None:
        await self.service.runtime.accept(sent)
        await (self.quiet() if wait else self.service.quiet())

    async def quiet(self) -> None:
        async def read() -> bool:
            self.service.clock.forward(seconds=1)
            return not await self.service.owner.fetchval("SELECT count(*) FROM receipts WHERE state = 'waiting'")

        await self.service.quiet()
        await self.service.until(read)
        await self.service.quiet()

    def said(self, chat: str = "anna") -> list[str]:
        """The messages of the chat as they stand: an edit takes the place of what it replaces."""
        shown: dict[str, str] = {}
        for number, sent in enumerate(self.service.channel.sent, 1):
            if sent.address.chat == chat:
                shown[sent.edits or f"sent-{number}"] = sent.text.split("\nI count in")[0]
        return list(shown.values())

    async def amounts(self) -> list[int]:
        """What stands paid, by size."""
        rows = await self.service.owner.fetch(
            """SELECT p.amount FROM postings p JOIN entries e USING (book_id, entry_id) WHERE p.role = 'paid' AND e.kind = 'expense'
            AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = e.entry_id) ORDER BY 1"""
        )
        return [row[0] for row in rows]


@asynccontextmanager
async def opened(database: Database, dsn: str) -> AsyncIterator[Shop]:
    reader, files, blobs = FakeReader({b"mario": SURE, b"unsure": UNSURE}), FakeFiles(), MemoryBlobs()
    connected = Connected(reader, FakePictures(), {"fake": files})
    async with running(database, dsn, engine=Engine(reads=True), reading=connected, blobs=blobs) as service:
        yield Shop(service, reader, files, blobs)


@pytest.fixture
async def shop(database: Database, dsn: str) -> AsyncIterator[Shop]:
    async with opened(database, dsn) as shop:
        yield shop


async def test_a_photo_becomes_a_bill_in_the_place_of_reading(shop: Shop) -> None:
    await shop.photo(1)
    assert shop.service.channel.texts()[0] == "Reading…"
    assert shop.said() == [CARD]
    assert shop.files.forgotten == ["file-1"]
    assert await shop.amounts() == [2800]
    assert shop.blobs.kept and b"mario" not in b"".join(shop.blobs.kept.values()), "kept, and not in clear"


@pytest.mark.parametrize("caption", ["", "dinner 31"])
async def test_whatever_is_said_of_a_photo_its_reader_is_woken(shop: Shop, monkeypatch: pytest.MonkeyPatch, caption: str) -> None:
    woken: list[str] = []
    wake = shop.service.runtime.wake
    monkeypatch.setattr(wake, "notify", lambda topic, notify=wake.notify: (woken.append(topic), notify(topic)))
    await shop.say(1, "coffee 3", chat="group-trip")
    assert RECEIPTS not in woken
    await shop.photo(2, chat="group-trip", caption=caption)
    assert RECEIPTS in woken


async def test_whoever_sends_many_keeps_nobody_waiting(shop: Shop) -> None:
    shop.reader.hold = asyncio.Event()
    for number in range(1, 5):
        await shop.photo(number, wait=False)
        shop.service.clock.forward(seconds=1)
    await shop.photo(5, chat="bob", sender=Person("bob", "Bob"), wait=False)
    async with asyncio.timeout(20):
        while await shop.service.owner.fetchval("SELECT count(*) FROM receipts") < 5:  # Bob's waits too before any is done
            await asyncio.sleep(0.02)
    shop.reader.hold.set()
    await shop.quiet()
    rows = await shop.service.owner.fetch("SELECT conversation_id FROM receipts ORDER BY finished_at")
    chats = [row[0] for row in rows]
    assert chats.index(next(chat for chat in chats if chat != chats[0])) <= 1, "Bob's is the second at the latest"


async def test_the_same_photo_delivered_again_changes_nothing(shop: Shop) -> None:
    for _ in range(2):
        await shop.photo(1)
    assert (shop.said(), await shop.amounts(), shop.reader.asked) == ([CARD], [2800], 1)


async def test_an_answer_given_meanwhile_wins(shop: Shop) -> None:
    shop.reader.hold = asyncio.Event()
    await shop.photo(1, wait=False)
    await shop.say(2, "it was 30", wait=False)
    shop.reader.hold.set()
    await shop.quiet()
    assert await shop.amounts() == [3000]
    assert shop.said() == ["I kept the photo with Expense €30.", "Expense €30 · Other. This month €30."]


async def test_what_is_written_meanwhile_with_words_of_its_own_is_its_own(shop: Shop) -> None:
    shop.reader.hold = asyncio.Event()
    await shop.photo(1, wait=False)
    await shop.say(2, "taxi 12", wait=False)
    shop.reader.hold.set()
    await shop.quiet()
    assert await shop.amounts() == [1200, 2800]


async def test_a_caption_with_a_sum_goes_before_what_is_read(shop: Shop) -> None:
    await shop.photo(1, caption="dinner 31")
    assert (await shop.amounts(), shop.said()) == ([3100], ["Dinner €31 · Eating out. This month €31."])


async def test_a_caption_with_people_applies(shop: Shop) -> None:
    await shop.photo(1, caption="dinner with Bob yesterday")
    (said,) = shop.said()
    assert said.startswith("Dinner · Thu 13 Mar · €28, 2 lines, adds up.\n1 Margherita €9.50 · 2 2× Wine €18.50\nPaid by you: Bob and you €14 each.")


async def test_a_caption_edited_meanwhile_wins(shop: Shop) -> None:
    shop.reader.hold = asyncio.Event()
    await shop.photo(1, wait=False)
    await shop.send(message("anna", 1, "pizza 25", kind=InboundKind.EDIT, version=7), wait=False)
    shop.reader.hold.set()
    await shop.quiet()
    assert await shop.amounts() == [2500]


async def test_an_unsure_total_is_one_question(shop: Shop) -> None:
    await shop.photo(1, data=b"unsure")
    assert shop.said() == ["Da Mario: the lines make €28, the bill says €29. Which is right?"]
    assert ([choice.label for choice in shop.service.channel.sent[-1].choices], await shop.amounts()) == (["€29", "€28"], [])
    await shop.say(2, "28")
    assert await shop.amounts() == [2800]
    assert shop.said()[-1].startswith("Da Mario · Thu 13 Mar · €28")


async def test_a_bare_number_is_in_the_receipts_own_currency(shop: Shop) -> None:
    shop.reader.readings[b"abroad"] = replace(UNSURE, receipt=replace(UNSURE.receipt, currency="GBP"))
    await shop.photo(1, data=b"abroad")
    await shop.say(2, "28.50")
    assert shop.said()[-1].startswith("Da Mario · Thu 13 Mar · £28.50")


async def test_a_pressed_total_is_booked_once(shop: Shop) -> None:
    await shop.photo(1, data=b"unsure")
    buttons = shop.service.channel.sent[-1].choices
    for number, button in enumerate(buttons):
        await shop.say(10 + number, "", kind=InboundKind.BUTTON, button=button.id, reply_to="sent-1")
    assert await shop.amounts() == [2900]
    assert shop.said()[-1] == "That receipt is noted already."


async def test_what_cannot_be_read_is_asked_for(shop: Shop) -> None:
    await shop.photo(1, data=b"bad file")
    await shop.photo(2, caption="look at my cat", data=b"cat")
    assert shop.said() == ["I could not read this one. What was the total?", "I kept the photo. If it is a receipt, what was the total?"]
    await shop.say(3, "thanks")
    assert await shop.amounts() == []


async def test_a_picture_in_a_group_is_spoken_of_only_where_it_is_surely_a_receipt(shop: Shop) -> None:
    group = {"chat": "trip", "chat_kind": ChatKind.GROUP}
    for number, who in enumerate(("anna", "bob"), 1):
        await shop.send(message("trip", number, kind=InboundKind.JOIN, chat_kind=ChatKind.GROUP, sender=Person(who, who.title())), True)
    before = len(shop.said("trip"))
    for number, data in enumerate((b"cat", b"unsure", b"bad"), 3):
        await shop.photo(number, data=data, sender=Person("bob", "Bob"), **group)
    assert len(shop.said("trip")) == before
    await shop.photo(8, sender=Person("bob", "Bob"), **group)
    assert "Paid by Bob, split with everyone: €14 each" in shop.said("trip")[-1]
    await shop.photo(9, data=b"unsure", caption="paid for dinner", sender=Person("bob", "Bob"), **group)
    assert shop.said("trip")[-1].startswith("Dinner: the lines make €28")


async def test_a_picture_in_a_group_that_is_no_receipt_is_not_kept(shop: Shop) -> None:
    group = {"chat": "trip", "chat_kind": ChatKind.GROUP, "sender": Person("bob", "Bob")}
    for number, data in enumerate((b"cat", b"unsure", b"bad"), 1):
        await shop.photo(number, data=data, **group)
    assert (shop.blobs.kept, await shop.service.owner.fetchval("SELECT count(*) FROM receipts")) == ({}, 0)
    await shop.photo(4, **group)
    assert len(shop.blobs.kept) == 2 and await shop.service.owner.fetchval("SELECT count(*) FROM receipts") == 1


async def test_an_album_is_one_receipt(shop: Shop) -> None:
    tail = replace(SURE, receipt=replace(MARIO, merchant=None, date=None, lines=LINES[1:]))
    head = replace(SURE, receipt=replace(MARIO, total=None, lines=LINES[:1]), ask=("total",))
    shop.reader.readings |= {b"head": head, b"tail": tail}
    for number, data in enumerate((b"head", b"tail"), 1):
        await shop.photo(number, data=data, album="x", wait=False)
    await shop.quiet()
    assert (shop.said(), await shop.amounts()) == ([CARD], [2800])


async def test_alone_the_total_is_put_right_in_words_and_a_tip_comes_on_top(shop: Shop) -> None:
    await shop.photo(1)
    await shop.say(2, "total is 31")
    assert await shop.amounts() == [3100]
    await shop.say(3, "tip 2")
    assert await shop.amounts() == [3300]
    await shop.say(4, "coffee 3")
    await shop.say(5, "undo")
    await shop.say(6, "undo")
    assert await shop.amounts() == [3100]


async def test_of_a_receipt_without_lines_the_total_can_be_put_right_all_the_same(shop: Shop) -> None:
    shop.reader.readings[b"bare"] = replace(SURE, receipt=replace(MARIO, lines=()))
    await shop.photo(1, data=b"bare")
    await shop.say(2, "rest all")
    await shop.say(3, "total is 31")
    assert await shop.amounts() == [3100]


async def test_an_engine_that_fails_is_tried_again_and_then_the_total_is_asked_for(shop: Shop) -> None:
    shop.reader.fails.extend([ServiceUnavailable("fake")])
    await shop.photo(1)
    assert shop.said() == [CARD]
    shop.reader.fails.extend([ServiceUnavailable("fake")] * 9)
    await shop.photo(2)
    assert shop.said()[-1] == "I could not read this one. What was the total?"


async def test_a_store_that_is_away_keeps_nobody_from_the_bill(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(key: str, data: bytes) -> None:
        raise ServiceUnavailable("store")

    monkeypatch.setattr(shop.blobs, "put", away)
    await shop.photo(1)
    assert (shop.said(), await shop.amounts(), shop.blobs.kept) == ([CARD], [2800], {})
    assert shop.files.forgotten == [], "the only copy of the photo is the channel's"


async def test_what_was_claimed_and_not_handed_over_is_claimed_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    finish, failing = receipts.finish, [ConnectionError()]

    async def broken_once(*args, **fields):
        if failing:
            raise failing.pop()
        return await finish(*args, **fields)

    monkeypatch.setattr(receipts, "finish", broken_once)
    await shop.photo(1)
    assert (shop.said(), await shop.amounts()) == ([CARD], [2800])


async def test_an_engine_that_hangs_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "READ_SECONDS", 0.1)
    shop.reader.hold = asyncio.Event()
    await shop.photo(1)
    assert shop.said() == ["I could not read this one. What was the total?"]


async def test_a_worker_that_died_over_it_leaves_it_to_the_next(shop: Shop, database: Database) -> None:
    shop.reader.hold = asyncio.Event()
    await shop.photo(1, wait=False)
    await shop.service.until(lambda: shop.reader.asked == 1)
    dead = Identity(database.pool)
    await shop.service.owner.execute("UPDATE receipts SET claimed_by = $1", await dead.number())
    async with database.unit_of_work() as uow:
        assert await receipts.claim(uow, worker=1, now=shop.service.clock()) is None, "its worker lives"
    await dead.close()
    async with database.unit_of_work() as uow:
        again = await receipts.claim(uow, worker=1, now=shop.service.clock())
        assert again is not None and again.tries == 2
    shop.reader.hold.set()  # the first worker was only slow: it finishes, and the second finds nothing to finish
    await shop.quiet()
    async with database.unit_of_work() as uow:
        assert not await receipts.finish(uow, again, SURE, reason=None, pictures=(), now=shop.service.clock())
    assert (shop.said(), await shop.amounts()) == ([CARD], [2800])


async def test_who_is_erased_meanwhile_leaves_no_picture_behind(shop: Shop, database: Database) -> None:
    shop.reader.hold = asyncio.Event()
    await shop.photo(1, wait=False)
    await shop.service.until(lambda: shop.reader.asked == 1)
    async with database.unit_of_work() as uow:
        await erase_person(uow, await shop.service.owner.fetchval("SELECT person_id FROM receipts"), now=shop.service.clock())
    shop.reader.hold.set()
    await shop.service.until(lambda: shop.blobs.kept == {})
    await asyncio.sleep(0.1)
    assert (shop.blobs.kept, await shop.amounts()) == ({}, [])


async def press(shop: Shop, number: int, label: str, **fields) -> None:
    button = next(choice for sent in reversed(shop.service.channel.sent) for choice in sent.choices if choice.label == label)
    await shop.say(number, "", kind=InboundKind.BUTTON, button=button.id, reply_to="sent-1", **fields)


async def test_the_same_receipt_is_asked_about_and_not_booked_twice(shop: Shop) -> None:
    await shop.photo(1)
    shop.reader.readings[b"another photo of it"] = SURE
    for number, data in enumerate((b"mario", b"another photo of it"), 2):
        await shop.photo(number, data=data)
        assert shop.said()[-1] == "Da Mario €28 · Thu 13 Mar is noted already. Is this the same receipt?"
        assert await shop.amounts() == [2800]
    await press(shop, 10, "The same")
    assert (shop.said()[-1], await shop.amounts()) == ("The same: nothing is noted twice.", [2800])
    await shop.photo(4)
    await press(shop, 11, "Another one")
    assert await shop.amounts() == [2800, 2800]


async def test_what_was_written_down_or_told_by_a_bank_is_not_booked_again(shop: Shop) -> None:
    await shop.say(1, "pizza yesterday 28")
    await shop.photo(2)
    assert shop.said()[-1] == "Pizza €28 · Thu 13 Mar is noted already. Is this the same receipt?"
    shop.reader.readings[b"shop"] = replace(SURE, receipt=Receipt(merchant="Corner Shop", date=date(2025, 3, 12), currency="EUR", total=1250))
    await shop.say(3, "EUR 12.50 debited from A/c XX4321 at CORNER SHOP on 14-03-2025 Avl Bal EUR 80.20")
    await shop.photo(4, data=b"shop")
    assert shop.said()[-1].endswith("is noted already. Is this the same receipt?")
    assert await shop.amounts() == [1250, 2800]


async def test_a_group_is_not_told_of_its_senders_own_bills(shop: Shop) -> None:
    group = {"chat": "trip", "chat_kind": ChatKind.GROUP, "sender": Person("anna", "Anna")}
    await shop.say(1, "surprise for bob yesterday 28")
    await shop.photo(2, **group)
    assert shop.said("trip")[-1] == "Da Mario €28 · Thu 13 Mar is noted already. Is this the same receipt?"
    await press(shop, 3, "Another one", **group)
    assert await shop.amounts() == [2800, 2800]


async def test_a_bank_that_tells_of_a_booked_receipt_is_asked_about(shop: Shop) -> None:
    shop.reader.otherwise = replace(SURE, receipt=Receipt(merchant="Corner Shop", date=date(2025, 3, 12), currency="EUR", total=1250))
    await shop.photo(1, data=b"shop")
    await shop.say(2, "EUR 12.50 debited from A/c XX4321 at CORNER SHOP on 14-03-2025 Avl Bal EUR 80.20")
    assert shop.said()[-1] == "You noted Corner Shop €12.50 · Wed 12 Mar already. Is this the same payment?"
    assert await shop.amounts() == [1250]


async def test_like_sums_are_no_twins(shop: Shop) -> None:
    coffee = Receipt(merchant="Bar", date=date(2025, 3, 14), time="09:10", currency="EUR", total=350)
    shop.reader.readings |= {b"one": replace(SURE, receipt=coffee), b"two": replace(SURE, receipt=replace(coffee, time="11:40"))}
    shop.reader.readings[b"three"] = replace(SURE, receipt=replace(coffee, merchant="Kiosk"))
    for number, data in enumerate((b"one", b"two", b"three"), 1):
        await shop.photo(number, data=data)
    assert await shop.amounts() == [350, 350, 350]


async def test_without_a_reader_the_total_is_asked_for(database: Database, dsn: str) -> None:
    async with running(database, dsn, engine=Engine()) as service:
        await service.runtime.accept(message("anna", 1, "", kind=InboundKind.PHOTO, attachments=(Attachment("x", "image/jpeg"),)))
        await service.quiet()
        assert service.channel.texts() == ["I kept the photo. What was the total?"]
