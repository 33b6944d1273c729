"""Files in a bucket of any store that speaks S3, path by path. The bytes arrive encrypted. Source: AWS Signature Version 4 for S3."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from core.errors import ServiceUnavailable

SECONDS = 15
WAITS_SECONDS = (0.2, 1.0)
_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Bucket:
    """`endpoint`: scheme and host; `prefix` stands before every key, without slashes around it."""

    endpoint: str
    name: str
    prefix: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


class S3Blobs:
    """The BlobStore port over one bucket."""

    def __init__(self, bucket: Bucket, *, clock: Callable[[], datetime], client: httpx.AsyncClient | None = None) -> None:
        self._bucket = bucket
        self._clock = clock
        self._client = client or httpx.AsyncClient(timeout=SECONDS, follow_redirects=False)

    async def put(self, key: str, data: bytes) -> None:
        """Stored when it returns. Raises ServiceUnavailable."""
        await self._ask("PUT", key, data)

    async def get(self, key: str) -> bytes:
        """KeyError where there is none, ServiceUnavailable where the store does not answer."""
        response = await self._ask("GET", key)
        if response.status_code == 404:
            raise KeyError(key)
        return response.content

    async def delete(self, key: str) -> None:
        """Nothing happens where there is none. Raises ServiceUnavailable."""
        await self._ask("DELETE", key)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, method: str, key: str, data: bytes = b"") -> httpx.Response:
        """Each of the three may be done twice: it is tried again where the store is busy."""
        if not _KEY.fullmatch(key):
            raise ValueError("a blob key is letters, digits, - and _, in parts divided by /")
        path = "".join(f"/{part}" for part in (self._bucket.name, self._bucket.prefix, key) if part)
        for wait in (*WAITS_SECONDS, None):
            headers = signed(self._bucket, method, path, data, now=self._clock())
            try:
                response = await self._client.request(method, self._bucket.endpoint + path, headers=headers, content=data)
                if response.status_code in (200, 204, 404) and (response.status_code != 404 or method != "PUT"):
                    return response
                if response.status_code < 500 and response.status_code != 429:
                    raise ServiceUnavailable("blobs", retryable=False)
            except httpx.HTTPError:
                pass
            if wait is not None:
                await asyncio.sleep(wait)
        raise ServiceUnavailable("blobs")


def signed(bucket: Bucket, method: str, path: str, data: bytes, *, now: datetime, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers of a request. `path` needs no escaping; there is no query."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(data).hexdigest()
    headers = {"host": urlsplit(bucket.endpoint).netloc, "x-amz-content-sha256": digest, "x-amz-date": stamp, **(more or {})}
    names = ";".join(sorted(headers))
    listed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{path}\n\n{listed}\n{names}\n{digest}"
    scope = f"{stamp[:8]}/{bucket.region}/s3/aws4_request"
    wanted = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{bucket.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, wanted.encode(), "sha256").hexdigest()
    credential = f"Credential={bucket.access_key}/{scope}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {credential},SignedHeaders={names},Signature={signature}"}
