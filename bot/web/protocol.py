"""HTTP/1.1 as uvicorn speaks it, with one thing more: a route may cut its connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CUT = "tuppence.cut"


class CuttableProtocol(HttpToolsProtocol):
    """Offers `abort` of the transport as an ASGI extension.

    Uvicorn closes a connection by waiting until all is written: towards somebody who does not read that is never.
    """

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {CUT: self.transport.abort}


def cut(scope: Scope) -> None:
    """Drop the connection with all that waits to be written. Nothing under a server that does not offer it."""
    abort: Callable[[], None] | None = scope.get("extensions", {}).get(CUT)
    if abort is not None:
        abort()
