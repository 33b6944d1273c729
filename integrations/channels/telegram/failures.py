"""The Bot API's refusals as what they mean for a message: later, elsewhere, not to this person, never. Holds no text of a message."""

from __future__ import annotations

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from core.errors import SendError, SendErrorKind

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_SHUT_OUT = ("not enough rights", "have no rights", "chat_write_forbidden", "need administrator rights", "user_is_blocked", "chat_restricted")


def says(error: TelegramError, *words: str) -> bool:
    """Whether a refusal's description holds one of `words` (in lower case); they have no codes."""
    return isinstance(error, BadRequest) and any(word in str(error.message).lower() for word in words)


def as_send_error(error: TelegramError) -> SendError:
    """See core.errors.SendError for what each kind leads to."""
    kind, reason = _kind(error)
    return SendError(
        kind,
        reason,
        retry_after_seconds=max(1, int(error._retry_after.total_seconds())) if isinstance(error, RetryAfter) else None,
        moved_to=str(error.new_chat_id) if isinstance(error, ChatMigrated) else None,
        unknown=kind is SendErrorKind.RETRY and _may_have_arrived(error),
    )


def _kind(error: TelegramError) -> tuple[SendErrorKind, str]:
    if isinstance(error, Forbidden) or says(error, *_SHUT_OUT):
        return SendErrorKind.OPTED_OUT, "shut out"
    if isinstance(error, InvalidToken):
        return SendErrorKind.MISCONFIGURED, "bad token"
    if isinstance(error, BadRequest) or "entity too large" in str(error.message).lower():
        return SendErrorKind.REJECTED, "refused"
    return SendErrorKind.RETRY, type(error).__name__


def _may_have_arrived(error: TelegramError) -> bool:
    """The request was written but no answer came. An answer of 5xx is one: it was not taken."""
    return isinstance(error.__cause__, httpx.HTTPError) and not isinstance(error.__cause__, _NOT_SENT)
