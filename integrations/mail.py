"""Sends mail by SMTP: one connection a mail, encrypted wherever it leaves the machine. Decides about no letter, and knows no person."""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from core.domain.mail import Mail
from core.errors import SendError, SendErrorKind

ANSWER_SECONDS = 8  # of the server to one command: all of them together stay below what delivery waits for a letter
_PORTS = {"smtp": 587, "smtps": 465}
_NO_SUCH_ADDRESS = frozenset((550, 551, 553, 556))
_POLICY = "5.7."  # RFC 3463: refused for what it is or where it comes from, not because there is nobody
_7_BIT = SMTP.clone(cte_type="7bit")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}", re.ASCII)  # stands between < and >; RFC 5322 2.1.1: a line has 998 characters at most


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `sender`: an address, or a name and an address. `trust`: of its certificate; None: as the machine does."""

    host: str
    port: int
    tls: bool  # from the first byte on; else STARTTLS
    user: str
    password: str
    sender: str
    trust: ssl.SSLContext | None = None

    @property
    def local(self) -> bool:
        """Whether nothing leaves the machine, so that a server without STARTTLS will do."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def address(self) -> str:
        return parseaddr(self.sender)[1]


def server_of(url: str, *, sender: str) -> Server:
    """The server that "smtp://user:password@host:587" (STARTTLS) or "smtps://..." (TLS at once) names."""
    parts = urlsplit(url)
    port = parts.port or _PORTS[parts.scheme]
    user, password = (unquote(each or "") for each in (parts.username, parts.password))
    return Server(parts.hostname or "", port, parts.scheme == "smtps", user, password, sender)


class SmtpMailer:
    """A Mailer."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, mail: Mail) -> None:
        """Raises SendError: `opted_out` where the server knows no such address, `retry` where it is away or asks to come again."""
        import aiosmtplib  # only hosts that send mail pay for it

        message = written(mail, sender=self._server.sender)
        client = self._client(aiosmtplib)
        try:
            await _step("connect", client.connect)
            await _step("sender", lambda: client.mail(self._server.address))
            await _step("recipient", lambda: client.rcpt(mail.to))
            await _step("data", lambda: client.data(message))
        finally:
            client.close()

    def _client(self, aiosmtplib: Any) -> Any:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=None if server.local and not server.tls else not server.tls,  # None: where the server offers it
            tls_context=server.trust,
            timeout=ANSWER_SECONDS,
            local_hostname=server.address.rpartition("@")[2],
        )


async def _step(stage: str, call: Callable[[], Awaitable[object]]) -> None:
    """One command. Raises SendError, which names the stage and the server's number, never an address."""
    from aiosmtplib import SMTPAuthenticationError, SMTPException, SMTPResponseException

    try:
        await call()
    except SMTPAuthenticationError as problem:
        raise SendError(SendErrorKind.MISCONFIGURED, f"login {problem.code}") from None
    except SMTPResponseException as problem:
        unclear = stage == "data" and problem.code < 400  # no answer of the protocol's
        raise SendError(_kind(stage, problem.code, problem.message), f"{stage} {problem.code}", unknown=unclear) from None
    except ssl.SSLError:
        raise SendError(SendErrorKind.MISCONFIGURED, f"{stage} tls") from None
    except (OSError, SMTPException) as problem:  # away, silent, or gone in the middle: then it may have taken the mail
        raise SendError(SendErrorKind.RETRY, f"{stage} {type(problem).__name__}", unknown=stage == "data") from None


def _kind(stage: str, code: int, words: str) -> SendErrorKind:
    """What a server's refusal means. Who takes no mail for an address is held to want none: nothing more is tried there."""
    if code < 500 or code == 552:  # a full mailbox is emptied some day
        return SendErrorKind.RETRY
    if stage == "recipient":
        return SendErrorKind.OPTED_OUT if code in _NO_SUCH_ADDRESS and _POLICY not in words else SendErrorKind.REJECTED
    return SendErrorKind.REJECTED if stage == "data" else SendErrorKind.MISCONFIGURED


def written(mail: Mail, *, sender: str) -> bytes:
    """The mail as it goes over the wire. ValueError for a header of more than one line."""
    return _stop_headers(mail.stop_url) + _composed(mail, sender=sender).as_bytes()


def _stop_headers(url: str) -> bytes:
    """Where one click ends all mail: RFC 8058. Written here, as the library folds what is long into encoded words, and no URL is made of them."""
    if not url:
        return b""
    if not _URL.fullmatch(url):
        raise ValueError("no URL for a header: one without linefeed, and not too long")
    return f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode("ascii")


def _composed(mail: Mail, *, sender: str) -> EmailMessage:
    """In text and in HTML, with its files."""
    message = EmailMessage(policy=_7_BIT)
    message["From"] = sender
    message["To"] = _as_it_stands(mail.to)
    message["Subject"] = _as_it_stands(mail.subject)
    message["Date"] = format_datetime(mail.written_at)
    message["Message-ID"] = f"<{mail.key}@{parseaddr(sender)[1].rpartition('@')[2]}>"  # the same again is known to be the same
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in mail.files:
        main, _, sub = file.media_type.partition("/")
        message.add_attachment(file.contents, maintype=main, subtype=sub, filename=_as_it_stands(file.name))
    return message


def _as_it_stands(words: str) -> str:
    """What people wrote, so that no header reads it as encoded words (RFC 2047): decoded, these may hold the end of the line."""
    return words.replace("=?", "= ?")
