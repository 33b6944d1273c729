"""E-mail from the chat: an address is proven by a code, reports and warnings go there, and one word ends it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.rehearsal import Rehearsal, Sent
from core.db.erasure_aftermath import finish_erasure, next_erasure
from core.db.session import Database
from core.domain.mail import CHANNEL
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, OutboundMessage, Person
from core.errors import SendError, SendErrorKind
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 12, 12, tzinfo=UTC)
MONDAY = datetime(2025, 3, 17, 9, tzinfo=UTC)
ANNA = "anna@example.org"


class Refusing:
    """A mail channel whose server knows no address."""

    name = CHANNEL
    capabilities = capabilities_of(CHANNEL)

    async def send(self, message: OutboundMessage) -> str:
        raise SendError(SendErrorKind.OPTED_OUT, "recipient 550")


class Stage:
    """People who write on Telegram, and what came of it."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.at = START
        self.count = 0

    async def says(self, text: str, *, who: str = "anna", on: str = "telegram", group: str = "") -> list[Sent]:
        self.at += timedelta(seconds=1)
        self.count += 1
        message = InboundMessage(
            ChatAddress(on, "", group or f"{on}-{who}"),
            ChatKind.GROUP if group else ChatKind.PRIVATE,
            Person(f"{on}-{who}", who),
            str(self.count),
            InboundKind.TEXT,
            self.at,
            text=text,
            position=self.count,
        )
        return await self.play.play(message, at=self.at)

    async def said(self, text: str, *, who: str = "anna") -> str:
        """The answer in the chat."""
        return "\n".join(sent.message.text for sent in await self.says(text, who=who) if sent.message.address.channel != CHANNEL)

    async def presses(self, label: str, *, who: str) -> list[Sent]:
        self.at += timedelta(seconds=1)
        self.count += 1
        message = InboundMessage(
            ChatAddress("telegram", "", f"telegram-{who}"),
            ChatKind.PRIVATE,
            Person(f"telegram-{who}", who),
            str(self.count),
            InboundKind.BUTTON,
            self.at,
            button=self.play.choice_id(None, label),
            position=self.count,
        )
        return await self.play.play(message, at=self.at)

    async def until(self, moment: datetime) -> list[Sent]:
        self.at = moment
        return await self.play.play(None, at=moment)

    def mails(self, to: str = ANNA) -> list[Sent]:
        return [sent for sent in self.play.sent if (sent.message.address.channel, sent.message.address.chat) == (CHANNEL, to)]

    def code(self) -> str:
        return next(found[1] for sent in reversed(self.play.sent) if (found := re.search(r"code: (\d{6})", sent.message.text)))

    async def link(self, starter: str, joiner: str) -> None:
        """Two who are one from now on, as the first of them."""
        await self.says("link", who=starter)
        code = next(found[1] for sent in reversed(self.play.sent) if (found := re.search(r"link ([A-Z0-9-]{11})", sent.message.text)))
        await self.says(f"link {code}", who=joiner)
        await self.says("yes", who=starter)
        await self.says("yes", who=joiner)

    async def proves(self, address: str = ANNA, *, who: str = "anna") -> None:
        await self.says(f"my email is {address}", who=who)
        assert "is yours" in await self.said(self.code(), who=who)


