"""Structured logs: one JSON object a line with allow-listed fields only, so that no message text, name, number or token can get into them."""

from __future__ import annotations

import io
import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import orjson
import structlog

# What a line may carry. Everything else is dropped, whoever passes it: an exception's words too, which may quote what a person wrote.
FIELDS = frozenset(
    {
        "at", "level", "event", "trace_id", "channel", "stage", "reason", "tries", "count", "milliseconds", "error", "where", "inbox_id", "letter_id",
        "role", "address", "signal", "kind", "status", "revision", "job", "port", "head",
    }
)  # fmt: skip

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def error_fields(error: BaseException) -> dict[str, Any]:
    """The type of an error, its code (SQL state, domain code) and where it arose; never its message."""
    code = getattr(error, "sqlstate", None) or getattr(error, "code", None)
    name = type(error).__name__ + (f" {code}" if isinstance(code, str) else "")
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return {"error": name, "where": [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}:{frame.name}" for frame in frames]}


def _allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in FIELDS}


def _to_json(event: MutableMapping[str, Any], **_options: object) -> str:
    return orjson.dumps(event, default=str).decode()


class _Target(io.TextIOBase):
    """Where lines go: a logger keeps this for ever, so that the stream behind it can be another one later."""

    stream: TextIO = sys.stderr

    def write(self, text: str, /) -> int:
        return self.stream.write(text)

    def flush(self) -> None:
        self.stream.flush()


_target = _Target()


def configure(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send our own lines and those of libraries to `stream`, all in the one form."""
    _target.stream = stream
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _allowed,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _target)),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler()]
    root.setLevel(logging.WARNING)
    sys.excepthook = lambda _kind, error, _trace: log.critical("crashed", **error_fields(error))


class _LibraryHandler(logging.Handler):
    """A library's line: which logger and which error, without its words."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        fields = error_fields(error) if error is not None else {"where": [f"{record.module}:{record.lineno}:{record.funcName}"]}
        log.log(record.levelno, "library", reason=record.name, **fields)
