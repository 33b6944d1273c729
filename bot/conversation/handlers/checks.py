"""Codes that must be sent back before something that matters is done on a channel whose sender can be forged."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack
from bot.conversation.handlers import methods
from bot.conversation.handlers.people import SPEAKER
from bot.conversation.intents import Command, Intent, RecordSettlement
from bot.conversation.policies import COMMANDS, INTENTS, PRESSES, Needs
from bot.conversation.scene import Scene
from bot.conversation.turn import PressedButton
from core.domain.money import Money
from core.errors import DomainError

DIGITS = 6
LASTS = timedelta(minutes=10)
TRIES_MOST = 5  # wrong codes a day: who forges a number hits one of a million numbers with five shots
LOCKED_FOR = timedelta(days=1)


def needs(intent: Intent) -> Needs:
    return COMMANDS.get(intent.name, Needs.CODE) if isinstance(intent, Command) else INTENTS[type(intent).__name__]


def is_due(scene: Scene) -> bool:
    """Whether this message's word is not enough for what matters."""
    return scene.turn.capabilities.weak and not scene.verified


def holds(scene: Scene, intent: Intent) -> bool:
    """Ask for a code where the intent needs one; it is carried out when the code comes back."""
    if not is_due(scene) or needs(intent) is not Needs.CODE:
        return False
    hold(scene, {"intent": pack(intent)}, what_of(scene, intent))
    return True


def holds_press(scene: Scene, action: dict[str, Any], button: PressedButton) -> bool:
    """The same for a button."""
    if not is_due(scene) or PRESSES.get(action["do"], Needs.CODE) is not Needs.CODE:
        return False
    hold_press(scene, action, what_of_press(scene, action), outbox_id=button.outbox_id, button=button.button_id)
    return True


def hold_press(scene: Scene, action: dict[str, Any], what: str, *, outbox_id: UUID | None = None, button: str = "") -> None:
    hold(scene, {"action": action, "outbox": str(outbox_id) if outbox_id else None, "button": button}, what)


def hold(scene: Scene, held: dict[str, Any], what: str) -> None:
    """Say what is to be confirmed and send a code. A newer question takes the place of an older one. Raises DomainError `check_locked`."""
    wrong = recent_tries(scene)
    if len(wrong) >= TRIES_MOST:
        raise DomainError("check_locked")
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    until = int((scene.now + LASTS).timestamp())
    scene.state["check"] = {"hash": digest(scene, code), "until": until, "book": str(scene.book_id), **held}
    scene.reply(scene.say("check_send", what=what, code=f"{code[:4]}-{code[4:]}").strip())


def recent_tries(scene: Scene) -> list[int]:
    return [at for at in scene.state.get("check_wrong", []) if at > int((scene.now - LOCKED_FOR).timestamp())]


def digest(scene: Scene, code: str) -> str:
    return scene.uow.keys.digest("check", scene.chat_id.hex, str(scene.person.person_id), code).hex()


def sent_back(scene: Scene, code: str) -> dict[str, Any] | None:
    """What was held, where this is its code and in time; else says why not. A wrong code counts for a day."""
    check: dict[str, Any] | None = scene.state.get("check")
    if check is None or check["until"] <= int(scene.now.timestamp()):
        scene.state.pop("check", None)
        scene.reply(scene.say("check_gone"))
        return None
    if not hmac.compare_digest(check["hash"], digest(scene, code)):
        wrong = scene.state["check_wrong"] = [*recent_tries(scene), int(scene.now.timestamp())]
        if len(wrong) >= TRIES_MOST:
            del scene.state["check"]
        scene.reply(scene.say("check_locked" if len(wrong) >= TRIES_MOST else "check_wrong"))
        return None
    del scene.state["check"]
    scene.verified = True
    return check


def what_of(scene: Scene, intent: Intent) -> str:
    """What is to be confirmed, so that nobody confirms blindly what somebody else asked for."""
    if isinstance(intent, RecordSettlement):
        sender, receiver = named(scene, intent.sender, you="you"), named(scene, intent.receiver, you="you_to")
        return scene.say("check_settlement", sender=sender, receiver=receiver, amount=intent.amount or scene.say("check_all"))
    assert isinstance(intent, Command), "what else needs a code is said by its handler"
    if intent.name == "add_member":
        return scene.say("check_add", name=scene.voice.name(intent.slots.get("name", "")))
    return methods.what_is_kept(scene, intent) if intent.name == "pay_method" else scene.say(_COMMANDS[intent.name])


def named(scene: Scene, name: str, *, you: str) -> str:
    return scene.say(you) if name.casefold() == SPEAKER else scene.voice.name(name)


def what_of_press(scene: Scene, action: dict[str, Any]) -> str:
    if action["do"] in ("paid", "paid_in"):
        amount = Money(action["minor"], action["currency"])
        return scene.say("check_settlement", sender=scene.name(UUID(action["from"])), receiver=scene.name(UUID(action["to"])), amount=amount)
    return scene.say(_PRESSES[action["do"]])


_COMMANDS = {
    "export": "check_export",
    "delete_me": "check_delete",
    "unlink": "check_unlink",
    "forward_sms": "check_forward",
    "set_mail": "check_mail",
    "forget_mail": "check_mail",
    "share_corrections": "check_share",
    "undo_import": "check_undo_import",
    "set_role": "check_role",
    "set_own_only": "check_rules",
    "set_approval": "check_rules",
    "archive": "check_archive",
    "reopen": "check_archive",
    "part": "check_same",
}
_PRESSES = {
    "settle_all": "check_settle_all",
    "arrived": "check_arrived",
    "pay_arrived": "check_arrived",
    "pay_same": "check_arrived",
    "pay_another": "check_arrived",
    "not_arrived": "check_not_arrived",
    "delete_me": "check_delete",
    "link_yes": "check_link",
    "unlink": "check_unlink",
    "vouch": "check_vouch",
    "import_yes": "check_import",
    "import_undo": "check_undo_import",
    "approve": "check_approve",
    "merge_yes": "check_same",
    "part": "check_same",
    "former": "check_former",
    "archive": "check_archive",
}
