"""From messages to requests: a table of cases against the fake Twilio, its refusals as our errors, and sending again what may have arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from core.db.ids import new_id
from core.domain.messages import ChatAddress, Choice, Contact, OutboundMessage
from core.errors import SendError, SendErrorKind
from integrations.channels.twilio.gateway import TwilioGateway, connect
from tests.support.doubles import FakeClock
from tests.support.fake_twilio import FakeTwilio, sid, twilio
from tests.support.phones import account_at

ANNA = "+15551230001"
SMS = ChatAddress("sms", "+15005550006", ANNA)
WHATSAPP = ChatAddress("whatsapp", "+14155238886", ANNA)
CHOICES = (Choice("opaque-a", "Only me"), Choice("opaque-b", "Undo"))
TEMPLATE, GERMAN = sid("HX"), sid("HX")


@dataclass
class FakeContacts:
    contact: Contact
    stops: list[ChatAddress] = field(default_factory=list)
    closed: list[ChatAddress] = field(default_factory=list)
    known: set[str] = field(default_factory=set)

    async def of(self, chat: ChatAddress) -> Contact:
        return self.contact

    async def stop(self, chat: ChatAddress) -> None:
        self.stops.append(chat)

    async def close_window(self, chat: ChatAddress) -> None:
        self.closed.append(chat)

    async def accounted(self, chat: ChatAddress, message_ids: Collection[str]) -> set[str]:
        return self.known & set(message_ids)


@dataclass
class Stage:
    fake: FakeTwilio
    clock: FakeClock
    contacts: FakeContacts
    gateway: TwilioGateway

    async def send(self, address: ChatAddress, text: str = "Taxi EUR 24.", **fields: object) -> str:
        values = {"address": address, "text": text, "key": str(new_id())} | fields
        return await self.gateway.channels[address.channel].send(OutboundMessage(**values))  # type: ignore[arg-type]

    async def refused(self, address: ChatAddress, text: str = "Taxi EUR 24.", **fields: object) -> SendError:
        with pytest.raises(SendError) as refusal:
            await self.send(address, text, **fields)
        return refusal.value

    def posts(self) -> list[dict[str, str]]:
        return [form for method, path, form in self.fake.requests if method == "POST" and path.endswith("/Messages.json")]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with opened() as made:
        yield made


class opened:
    """A gateway at a fake Twilio; `fields` are the account's."""

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    async def __aenter__(self) -> Stage:
        self._served = twilio(hang_seconds=3)
        fake = await self._served.__aenter__()
        clock = FakeClock()
        clock.now = fake.clock().replace(microsecond=0)  # ids of letters hold the real time
        fake.now = clock.now
        contacts = FakeContacts(Contact(last_heard=clock.now - timedelta(hours=1)))
        fields = {name: fake.base_url if value == "fake" else value for name, value in self._fields.items()}
        self._gateway = connect(account_at(fake, **fields), contacts=contacts, clock=clock)
        for ours in fake.numbers:
            fake.heard[ours, f"whatsapp:{ANNA}" if ours.startswith("whatsapp:") else ANNA] = clock.now - timedelta(hours=1)
        return Stage(fake, clock, contacts, self._gateway)

    async def __aexit__(self, *error: object) -> None:
        await self._gateway.close()
        await self._served.__aexit__(None, None, None)


async def test_an_sms(stage: Stage) -> None:
    key = str(new_id())
    message_id = await stage.send(SMS, "Taxi €24 – paid by you.", choices=CHOICES, key=key)
    assert stage.posts() == [
        {
            "To": ANNA,
            "From": "+15005550006",
            "Body": "Taxi €24 - paid by you.\n1 Only me, 2 Undo",
            "StatusCallback": f"https://tuppence.example/webhooks/twilio/status?letter={key}",
        }
    ]
    assert message_id == stage.fake.sent[0]["sid"]
    assert stage.fake.violations == []


async def test_whatsapp_in_parts(stage: Stage) -> None:
    message_id = await stage.send(WHATSAPP, "line of words\n" * 150, choices=CHOICES)
    bodies = stage.fake.texts(f"whatsapp:{ANNA}")
    assert len(bodies) == 3
    assert all(len(body) <= 1024 for body in bodies)
    assert [("1 Only me, 2 Undo" in body) for body in bodies] == [False, False, True]
    assert message_id == stage.fake.sent[-1]["sid"]
    assert stage.fake.violations == []


async def test_without_a_public_address_no_reports_are_asked_for() -> None:
    async with opened(public_url=None) as stage:
        await stage.send(SMS)
        assert "StatusCallback" not in stage.posts()[0]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(("Only me", "Undo"), "twilio/quick-reply"), (("a", "b", "c", "d"), "twilio/list-picker")],
)
async def test_buttons_by_a_content_that_is_made_once(labels: tuple[str, ...], kind: str) -> None:
    async with opened(content_base="fake") as stage:
        choices = tuple(Choice(f"opaque-{label}", label) for label in labels)
        for _ in range(3):
            await stage.send(WHATSAPP, "Taxi €24.\nYou are owed €12.", choices=choices)
        (content,) = stage.fake.contents.values()
        shown = content["types"][kind]
        ids = [each["id"] for each in shown.get("actions") or shown["items"]]
        assert ids == [str(number) for number in range(1, len(labels) + 1)]
        assert all("Body" not in post and "MediaUrl" not in post for post in stage.posts())
        assert stage.fake.texts(f"whatsapp:{ANNA}") == ["Taxi €24.\nYou are owed €12."] * 3
        assert stage.fake.violations == []


