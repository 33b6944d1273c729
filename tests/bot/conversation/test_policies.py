"""What needs a code on a channel whose sender can be forged: every intent, command and button has an answer."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.conversation.commands import COMMANDS
from bot.conversation.handlers.buttons import ACTIONS
from bot.conversation.handlers.checks import _COMMANDS, _PRESSES
from bot.conversation.intents import Intent
from bot.conversation.policies import COMMANDS as COMMAND_POLICIES
from bot.conversation.policies import INTENTS, PRESS_RIGHTS, PRESSES, RIGHTS, Needs


def test_everything_has_a_policy():
    assert set(INTENTS) == {kind.__name__ for kind in get_args(Intent)}
    assert set(COMMAND_POLICIES) == set(COMMANDS)
    assert set(PRESSES) == set(PRESS_RIGHTS) == set(ACTIONS)
    assert set(RIGHTS) == set(COMMANDS)


def test_what_matters_needs_the_code():
    assert INTENTS["RecordSettlement"] is Needs.CODE
    assert all(COMMAND_POLICIES[name] is Needs.CODE for name in ("delete_me", "export", "add_member", "unlink"))
    assert all(COMMAND_POLICIES[name] is Needs.ITSELF for name in ("link", "confirm", "decline"))
    assert all(PRESSES[name] is Needs.CODE for name in ("paid", "paid_in", "arrived", "not_arrived", "delete_me", "link_yes", "unlink", "vouch"))


def test_whatever_needs_the_code_says_what_is_confirmed():
    assert {name for name, needs in COMMAND_POLICIES.items() if needs is Needs.CODE} == {*_COMMANDS, "add_member", "pay_method"}
    assert {name for name, needs in PRESSES.items() if needs is Needs.CODE} == {*_PRESSES, "paid", "paid_in"}


@pytest.mark.parametrize("table", [INTENTS, COMMAND_POLICIES, PRESSES])
def test_a_policy_is_one_of_three(table):
    assert set(table.values()) <= set(Needs)
