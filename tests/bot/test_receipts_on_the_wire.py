"""Photos of receipts as the platforms deliver them: from the picture to the settled balance, and one bill whenever the service is killed."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from core.db.session import Database
from core.domain.receipts import Line, Reading, Receipt
from integrations.receipts.choice import installed
from tests.support.doubles import FakeReader
from tests.support.fake_s3 import s3_store
from tests.support.fake_telegram import FakeTelegram
from tests.support.phones import ANNA, BOB, Phones, phones
from tests.support.receipts import draw
from tests.support.telegram_service import TelegramService, labels, telegram_service

BILL = draw((Path(__file__).parents[1] / "journeys" / "photos" / "trattoria.txt").read_text("utf-8"))
ENGINE = {"TUPPENCE_RECEIPT_ENGINE": "tesseract"}
LIMIT_SECONDS = 25
JPEG = b"\xff\xd8\xff"
PHOTO = {"photo": [{"file_id": "bill", "file_unique_id": "b", "width": 900, "height": 1200, "file_size": len(BILL)}]}


needs_engine = pytest.mark.skipif(not installed("tesseract"), reason="Tesseract is not installed")


async def booked(service: TelegramService) -> list[int]:
    rows = await service.owner.fetch("SELECT amount FROM postings WHERE role = 'paid' ORDER BY 1")
    return [row[0] for row in rows]


def children(pid: int) -> dict[int, str]:
    """The state of each child process."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found[int(stat.parent.name)] = fields[0]
    return found


@needs_engine
async def test_on_telegram_from_the_photo_to_even(place: tuple[Path, str]) -> None:
    home, dsn = place
    async with (
        FakeTelegram(privacy=False).running() as fake,
        telegram_service(fake, dsn, home, webhook=True, **ENGINE) as service,
    ):
        anna, bob = fake.person(7, "Anna"), fake.person(8, "Bob")
        trip = fake.chat(-100, kind="supergroup", title="Trip", people=(7, 8))
        fake.files["bill"] = BILL
        for person in (anna, bob):
            fake.write(trip, person, "hello")
        await service.quiet()
        fake.write(trip, bob, **PHOTO)
        card = await service.said(trip, "TRATTORIA SOLE LTD · Thu 13 Mar 2025 · £51, 4 lines, adds up.", seconds=LIMIT_SECONDS)
        assert labels(card)[:4] == ["1", "2", "3", "4"]
        fake.press(trip, anna, card["message_id"], "2")
        await service.until(lambda: "(Anna)" in trip.messages[card["message_id"]]["text"])
        fake.write(trip, bob, "1 3 4 bob")
        await service.quiet()
        assert await service.balances() == {"Anna": -2200, "Bob": 2200}
        fake.write(trip, anna, "I paid Bob back 22 pounds")
        await service.quiet()
        assert set((await service.balances()).values()) == {0}
        fake.write(trip, anna, "show receipt")
        shown = await service.until(lambda: next((each for each in trip.messages.values() if each.get("caption") == "TRATTORIA SOLE LTD £51"), None))
        picture = fake.files[shown["photo"][0]["file_id"]]
        assert picture.startswith(JPEG)
        assert picture != BILL, "as it is kept: without what the file held besides"
        if Path("/proc").exists():
            assert "Z" not in children(service.process.pid).values()


@needs_engine
async def test_pictures_in_a_bucket_are_kept_shown_and_erased(place: tuple[Path, str]) -> None:
    home, dsn = place
    with s3_store() as store:
        bucket = {"TUPPENCE_BLOBS": "s3://photos/tuppence", "AWS_ENDPOINT_URL": store.bucket.endpoint, "AWS_REGION": store.bucket.region}
        bucket |= {"AWS_ACCESS_KEY_ID": store.bucket.access_key, "AWS_SECRET_ACCESS_KEY": store.bucket.secret_key}
        async with (
            FakeTelegram().running() as fake,
            telegram_service(fake, dsn, home, webhook=True, **ENGINE, **bucket) as service,
        ):
            anna, chat = fake.person(7, "Anna"), fake.chat(7)
            fake.files["bill"] = BILL
            fake.write(chat, anna, **PHOTO)
            await service.said(chat, "TRATTORIA SOLE LTD", seconds=LIMIT_SECONDS)
            assert [path.rpartition("/")[0] for path in store.kept] == ["/photos/tuppence/receipts"] * 2
            assert not any(data.startswith(JPEG) for data in store.kept.values()), "sealed before they leave the house"
            fake.write(chat, anna, "show receipt")
            shown = await service.until(lambda: next((each for each in chat.messages.values() if "photo" in each and "caption" in each), None))
            assert fake.files[shown["photo"][0]["file_id"]].startswith(JPEG)
            fake.write(chat, anna, "delete me")
            asked = await service.until(lambda: next((each for each in chat.messages.values() if "Delete everything" in labels(each)), None))
            fake.press(chat, anna, asked["message_id"], "Delete everything")
            await service.until(lambda: store.kept == {}, seconds=LIMIT_SECONDS)


