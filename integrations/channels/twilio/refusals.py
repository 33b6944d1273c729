"""Twilio's refusals as SendErrors, by the table of its error numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from core.errors import SendError, SendErrorKind
from core.reading.source import LanguageError, Source, table_of

_FILE = "errors.toml"
RETRY_AFTER_MOST_SECONDS = 3600
_KINDS = {kind.value: kind for kind in (SendErrorKind.OPTED_OUT, SendErrorKind.WINDOW_CLOSED, SendErrorKind.MISCONFIGURED, SendErrorKind.REJECTED)}


@cache
def table() -> tuple[dict[int, SendErrorKind], dict[int, int]]:
    """What a number means, and for which ones how many seconds are waited. Raises LanguageError naming file and key."""
    return checked(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(text: str) -> tuple[dict[int, SendErrorKind], dict[int, int]]:
    """The tables of a data file. Raises LanguageError naming file and key."""
    raw = table_of(_FILE, text)
    kinds: dict[int, SendErrorKind] = {}
    for name, kind in _KINDS.items():
        codes = raw.get(name, {}).get("codes")
        if not isinstance(codes, list) or not all(isinstance(code, int) for code in codes):
            raise LanguageError(f"{_FILE}: {name}.codes: a list of numbers is needed")
        kinds |= dict.fromkeys(codes, kind)
    waits = Source(_FILE, raw).table("retry", int)
    if wrong := [code for code in waits if not code.isdecimal()]:
        raise LanguageError(f"{_FILE}: retry.{wrong[0]}: a number and its seconds are needed")
    return kinds, {int(code): seconds for code, seconds in waits.items()}


def kind_of(code: int) -> SendErrorKind | None:
    """What a number means for the message; None for one that is not in the table."""
    kinds, waits = table()
    return SendErrorKind.RETRY if code in waits else kinds.get(code)


def refusal(status: int, code: int, headers: Mapping[str, str]) -> SendError:
    """The error of an HTTP answer that is none of 2xx. After a 5xx nobody knows whether the message went out."""
    kind = kind_of(code) or _by_status(status)
    reason = f"twilio {status} {code}" if code else f"twilio {status}"
    wait = _retry_after(headers)
    if kind is SendErrorKind.RETRY and wait is None:
        wait = table()[1].get(code, 1 if status == 429 else None)
    return SendError(kind, reason, retry_after_seconds=wait if kind is SendErrorKind.RETRY else None, unknown=status >= 500)


def _by_status(status: int) -> SendErrorKind:
    if status in (408, 425, 429) or status >= 500:
        return SendErrorKind.RETRY
    return SendErrorKind.MISCONFIGURED if status in (401, 403, 404, 405) or status < 400 else SendErrorKind.REJECTED


def _retry_after(headers: Mapping[str, str]) -> int | None:
    said = headers.get("retry-after", "").strip()
    return min(int(said), RETRY_AFTER_MOST_SECONDS) if said.isascii() and said.isdecimal() and len(said) < 10 else None
