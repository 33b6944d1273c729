"""E-mail: an address given and proven, what goes there, and no more of it. Letters go to proven addresses alone, but for the code that proves one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

from bot.conversation.intents import Command
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from bot.conversation.turn import Reply
from core.db import mailboxes, report_schedules
from core.db.mailboxes import Mailbox
from core.domain.mail import SIGNED
from core.errors import DomainError
from core.services import mail

CODE_UNTIL = "mail_code"  # in the conversation's state: six figures are a code until then


def is_sent(scene: Scene) -> bool:
    """Whether this host sends mail at all."""
    return any(each.post for each in scene.turn.channels.values())


def signed(voice: Voice, text: str) -> str:
    """A letter with how to end them."""
    return f"{text}\n{SIGNED}{voice.say('mail_footer')}"


async def mailbox(scene: Scene) -> Mailbox:
    """The person's own, where letters go there. Raises DomainError `mail_off`, `mail_none`, `mail_stopped`, `mail_refused`."""
    if not is_sent(scene):
        raise DomainError("mail_off")
    return await mail.needed(scene.uow, scene.person.person_id)


# ------------------------------------------------------------------ the address


async def give(scene: Scene, command: Command) -> None:
    """ "my email is …": a code goes there. Raises DomainError of core.services.mail.begin, and `mail_off`."""
    if not is_sent(scene):
        raise DomainError("mail_off")
    sent = await mail.begin(scene.uow, scene.person.person_id, command.slots["address"], chat=scene.chat_id, now=scene.now)
    scene.state[CODE_UNTIL] = int(sent.until.timestamp())
    scene.reply(scene.say("mail_code_sent", address=sent.address))
    scene.replies.append(Reply(scene.say("mail_code", code=sent.code), conversation_id=sent.conversation_id, good_until=sent.until))


async def prove(scene: Scene, command: Command) -> None:
    """The code came back. Whoever had the mail so far is told, there. Raises DomainError of core.services.mail.prove."""
    before = await mailboxes.of_person(scene.uow, scene.person.person_id)
    found = await mail.prove(scene.uow, scene.person.person_id, command.slots["code"], chat=scene.chat_id, now=scene.now)
    if found is None:
        scene.reply(scene.say("mail_code_wrong"))
        return
    del scene.state[CODE_UNTIL]
    scene.reply(scene.say("mail_proven", address=found.address))
    await tell_left(scene, before, found.person_id)


async def show(scene: Scene, command: Command) -> None:
    """Raises DomainError as `mailbox`."""
    found = await mailbox(scene)
    scene.reply(scene.say("mail_shown", address=found.address))


async def stop(scene: Scene, command: Command) -> None:
    """No more mail; reports come into their chats again. Raises DomainError `mail_none`."""
    found = await mailboxes.of_person(scene.uow, scene.person.person_id)
    if found is None:
        raise DomainError("mail_none")
    await mailboxes.stop(scene.uow, scene.person.person_id, now=scene.now)
    await report_schedules.set_by_mail(scene.uow, scene.person.person_id, by_mail=False)
    scene.reply(scene.say("mail_ended", address=found.address))


async def forget(scene: Scene, command: Command) -> None:
    """The address goes, with a last word there. Raises DomainError `mail_none`."""
    found = await mailboxes.of_person(scene.uow, scene.person.person_id)
    if found is None and scene.state.pop(CODE_UNTIL, None) is None:
        raise DomainError("mail_none")
    scene.state.pop(CODE_UNTIL, None)
    await warn(scene, scene.person.person_id, scene.say("mail_moved"))
    await report_schedules.set_by_mail(scene.uow, scene.person.person_id, by_mail=False)
    await mailboxes.forget(scene.uow, scene.person.person_id, now=scene.now)
    scene.reply(scene.say("mail_forgotten"))


# ------------------------------------------------------------------ what goes there


async def reports(scene: Scene, command: Command) -> None:
    """ "email me reports": those that come by themselves, now there; also takes "no more mail" back. Raises DomainError as `mailbox`."""
    if not is_sent(scene):
        raise DomainError("mail_off")
    await mailboxes.stop(scene.uow, scene.person.person_id, now=None)
    found = await mailbox(scene)
    count = await report_schedules.set_by_mail(scene.uow, scene.person.person_id, by_mail=True)
    scene.reply(scene.say("mail_reports" if count else "mail_reports_none", address=found.address))


async def warn(scene: Scene, person_id: UUID, text: str) -> None:
    """What concerns the safety of somebody's account, by mail too where they have one."""
    found = await mailboxes.of_person(scene.uow, person_id) if is_sent(scene) else None
    if found is not None and found.open:
        scene.reply(signed(scene.voice, text), to=found.conversation_id, urgency="safety")


async def tell_left(scene: Scene, before: Mailbox | None, person_id: UUID | None) -> None:
    """The mailbox of before is told, there, where the person (who two people may have become) has mail elsewhere now."""
    if before is None or not before.open or person_id is None or not is_sent(scene):
        return
    after = await mailboxes.of_person(scene.uow, person_id)
    if after is None or after.address != before.address:
        scene.reply(Voice(before.language).say("mail_moved"), to=before.conversation_id, urgency="safety")


async def copy_warnings(scene: Scene) -> None:
    """The warnings that this message set off go by mail too, to whoever they are for; what they ask is answered in the chat."""
    warnings = [reply for reply in scene.replies if reply.urgency == "safety" and reply.conversation_id is not None] if is_sent(scene) else []
    if not warnings:
        return
    boxes = await mailboxes.of_chats(scene.uow, {reply.conversation_id for reply in warnings if reply.conversation_id is not None})
    for reply in warnings:
        found = boxes.get(reply.conversation_id) if reply.conversation_id is not None else None
        if found is not None:
            voice = Voice(found.language)
            text = f"{reply.text}\n{voice.say('mail_answer_there')}" if reply.buttons else reply.text
            scene.reply(signed(voice, text), to=found.conversation_id, urgency="safety")


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "set_mail": give,
    "mail_code": prove,
    "show_mail": show,
    "stop_mail": stop,
    "forget_mail": forget,
    "mail_reports": reports,
}
