"""What the bot tells Telegram about itself when the service starts: where updates go, its commands, what it is for."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from telegram import BotCommand, MenuButtonCommands
from telegram.error import BadRequest, InvalidToken, TelegramError

from core.errors import DomainError, ServiceUnavailable
from integrations.channels.telegram.client import Api
from integrations.channels.telegram.identity import Identity
from integrations.channels.telegram.updates import KINDS

WEBHOOK_CONNECTIONS = 40


@dataclass(frozen=True, slots=True)
class Wording:
    """What people see of the bot before they write, in one language. `commands`: name to description, in the order of the menu."""

    commands: Mapping[str, str]
    about: str
    about_short: str


class Introduction:
    """`webhook` is the address that Telegram shall post to, None where updates are asked for. `fallback` is the language for everybody else."""

    def __init__(
        self, bot: Api, identity: Identity, *, wordings: Mapping[str, Wording], fallback: str, webhook: str | None = None, secret: str = ""
    ) -> None:
        self._bot = bot
        self._identity = identity
        self._wordings = wordings
        self._fallback = fallback
        self._webhook = webhook
        self._secret = secret

    async def essentials(self) -> None:
        """What nothing works without. Raises ServiceUnavailable; DomainError `webhook_refused` or `bad_token` where asking again is no use."""
        try:
            await self._identity.username()
            if self._webhook is not None:
                await self._bot.set_webhook(
                    self._webhook, secret_token=self._secret, allowed_updates=list(KINDS), max_connections=WEBHOOK_CONNECTIONS
                )
        except InvalidToken:
            raise DomainError("bad_token") from None
        except BadRequest as error:
            raise DomainError("webhook_refused", reason=error.message) from None
        except TelegramError:
            raise ServiceUnavailable("telegram") from None

    async def manners(self) -> list[str]:
        """The menu and the words about the bot; returns what was refused, which harms nothing."""
        failed = []
        for language, wording in self._wordings.items():
            code = None if language == self._fallback else language
            commands = [BotCommand(name, text) for name, text in wording.commands.items()]
            for name, call in (
                ("commands", self._bot.set_my_commands(commands, language_code=code)),
                ("description", self._bot.set_my_description(wording.about, language_code=code)),
                ("short_description", self._bot.set_my_short_description(wording.about_short, language_code=code)),
            ):
                failed += [f"{name} {language}"] if not await _went_well(call) else []
        failed += [] if await _went_well(self._bot.set_chat_menu_button(menu_button=MenuButtonCommands())) else ["menu_button"]
        return failed


async def _went_well(call: Awaitable[bool]) -> bool:
    try:
        return await call
    except TelegramError:
        return False
