"""The BlobStore in a bucket: the signature as Amazon publishes it, and the wire of a small store that speaks S3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import ServiceUnavailable
from integrations.storage import s3
from integrations.storage.s3 import Bucket, S3Blobs, signed

NOW = datetime(2013, 5, 24, tzinfo=UTC)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def test_the_signature_is_the_published_one() -> None:
    """Source: "Signature Calculations for the Authorization Header", Amazon S3 API Reference, example GET Object."""
    bucket = Bucket("https://examplebucket.s3.amazonaws.com", "", "", "us-east-1", "AKIAIOSFODNN7EXAMPLE", SECRET)
    headers = signed(bucket, "GET", "/test.txt", b"", now=NOW, more={"range": "bytes=0-9"})
    assert headers["authorization"].endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


class Store:
    """Objects by path; `busy` answers 503 so many times; whoever signs wrongly gets 403."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.busy = 0
        self.bucket = Bucket("", "photos", "tuppence", "eu-west-1", "key", SECRET)

    def answer(self, method: str, path: str, data: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self.busy:
            self.busy -= 1
            return 503, b"<Error><Code>SlowDown</Code></Error>"
        expected = signed(self.bucket, method, path, data, now=datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
        if headers["authorization"] != expected["authorization"]:
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if method == "PUT":
            self.kept[path] = data
            return 200, b""
        if method == "DELETE":
            self.kept.pop(path, None)
            return 204, b""
        return (200, self.kept[path]) if path in self.kept else (404, b"<Error><Code>NoSuchKey</Code></Error>")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(s3, "WAITS_SECONDS", (0.01, 0.01))
    made = Store()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, body = made.answer(self.command, self.path, data, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.bucket = Bucket(f"http://127.0.0.1:{server.server_port}", "photos", "tuppence", "eu-west-1", "key", SECRET)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def blobs(store: Store, **fields: str) -> S3Blobs:
    values = {name: getattr(store.bucket, name) for name in Bucket.__slots__} | fields
    return S3Blobs(Bucket(**values), clock=lambda: datetime.now(UTC))


async def test_what_was_put_is_got_until_it_is_deleted(store: Store) -> None:
    kept = blobs(store)
    await kept.put("receipts/one-0", b"\x00sealed")
    assert store.kept == {"/photos/tuppence/receipts/one-0": b"\x00sealed"}
    assert await kept.get("receipts/one-0") == b"\x00sealed"
    for _ in range(2):
        await kept.delete("receipts/one-0")
    with pytest.raises(KeyError):
        await kept.get("receipts/one-0")
    await kept.close()


async def test_a_busy_store_is_asked_again_and_not_for_ever(store: Store) -> None:
    kept = blobs(store)
    store.busy = 2
    await kept.put("a", b"x")
    store.busy = 3
    with pytest.raises(ServiceUnavailable):
        await kept.get("a")
    await kept.close()


async def test_a_wrong_key_of_ours_or_of_the_account_is_an_error(store: Store) -> None:
    stranger = blobs(store, secret_key="another")
    with pytest.raises(ServiceUnavailable) as refused:
        await stranger.put("a", b"x")
    assert not refused.value.retryable
    for key in ("../a", "", "a//b", "a?x=1"):
        with pytest.raises(ValueError):
            await stranger.get(key)
    await stranger.close()
