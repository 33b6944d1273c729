"""The table of what concerns the life of a group: its commands and its buttons, and whether the sender may."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from bot.conversation.handlers import approvals, comments, history, identities, pins, rules, summaries
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command
from bot.conversation.policies import RIGHTS
from bot.conversation.scene import Scene
from core.errors import DomainError

Press = Callable[[Scene, dict[str, Any], UUID | None], Coroutine[Any, Any, None]]

COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "set_role": rules.set_role,
    "show_roles": rules.show,
    "set_own_only": rules.set_own_only,
    "set_approval": rules.set_approval,
    "set_quiet": rules.set_quiet,
    "archive": rules.archive,
    "reopen": rules.reopen,
    "rename_member": identities.rename,
    "rename_group": identities.rename_group,
    "merge": identities.ask_merge,
    "part": identities.part,
    "remove_member": identities.remove,
    "comment": comments.comment,
    "summary": summaries.show,
    "close_group": summaries.close,
    "pin_balance": pins.pin,
    "unpin_balance": pins.unpin,
}
ACTIONS: dict[str, Press] = {
    "approve": approvals.approve,
    "withdraw": approvals.withdraw,
    "merge_yes": identities.merge,
    "merge_no": identities.keep_apart,
    "part": identities.part_pressed,
    "former": identities.make_former,
    "archive": summaries.archive,
    "more_changes": history.more,
}
SINGLE_USE = frozenset({"approve", "withdraw", "merge_yes", "merge_no", "part", "former", "archive"})
_OF_GROUPS = frozenset(COMMANDS) - {"comment", "rename_member", "set_quiet"}  # these mean nothing where nobody else is in the book


def check(scene: Scene, command: Command) -> None:
    """By role and rules. Raises DomainError `group_only`, and those of rights."""
    if not scene.shared:
        if command.name in _OF_GROUPS:
            raise DomainError("group_only")
        return
    action = RIGHTS[command.name]
    if action is not None:
        may(scene, action)
