"""The connection to the Bot API: its timeouts, and nothing of its token in any log. Knows no message of ours."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest
from telegram.warnings import PTBDeprecationWarning

CONNECT_SECONDS = 5
READ_SECONDS = 15
POOL_SECONDS = 5
CONNECTIONS = 64


class Api(Bot):
    """The library's Bot, with updates as they come: its own `get_updates` refuses a whole batch for one update that it cannot read."""

    async def raw_updates(self, *, offset: int, seconds: int, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
        """Waits up to `seconds` for updates from `offset` on, which confirms all before it. Raises TelegramError."""
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": list(kinds), "limit": 100}
        found: list[dict[str, Any]] = await self._post("getUpdates", asked, read_timeout=READ_SECONDS + seconds)
        return found


def open_bot(token: str, *, api_base: str) -> Api:
    """A bot on `api_base` (scheme and host). Opens no connection yet."""
    for name in ("httpx", "httpcore", "telegram"):  # they log addresses, which hold the token, from INFO down
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=PTBDeprecationWarning)  # about the library's own next version, on an operator's screen
    return Api(
        token,
        base_url=f"{api_base}/bot",
        base_file_url=f"{api_base}/file/bot",
        request=_request(CONNECTIONS),
        get_updates_request=_request(2),
    )


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        write_timeout=READ_SECONDS,
        pool_timeout=POOL_SECONDS,
    )


def account_of(token: str) -> str:
    """The bot's own id: the digits before the colon. ValueError where it is no token."""
    account, colon, secret = token.partition(":")
    if not (account.isascii() and account.isdigit() and colon and secret):
        raise ValueError("not a bot token")
    return account