@pytest.mark.parametrize("labels", [("Bob paid Anna €18",), ("x" * 25,), tuple(map(str, range(11))), ("a" * 25, "b", "c", "d")])
async def test_choices_that_no_content_holds_are_numbers(labels: tuple[str, ...]) -> None:
    async with opened(content_base="fake") as stage:
        await stage.send(WHATSAPP, "Which?", choices=tuple(Choice(label, label) for label in labels))
        assert stage.posts()[0]["Body"].startswith("Which?\n\n1 ")
        assert stage.fake.contents == {}


async def test_where_contents_are_refused_choices_are_numbers() -> None:
    async with opened(content_base="fake") as stage:
        stage.fake.contents_on = False
        await stage.send(WHATSAPP, "Which?", choices=CHOICES)
        stage.fake.contents_on = True
        await stage.send(WHATSAPP, "Which?", choices=CHOICES)
        assert stage.fake.texts(f"whatsapp:{ANNA}") == ["Which?\n\n1 Only me, 2 Undo"] * 2
    async with opened(content_base="fake") as stage:
        stage.fake.faults.append("21656")
        await stage.send(WHATSAPP, "Which?", choices=CHOICES)
        assert stage.fake.texts(f"whatsapp:{ANNA}") == ["Which?\n\n1 Only me, 2 Undo"]


# ------------------------------------------------------------------ the reply window


@pytest.mark.parametrize(("language", "template"), [("de", GERMAN), ("fr", TEMPLATE), ("", TEMPLATE)], ids=["de", "fr", "none"])
async def test_a_template_is_that_of_the_language(language: str, template: str) -> None:
    async with opened(templates={"": TEMPLATE, "de": GERMAN}) as stage:
        stage.fake.contents |= {TEMPLATE: {"approved": True}, GERMAN: {"approved": True}}
        stage.contacts.contact = Contact(last_heard=None)
        await stage.send(WHATSAPP, "12 €", notice=True, language=language)
        assert [post["ContentSid"] for post in stage.posts()] == [template]


@pytest.mark.parametrize("hours", [24, 25, 1000, None])
async def test_outside_the_window_only_a_template_is_sent(hours: int | None) -> None:
    async with opened(templates={"": TEMPLATE}) as stage:
        stage.fake.contents[TEMPLATE] = {"approved": True}
        stage.fake.heard.clear()
        stage.contacts.contact = Contact(last_heard=stage.clock.now - timedelta(hours=hours) if hours else None)
        await stage.send(WHATSAPP, "You spent €212 last week.\n\nRent is due  Wednesday.", choices=CHOICES, notice=True)
        (post,) = stage.posts()
        assert post["ContentSid"] == TEMPLATE
        assert post["ContentVariables"] == '{"1": "You spent €212 last week. · Rent is due Wednesday."}'
        assert "Body" not in post
        assert stage.fake.violations == []


async def test_outside_the_window_without_a_template_nothing_is_sent(stage: Stage) -> None:
    stage.contacts.contact = Contact(last_heard=stage.clock.now - timedelta(hours=24))
    refusal = await stage.refused(WHATSAPP)
    assert (refusal.kind, refusal.unknown) == (SendErrorKind.WINDOW_CLOSED, False)
    assert stage.fake.requests == []


async def test_a_window_that_twilio_holds_closed_is_remembered(stage: Stage) -> None:
    stage.fake.heard.clear()
    assert (await stage.refused(WHATSAPP)).kind is SendErrorKind.WINDOW_CLOSED
    assert stage.contacts.closed == [WHATSAPP]


async def test_who_stopped_gets_nothing(stage: Stage) -> None:
    stage.contacts.contact = replace(stage.contacts.contact, stopped=True)
    for address in (SMS, WHATSAPP):
        assert (await stage.refused(address)).kind is SendErrorKind.OPTED_OUT
    assert stage.fake.requests == []


async def test_who_stopped_at_the_carrier_is_remembered(stage: Stage) -> None:
    stage.fake.stopped.add(("+15005550006", ANNA))
    assert (await stage.refused(SMS)).kind is SendErrorKind.OPTED_OUT
    assert stage.contacts.stops == [SMS]


