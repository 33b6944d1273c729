"""The commands: from what one is called to the handler that does it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from bot.conversation.handlers import (
    budgets,
    categories,
    data,
    debts,
    examples,
    exchange,
    forwarding,
    goals,
    group_life,
    groups,
    households,
    imports,
    linking,
    mail,
    manners,
    methods,
    nudges,
    paid,
    payments,
    receipts,
    recurring,
    report_schedules,
    reports,
    repricing,
    returning,
    settings,
    settlements,
    tips,
)
from bot.conversation.intents import Command
from bot.conversation.scene import Scene

Handler = Callable[[Scene, Command], Coroutine[Any, Any, None]]


async def help_text(scene: Scene, intent: Command) -> None:
    scene.reply(scene.say("help"))


async def greeting(scene: Scene, intent: Command) -> None:
    """In a group silence; alone one useful line, once a day."""
    today = scene.today.isoformat()
    if scene.in_group or scene.state.get("hinted") == today:
        return
    scene.state["hinted"] = today
    scene.reply(scene.say("hint"))


async def thanks(scene: Scene, intent: Command) -> None:
    if not scene.in_group:
        scene.reply(scene.say("thanks"))


async def settle_plan(scene: Scene, intent: Command) -> None:
    await settlements.plan(scene, currency=intent.slots.get("currency"))


HANDLERS: dict[str, Handler] = {
    "help": help_text,
    "greeting": greeting,
    "thanks": thanks,
    "settings": settings.show,
    "set_currency": settings.set_currency,
    "set_language": settings.set_language,
    "set_time_zone": settings.set_time_zone,
    "set_name": settings.set_name,
    "set_default_split": settings.set_default_split,
    "set_answers": settings.set_answers,
    "new_group": groups.new_group,
    "join": groups.join_by_code,
    "invite": groups.invite,
    "leave": groups.leave,
    "members": groups.show_members,
    "add_member": groups.add_member,
    "enter_group": groups.enter,
    "leave_group_view": groups.back,
    "settle_in": exchange.settle_in,
    "keep_apart": exchange.keep_apart,
    "settle_plan": settle_plan,
    "settle_all": debts.ask_all,
    "direct_debts": debts.direct,
    "why_transfer": debts.why,
    "plan_through": debts.through,
    "plan_by_household": debts.by_household,
    "set_household": households.join,
    "clear_household": households.part,
    "set_default_weights": households.set_weights,
    "export": data.export,
    "import": imports.explain,
    "undo_import": imports.undo_last,
    "delete_me": data.ask_delete,
    "link": linking.link,
    "unlink": linking.unlink,
    "channels": linking.channels,
    "prefer_channel": linking.prefer,
    "come_back": returning.come_back,
    "forward_sms": forwarding.forward_sms,
    "stop_forwarding": forwarding.stop_forwarding,
    "share_corrections": examples.share,
    "stop_sharing": examples.stop_sharing,
    "show_receipt": receipts.show_picture,
    "pay_method": methods.keep,
    "pay_methods": methods.show,
    "forget_method": methods.forget,
    "pay": payments.pay,
    "pay_status": paid.status,
    "remind": nudges.remind,
    "stop_reminders": nudges.stop,
    "resume_reminders": nudges.resume,
    "payment_made": paid.made,
    **budgets.COMMANDS,
    **categories.COMMANDS,
    **group_life.COMMANDS,
    **recurring.COMMANDS,
    **repricing.COMMANDS,
    **mail.COMMANDS,
    **manners.COMMANDS,
    **reports.COMMANDS,
    **report_schedules.COMMANDS,
    **tips.COMMANDS,
    **goals.COMMANDS,
}
# Of one's own addresses, phone, words and habits: said where nobody else reads the answer.
ALONE = frozenset(
    {"link", "unlink", "prefer_channel", "forward_sms", "stop_forwarding", "share_corrections", "stop_sharing", *mail.COMMANDS, *tips.COMMANDS}
)
COMMANDS = frozenset(HANDLERS) | {"confirm", "decline", "code_back", "book_due"}
