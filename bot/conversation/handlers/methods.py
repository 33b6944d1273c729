"""Where the sender can be paid: kept when it is said, shown whole to nobody but them, forgotten on a word. Pays nothing."""

from __future__ import annotations

from bot.conversation.intents import Command
from bot.conversation.replies import accounts
from bot.conversation.scene import Scene
from core.domain.payments.methods import Kind, PaymentMethod, method
from core.domain.payments.numbers import iban_fault, iban_parts
from core.errors import DomainError
from core.services import payments

_NUMBERS = frozenset({Kind.SWISH, Kind.PROMPTPAY, Kind.PAYNOW, Kind.VIETQR})
_KEYS = frozenset({Kind.PIX, Kind.UPI})


async def keep(scene: Scene, command: Command) -> None:
    """ "My IBAN is DE71 ...": checked as far as that goes without asking a bank. What is wrong is said, and then nothing is kept."""
    kind, account = Kind(command.slots["kind"]), command.slots["account"]
    try:
        made = method(kind, account, holder=command.slots.get("holder") or scene.person.name, bic=command.slots.get("bic", ""))
    except DomainError as problem:
        scene.reply(wrong(scene, kind, account) if problem.code == "account_wrong" and problem.params["kind"] == kind else scene.say(problem.code))
        return
    await payments.keep_method(scene.uow, scene.person.person_id, made, now=scene.now)
    if made.kind is Kind.CASH:
        scene.reply(scene.say("pay_cash_kept"))
    elif scene.in_group:
        scene.reply(scene.say("pay_kept_group", account=accounts.masked(scene.voice, made)))
    else:
        name = accounts.service(scene.voice, made.kind, made.account)
        scene.reply(scene.say("pay_kept", account=shown(scene, made), service=name))


def shown(scene: Scene, kept: PaymentMethod) -> str:
    """Whole where nobody but its owner reads it."""
    alone = not scene.in_group and not scene.turn.capabilities.weak
    return (accounts.whole if alone else accounts.masked)(scene.voice, kept)


def wrong(scene: Scene, kind: Kind, account: str) -> str:
    """What is wrong with an account, as far as it can be told."""
    if kind is Kind.IBAN:
        country, length, found = iban_parts(account)
        code, parts = f"wrong_iban_{iban_fault(account)}", {"country": scene.voice.name(country), "length": length, "found": found}
        return scene.say(code, **{name: parts[name] for name in scene.voice.fields(code)})
    if kind in _KEYS:
        return scene.say(f"wrong_{kind.value}")
    return scene.say("wrong_number" if kind in _NUMBERS else "wrong_name", service=accounts.service(scene.voice, kind, account))


async def show(scene: Scene, command: Command) -> None:
    """ "How can I be paid"."""
    kept = await payments.methods_of(scene.uow, scene.person.person_id)
    if not kept:
        scene.reply(scene.say("pay_methods_none"))
        return
    scene.reply(scene.say("pay_methods", accounts=", ".join(shown(scene, each) for each in kept)))


async def forget(scene: Scene, command: Command) -> None:
    """ "Forget my IBAN": all of that kind."""
    kind, service = Kind(command.slots["kind"]), command.slots.get("service", "")
    gone = await payments.forget_methods(scene.uow, scene.person.person_id, kind, service=service)
    if not gone:
        scene.reply(scene.say("pay_forgotten_none", service=accounts.service(scene.voice, kind, service)))
        return
    scene.reply(scene.say("pay_forgotten", accounts=", ".join(accounts.masked(scene.voice, each) for each in gone)))


def what_is_kept(scene: Scene, command: Command) -> str:
    """What a code is asked for: the account by its last characters, as it would be kept."""
    kind, account = Kind(command.slots["kind"]), command.slots["account"]
    try:
        made = method(kind, account, holder=scene.person.name)
    except DomainError:
        return scene.say("check_pay_method", account=accounts.service(scene.voice, kind, account))
    return scene.say("check_pay_method", account=accounts.masked(scene.voice, made))