@pytest.fixture
async def stage(database: Database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Stage(play)


async def test_only_a_proven_address_gets_anything(stage: Stage) -> None:
    await stage.says("coffee 3.50")
    assert "no e-mail address" in await stage.said("pdf march by mail")
    await stage.says(f"my email is {ANNA}")
    assert [sent.message.text[:10] for sent in stage.mails()] == ["Your code:"]
    assert "no e-mail address" in await stage.said("pdf march by mail")
    assert "is yours" in await stage.said(f"{stage.code()[:3]}-{stage.code()[3:]}")
    assert "on its way" in await stage.said("pdf march by mail")
    shown, file = stage.mails()[-1].message.documents
    assert (shown.media_type, file.name) == ("text/html", "report-2025-03-01-2025-03-31.pdf")
    assert shown.data is not None and b"Eating out" in shown.data and file.data is not None and file.data.startswith(b"%PDF")


async def test_a_code_is_tried_five_times_and_its_chat_rests_then(stage: Stage) -> None:
    await stage.says(f"my email is {ANNA}")
    wrong = next(code for code in ("000001", "000002") if code != stage.code())
    assert ["not the code" in await stage.said(wrong) for _ in range(5)] == [True] * 5
    assert "Too many wrong codes" in await stage.said(stage.code())
    stage.at += timedelta(minutes=16)
    await stage.says(f"my email is {ANNA}")
    assert "is yours" in await stage.said(stage.code())


async def test_six_figures_are_a_code_only_while_one_is_waited_for(stage: Stage) -> None:
    await stage.says(f"my email is {ANNA}")
    stage.at += timedelta(minutes=11)
    assert "code" not in await stage.said("482913")


async def test_nobodys_mailbox_is_flooded(stage: Stage) -> None:
    for who in ("bob", "carl"):
        for _ in range(4):
            await stage.says("my email is victim@example.org", who=who)
    assert len(stage.mails("victim@example.org")) == 5
    assert "Try again tomorrow" in await stage.said("my email is Victim@example.org", who="dora")
    for number in range(5):
        await stage.says(f"my email is other{number}@example.org", who="emil")
    assert "enough codes" in await stage.said("my email is more@example.org", who="emil")


async def codes_of(stage: Stage, address: str, *, who: str) -> int:
    """How many codes go to an address though its limit is used up, by a person who asks until they are told to stop."""
    before = len(stage.mails(address))
    for _ in range(12):
        await stage.says(f"my email is {address}", who=who)
    return len(stage.mails(address)) - before


@pytest.mark.parametrize("words", [("remove my email",), ("delete me", "yes")])
async def test_who_starts_anew_gets_no_more_codes_for_it(stage: Stage, database: Database, words: tuple[str, ...]) -> None:
    assert await codes_of(stage, "victim@example.org", who="bob") == 5
    for word in words:
        await stage.says(word, who="bob")
    async with database.unit_of_work() as uow:
        while (erasure := await next_erasure(uow, after=UUID(int=0))) is not None:
            assert await finish_erasure(uow, erasure)
    await stage.until(stage.at + timedelta(minutes=10))  # what was left is shredded
    assert await codes_of(stage, "victim@example.org", who="carl") == 0
    assert "enough codes" in await stage.said("my email is other@example.org", who="bob")
    await stage.until(stage.at + timedelta(hours=2))
    assert await codes_of(stage, "other@example.org", who="bob") == 5
    await stage.until(stage.at + timedelta(hours=2))
    assert "Try again tomorrow" in await stage.said("my email is another@example.org", who="bob")
    await stage.until(stage.at + timedelta(days=2))
    assert await database.pool.fetchval("SELECT count(*) FROM mail_codes") == 0
    assert await codes_of(stage, "victim@example.org", who="bob") == 5


async def test_two_who_are_one_have_the_codes_of_one(stage: Stage, database: Database) -> None:
    assert await codes_of(stage, "victim@example.org", who="rob") == 5
    code = stage.code()
    await stage.link("bob", "rob")
    assert "not the code" not in await stage.said(code, who="rob") and "no e-mail address" in await stage.said("my email", who="rob")
    assert "enough codes" in await stage.said("my email is more@example.org", who="bob")
    assert await codes_of(stage, "victim@example.org", who="dora") == 0


async def test_what_is_no_address_is_said_to_be_none(stage: Stage) -> None:
    for wrong in ("anna@example", "anna@exa_mple.org", "an..na@example.org", "a@1.2.3.4"):
        assert "no e-mail address that I can write to" in await stage.said(f"my email is {wrong}")
    assert not stage.mails()


async def test_reports_go_there_and_come_back(stage: Stage, database: Database) -> None:
    await stage.says("coffee 3.50")
    await stage.proves()
    assert ANNA[:1] in await stage.said("every monday 9:00 report by mail")
    await stage.until(MONDAY)
    assert stage.play.sent[-1].message.address.chat == ANNA and "no more mail" in stage.play.sent[-1].message.text
    assert {document.media_type for document in stage.play.sent[-1].message.documents} == {"text/html", "application/pdf"}
    assert "No more mail" in await stage.said("no more mail")
    count = len(stage.mails())
    (sent,) = await stage.until(MONDAY + timedelta(days=7))
    assert sent.message.address.chat == "telegram-anna" and len(stage.mails()) == count
    assert "You want no mail" in await stage.said("pdf march by mail")
    assert "no longer here" in await stage.said("email me reports")
    (sent,) = await stage.until(MONDAY + timedelta(days=14))
    assert sent.message.address.chat == ANNA


async def test_what_was_planned_in_a_group_stays_where_it_was_planned(stage: Stage) -> None:
    await stage.says("coffee 3.50")
    await stage.says("dinner 42", group="trip")
    await stage.proves()
    await stage.says("every monday 9:00 report", group="trip")
    assert "No report is planned" in await stage.said("email me reports")
    await stage.says("every monday 9:00 report")
    assert "no longer here" in await stage.said("email me reports")
    for week, (words, mine) in enumerate([("", ANNA), ("no more mail", "telegram-anna"), ("email me reports", ANNA)]):
        if words:
            await stage.says(words)
        sent = await stage.until(MONDAY + timedelta(days=7 * week))
        assert {each.message.address.chat for each in sent} == {"trip", mine}


async def test_what_was_planned_by_mail_in_a_group_is_not_the_private_chats(stage: Stage, database: Database) -> None:
    await stage.says("dinner 42", group="trip")
    await stage.proves()
    await stage.says("every monday 9:00 report by mail", group="trip")
    await stage.says("no more mail")
    assert await database.pool.fetchval("SELECT by_mail FROM report_schedules")
    (sent,) = await stage.until(MONDAY)
    assert sent.message.address.chat == "trip"


async def test_warnings_go_there_too(stage: Stage) -> None:
    await stage.proves()
    await stage.says("link")
    code = next(found[1] for sent in reversed(stage.play.sent) if (found := re.search(r"link ([A-Z0-9-]{11})", sent.message.text)))
    await stage.says(f"link {code}", who="mallory", on="whatsapp")
    warning = stage.mails()[-1].message
    assert "mallory on WhatsApp wrote your code" in warning.text and "answer in the chat" in warning.text and not warning.choices


async def test_a_new_address_is_told_to_the_old_one_and_takes_its_place(stage: Stage, database: Database) -> None:
    await stage.proves()
    await stage.proves("anna@example.com")
    assert "no more" in stage.mails()[-1].message.text
    await stage.says("coffee 3")
    await stage.says("pdf march by mail")
    assert len(stage.mails("anna@example.com")) == 2
    await stage.until(stage.at + timedelta(hours=1))
    assert await database.pool.fetchval("SELECT count(*) FROM mailboxes") == 1
    assert await database.pool.fetchval("SELECT count(*) FROM conversations WHERE channel = 'email' AND data_key IS NOT NULL") == 1


async def test_it_can_be_removed_and_given_again(stage: Stage, database: Database) -> None:
    await stage.proves()
    assert "deleted" in await stage.said("remove my email")
    assert "no e-mail address" in await stage.said("my email")
    await stage.until(stage.at + timedelta(hours=1))
    assert await database.pool.fetchval("SELECT count(*) FROM mailboxes") == 0
    assert await database.pool.fetchval("SELECT count(*) FROM conversations WHERE channel = 'email' AND address <> ''") == 0
    await stage.proves()
    assert ANNA in await stage.said("my email")


async def test_who_gave_an_address_that_no_server_knows_is_told_once(stage: Stage, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stage.play._channels, CHANNEL, Refusing())  # type: ignore[arg-type]
    await stage.says(f"my email is {ANNA}")
    (sent,) = await stage.until(stage.at + timedelta(minutes=1))
    assert (sent.message.address.chat, "does not arrive" in sent.message.text) == ("telegram-anna", True)
    assert await stage.until(stage.at + timedelta(minutes=1)) == []
    assert "code" not in sent.message.text  # what proves an address goes nowhere else


async def test_a_report_that_is_refused_comes_into_the_chat(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.says("coffee 3.50")
    await stage.proves()
    await stage.says("every monday 9:00 report by mail")
    monkeypatch.setitem(stage.play._channels, CHANNEL, Refusing())  # type: ignore[arg-type]
    sent = await stage.until(MONDAY)
    assert [each.message.address.chat for each in sent] == ["telegram-anna"] and "€3.50" in sent[0].message.text
    assert "no more mail" not in sent[0].message.text and [each.media_type for each in sent[0].message.documents] == ["application/pdf"]
    (told,) = await stage.until(MONDAY + timedelta(minutes=1))
    assert "does not arrive" in told.message.text
    (again,) = await stage.until(MONDAY + timedelta(days=7))
    assert again.message.address.chat == "telegram-anna"


@pytest.mark.parametrize("quiet", ["quiet 11 to 15", "no quiet hours"])
async def test_a_report_that_was_asked_for_by_mail_and_is_refused_comes_into_the_chat_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, quiet: str
) -> None:
    await stage.says(quiet)
    await stage.says("coffee 3.50")
    await stage.proves()
    monkeypatch.setitem(stage.play._channels, CHANNEL, Refusing())  # type: ignore[arg-type]
    answer, report = await stage.says("pdf march by mail")
    assert "on its way" in answer.message.text and report.at - answer.at < timedelta(minutes=1)
    assert report.message.address.chat == "telegram-anna" and "€3.50" in report.message.text and "no more mail" not in report.message.text
    (file,) = report.message.documents
    assert (file.media_type, file.contents[:4]) == ("application/pdf", b"%PDF")


async def test_what_is_asked_for_by_mail_in_a_group_and_refused_comes_to_who_asked_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.says("coffee 3.50")
    await stage.says("dinner 42", group="trip")
    await stage.proves()
    monkeypatch.setitem(stage.play._channels, CHANNEL, Refusing())  # type: ignore[arg-type]
    answer, report = await stage.says("pdf march by mail", group="trip")
    assert (answer.message.address.chat, report.message.address.chat) == ("trip", "telegram-anna")


async def test_two_people_may_share_an_address_and_neither_is_told_of_the_other(stage: Stage, database: Database) -> None:
    await stage.proves()
    await stage.proves(who="bob")
    assert "deleted" in await stage.said("remove my email", who="bob")
    await stage.until(stage.at + timedelta(hours=1))
    assert ANNA in await stage.said("my email")


async def test_two_who_are_one_keep_the_address_of_the_first_and_the_other_is_told(stage: Stage, database: Database) -> None:
    await stage.proves("bob@example.org", who="bob")
    await stage.proves("robert@example.org", who="rob")
    await stage.link("bob", "rob")
    assert "bob@example.org" in await stage.said("my email", who="rob")
    assert "writes to this address no more" in stage.mails("robert@example.org")[-1].message.text
    assert "Linked" in stage.mails("bob@example.org")[-1].message.text
    await stage.until(stage.at + timedelta(hours=1))
    assert await database.pool.fetchval("SELECT count(*) FROM mailboxes") == 1


@pytest.mark.parametrize("address", ["", "bob@example.org"])
async def test_two_who_are_one_are_told_of_no_address_that_stays(stage: Stage, address: str) -> None:
    if address:
        await stage.proves(address, who="bob")
    await stage.proves("bob@example.org", who="rob")
    await stage.link("bob", "rob")
    assert "bob@example.org" in await stage.said("my email", who="bob")
    assert not any("no more:" in sent.message.text for sent in stage.mails("bob@example.org"))


async def silent_number(stage: Stage) -> None:
    """Anna's number, where nobody wrote for long, and who writes there then gives an address."""
    for text in ("new group Lisbon", "taxi 24", f"my email is {ANNA}"):
        await stage.says(text, on="whatsapp")
    await stage.says(stage.code(), on="whatsapp")
    invited = next(found[1] for sent in stage.play.sent if (found := re.search(r"join ([A-Z0-9-]{11})", sent.message.text)))
    await stage.says(f"join {invited}", who="ben")
    stage.at += timedelta(days=60)
    for text in ("lunch 9", "my email is new@example.org"):
        await stage.says(text, on="whatsapp")
    await stage.says(stage.code(), on="whatsapp")


async def test_who_comes_back_to_a_number_keeps_the_old_address_and_the_new_one_is_told(stage: Stage) -> None:
    await silent_number(stage)
    sent = await stage.says("it's me: taxi 24", on="whatsapp")
    assert "Welcome back" in sent[0].message.text
    assert "writes to this address no more" in stage.mails("new@example.org")[-1].message.text


async def test_who_is_vouched_for_keeps_the_old_address_and_the_new_one_is_told(stage: Stage) -> None:
    await silent_number(stage)
    await stage.says("it's me", on="whatsapp")
    await stage.presses("Yes, it is anna", who="ben")
    assert "writes to this address no more" in stage.mails("new@example.org")[-1].message.text
    assert ANNA in (await stage.says("my email", on="whatsapp"))[0].message.text


async def test_delete_me_says_goodbye_there_and_keeps_no_address(stage: Stage, database: Database) -> None:
    await stage.proves()
    await stage.says("delete me")
    await stage.says("yes")
    assert "no more" in stage.mails()[-1].message.text or "deleted" in stage.mails()[-1].message.text
    assert await database.pool.fetchval("SELECT count(*) FROM mailboxes") == 0
    assert await database.pool.fetchval("SELECT count(*) FROM mail_codes WHERE closed_at IS NULL") == 0
    async with database.unit_of_work() as uow:
        while (erasure := await next_erasure(uow, after=UUID(int=0))) is not None:
            assert await finish_erasure(uow, erasure)
    assert await database.pool.fetchval("SELECT count(*) FROM conversations WHERE channel = 'email' AND data_key IS NOT NULL") == 0


async def test_by_sms_a_code_to_the_phone_comes_first(stage: Stage) -> None:
    await stage.says("coffee 3", on="sms")
    asked = (await stage.says(f"my email is {ANNA}", on="sms"))[0].message.text
    assert not stage.mails()
    code = re.search(r"(\d{4}-\d{2})", asked)
    assert code is not None
    await stage.says(code[1], on="sms")
    assert len(stage.mails()) == 1
