"""An SMTP server on loopback that keeps the mail it takes, and says what it was told to say to each command."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class Taken:
    """A mail as it came: its envelope, and what was in it."""

    sender: str
    to: str
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Sink:
    """`answers[verb]` are said in turn in place of the usual one ("" closes the line); `slow[verb]`: seconds before it is answered.

    `after_data`: what is said once a mail is there. `encrypted`: whether the last line was.
    """

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    slow: dict[str, float] = field(default_factory=dict)
    after_data: deque[str] = field(default_factory=deque)
    lines: list[str] = field(default_factory=list)
    trust: ssl.SSLContext | None = None
    encrypted: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        envelope: dict[str, str] = {}
        self.encrypted = writer.get_extra_info("ssl_object") is not None
        await _say(writer, "220 sink ready")
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            self.lines.append(line)
            await asyncio.sleep(self.slow.get(verb, 0))
            if verb == "DATA" and not self.answers[verb]:
                await _say(writer, "354 go on")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                answer = self._take(Taken(envelope["MAIL"], envelope["RCPT"], raw))
            else:
                envelope[verb] = line.partition("<")[2].partition(">")[0]
                answer = self.answers[verb].popleft() if self.answers[verb] else self._usual(verb)
            if not answer:
                return
            await _say(writer, answer)
            if verb == "STARTTLS" and self.trust is not None:
                await writer.start_tls(self.trust)
                self.encrypted = True

    def _take(self, mail: Taken) -> str:
        answer = self.after_data.popleft() if self.after_data else "250 taken"
        if answer.startswith("250") or not answer:
            self.taken.append(mail)
        return answer

    def _usual(self, verb: str) -> str:
        if verb == "EHLO":
            return "\r\n".join(["250-sink", *(["250-STARTTLS"] if self.trust and not self.encrypted else []), "250 AUTH PLAIN LOGIN"])
        return {"STARTTLS": "220 go on", "AUTH": "235 known", "QUIT": "221 bye"}.get(verb, "250 fine")


async def _say(writer: asyncio.StreamWriter, words: str) -> None:
    writer.write(words.encode() + b"\r\n")
    await writer.drain()


@asynccontextmanager
async def smtp_sink(*, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> AsyncIterator[Sink]:
    """`tls`: from the first byte on; `starttls`: where it is asked for."""
    sink = Sink(trust=starttls)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        sink.port = server.sockets[0].getsockname()[1]
        yield sink