async def test_a_number_that_never_wrote_gets_no_sms(stage: Stage) -> None:
    stage.contacts.contact = Contact()
    assert (await stage.refused(SMS)).kind is SendErrorKind.REJECTED
    assert stage.fake.requests == []


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("fault", "kind", "after", "unknown"),
    [
        ("429", SendErrorKind.RETRY, 2, False),
        ("63018", SendErrorKind.RETRY, 60, False),
        ("20429", SendErrorKind.RETRY, 1, False),
        ("500", SendErrorKind.RETRY, None, True),
        ("lost", SendErrorKind.RETRY, None, True),
        ("garbage", SendErrorKind.RETRY, None, True),
        ("21211", SendErrorKind.REJECTED, None, False),
        ("21614", SendErrorKind.REJECTED, None, False),
        ("99999", SendErrorKind.REJECTED, None, False),
        ("20003", SendErrorKind.MISCONFIGURED, None, False),
        ("21606", SendErrorKind.MISCONFIGURED, None, False),
        ("21610", SendErrorKind.OPTED_OUT, None, False),
        ("63016", SendErrorKind.WINDOW_CLOSED, None, False),
    ],
)
async def test_refusals(stage: Stage, fault: str, kind: SendErrorKind, after: int | None, unknown: bool) -> None:
    stage.fake.faults.append(fault)
    refusal = await stage.refused(SMS)
    assert (refusal.kind, refusal.retry_after_seconds, refusal.unknown) == (kind, after, unknown)


async def test_a_wrong_token_is_a_wrong_setting(stage: Stage) -> None:
    stage.fake.auth_token = "another"
    assert (await stage.refused(SMS)).kind is SendErrorKind.MISCONFIGURED


async def test_a_silent_twilio_may_have_sent_it(stage: Stage) -> None:
    stage.gateway.client.http.timeout = httpx.Timeout(0.3)
    stage.fake.faults.append("hang")
    refusal = await stage.refused(SMS)
    assert (refusal.kind, refusal.unknown) == (SendErrorKind.RETRY, True)


async def test_a_twilio_that_is_not_there_has_sent_nothing(stage: Stage) -> None:
    stage.gateway.client.base = "http://127.0.0.1:1"
    refusal = await stage.refused(SMS)
    assert (refusal.kind, refusal.unknown) == (SendErrorKind.RETRY, False)


# ------------------------------------------------------------------ sending again


async def test_what_went_out_before_is_found_and_not_sent_again(stage: Stage) -> None:
    key = str(new_id())
    stage.fake.faults.append("lost")
    assert (await stage.refused(SMS, key=key)).unknown
    message_id = await stage.send(SMS, key=key, again=True)
    assert [row["sid"] for row in stage.fake.sent] == [message_id]
    assert stage.fake.violations == []


async def test_what_did_not_go_out_is_sent(stage: Stage) -> None:
    key = str(new_id())
    stage.fake.faults.append("500")
    await stage.refused(SMS, key=key)
    await stage.send(SMS, key=key, again=True)
    assert stage.fake.texts(ANNA) == ["Taxi EUR 24."]


async def test_equal_words_of_another_letter_are_not_taken_for_this_one(stage: Stage) -> None:
    stage.contacts.known.add(await stage.send(SMS, "OK."))
    await stage.send(SMS, "OK.", again=True)
    assert stage.fake.texts(ANNA) == ["OK."] * 2


async def test_words_from_before_the_letter_was_written_are_not_taken_for_it(stage: Stage) -> None:
    await stage.send(SMS, "OK.")
    stage.fake.rows[-1]["at"] -= timedelta(minutes=5)
    stage.fake.rows[-1] |= {"date_sent": "Fri, 14 Mar 2025 12:00:00 +0000"}
    await stage.send(SMS, "OK.", again=True)
    assert stage.fake.texts(ANNA) == ["OK."] * 2


async def test_only_the_parts_that_are_missing_are_sent_again(stage: Stage) -> None:
    key, text = str(new_id()), "\n".join(f"line {number} of words" for number in range(120))
    stage.fake.faults.extend(["", "429"])
    await stage.refused(WHATSAPP, text, key=key)
    await stage.send(WHATSAPP, text, key=key, again=True)
    assert "\n".join(stage.fake.texts(f"whatsapp:{ANNA}")) == text


@pytest.mark.parametrize("answer", [{}, {"sid": 5}, {"sid": "SM"}, {"messages": 3}, {"messages": [1, None, {"sid": [], "body": {}}]}])
async def test_strange_answers_are_no_crash(stage: Stage, answer: dict[str, object]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
    stage.gateway.client.http = httpx.AsyncClient(transport=transport)
    refusal = await stage.refused(SMS, again=True)
    assert (refusal.kind, refusal.unknown) == (SendErrorKind.RETRY, True)
    assert await stage.gateway.history.received(since=stage.clock.now) == []


async def test_a_next_page_elsewhere_is_not_followed(stage: Stage) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.host))
        return httpx.Response(200, json={"messages": [], "next_page_uri": "@evil.example/2010-04-01/Accounts/x/Messages.json?"})

    stage.gateway.client.http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    assert await stage.gateway.history.received(since=stage.clock.now) == []
    assert set(asked) == {"127.0.0.1"}
