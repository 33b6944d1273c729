""" "Delete me" through the real web chat, inbox, conversation and delivery: nothing of the person is left anywhere, and the sums stay."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.conversation.engine import Engine
from bot.conversation.intents import Understanding
from bot.conversation.turn import Turn
from bot.jobs.erasures import Erasures
from core.db import payment_manners, payment_reminders
from core.db.audit import audit
from core.db.session import Database
from core.domain.money import Money
from core.domain.payments.methods import Kind, method
from core.domain.payments.rails import Rail
from core.services import payments
from integrations.postgres import binary_folders
from integrations.storage.local import LocalBlobs
from integrations.storage.memory import MemoryDeletions
from tests.support.canaries import everything_kept, found
from tests.support.product import Page, Product, producing

JPEG = b"\xff\xd8\xff\xe0"
NAME, GUEST, TITLE = "Zanzibella", "Grandmabelle", "Kumquatclub"
WORDS = (
    "quillfeather",
    "marzipanlamp",
    "velvetanchor",
    "sapphirekettle",
    "thimblecactus",
    "osmiumpillow",
    "wigwamtruffle",
    "xylophonevase",
    "cobaltlantern",
    "gossamerladle",
    "tinselvault",
    "cinnamondrum",
    "lacquerbadger",
    "a long tale of one umbrella",
)
PHOTOS = (b"PHOTO-OF-THE-RECEIPT", b"PHOTO-IN-THE-GROUP")
CANARIES: tuple[str | bytes, ...] = (NAME, GUEST, TITLE, *WORDS, *PHOTOS)


@pytest.fixture
async def product(database: Database, tmp_path: Path) -> AsyncIterator[Product]:
    async with producing(database, tmp_path / "blobs") as running:
        yield running


async def life(product: Product) -> tuple[Page, Page, str]:
    """Zanzibella and Ben, a shared group, a group of her own, photos, an edit, presses, questions; one answer in the group is held back."""
    anna, ben = await Page(product).open(NAME), await Page(product).open("Ben")
    group, code = await anna.group("Lisbon")
    await ben.join(code)
    await anna.say("quillfeather 12")
    for consent in ("share my corrections", "stop sharing my corrections", "share my corrections"):
        await anna.say(consent)
    await anna.say("gossamerladle 6")
    await anna.say("that was gifts")
    await anna.say("sapphirekettle 7", photo=JPEG + PHOTOS[0])
    await anna.say("forward my bank sms")
    await anna.say("forward my bank sms")  # which ends the first one
    await anna.say("EUR 3.40 debited from A/c XX9931 at cobaltlantern Avl Bal EUR 120.05")
    await anna.say(f"paid 20 for dinner with {GUEST}")
    edited = await anna.say("marzipanlamp 30", chat=group)
    await anna.edit(edited, "velvetanchor 40", chat=group)
    await anna.say("a long tale of one umbrella that was lost and found again in Lisbon 9", chat=group)
    await anna.say("osmiumpillow 1.234", chat=group)
    await anna.say("delete the xylophonevase", chat=group)
    await anna.say("my name is Cinnamondrum", chat=group)
    await anna.say(f"my name is {NAME}", chat=group)
    await anna.say("save 900 for a lacquerbadger", chat=group)
    await anna.say("rename the lacquerbadger goal to kite", chat=group)
    await anna.say("taxi 5", chat=group, photo=JPEG + PHOTOS[1])
    await anna.press("Undo", chat=group)
    await ben.say("taxi 24", chat=group)
    await ben.say("who owes whom", chat=group)
    await ben.say("osmium", chat=group, photo=JPEG + b"BEN'S OWN PHOTO")
    await ben.say("in Lisbon: museum 18")
    await ben.say("who owes whom in Lisbon")
    await anna.say("how much was osmiumpillow?", chat=group)
    alone, _ = await anna.group(TITLE)
    await anna.say("wigwamtruffle 3", chat=alone)
    await paid_back(product)
    product.gate.shut.add(group)
    anna.waiting = 1
    await anna.say("in Lisbon: thimblecactus 8")
    return anna, ben, group


async def paid_back(product: Product) -> None:
    """Ben pays Zanzibella five of what he owes her, to an account that she told."""
    now = product.runtime.clock()
    async with product.runtime.database.unit_of_work() as uow:
        found = await uow.connection.fetch(
            """SELECT b.person_id, b.book_id FROM person_books b JOIN
            (SELECT person_id FROM person_books GROUP BY person_id ORDER BY count(*) DESC LIMIT 1) most USING (person_id)"""
        )
        her_id = found[0]["person_id"]
        await uow.load_books([row["book_id"] for row in found])
        shared = next(uow.book(row["book_id"]) for row in found if any(m.person_id not in (None, her_id) for m in uow.book(row["book_id"]).members))
        hers, his = shared.member_of(her_id), next(member for member in shared.members if member.person_id not in (None, her_id))
        assert hers is not None
        await payments.keep_method(uow, her_id, method(Kind.UPI, "tinselvault@okaxis", holder=NAME), now=now)
        owed = await payments.propose(uow, shared.book_id, sender=his.member_id, receiver=hers.member_id, amount=Money(500, shared.currency), now=now)
        await payments.send_link(uow, owed, by=his.member_id, now=now, rail=Rail.UPI)
        await payments.say_paid(uow, owed, by=his.member_id, now=now)
        await payments.confirm(uow, owed, by=hers.member_id, on=now.date(), now=now)
        await payment_manners.may_ask(uow, her_id, now=now)
        await payment_manners.be_quiet(uow, her_id, since=now)
        await payment_reminders.plan(uow, shared.book_id, sender=his.member_id, receiver=hers.member_id, at=now)


async def rows(dsn: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


SUMS = "SELECT book_id, member_id, currency, amount, remainder FROM balances ORDER BY 1, 2, 3"


async def test_nothing_is_left_but_the_sums(product: Product, database: Database, dsn: str) -> None:
    anna, ben, group = await life(product)
    before, sums = await everything_kept(dsn, database.keys, product.blobs), await rows(dsn, SUMS)
    missing = {str(word) for word in CANARIES if not found(before, [word])}
    assert missing == set()  # the search is able to find each of them

    await anna.say("delete me")
    await anna.press("Delete everything")
    await product.finish_erasures()  # the answer to the group still waits
    assert found(await everything_kept(dsn, database.keys, product.blobs), CANARIES) == {}
    product.gate.shut.clear()
    await product.hurry()

    kept = await everything_kept(dsn, database.keys, product.blobs)
    assert found(kept, CANARIES) == {}
    assert found({"dump": dump(dsn)}, [word for word in CANARIES if isinstance(word, str)]) == {}
    assert found(kept, ["BEN'S OWN PHOTO"])  # what is others' is still theirs
    assert await rows(dsn, SUMS) == sums
    assert (await audit(dsn))[1] == []
    assert len(list(product.blobs.rglob("web/*"))) == 1

    said = await ben.texts(chat=group)
    assert said[-1].startswith("… €8, paid by former member")
    assert any("former member" in text for text in said)
    assert [m for m in await ben.history(chat=group) if m["kind"] == "removed" and m["sender"] and m["sender"]["name"] == "former member"]
    await ben.say("who owes whom", chat=group)
    assert "former member" in (await ben.texts(chat=group))[-1]


async def test_the_goodbye_arrives_and_the_chat_begins_anew(product: Product, database: Database, dsn: str) -> None:
    anna, _ben, _group = await life(product)
    await anna.say("delete me")
    await anna.press("Delete everything")
    product.gate.shut.clear()
    await product.hurry()
    assert await anna.texts() == ["Everything of you is erased. Take care."]
    state = await anna.state()
    assert [person["name"] for person in state["people"]] == ["You"]
    assert [(chat["id"], chat["kind"]) for chat in state["chats"]] == [(anna.chat, "private")]
    old, anna.person, anna.waiting = anna.person, state["people"][0]["id"], 0
    assert old != anna.person
    await product.finish_erasures()
    assert await rows(dsn, "SELECT count(*) FROM conversations WHERE data_key IS NULL AND address = ''") == [(2,)]  # and the group of her own
    await anna.say("coffee 3")  # in a chat whose address was forgotten meanwhile
    assert "€3" in (await anna.texts())[-1]
    assert await rows(dsn, "SELECT count(*) FROM conversations WHERE data_key IS NULL") == [(1,)]
    await anna.say("list")
    assert "quill" not in (await anna.texts())[-1].lower()
    assert (await audit(dsn))[1] == []


async def test_who_writes_again_at_once_loses_nothing(product: Product, dsn: str) -> None:
    """The new life begins before the old one is forgotten: its key and its address stay."""
    anna = await Page(product).open(NAME)
    await anna.say("quillfeather 12")
    await anna.say("delete me")
    await anna.say("yes")
    anna.person = (await anna.state())["people"][0]["id"]
    await anna.say("coffee 3")
    await product.finish_erasures()
    await anna.say("tea 2")
    assert [text for text in await anna.texts() if "€" in text][-1].startswith("Tea")
    assert await rows(dsn, "SELECT count(*) FROM conversations WHERE data_key IS NULL") == [(0,)]


async def test_photos_are_noise_from_the_commit_on_and_gone_when_it_is_finished(product: Product, database: Database, dsn: str) -> None:
    """Whoever crashes in between leaves no photo that can be seen, and the next look takes away what is left."""
    anna, _ben, _group = await life(product)
    files = sorted(product.blobs.rglob("web/*"))
    assert len(files) == 3
    await anna.say("delete me")
    await anna.say("yes")
    product.gate.shut.clear()
    await product.hurry()
    assert sorted(product.blobs.rglob("web/*")) == files
    assert found(await everything_kept(dsn, database.keys, product.blobs), PHOTOS) == {}
    another = Erasures(database, blobs=LocalBlobs(product.blobs), deletions=MemoryDeletions())
    assert await another.finish() == 1
    assert len(list(product.blobs.rglob("web/*"))) == 1


async def test_a_letter_on_its_way_arrives_before_the_erasure_not_after_it(product: Product, dsn: str) -> None:
    anna, ben = await Page(product).open(NAME), await Page(product).open("Ben")
    await anna.say("new group Lisbon")
    code = re.search(r"“join ([A-Z0-9-]+)”", " ".join(await anna.texts()))
    assert code is not None
    await ben.say(f"join {code[1]}")
    await anna.say("delete me")
    product.gate.held[anna.chat] = asyncio.Event()
    ben.waiting = anna.waiting = 2
    await ben.say("in Lisbon: museum 18")  # of which she is told
    await until(lambda: anna.chat in product.gate.holding)
    await anna.press("Delete everything")
    await until(lambda: rows(dsn, "SELECT 1 FROM inbox WHERE state = 'pending' AND tries > 0"))
    assert await rows(dsn, "SELECT count(*) FROM people WHERE erased_at IS NULL") == [(2,)]
    product.gate.held.pop(anna.chat).set()
    await product.quiet()
    assert await anna.texts() == ["Everything of you is erased. Take care."]


async def test_a_message_that_was_being_read_meanwhile_makes_nobody_anew(database: Database, dsn: str, tmp_path: Path) -> None:
    """Its sender was loaded before the erasure, and it is answered after it."""
    engine = Slow()
    async with producing(database, tmp_path / "blobs", engine=engine) as product:
        anna, ben = await Page(product).open(NAME), await Page(product).open("Ben")
        group, code = await anna.group("Lisbon")
        await ben.join(code)
        anna.waiting = 1
        await anna.say("quillfeather 12", chat=group)
        await until(lambda: engine.reading)
        await anna.say("delete me")
        await anna.say("yes")
        assert await rows(dsn, "SELECT count(*) FROM people WHERE erased_at IS NULL") == [(1,)]
        engine.go_on.set()
        await product.quiet()
        assert await rows(dsn, "SELECT count(*) FROM people WHERE erased_at IS NULL") == [(1,)]
        assert await rows(dsn, "SELECT reason FROM inbox WHERE state = 'rejected'") == [("erased",)]
        await product.finish_erasures()
        assert found(await everything_kept(dsn, database.keys, product.blobs), [NAME, "quillfeather"]) == {}


class Slow(Engine):
    """Takes its time over one message."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.reading = False

    async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
        if turn.message.text.startswith("quillfeather"):
            self.reading = True
            await self.go_on.wait()
        return await super().understand(turn, now=now)


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while True:
            value = holds()
            if await value if asyncio.iscoroutine(value) else value:
                return
            await asyncio.sleep(0.01)


def dump(dsn: str) -> bytes:
    folder = next(folder for folder in binary_folders() if (folder / "pg_dump").exists())
    return subprocess.run([folder / "pg_dump", "--dbname", dsn], capture_output=True, check=True).stdout
