"""Lets a phone forward its bank messages: makes the token, says it once, and takes the consent back."""

from __future__ import annotations

import secrets

from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import banking

PATH = "/webhooks/sms-forward"


async def forward_sms(scene: Scene, command: Command) -> None:
    """Asking is the consent; a new token ends the one before."""
    token = secrets.token_urlsafe(32)
    await banking.open_forward(scene.uow, scene.person.person_id, banking.forward_address(scene.uow.keys, token), now=scene.now)
    scene.reply(scene.say("forward_on", url=scene.address + PATH, token=token))


async def stop_forwarding(scene: Scene, command: Command) -> None:
    stopped = await banking.close_forward(scene.uow, scene.person.person_id, now=scene.now)
    scene.reply(scene.say("forward_off" if stopped else "forward_none"))
