"""A small store that speaks S3 on the loopback: objects by path, signatures checked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from integrations.storage.s3 import Bucket, signed

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


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


@contextmanager
def s3_store() -> Iterator[Store]:
    """The store, served by a thread; its `bucket` says where."""
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
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