@needs_engine
@pytest.mark.parametrize("point", ["after_receipt_claim", "before_receipt_commit", "after_receipt_commit"])
async def test_killed_in_between_it_is_one_bill(place: tuple[Path, str], point: str) -> None:
    home, dsn = place
    async with FakeTelegram().running() as fake:
        anna, chat = fake.person(7, "Anna"), fake.chat(7)
        fake.files["bill"] = BILL
        async with telegram_service(fake, dsn, home, webhook=True, TUPPENCE_FAILPOINTS=point, **ENGINE) as service:
            fake.write(chat, anna, **PHOTO)
            await asyncio.to_thread(service.process.wait, LIMIT_SECONDS)
        fake.said.clear()  # the next one introduces itself anew
        async with telegram_service(fake, dsn, home, webhook=True, **ENGINE) as service:
            await service.said(chat, "TRATTORIA SOLE LTD", seconds=LIMIT_SECONDS)
            await service.quiet()
            assert await booked(service) == [5100]
            assert sum("TRATTORIA" in str(message.get("text")) for message in chat.messages.values()) == 1


LINES = (Line("Margherita", 950), Line("Wine", 1850))
MARIO = Reading(Receipt("Da Mario", date=date(2025, 3, 13), currency="EUR", lines=LINES, total=2800), {}, (), "it", "fake")


async def send_photo(stage: Phones, theirs: str) -> list[str]:
    return await stage.sends(theirs, b"\xff\xd8\xff a bill", "image/jpeg")


async def fetched(stage: Phones, link: str) -> bytes:
    """What anybody gets there."""
    async with httpx.AsyncClient() as anybody:
        return (await anybody.get(link.replace(stage.fake.public_url, stage.fake.reach, 1), headers={"Host": urlsplit(link).netloc})).content


async def test_on_whatsapp_from_the_photo_to_even(database: Database, dsn: str) -> None:
    bob, anna = f"whatsapp:{BOB}", f"whatsapp:{ANNA}"
    async with phones(database, dsn, reader=FakeReader(otherwise=MARIO)) as stage:
        made = " ".join(await stage.says(bob, "new group Trip", ProfileName="Bob"))
        code = re.search(r"join ([A-Z0-9]{5}-[A-Z0-9]{5})", made)
        assert code, made
        await stage.says(anna, f"join {code[1]}", ProfileName="Anna")
        assert "Da Mario · Thu 13 Mar · €28, 2 lines, adds up." in (shown := " ".join(await send_photo(stage, bob)))
        assert shown.endswith("1, 2, 3 Change split, 4 Undo")
        assert stage.fake.texts(anna)[-1].endswith("Whose was what? Write “1 anna, 2 3 me, rest all”.")
        await stage.says(anna, "1 is mine", ProfileName="Anna")
        await stage.says(bob, "2 bob", ProfileName="Bob")
        assert await stage.balances() == {"Anna": -950, "Bob": 950}
        await stage.says(anna, "I paid Bob back €9.50", ProfileName="Anna")
        assert set((await stage.balances()).values()) == {0}
        assert stage.fake.violations == []


async def test_on_whatsapp_a_photo_is_read_and_corrected_in_words(database: Database, dsn: str) -> None:
    async with phones(database, dsn, reader=FakeReader(otherwise=MARIO)) as stage:
        said = await send_photo(stage, f"whatsapp:{ANNA}")
        said += await stage.says(f"whatsapp:{ANNA}", "it was 27")
        assert said[0] == "Reading…"
        assert said[1].startswith("Da Mario · Thu 13 Mar · €28, 2 lines, adds up.")
        assert "€27 (was €28)" in said[2]
        assert await stage.says(f"whatsapp:{ANNA}", "show receipt") == ["Da Mario €27"]
        assert await fetched(stage, stage.fake.rows[-1]["picture"]) == b"\xff\xd8\xff a bill"
        assert stage.fake.violations == []


async def test_by_sms_the_picture_is_a_link(database: Database, dsn: str) -> None:
    async with phones(database, dsn, reader=FakeReader(otherwise=MARIO)) as stage:
        await send_photo(stage, ANNA)
        (said,) = await stage.says(ANNA, "show receipt")
        assert stage.fake.rows[-1]["picture"] is None
        assert await fetched(stage, said.split()[-1]) == b"\xff\xd8\xff a bill"


async def test_a_picture_whose_sender_is_erased_meanwhile_is_not_sent(database: Database, dsn: str) -> None:
    async with phones(database, dsn, reader=FakeReader(otherwise=MARIO)) as stage:
        await send_photo(stage, f"whatsapp:{ANNA}")
        stage.runtime.blobs.kept.clear()  # type: ignore[attr-defined]
        assert await stage.says(f"whatsapp:{ANNA}", "show receipt") == []
        row = await stage.owner.fetchrow("SELECT state, reason FROM outbox ORDER BY no DESC LIMIT 1")
        assert tuple(row) == ("dead", "erased")
