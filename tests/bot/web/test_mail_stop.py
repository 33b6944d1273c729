"""One click ends all mail to an address: a mail program's, or a button's; opening the link alone does nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bot.mailing import STOP_LASTS, STOP_PATH, STOP_PURPOSE, MailChannel, stop_words
from core.db import mailboxes
from core.db.ids import new_id
from core.db.session import Database
from core.db.signed_links import signed
from core.domain.mail import CHANNEL, Mail
from core.domain.messages import ChatAddress, Document, OutboundMessage
from tests.support.doubles import FakeClock
from tests.support.product import Page, Product

ANNA = "anna@example.org"


class FakeMailer:
    def __init__(self) -> None:
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


async def mailed(product: Product, database: Database) -> tuple[Page, UUID, UUID]:
    """Anna, who has a proven address, and a letter that went there."""
    anna = await Page(product).open("Anna")
    await anna.say("coffee 3")
    now = product.runtime.clock()
    async with database.unit_of_work() as uow:
        person_id: UUID = await uow.connection.fetchval("SELECT id FROM people")
        there = await mailboxes.place(uow, person_id, ANNA, now=now)
        await uow.execute("UPDATE mailboxes SET proven_at = $2 WHERE conversation_id = $1", there, now)
        letter_id = new_id()
        await uow.execute(
            """INSERT INTO outbox (id, conversation_id, dedupe_key, urgency, next_at, created_at, trace_id, state)
            VALUES ($1, $2, $3, 'notification', $4, $4, 'x', 'sent')""",
            letter_id,
            there,
            letter_id.bytes,
            now,
        )
    return anna, person_id, letter_id


def token_of(product: Product, database: Database, letter_id: UUID, *, ago: timedelta = timedelta()) -> str:
    return signed(database.keys, STOP_PURPOSE, stop_words(database.keys, letter_id, ANNA), now=product.runtime.clock() - ago, lasts=STOP_LASTS)


async def is_open(database: Database, person_id: UUID) -> bool:
    async with database.unit_of_work() as uow:
        found = await mailboxes.of_person(uow, person_id)
    return found is not None and found.open


async def test_a_click_ends_it_and_a_look_does_not(product: Product, database: Database) -> None:
    anna, person_id, letter_id = await mailed(product, database)
    path = f"{STOP_PATH}/{token_of(product, database, letter_id)}"
    shown = await anna.http.get(path, headers={"accept-language": "de-AT"})
    assert shown.status_code == 200 and "Keine Mail mehr" in shown.text and "anna" not in shown.text.lower()
    assert await is_open(database, person_id)
    for _ in range(2):
        stopped = await anna.http.post(path, content=b"List-Unsubscribe=One-Click", headers={"origin": "https://mail.example.com"})
        assert stopped.status_code == 200 and "nothing more comes" in stopped.text
    assert not await is_open(database, person_id)


async def test_no_other_token_opens_anything(product: Product, database: Database) -> None:
    anna, person_id, letter_id = await mailed(product, database)
    good = token_of(product, database, letter_id)
    old = token_of(product, database, letter_id, ago=STOP_LASTS + timedelta(days=1))
    foreign = signed(database.keys, "another purpose", letter_id.hex, now=product.runtime.clock(), lasts=STOP_LASTS)
    for token in ("x", good[:-1] + ("0" if good[-1] != "0" else "1"), old, foreign):
        for method in ("GET", "POST"):
            assert (await anna.http.request(method, f"{STOP_PATH}/{token}")).status_code == 404
    assert await is_open(database, person_id)


async def test_a_click_ends_mail_to_an_address_that_was_given_up_here(product: Product, database: Database) -> None:
    anna, person_id, _letter_id = await mailed(product, database)
    async with database.unit_of_work() as uow:
        await mailboxes.erase_rows(uow, person_id)
    unknown = token_of(product, database, new_id())
    assert (await anna.http.post(f"{STOP_PATH}/{unknown}")).status_code == 200
    async with database.unit_of_work() as uow:
        assert await mailboxes.is_unwanted(uow, mailboxes.place_hash(database.keys, ANNA.upper()))


async def test_a_click_drops_what_waits_to_go_there(product: Product, database: Database) -> None:
    anna, _person_id, letter_id = await mailed(product, database)
    await database.pool.execute(
        """INSERT INTO outbox (id, conversation_id, dedupe_key, urgency, next_at, created_at, trace_id, state)
        SELECT $2, conversation_id, $3, urgency, next_at + interval '1 day', created_at, trace_id, 'pending' FROM outbox WHERE id = $1""",
        letter_id,
        waiting := new_id(),
        waiting.bytes,
    )
    assert (await anna.http.post(f"{STOP_PATH}/{token_of(product, database, letter_id)}")).status_code == 200
    row = await database.pool.fetchrow("SELECT state, reason FROM outbox WHERE id = $1", waiting)
    assert tuple(row) == ("dropped", "stopped")


@pytest.mark.parametrize(("address", "linked"), [("https://money.example.org", True), ("http://127.0.0.1:8000", False)])
async def test_a_mail_names_the_link_where_others_can_reach_it(database: Database, address: str, linked: bool) -> None:
    mailer, key = FakeMailer(), new_id()
    channel = MailChannel(mailer, keys=database.keys, clock=FakeClock(), address=address)
    files = (Document("r.html", "text/html", data=b"<p>shown</p>"), Document("r.pdf", "application/pdf", data=b"%PDF"))
    message = OutboundMessage(ChatAddress(CHANNEL, "", "a@example.org"), "March: <b>€3</b>\nx\n\n-- \nfoot", key=str(key), documents=files)
    assert await channel.send(message) == str(key)
    (mail,) = mailer.mails
    assert (mail.to, mail.subject, mail.html, [file.name for file in mail.files]) == ("a@example.org", "March: <b>€3</b>", "<p>shown</p>", ["r.pdf"])
    assert bool(mail.stop_url) is linked and mail.stop_url.startswith(f"{address}{STOP_PATH}/" if linked else "")
    await channel.send(OutboundMessage(ChatAddress(CHANNEL, "", "a@example.org"), "March: <b>€3</b>", key=str(key)))
    assert "&lt;b&gt;" in mailer.mails[1].html and "<b>" not in mailer.mails[1].html
