"""The three families of errors. A broken invariant is an assertion, not one of these."""

from __future__ import annotations

from enum import StrEnum


class DomainError(Exception):
    """Something a person asked for cannot be done. Holds a code and its parameters, no prose and no HTTP status: replies translate it."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({shown})" if shown else self.code


class ServiceUnavailable(Exception):
    """A service outside (or the database) did not answer."""

    def __init__(self, service: str, *, retryable: bool = True) -> None:
        super().__init__(service)
        self.service = service
        self.retryable = retryable


class SendErrorKind(StrEnum):
    """Why a channel did not take a message, which decides what happens to it."""

    RETRY = "retry"
    REJECTED = "rejected"
    OPTED_OUT = "opted_out"
    WINDOW_CLOSED = "window_closed"
    MISCONFIGURED = "misconfigured"


class SendError(Exception):
    """A channel did not take a message. `retry_after_seconds` is the platform's own word, if it gave one.

    `unknown`: the platform may have taken it nevertheless (no answer came). `moved_to`: the chat goes on under that id, and is to be tried there.
    `everywhere`: the pause of `retry_after_seconds` is for all chats of the channel.
    """

    def __init__(
        self,
        kind: SendErrorKind,
        reason: str,
        *,
        retry_after_seconds: int | None = None,
        unknown: bool = False,
        moved_to: str | None = None,
        everywhere: bool = False,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds
        self.unknown = unknown
        self.moved_to = moved_to
        self.everywhere = everywhere
