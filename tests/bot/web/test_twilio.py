"""Twilio's webhooks on the whole service: signed forms in, effects once, replies out by REST, consent and reports kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot.jobs.reconcile import Reconcile
from core.db.contacts import Contacts
from core.db.session import Database
from core.db.statuses import Statuses
from core.domain.carriage import CarriageReport, overtaken_by
from core.domain.messages import ChatAddress
from tests.campaigns.forged_twilio import forge, replay
from tests.support.fake_twilio import shuffled, sid
from tests.support.phones import ANNA, BOB, SMS_FROM, WHATSAPP_FROM, Phones, phones

WA = f"whatsapp:{ANNA}"


@pytest.fixture
async def stage(database: Database, dsn: str) -> AsyncIterator[Phones]:
    async with phones(database, dsn) as made:
        yield made


async def test_an_expense_by_sms_and_a_number_that_presses(stage: Phones) -> None:
    (first,) = await stage.says(ANNA, "taxi 24")
    assert first.startswith("Taxi USD 24")
    assert first.endswith("1 Undo, 2 Change")
    (asked,) = await stage.says(ANNA, "2")
    assert asked.startswith("What should change?")
    (changed,) = await stage.says(ANNA, "26")
    assert changed == "Now Taxi USD 26 (was USD 24).\n1 Undo"
    (undone,) = await stage.says(ANNA, " 1. ")
    assert undone.startswith("Back to Taxi USD 24")
    assert await stage.says(ANNA, "1") == ["That button is no longer active."]
    assert stage.fake.violations == []


async def test_a_question_with_numbered_options_is_answered_by_number(stage: Phones) -> None:
    await stage.says(ANNA, "coffee 3")
    (asked,) = await stage.says(ANNA, "sofa 1.234")
    assert asked.endswith("1 USD 1,234, 2 USD 1.23")
    (told,) = await stage.says(ANNA, "2")
    assert told.startswith("Sofa USD 1.23")
    assert await stage.effects() == ["coffee", "sofa"]


async def test_a_number_that_answers_a_question_without_options_is_an_amount(stage: Phones) -> None:
    await stage.says(ANNA, "coffee 3")
    (asked,) = await stage.says(ANNA, "", NumMedia="1", MediaUrl0=f"{stage.fake.base_url}/x", MediaContentType0="image/jpeg")
    assert "total" in asked
    (told,) = await stage.says(ANNA, "2")
    assert "USD 2" in told


async def test_a_number_out_of_range_presses_nothing(stage: Phones) -> None:
    await stage.says(ANNA, "coffee 3")
    (told,) = await stage.says(ANNA, "7")
    assert "active" not in told
    assert await stage.effects() == ["coffee"]


async def test_labels_press_too_but_words_that_are_commands_stay_commands(stage: Phones) -> None:
    await stage.says(ANNA, "new group Lisbon with Bob")
    await stage.says(ANNA, "taxi 24")
    (told,) = await stage.says(ANNA, "only me")
    assert "all:" not in told
    (undone,) = await stage.says(ANNA, "undo")
    assert "Taxi" in undone


async def test_nobody_presses_for_somebody_else(stage: Phones) -> None:
    await stage.says(ANNA, "taxi 24")
    (told,) = await stage.says(BOB, "1")
    assert "Taxi" not in told
    assert await stage.effects() == ["taxi"]


async def test_quick_replies_and_quotes_press_on_the_message_that_bore_them(stage: Phones) -> None:
    await stage.says(WA, "taxi 24")
    taxi = stage.fake.sent[-1]["sid"]
    await stage.says(WA, "coffee 3")
    (told,) = await stage.says(WA, "Undo", ButtonPayload="1", ButtonText="Undo", OriginalRepliedMessageSid=taxi)
    assert told.startswith("Taken back: Taxi")
    (again,) = await stage.says(WA, "1", OriginalRepliedMessageSid=taxi)
    assert again == "That button is no longer active."


async def test_the_same_message_again_has_no_effect(stage: Phones) -> None:
    pairs = stage.fake.form(ANNA, "taxi 24")
    for _ in range(20):
        assert await stage.fake.deliver(pairs, "/webhooks/twilio/sms") == 200
    await stage.quiet()
    stage.clock.forward(days=90)
    assert await stage.fake.deliver(pairs, "/webhooks/twilio/sms") == 200
    await stage.quiet()
    assert (await stage.effects(), len(stage.fake.sent)) == (["taxi"], 1)


async def test_a_group_by_its_code_is_told_to_each_member(stage: Phones) -> None:
    (made,) = await stage.says(ANNA, "new group Lisbon")
    code = made.partition("join ")[2].split('"')[0]
    bob = f"whatsapp:{BOB}"
    await stage.says(bob, f"join {code}", ProfileName="Bob")
    assert stage.fake.texts(ANNA)[-1] == "Bob joined Lisbon."
    await stage.says(bob, "dinner 30", ProfileName="Bob")
    assert "Dinner" in stage.fake.texts(ANNA)[-1]
    (told,) = await stage.says(ANNA, "who owes whom")
    assert "USD 15" in told
    assert all("+1555" not in text for text in stage.fake.texts(ANNA) + stage.fake.texts(bob))


# ------------------------------------------------------------------ consent


@pytest.mark.parametrize("theirs", [ANNA, WA])
async def test_after_stop_nothing_is_sent_until_start(stage: Phones, theirs: str) -> None:
    await stage.says(theirs, "taxi 24")
    stop = stage.fake.form(theirs, "STOP")
    stage.fake.take_in(stop)
    path = "/webhooks/twilio/sms"
    assert await stage.fake.deliver(stop, path) == 200
    await stage.quiet()
    posts = len(stage.fake.requests)
    assert await stage.says(theirs, "coffee 3") == []
    assert len(stage.fake.requests) == posts, "Twilio is not even asked"
    assert await stage.effects() == ["taxi", "coffee"], "what is written is kept nevertheless"
    stage.clock.forward(minutes=1)
    (told,) = await stage.says(theirs, "START")
    assert "coffee" in told
    assert await stage.fake.deliver(stop, path) == 200, "the old word again"
    assert await stage.says(theirs, "bus 2")


async def test_yes_after_stop_confirms_nothing_that_was_asked_before(stage: Phones) -> None:
    await stage.says(ANNA, "taxi 24")
    await stage.says(ANNA, "delete me")
    await stage.says(ANNA, "STOP")
    stage.clock.forward(minutes=1)
    await stage.says(ANNA, "YES")
    assert await stage.effects() == ["taxi"]
    assert "erased" not in "".join(stage.fake.texts(ANNA))


async def test_help_is_answered_once(stage: Phones) -> None:
    for word in ("HELP", "INFO"):
        (told,) = await stage.says(ANNA, word)
        assert "who owes whom" in told
    assert await stage.says(ANNA, "HELP", OptOutType="HELP") == []


# ------------------------------------------------------------------ what is refused


async def post(stage: Phones, body: bytes, *, path: str = "/webhooks/twilio/sms", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(stage.fake.reach + path, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"} | headers)


async def rows(stage: Phones) -> int:
    return int(await stage.owner.fetchval("SELECT (SELECT count(*) FROM inbox_keys) + (SELECT count(*) FROM conversations)"))


@pytest.mark.parametrize("path", ["/webhooks/twilio/sms", "/webhooks/twilio/whatsapp", "/webhooks/twilio/status"])
async def test_unsigned_is_forbidden(stage: Phones, path: str) -> None:
    body = urlencode(stage.fake.form(ANNA, "taxi 24")).encode()
    assert (await post(stage, body, path=path)).status_code == 403
    forged = {"X-Twilio-Signature": "x" * 28, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "tuppence.example"}
    assert (await post(stage, body, path=path, **forged)).status_code == 403
    assert await rows(stage) == 0


async def test_forms_of_every_odd_kind_are_no_server_error(stage: Phones) -> None:
    random_ = random.Random(7)
    names = [name for name, _ in stage.fake.form(WA, "x")] + ["MediaUrl0", "ButtonPayload", "OptOutType", "MessageStatus", "ErrorCode"]
    values = ["", "0", "-1", "9" * 400, "\x00", "\ud7ff", "STOP", ANNA, WA, SMS_FROM, WHATSAPP_FROM, sid(), "é" * 300, "2", "٣"]
    for number in range(150):
        pairs = [(random_.choice(names), random_.choice(values)) for _ in range(random_.randrange(12))]
        path = f"/webhooks/twilio/{('sms', 'whatsapp', 'status')[number % 3]}"
        status = await stage.fake._post(f"{stage.fake.public_url}{path}", pairs)
        assert status == 200, pairs


async def test_too_much_is_refused(stage: Phones) -> None:
    assert (await post(stage, b"a=" + b"x" * 70_000)).status_code == 413
    assert await stage.fake.writes(ANNA, "x" * 30_000) == 200, "an endless text cannot be kept, and Twilio cannot mend it"
    assert await stage.effects() == []


async def test_what_cannot_be_kept_now_is_to_be_sent_again(stage: Phones) -> None:
    stage.runtime.inbox.close()
    assert await stage.fake.writes(ANNA, "taxi 24") == 503


async def test_without_an_account_nobody_is_believed(database: Database) -> None:
    from bot.web.app import create_app
    from bot.wiring import assemble
    from tests.support.doubles import FakeClock
    from tests.support.fake_twilio import FakeTwilio

    runtime = assemble(database, clock=FakeClock(), channels={}, address="https://tuppence.example")
    fake = FakeTwilio(auth_token="")
    pairs = fake.form(ANNA, "taxi 24")
    signature = fake.signature("https://tuppence.example/webhooks/twilio/sms", pairs)
    transport = httpx.ASGITransport(app=create_app(runtime))
    async with httpx.AsyncClient(transport=transport, base_url="https://tuppence.example") as client:
        answer = await client.post("/webhooks/twilio/sms", data=dict(pairs), headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


# ------------------------------------------------------------------ reports


async def test_reports_only_move_on_in_whatever_order_they_come(stage: Phones) -> None:
    await stage.says(ANNA, "taxi 24")
    letter = await stage.owner.fetchval("SELECT id FROM outbox")
    states = ("queued", "accepted", "sending", "sent", "delivered", "read")
    statuses, chat = Statuses(stage.runtime.database), ChatAddress("sms", SMS_FROM, ANNA)
    for order in random.Random(3).sample(list(permutations(states)), 40):
        await stage.owner.execute("UPDATE outbox SET carriage = NULL")
        best = -1
        for state in order:
            await statuses.note(CarriageReport(chat, sid(), state, None, letter))
            best = max(best, states.index(state))
            assert await stage.owner.fetchval("SELECT carriage FROM outbox") == states[best]


def test_a_failure_is_an_end() -> None:
    assert overtaken_by("failed") == {"scheduled", "queued", "accepted", "sending", "sent"}
    assert "failed" not in overtaken_by("read")


@pytest.mark.parametrize("early", [True, False])
async def test_reports_of_a_letter_come_in_any_order_and_before_it_is_marked(stage: Phones, early: bool) -> None:
    stage.fake.states, stage.fake.early = shuffled(("queued", "sent", "delivered"), 5), early
    await stage.says(ANNA, "taxi 24")
    async with asyncio.timeout(5):
        while await stage.owner.fetchval("SELECT carriage FROM outbox") != "delivered":
            await asyncio.sleep(0.02)
    assert b'tuppence_carried_total{channel="sms",state="delivered"} 1.0' in await stage.runtime.render_metrics()


async def test_a_report_without_our_own_name_of_the_letter_is_found_by_twilios(stage: Phones) -> None:
    await stage.says(ANNA, "taxi 24")
    row = stage.fake.sent[0] | {"callback": f"{stage.fake.public_url}/webhooks/twilio/status"}
    assert await stage.fake.report(row, "undelivered", error=30005) == 200
    assert tuple(await stage.owner.fetchrow("SELECT carriage, carriage_error FROM outbox")) == ("undelivered", 30005)
    assert await stage.fake.report(row | {"to": BOB}, "read") == 200
    assert await stage.owner.fetchval("SELECT carriage FROM outbox") == "undelivered"


async def test_a_refusal_that_is_reported_later_counts(stage: Phones) -> None:
    await stage.says(ANNA, "taxi 24")
    await stage.says(WA, "taxi 24")
    sms, whatsapp = stage.fake.sent
    await stage.fake.report(sms, "failed", error=21610)
    await stage.fake.report(whatsapp, "undelivered", error=63016)
    contacts = Contacts(stage.runtime.database, clock=stage.clock)
    assert (await contacts.of(ChatAddress("sms", SMS_FROM, ANNA))).stopped
    chat = ChatAddress("whatsapp", WHATSAPP_FROM.removeprefix("whatsapp:"), ANNA)
    assert (await contacts.of(chat)).last_heard is None
    stage.clock.forward(minutes=1)
    await stage.says(WA, "coffee 3")
    assert (await contacts.of(chat)).last_heard == stage.clock.now


# ------------------------------------------------------------------ lost webhooks


async def test_messages_whose_webhook_was_lost_are_fetched(stage: Phones) -> None:
    assert stage.runtime.twilio is not None
    contacts = Contacts(stage.runtime.database, clock=stage.clock)
    job = Reconcile(stage.runtime.twilio.history, missing=contacts.missing, accept=stage.runtime.inbox.accept, clock=stage.clock)
    came = await stage.says(ANNA, "taxi 24")
    await stage.says(WA, "Undo", ButtonPayload="1", ButtonText="Undo")
    for number in range(250):  # more than a page
        stage.fake.take_in(stage.fake.form(f"+1555123{number:04}", f"bus {number + 1}"))
    lost = stage.fake.form(WA, "museum 12", NumMedia="1", MediaUrl0="https://x/ME" + "0" * 32, MediaContentType0="image/png")
    stage.fake.take_in(lost)
    assert await job.catch_up() == 0, "too young: their webhooks may be on the way"
    stage.clock.forward(hours=20)
    assert await job.catch_up() == 251
    await stage.quiet()
    assert sorted(await stage.effects()) == sorted(["taxi", "museum", *["bus"] * 250])
    assert await job.catch_up() == 0
    heard = (await contacts.of(ChatAddress("whatsapp", WHATSAPP_FROM.removeprefix("whatsapp:"), ANNA))).last_heard
    assert heard == stage.clock.now - timedelta(hours=20), "the window counts from when it was written"
    assert await stage.fake.deliver(lost, "/webhooks/twilio/whatsapp") == 200
    await stage.quiet()
    assert (await stage.effects()).count("museum") == 1
    assert came
    assert stage.fake.violations == []


async def test_forged_and_replayed_webhooks_leave_nothing(stage: Phones) -> None:
    assert await forge(stage, times=150, seed=1) == []
    assert await replay(stage, times=60) == []


async def test_on_whatsapp_a_file_of_another_program_is_taken_over(stage: Phones) -> None:
    file = (Path(__file__).parents[2] / "journeys" / "files" / "cabin.csv").read_bytes()
    await stage.says(WA, "new group Ski with bob")
    (shown,) = await stage.sends(WA, file, "text/plain")
    assert shown.startswith("[Ski] Splitwise file: 3 bills"), shown
    done = await stage.says(WA, "1")
    done += await stage.says(WA, "1")
    assert "3 bills from Splitwise are in." in done[-1]
    assert (await stage.balances())["Dora"] == -13033
    assert stage.fake.violations == []


async def test_a_file_that_is_no_table_is_answered_kindly(stage: Phones) -> None:
    (said,) = await stage.sends(WA, b"\x00\x01nothing at all", "text/csv")
    assert "file" in said
    assert stage.fake.violations == []
