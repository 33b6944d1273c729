"""Twilio's REST interface: one account's messages, contents and media. Believes no answer before it has looked at it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import orjson

from core.errors import SendError, SendErrorKind
from integrations.channels.twilio.refusals import refusal

if TYPE_CHECKING:
    import httpx

ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
PAGE_SIZE = 200
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_TIMEOUTS_SECONDS = {"connect": 5.0, "read": 15.0, "write": 5.0, "pool": 5.0}
CONNECTIONS_MOST = 40

Pairs = Sequence[tuple[str, str]]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx, read to the end."""

    status: int
    content: Row


class TwilioClient:
    """`base` is scheme and host of the API; `content_base` of the one for templates, None: not to be used."""

    def __init__(self, *, account_sid: str, auth_token: str, base: str, content_base: str | None = None) -> None:
        # httpx costs 0.3 s to import: only where Twilio is configured.
        import httpx

        self._httpx = httpx
        self.errors = httpx.HTTPError  # the family of what goes wrong on the way
        self._account = f"/2010-04-01/Accounts/{quote(account_sid, safe='')}"
        self.base = base
        self.content_base = content_base
        self.auth = (account_sid, auth_token)
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(**_TIMEOUTS_SECONDS),
            limits=httpx.Limits(max_connections=CONNECTIONS_MOST, max_keepalive_connections=CONNECTIONS_MOST),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "tuppence", "Accept": "application/json"},
        )

    async def close(self) -> None:
        await self.http.aclose()

    async def create_message(self, fields: Pairs) -> str:
        """Twilio's id of the new message. Raises SendError, `unknown` where the message may have gone out nevertheless."""
        answer = await self._call("POST", f"{self.base}{self._account}/Messages.json", fields)
        sid = answer.content.get("sid")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise SendError(SendErrorKind.RETRY, "twilio answered without an id", unknown=True)
        return sid

    async def messages(self, filters: Pairs, *, most: int) -> AsyncIterator[Row]:
        """Rows of the list, as Twilio orders them (newest first). Raises SendError."""
        url: str | None = f"{self.base}{self._account}/Messages.json"
        query: Pairs = [*filters, ("PageSize", str(min(most, PAGE_SIZE)))]
        given = 0
        while url is not None:
            content = (await self._call("GET", url, query)).content
            for row in _rows(content, "messages"):
                given += 1
                yield row
                if given >= most:
                    return
            url, query = self._next(content), ()

    def _next(self, content: Row) -> str | None:
        """Only within this account's list: an answer must not lead our credentials elsewhere."""
        path = content.get("next_page_uri")
        return f"{self.base}{path}" if isinstance(path, str) and path.startswith(f"{self._account}/Messages.json?") else None

    async def media_of(self, message_sid: str) -> list[tuple[str, str]]:
        """Address and type of the files of a message. Raises SendError."""
        path = f"{self._account}/Messages/{quote(message_sid, safe='')}/Media"
        content = (await self._call("GET", f"{self.base}{path}.json", ())).content
        found = [(row.get("sid"), row.get("content_type")) for row in _rows(content, "media_list")]
        return [(f"{self.base}{path}/{sid}", kind) for sid, kind in found if isinstance(sid, str) and _SID.fullmatch(sid) and isinstance(kind, str)]

    async def delete(self, url: str) -> None:
        """Delete something below the account's own address; what is gone already is fine. Raises SendError."""
        try:
            await self._call("DELETE", url, ())
        except SendError as problem:
            if " 404" not in problem.reason:
                raise

    def owns(self, url: str) -> bool:
        """Whether an address is one of this account at the API itself, where our credentials may be shown."""
        ours, theirs = urlsplit(self.base), urlsplit(url)
        return (
            (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and theirs.path.startswith(f"{self._account}/") and ".." not in theirs.path
        )

    async def contents(self) -> dict[str, str]:
        """Friendly name to id of the contents (at most 1,000 looked at). Raises SendError."""
        content = (await self._call("GET", f"{self.content_base}/v1/Content", (("PageSize", "1000"),))).content
        pairs = [(row.get("friendly_name"), row.get("sid")) for row in _rows(content, "contents")]
        return {name: sid for name, sid in pairs if isinstance(name, str) and isinstance(sid, str) and _SID.fullmatch(sid)}

    async def create_content(self, content: Row) -> str:
        """The id of a new content. Raises SendError."""
        sid = (await self._call("POST", f"{self.content_base}/v1/Content", json=content)).content.get("sid")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise SendError(SendErrorKind.RETRY, "twilio answered without an id", unknown=True)
        return sid

    async def _call(self, method: str, url: str, fields: Pairs = (), *, json: Row | None = None) -> Answer:
        """One request. A connection that was never made is a plain RETRY; one that broke later leaves it open whether Twilio acted."""
        body: dict[str, Any] = {"json": json} if json is not None else {"content": _encoded(fields), "headers": _FORM} if method == "POST" else {}
        address = f"{url}?{_encoded(fields)}" if fields and method == "GET" else url
        try:
            async with self.http.stream(method, address, auth=self.auth, **body) as response:
                data = await _read(response)
        except (self._httpx.ConnectError, self._httpx.ConnectTimeout, self._httpx.PoolTimeout) as problem:
            raise SendError(SendErrorKind.RETRY, f"twilio unreachable {type(problem).__name__}") from problem
        except self._httpx.HTTPError as problem:
            raise SendError(SendErrorKind.RETRY, f"twilio silent {type(problem).__name__}", unknown=True) from problem
        content = _object(data)
        if not 200 <= response.status_code < 300:
            code = content.get("code")
            raise refusal(response.status_code, code if isinstance(code, int) else 0, response.headers)
        return Answer(response.status_code, content)


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _encoded(fields: Pairs) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in fields)


async def _read(response: httpx.Response) -> bytes | None:
    """None for an answer that is too long to be one."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > ANSWER_LIMIT_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _object(data: bytes | None) -> Row:
    """The answer's JSON object; empty where it is none."""
    if not data:
        return {}
    try:
        content = orjson.loads(data)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _rows(content: Mapping[str, Any], name: str) -> list[Row]:
    rows = content.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def rest_time(at: datetime) -> str:
    """A time as the list's filters take it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
