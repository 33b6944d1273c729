"""Mail over real SMTP: what goes over the wire, and what a server's no means."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from core.domain.mail import Mail, checked_address, subject_of, veiled
from core.domain.messages import Document
from core.errors import DomainError, SendError, SendErrorKind
from integrations import mail as smtp
from integrations.mail import SmtpMailer, server_of, written
from tests.support.smtp_sink import Sink, smtp_sink

SENDER = "Tuppence <money@example.org>"
MAIL = Mail(
    to="anna@example.org",
    subject="März: 30 €",
    text="März: 30 €\n.\n-- \nno more mail",
    html="<p>März</p>",
    key="0190-abc",
    written_at=datetime(2025, 3, 17, 9, tzinfo=UTC),
    files=(Document("report.pdf", "application/pdf", data=b"%PDF-1"),),
    stop_url="https://money.example.org/mail/stop/x",
)


def mailer(sink: Sink, *, scheme: str = "smtp", login: str = "", trust: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> SmtpMailer:
    return SmtpMailer(replace(server_of(f"{scheme}://{login}{host}:{sink.port}", sender=SENDER), trust=trust))


async def refused(sink: Sink) -> SendError:
    with pytest.raises(SendError) as caught:
        await mailer(sink).send(MAIL)
    return caught.value


async def test_a_mail_arrives_whole() -> None:
    async with smtp_sink() as sink:
        await mailer(sink).send(MAIL)
    (taken,) = sink.taken
    mail = taken.mail
    assert (taken.sender, taken.to) == ("money@example.org", "anna@example.org")
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "anna@example.org", "März: 30 €")
    assert mail["Message-ID"] == "<0190-abc@example.org>" and mail["Date"] == "Mon, 17 Mar 2025 09:00:00 +0000"
    assert (mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) == ("<https://money.example.org/mail/stop/x>", "List-Unsubscribe=One-Click")
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and plain.get_content().replace("\r\n", "\n") == MAIL.text + "\n"  # also a line that is a dot alone
    assert page is not None and page.get_content().strip() == "<p>März</p>"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == ("report.pdf", "application/pdf", b"%PDF-1")
    assert taken.raw.isascii()  # for servers that take no more


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", SendErrorKind.OPTED_OUT),
        ("RCPT", "550 5.7.1 not from you", SendErrorKind.REJECTED),
        ("RCPT", "451 4.7.1 come again", SendErrorKind.RETRY),
        ("RCPT", "552 5.2.2 full", SendErrorKind.RETRY),
        ("RCPT", "554 no", SendErrorKind.REJECTED),
        ("MAIL", "550 not you", SendErrorKind.MISCONFIGURED),
        ("MAIL", "421 busy", SendErrorKind.RETRY),
        ("DATA", "554 unwanted", SendErrorKind.REJECTED),
        ("EHLO", "", SendErrorKind.RETRY),
    ],
)
async def test_what_a_no_means(verb: str, answer: str, kind: SendErrorKind) -> None:
    async with smtp_sink() as sink:
        sink.answers[verb].extend([answer] * 2)
        error = await refused(sink)
    assert (error.kind, error.unknown) == (kind, False)
    assert "anna" not in str(error) and "no such" not in str(error)  # it goes into logs
    assert not sink.taken


async def test_a_server_that_is_away_is_tried_again() -> None:
    async with smtp_sink() as sink:
        pass
    error = await refused(sink)
    assert (error.kind, error.unknown) == (SendErrorKind.RETRY, False)


async def test_a_line_that_breaks_behind_the_mail_may_have_taken_it_and_the_next_is_known_to_be_the_same() -> None:
    async with smtp_sink() as sink:
        sink.after_data.append("")
        error = await refused(sink)
        assert (error.kind, error.unknown) == (SendErrorKind.RETRY, True)
        await mailer(sink).send(MAIL)
    assert len({taken.mail["Message-ID"] for taken in sink.taken}) == 1


async def test_a_silent_server_is_not_waited_for_longer_than_delivery_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 3 * smtp.ANSWER_SECONDS < 30
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.1)
    async with smtp_sink() as sink:
        sink.slow["RCPT"] = 1
        error = await refused(sink)
    assert error.kind is SendErrorKind.RETRY


# ------------------------------------------------------------------ encryption


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's, for localhost, and one that trusts it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder: Path = tmp_path_factory.mktemp("tls")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(["openssl", *made, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


async def test_starttls_and_tls_carry_the_login(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, trust = contexts
    async with smtp_sink(starttls=server) as sink:
        await mailer(sink, login="us%40er:pa%3Ass@", trust=trust, host="localhost").send(MAIL)
        assert sink.encrypted and sink.lines.index("STARTTLS") < next(n for n, line in enumerate(sink.lines) if line.startswith("AUTH"))
    async with smtp_sink(tls=server) as sink:
        await mailer(sink, scheme="smtps", trust=trust, host="localhost").send(MAIL)
        assert sink.encrypted and len(sink.taken) == 1


async def test_a_server_that_nobody_vouches_for_gets_nothing(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with smtp_sink(tls=contexts[0]) as sink:
        with pytest.raises(SendError):
            await mailer(sink, scheme="smtps", host="localhost").send(MAIL)
    assert not sink.taken


async def test_where_mail_leaves_the_machine_it_is_never_sent_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp.Server, "local", property(lambda _: False))
    async with smtp_sink() as sink:
        error = await refused(sink)
    assert error.kind is not SendErrorKind.OPTED_OUT and not sink.taken


# ------------------------------------------------------------------ nothing gets into a header


def headers(mail: Mail) -> list[str]:
    """The lines above the body, as a server reads them."""
    return written(mail, sender=SENDER).partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def names(lines: list[str]) -> set[str]:
    assert not any("\n" in line or "\r" in line for line in lines)
    return {line.partition(":")[0] for line in lines if not line.startswith((" ", "\t"))}


KNOWN = names(headers(MAIL))


@pytest.mark.parametrize("evil", ["x\r\nBcc: all@example.org", "x\nBcc: all@example.org", "x\r\n\r\nbody"])
def test_no_header_is_broken_open(evil: str) -> None:
    assert names(headers(replace(MAIL, subject=subject_of(evil)))) == KNOWN
    for broken in (replace(MAIL, subject=evil), replace(MAIL, to=evil), replace(MAIL, key=evil), replace(MAIL, stop_url=f"https://{evil}")):
        with pytest.raises(ValueError, match=r"linefeed|carriage"):
            written(broken, sender=SENDER)
    with pytest.raises(DomainError):
        checked_address(f"anna@example.org{evil[1:]}")


@pytest.mark.parametrize("end", ["=0A", "=0D=0A", "=0D"])
@pytest.mark.parametrize("around", ["{}", "{} on Telegram wrote your code", "Zoë {}", "x={}", "= {} =?=?utf-8?q?x?=", "=??{}"])
def test_no_encoded_word_that_somebody_is_called_ends_a_header(end: str, around: str) -> None:
    called = around.format(f"=?utf-8?q?x{end}Reply-To=3Ae=40v.io?=")
    for spoken in (called, called.replace("?q?", "?Q?"), called.replace("utf-8", "iso-8859-1*en")):
        files = (Document(f"{spoken}.pdf", "application/pdf", data=b"x"),)
        mail = replace(MAIL, subject=subject_of(spoken), files=files)
        assert names(headers(mail)) == KNOWN
        assert not re.search(rb"[\r\n]Reply-To", written(mail, sender=SENDER))
        shown = str(message_from_bytes(written(mail, sender=SENDER), policy=default)["Subject"])
        assert shown.replace(" ", "") == subject_of(spoken).replace(" ", "")
    with pytest.raises(DomainError):
        checked_address(f"=?utf-8?q?x{end}?=@example.org")


def test_the_address_of_the_one_click_stands_as_it_is_however_long() -> None:
    url = "https://money.example.org/mail/stop/" + "0123456789abcdef" * 20
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in written(replace(MAIL, stop_url=url), sender=SENDER)
    lines = written(replace(MAIL, stop_url=url, subject="ä" * 120, text="ö" * 2_000), sender=SENDER).split(b"\r\n")
    assert max(len(line) for line in lines if not line.startswith(b"List-")) <= 78  # nothing else is longer than mail is
    with pytest.raises(ValueError, match="URL"):
        written(replace(MAIL, stop_url="https://x.org/>, <mailto:all@example.org"), sender=SENDER)


@pytest.mark.parametrize("name", ["a\r\nX: y.pdf", 'a"; filename="b.exe'])
def test_a_files_name_stays_a_name(name: str) -> None:
    try:
        raw = written(replace(MAIL, files=(Document(name, "application/pdf", data=b"x"),)), sender=SENDER)
    except ValueError:
        return
    message = message_from_bytes(raw, policy=default)
    assert raw.count(b"X: y") == 0 and [part.get_filename() for part in message.walk() if part.get_filename()] == [name]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("Anna.B+x@Example.ORG", "Anna.B+x@example.org"),
        ("<anna@example.org>", "anna@example.org"),
        ("mailto:anna@example.org", "anna@example.org"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
    ],
)
def test_addresses_as_servers_take_them(said: str, address: str) -> None:
    assert checked_address(said) == address


@pytest.mark.parametrize(
    "said",
    [
        *(
            "anna",
            "anna@",
            "@example.org",
            "a b@example.org",
            "anna@example",
            "anna@-x.org",
            "anna@127.0.0.1",
            ".a@example.org",
            "anna,bob@example.org",
        ),
        *("a" * 65 + "@example.org", "anna@" + "a." * 130 + "org", 'a"b@example.org', "änna@example.org"),
    ],
)
def test_what_is_no_address(said: str) -> None:
    with pytest.raises(DomainError):
        checked_address(said)


def test_what_is_shown_of_an_address() -> None:
    assert veiled("anna@example.org") == "a…@example.org"


def test_a_subject_is_the_first_line_and_not_long() -> None:
    assert subject_of("\n March: €30 \nrest") == "March: €30"
    assert subject_of("word " * 60).endswith("word …") and len(subject_of("word " * 60)) <= 122
