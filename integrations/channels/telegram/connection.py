"""Puts the parts of one bot together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.channels.telegram.channel import TelegramChannel
from integrations.channels.telegram.client import account_of, open_bot
from integrations.channels.telegram.files import TelegramFiles
from integrations.channels.telegram.identity import Identity
from integrations.channels.telegram.introduction import Introduction, Wording
from integrations.channels.telegram.receiving import Polling, Updates


@dataclass(frozen=True, slots=True)
class Connection:
    """One bot: what sends, what reads posted updates, what asks for them, what introduces it, what fetches files."""

    channel: TelegramChannel
    updates: Updates
    polling: Polling
    introduction: Introduction
    files: TelegramFiles


def connect(
    token: str, *, api_base: str, wordings: Mapping[str, tuple[Mapping[str, str], str, str]], fallback: str, webhook: str | None, secret: str
) -> Connection:
    """Opens nothing yet. `wordings`: by language the commands, the description and the short one. ValueError for what is no token."""
    account = account_of(token)
    bot = open_bot(token, api_base=api_base)
    identity = Identity(bot)
    updates = Updates(identity, account=account)
    said = {language: Wording(*each) for language, each in wordings.items()}
    return Connection(
        channel=TelegramChannel(bot, identity),
        updates=updates,
        polling=Polling(bot, updates),
        introduction=Introduction(bot, identity, wordings=said, fallback=fallback, webhook=webhook, secret=secret),
        files=TelegramFiles(bot),
    )
