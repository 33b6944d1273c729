"""Twilio on loopback, by the wire: REST with its rules and refusals, webhooks signed by its own library and retried as it really does."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import secrets
import socket
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from integrations.channels.twilio import alphabet
from tests.support.twilio_spec import problems

STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
START = {"START", "YES", "UNSTOP"}
Row = dict[str, Any]


class Torn(Response):
    """An answer that breaks off: the connection closes before its body is whole."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b'{"sid": "SM', "more_body": False})


class Form(list[tuple[str, str]]):
    """Pairs, as twilio's library wants to be asked for them."""

    def __iter__(self):
        return iter(dict(self.pairs))

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        super().__init__(pairs)
        self.pairs = list(pairs)

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


def sid(kind: str = "SM") -> str:
    return kind + secrets.token_hex(16)


@dataclass
class FakeTwilio:
    """One account. `faults` are taken one a send: "429", "500", "hang", "lost" (sent, but the answer never comes), a Twilio error number.

    `public_url` is what the customer told Twilio; it is reached at `reach`. `states`: what is reported of every message sent, in that order;
    `early`: before the send was answered.
    """

    public_url: str = "https://tuppence.example"
    reach: str = ""
    account_sid: str = field(default_factory=lambda: sid("AC"))
    auth_token: str = "0123456789abcdef0123456789abcdef"
    numbers: tuple[str, ...] = ("+15005550006", "whatsapp:+14155238886")
    faults: deque[str] = field(default_factory=deque)
    states: tuple[str, ...] = ()
    early: bool = False
    hang_seconds: float = 60.0
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    media_not_yet: int = 0  # so many times a file is not found before it is
    redirect_media_to: str | None = None
    contents_on: bool = True
    base_url: str = ""
    rows: list[Row] = field(default_factory=list)
    contents: dict[str, Row] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    stopped: set[tuple[str, str]] = field(default_factory=set)
    heard: dict[tuple[str, str], datetime] = field(default_factory=dict)
    files_of: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    now: datetime | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def clock(self) -> datetime:
        return self.now or datetime.now(UTC)

    # ------------------------------------------------------------------ what it was asked to send

    @property
    def sent(self) -> list[Row]:
        return [row for row in self.rows if row["direction"] == "outbound-api"]

    def texts(self, to: str) -> list[str]:
        return [row["body"] for row in self.sent if row["to"] == to]

    # ------------------------------------------------------------------ webhooks

    def signature(self, url: str, pairs: Sequence[tuple[str, str]]) -> str:
        return RequestValidator(self.auth_token).compute_signature(url, Form(pairs))

    def form(self, theirs: str, body: str, *, ours: str | None = None, message_sid: str | None = None, **fields: str) -> list[tuple[str, str]]:
        """The form of a message that comes in, with the fields that Twilio sends."""
        whatsapp = theirs.startswith("whatsapp:")
        ours = ours or next(number for number in self.numbers if number.startswith("whatsapp:") == whatsapp)
        name = message_sid or sid()
        values = {
            "ToCountry": "US", "ToState": "", "SmsMessageSid": name,
            "NumMedia": "0", "SmsSid": name, "SmsStatus": "received", "Body": body, "To": ours,
            "NumSegments": "1", "MessageSid": name, "AccountSid": self.account_sid, "From": theirs, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if whatsapp:
            values |= {"ProfileName": "Anna", "WaId": theirs.removeprefix("whatsapp:+"), "MessageType": "text"}
        return list((values | fields).items())

    def take_in(self, pairs: Sequence[tuple[str, str]]) -> None:
        """The carrier's side of a message that comes in: the list, the reply window, who stopped."""
        form = dict(pairs)
        chat = (form["To"], form["From"])
        self.heard[chat] = self.clock()
        word = form["Body"].strip().upper()
        if not form["From"].startswith("whatsapp:") and word in STOP | START:
            (self.stopped.add if word in STOP else self.stopped.discard)(chat)
        files = [(form[f"MediaUrl{n}"], form[f"MediaContentType{n}"]) for n in range(int(form["NumMedia"]))]
        self.files_of[form["MessageSid"]] = files
        self.rows.append(
            self._row(form["MessageSid"], form["From"], form["To"], form["Body"], direction="inbound", status="received", media=len(files))
        )

    async def writes(self, theirs: str, body: str, *, path: str = "", **fields: str) -> int | None:
        """Somebody writes: the webhook's answer, None where nobody answered."""
        pairs = self.form(theirs, body, **fields)
        self.take_in(pairs)
        return await self.deliver(pairs, path or f"/webhooks/twilio/{'whatsapp' if theirs.startswith('whatsapp:') else 'sms'}")

    async def deliver(self, pairs: Sequence[tuple[str, str]], path: str, *, overrides: str = "") -> int | None:
        """One webhook with Twilio's retries: by default one, and only where the connection failed; `overrides` as in "#rc=5&rp=all"."""
        told = {name: values[0] for name, values in parse_qs(overrides.lstrip("#")).items()}
        status: int | None = None
        for _ in range(1 + int(told.get("rc", "1"))):
            status = await self._post(f"{self.public_url}{path}", pairs)
            if status is not None and (told.get("rp", "ct") != "all" or status < 400):
                break
        return status

    async def _post(self, url: str, pairs: Sequence[tuple[str, str]]) -> int | None:
        headers = {"X-Twilio-Signature": self.signature(url, pairs), "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        try:
            async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
                answer = await client.post(url.replace(self.public_url, self.reach, 1), content=urlencode(pairs), headers=headers)
        except httpx.HTTPError:
            return None
        return answer.status_code

    async def report(self, row: Row, state: str, *, error: int | None = None) -> int | None:
        """One status callback."""
        if not row["callback"]:
            return None
        pairs = [("MessageSid", row["sid"]), ("MessageStatus", state), ("AccountSid", self.account_sid), ("From", row["from"]), ("To", row["to"])]
        return await self._post(row["callback"], [*pairs, *([("ErrorCode", str(error))] if error else [])])

    # ------------------------------------------------------------------ REST

    async def messages(self, request: Request) -> Response:
        self._check(request, form := parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if not self._authorised(request):
            return JSONResponse({"code": 20003, "message": "Authenticate", "status": 401}, 401)
        if request.method == "GET":
            return self._list(request)
        return await self._create(dict(form))

    def _check(self, request: Request, form: list[tuple[str, str]]) -> None:
        self.requests.append((request.method, request.url.path, dict(form)))
        query = parse_qsl(request.url.query, keep_blank_values=True)
        self.violations += problems(request.method, request.url.path, [pair for pair in query if pair[0] != "Page"], form)

    def _authorised(self, request: Request) -> bool:
        expected = base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {expected}"

    def _list(self, request: Request) -> Response:
        query = request.query_params
        since = query.get("DateSent>")
        after = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        found = [
            {name: value for name, value in row.items() if name not in ("at", "callback")}
            for row in reversed(self.rows)
            if row["at"] >= after - timedelta(seconds=1) and query.get("To") in (None, row["to"]) and query.get("From") in (None, row["from"])
        ]
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        more = len(found) > (page + 1) * size
        following = urlencode([*((k, v) for k, v in query.multi_items() if k != "Page"), ("Page", str(page + 1))])
        return JSONResponse(
            {"messages": found[page * size : (page + 1) * size], "next_page_uri": f"{request.url.path}?{following}" if more else None}
        )

    async def _create(self, form: dict[str, str]) -> Response:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "hang":
            await asyncio.sleep(self.hang_seconds)
        if fault == "429":
            return JSONResponse({"code": 20429, "message": "Too many requests", "status": 429}, 429, {"Retry-After": "2"})
        if fault == "500":
            return JSONResponse({"code": 20500, "message": "Internal error", "status": 500}, 500)
        if fault.isdecimal():
            return self._refuse(int(fault))
        refused = self._refused(form)
        if refused:
            return self._refuse(refused)
        row = self._sent(form)
        if fault == "lost":
            return Torn()
        if fault == "garbage":
            return Response(b"\x00<html>", 201)
        if self.early:
            await self._report_all(row)
        else:
            task = asyncio.create_task(self._report_all(row))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return JSONResponse({name: value for name, value in row.items() if name not in ("at", "callback")}, 201)

    async def _report_all(self, row: Row) -> None:
        for state in self.states:
            await self.report(row, state)

    def _refuse(self, code: int) -> Response:
        return JSONResponse({"code": code, "message": "no", "more_info": "", "status": 400}, 400)

    def _refused(self, form: dict[str, str]) -> int:
        """Twilio's own rules, by its error numbers."""
        to, ours = form.get("To", ""), form.get("From", "")
        whatsapp = to.startswith("whatsapp:")
        if ours not in self.numbers:
            return 63007 if whatsapp else 21606
        if whatsapp != ours.startswith("whatsapp:") or not to.removeprefix("whatsapp:").startswith("+"):
            return 21211
        content = form.get("ContentSid")
        if bool(content) == ("Body" in form) or (content and "MediaUrl" in form):
            self.violations.append("a body (or media) beside a content")
            return 21619
        if len(form.get("Body", "")) > 1600:
            return 21617
        if (ours, to) in self.stopped:
            return 21610
        open_window = self.clock() - self.heard.get((ours, to), datetime.min.replace(tzinfo=UTC)) < timedelta(hours=24)
        approved = content is not None and self.contents.get(content, {}).get("approved", False)
        if whatsapp and not open_window and not approved:
            self.violations.append("a free message outside the window")
            return 63016
        return 21655 if content and content not in self.contents else 0

    def _sent(self, form: dict[str, str]) -> Row:
        body = form.get("Body")
        if body is None:
            variables = json.loads(form.get("ContentVariables", "{}"))
            body = self.contents[form["ContentSid"]].get("prefix", "") + variables.get("1", "")
        row = self._row(sid(), form["From"], form["To"], body, direction="outbound-api", status="queued")
        row |= {"callback": form.get("StatusCallback", ""), "content": form.get("ContentSid"), "picture": form.get("MediaUrl")}
        self.rows.append(row)
        return row

    def _row(self, name: str, sender: str, to: str, body: str, *, direction: str, status: str, media: int = 0) -> Row:
        at = self.clock()
        segments = alphabet.cost(body).segments
        return {
            "sid": name, "from": sender, "to": to, "body": body, "direction": direction, "status": status, "num_media": str(media),
            "num_segments": str(segments), "date_sent": format_datetime(at), "date_created": format_datetime(at), "at": at, "callback": "",
        }  # fmt: skip

    async def media_list(self, request: Request) -> Response:
        self._check(request, [])
        found = self.files_of.get(request.path_params["message"], [])
        return JSONResponse({"media_list": [{"sid": url.rsplit("/", 1)[-1], "content_type": kind} for url, kind in found]})

    async def media_file(self, request: Request) -> Response:
        self.requests.append((request.method, request.url.path, {"authorization": request.headers.get("authorization", "")}))
        if not self._authorised(request):
            return Response(status_code=401)
        name = request.path_params["media"]
        if request.method == "DELETE":
            return Response(status_code=204 if self.media.pop(name, None) else 404)
        if self.redirect_media_to is not None:
            return Response(status_code=307, headers={"Location": self.redirect_media_to})
        if name not in self.media or self.media_not_yet > 0:
            self.media_not_yet -= 1
            return Response(status_code=404)
        kind, data = self.media[name]
        return Response(data, media_type=kind)

    async def content(self, request: Request) -> Response:
        if not self.contents_on:
            return Response(status_code=404)
        if request.method == "GET":
            return JSONResponse({"contents": [{"sid": key, "friendly_name": row.get("friendly_name")} for key, row in self.contents.items()]})
        name = sid("HX")
        self.contents[name] = await request.json()
        return JSONResponse({"sid": name}, 201)

    def app(self) -> Starlette:
        account = f"/2010-04-01/Accounts/{self.account_sid}"
        return Starlette(
            routes=[
                Route(f"{account}/Messages.json", self.messages, methods=["GET", "POST"]),
                Route(f"{account}/Messages/{{message}}/Media.json", self.media_list),
                Route(f"{account}/Messages/{{message}}/Media/{{media}}", self.media_file, methods=["GET", "DELETE"]),
                Route("/v1/Content", self.content, methods=["GET", "POST"]),
            ]
        )


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """An application at a loopback address of its own while the block runs; gives the address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", loop="none", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets=[listening]))  # without its signal handlers
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.wait([task], timeout=5)


@asynccontextmanager
async def twilio(**settings: Any) -> AsyncIterator[FakeTwilio]:
    """The fake, served."""
    fake = FakeTwilio(**settings)
    async with serving(fake.app()) as address:
        fake.base_url = address
        try:
            yield fake
        finally:
            for task in list(fake._tasks):
                task.cancel()


def shuffled(states: Sequence[str], seed: int) -> tuple[str, ...]:
    """The same states as they may arrive."""
    found = list(states)
    random.Random(seed).shuffle(found)
    return tuple(found)
