"""From a word in the chat to the mail in a mailbox: the real channel over real SMTP, also where the server is away, busy, or knows nobody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from bot.mailing import STOP_PURPOSE, MailChannel, stopped_by
from bot.rehearsal import Rehearsal, Sent
from core.db import mailboxes
from core.db.session import Database
from core.db.signed_links import opened
from core.domain.mail import CHANNEL
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of
from integrations.mail import SmtpMailer, server_of
from tests.support.smtp_sink import Sink, smtp_sink

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
MONDAY = datetime(2025, 3, 17, 9, tzinfo=UTC)


class Stage:
    """Anna on Telegram, and the server that her mail is handed to."""

    def __init__(self, play: Rehearsal, sink: Sink) -> None:
        self.play = play
        self.sink = sink
        self.count = 0

    async def says(self, text: str, *, who: str = "Anna") -> list[Sent]:
        self.count += 1
        at = START + timedelta(seconds=self.count)
        message = InboundMessage(
            ChatAddress("telegram", "", who), ChatKind.PRIVATE, Person(who, who), str(self.count), InboundKind.TEXT, at, text=text
        )
        return await self.play.play(message, at=at)

    def mail(self, number: int = -1) -> EmailMessage:
        return self.sink.taken[number].mail

    async def said(self, text: str, *, who: str = "Anna") -> str:
        return " ".join(sent.message.text for sent in await self.says(text, who=who))

    async def clicks(self, number: int = -1) -> None:
        """Whoever reads a mail wants no more."""
        database, token = self.play.runtime.database, str(self.mail(number)["List-Unsubscribe"]).rpartition("/")[2].removesuffix(">")
        async with database.unit_of_work() as uow:
            await mailboxes.stop_by_letter(uow, *stopped_by(opened(database.keys, STOP_PURPOSE, token, now=START)), now=START)

    async def proves(self) -> None:
        await self.says("my email is Anna@Example.org")
        code = str(self.mail()["Subject"]).split()[-1]
        assert any("is yours" in sent.message.text for sent in await self.says(code))


@pytest.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    async with smtp_sink() as sink, Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        mailer = SmtpMailer(server_of(f"smtp://127.0.0.1:{sink.port}", sender="Tuppence <money@example.org>"))
        play._channels[CHANNEL] = MailChannel(mailer, keys=database.keys, clock=play.clock, address="https://money.example.org")
        yield Stage(play, sink)


async def test_a_report_arrives_with_its_page_and_its_file(stage: Stage) -> None:
    await stage.says("dinner <b>at</b> Mario 42")
    await stage.proves()
    await stage.says("every monday 9:00 report by mail")
    await stage.play.play(None, at=MONDAY)
    mail = stage.mail()
    assert (stage.sink.taken[-1].to, mail["To"], len(stage.sink.taken)) == ("Anna@example.org", "Anna@example.org", 2)
    assert str(mail["Subject"]).startswith("Mon 10 Mar to Sun 16 Mar: €42")
    assert b"\r\nList-Unsubscribe: <https://money.example.org/mail/stop/" in b"\r\n" + stage.sink.taken[-1].raw
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and "no more mail" in plain.get_content()
    assert page is not None and "€42" in page.get_content() and "<b>" not in page.get_content()
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "application/pdf" and file.get_content().startswith(b"%PDF")


async def test_a_busy_server_gets_it_later_and_once(stage: Stage) -> None:
    stage.sink.answers["RCPT"].extend(["451 4.7.1 come again"] * 3)
    await stage.says("my email is anna@example.org")
    for minutes in (1, 2, 3):
        await stage.play.play(None, at=START + timedelta(minutes=minutes))
    assert len(stage.sink.taken) == 1


async def test_a_code_that_is_over_is_not_sent(stage: Stage) -> None:
    stage.sink.answers["RCPT"].extend(["451 4.7.1 come again"] * 2)
    await stage.says("my email is anna@example.org")
    await stage.play.play(None, at=START + timedelta(minutes=11))
    found = "SELECT o.state, o.reason FROM outbox o JOIN conversations c ON c.id = o.conversation_id WHERE c.channel = 'email'"
    rows = await stage.play.runtime.database.pool.fetch(found)
    assert (len(stage.sink.taken), [tuple(row) for row in rows]) == (0, [("dropped", "expired")])
    assert ["I sent a code" in sent.message.text for sent in stage.play.sent] == [True]  # nothing else is said
    await stage.says("my email is anna@example.org")
    assert len(stage.sink.taken) == 1


async def test_a_line_that_breaks_brings_the_same_mail_again(stage: Stage) -> None:
    stage.sink.after_data.append("")
    await stage.says("my email is anna@example.org")
    assert [taken.mail["Message-ID"] for taken in stage.sink.taken] == [stage.mail(0)["Message-ID"]] * 2


async def test_who_gave_a_wrong_address_is_told_in_the_chat(stage: Stage) -> None:
    stage.sink.answers["RCPT"].append("550 5.1.1 unknown")
    await stage.says("my email is anna@example.org")
    (told,) = await stage.play.play(None, at=START + timedelta(minutes=5))
    assert "does not arrive" in told.message.text and not stage.sink.taken


@pytest.mark.parametrize("name", ["=?utf-8?q?x=0AReply-To=3Ae=40v.io?=", "Zoë =?utf-8?b?YQpSZXBseS1UbzogZUB2Lmlv?="])
async def test_a_warning_arrives_whatever_the_one_it_warns_of_is_called(stage: Stage, name: str) -> None:
    await stage.proves()
    said = " ".join(sent.message.text for sent in await stage.says("link"))
    code = re.search(r"link ([A-Z0-9-]{11})", said)
    assert code is not None
    await stage.says(f"link {code[1]}", who=name)
    warning = stage.sink.taken[-1]
    assert "wrote your code" in warning.mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert warning.mail["Reply-To"] is None and b"\nReply-To" not in warning.raw


@pytest.mark.parametrize("words", [(), ("remove my email",), ("delete me", "yes")])
@pytest.mark.parametrize("before", [True, False])
async def test_who_never_gave_an_address_ends_mail_to_it_for_everybody(stage: Stage, words: tuple[str, ...], before: bool) -> None:
    await stage.says("my email is Victim@example.org")
    if before:
        await stage.clicks()
    for word in words:
        await stage.says(word)
    await stage.play.play(None, at=START + timedelta(minutes=1))
    if not before:
        await stage.clicks()
    for who in ("Anna", "Bob"):
        answer = await stage.said("my email is victim@example.org", who=who)
        assert "I send no mail to victim@example.org" in answer
    assert len(stage.sink.taken) == 1
    await stage.play.play(None, at=START + timedelta(days=40))
    assert "I send no mail" in await stage.said("my email is victim@example.org", who="Carl")


async def test_whoever_has_proven_an_address_takes_a_click_back(stage: Stage) -> None:
    await stage.proves()
    await stage.clicks()
    for words in ("my email is Anna@example.org", "my email"):
        assert "“email me reports” takes that back" in await stage.said(words)
    assert "I send no mail" in await stage.said("my email is anna@example.org", who="Bob")
    assert len(stage.sink.taken) == 1
    assert "Mail goes to" in await stage.said("email me reports")
    await stage.says("my email is anna@example.org", who="Bob")
    assert len(stage.sink.taken) == 2


async def test_whoever_proves_an_address_wants_mail_there_after_all(stage: Stage) -> None:
    await stage.says("my email is anna@example.org")
    await stage.clicks()
    assert "is yours" in await stage.said(str(stage.mail()["Subject"]).split()[-1])
    assert "Mail goes to" in await stage.said("my email")


async def test_of_two_who_share_an_address_neither_gets_mail_that_the_other_has_ended(stage: Stage) -> None:
    await stage.proves()
    await stage.says("my email is anna@example.org", who="Bob")
    assert "is yours" in await stage.said(str(stage.mail()["Subject"]).split()[-1], who="Bob")
    await stage.clicks()
    for who in ("Anna", "Bob"):
        assert "You want no mail" in await stage.said("my email", who=who)
    assert "Mail goes to" in await stage.said("email me reports")
    assert "You want no mail" in await stage.said("my email", who="Bob")
