"""What an intent, a command or a button needs on a channel whose sender can be forged: a table, and nothing else."""

from __future__ import annotations

from enum import StrEnum

from core.domain.people import Action


class Needs(StrEnum):
    NOTHING = "nothing"
    CODE = "code"  # sent to the chat, and sent back
    ITSELF = "itself"  # its handler asks for the code, once it is known what is to be confirmed


N, C, I = Needs.NOTHING, Needs.CODE, Needs.ITSELF  # noqa: E741  # one letter a cell

# What reads goes to the true owner of the number; what adds or takes back an own expense is seen by all and can be undone.
# What moves money between people, takes data out or away, or changes who is who, needs the code.
INTENTS: dict[str, Needs] = {
    "RecordExpenses": N,
    "RecordSettlement": C,
    "Correct": N,
    "TakeBack": N,
    "Query": N,
    "SetBudget": N,
    "RecordIncome": N,
    "BankAlert": N,
    "Command": I,  # by its name
    "DivideReceipt": N,
    "Nothing": N,
}
COMMANDS: dict[str, Needs] = {
    "help": N,
    "greeting": N,
    "thanks": N,
    "settings": N,
    "set_currency": N,
    "set_language": N,
    "set_time_zone": N,
    "set_name": N,
    "set_default_split": N,
    "set_answers": N,
    "new_group": N,
    "join": N,  # oneself, by a secret of the group
    "invite": N,
    "leave": N,  # oneself; the balance stays and the code opens the group again
    "members": N,
    "add_member": C,
    "enter_group": N,
    "leave_group_view": N,
    "settle_in": N,  # how the plan is shown; nothing is booked
    "keep_apart": N,
    "settle_plan": N,
    "settle_all": N,  # asks; the answer needs the code
    "direct_debts": N,
    "why_transfer": N,
    "plan_through": N,
    "plan_by_household": N,
    "set_household": N,
    "clear_household": N,
    "set_default_weights": N,
    "export": C,
    "import": N,
    "undo_import": C,
    "delete_me": C,
    "confirm": I,  # as what it confirms
    "decline": I,
    "link": I,
    "unlink": C,
    "channels": N,
    "prefer_channel": N,  # one's own channels alone
    "come_back": N,  # proves by itself
    "code_back": N,
    "forward_sms": C,
    "stop_forwarding": N,  # the safe direction
    "share_corrections": C,
    "stop_sharing": N,
    "show_receipt": N,
    "pay_method": C,  # who forges a number would be paid in its owner's place
    "pay_methods": N,
    "forget_method": N,  # the safe direction
    "pay_status": N,
    "remind": N,
    "stop_reminders": N,
    "resume_reminders": N,
    "payment_made": I,  # the payer's word books nothing; the receiver's asks for the code
    "pay": N,  # tells the number's owner what they owe; books nothing
    "set_role": C,
    "show_roles": N,
    "set_own_only": C,
    "set_approval": C,
    "set_quiet": N,
    "archive": C,
    "reopen": C,
    "rename_member": N,  # the old name goes on meaning them
    "rename_group": N,
    "merge": N,  # asks; the answer needs the code
    "part": C,
    "remove_member": N,  # asks where money is open
    "comment": N,
    "summary": N,
    "close_group": N,  # asks
    "pin_balance": N,
    "unpin_balance": N,
    "remove_budget": N,
    "change_budget": N,
    "move_budget": N,
    "set_rollover": N,
    "set_payday": N,
    "afford": N,
    "categories": N,
    "new_category": N,
    "rename_category": N,
    "merge_category": N,
    "hide_category": N,
    "show_category": N,
    "set_emoji": N,
    "set_colour": N,
    "repeats": N,
    "upcoming": N,
    "calendar": N,
    "pause": N,
    "resume": N,
    "skip_next": N,
    "new_price": N,  # the chat is told, and nothing is booked
    "stop_repeating": N,
    "book_due": N,
    "mute_alerts": N,  # one's own; what concerns safety comes all the same
    "less_alerts": N,
    "unmute_alerts": N,
    "pace_alerts": N,
    "report": N,  # its files go to the number's owner too
    "meals": N,
    "schedule_report": N,  # into the same chat
    "show_reports": N,
    "stop_reports": N,
    "tips": N,
    "more_tips": N,
    "tip_said": N,
    "set_mail": C,  # who forges a number would have its owner's reports
    "mail_code": N,  # proves by itself
    "show_mail": N,
    "stop_mail": N,  # the safe direction
    "forget_mail": C,  # warnings go there
    "mail_reports": N,  # to the address that the owner has proven
    "goal": N,  # money of one's own that stays one's own; its handler checks who may set one for a group
}
PRESSES: dict[str, Needs] = {
    "undo": N,
    "choose": I,  # as the intent that was chosen
    "only_me": N,
    "change": N,
    "change_split": N,
    "paid": C,
    "paid_in": C,
    "arrived": C,
    "not_arrived": C,
    "im_in": N,
    "keep_me": N,
    "delete_me": C,
    "why": N,
    "settle": N,
    "settle_all": C,
    "link_yes": C,
    "link_no": N,
    "unlink": C,
    "vouch": C,
    "vouch_no": N,
    "bank_same": N,
    "bank_new": N,
    "categorise": N,
    "propose_yes": I,  # as what was proposed
    "propose_no": N,
    "receipt_total": N,
    "receipt_same": N,
    "receipt_new": N,
    "claim": N,
    "split_equally": N,
    "import_match": N,
    "import_yes": C,
    "import_no": N,
    "import_undo": C,
    "pay_one": N,
    "remind": N,
    "paid_now": N,  # books nothing: the receiver is asked
    "paid_cash": N,
    "pay_arrived": C,
    "pay_missing": N,  # books nothing, and may be said otherwise later
    "pay_same": C,
    "pay_another": C,
    "approve": C,
    "withdraw": N,
    "merge_yes": C,
    "merge_no": N,
    "part": C,
    "former": C,
    "archive": C,
    "more_changes": N,
    "due_book": N,
    "due_skip": N,
    "due_change": N,
    "stop_rule": N,
    "watch": N,
    "alert_show": N,
    "alert_less": N,
    "alert_budget": N,
    "report": N,
    "tip_show": N,
    "tip_good": N,
    "tip_bad": N,
}
# What somebody does in a book of several with each command, where its handler checks no more; None: it is of the person, in whatever book.
RIGHTS: dict[str, Action | None] = {
    **dict.fromkeys(COMMANDS),
    **dict.fromkeys(("members", "settle_plan", "settle_all", "direct_debts", "why_transfer", "plan_through", "plan_by_household"), Action.READ),
    **dict.fromkeys(("settings", "set_name", "enter_group", "pay", "pay_status", "payment_made", "remind", "undo_import"), Action.READ),
    **dict.fromkeys(("show_roles", "summary", "show_receipt", "export", "afford", "categories", "repeats", "upcoming", "calendar"), Action.READ),
    **dict.fromkeys(("set_currency", "set_language", "set_default_split", "set_answers", "invite", "add_member"), Action.ARRANGE),
    **dict.fromkeys(("set_household", "clear_household", "set_default_weights", "set_quiet", "settle_in", "keep_apart"), Action.ARRANGE),
    **dict.fromkeys(("rename_member", "rename_group", "pin_balance", "unpin_balance"), Action.ARRANGE),
    **dict.fromkeys(("remove_budget", "change_budget", "move_budget", "set_rollover", "set_payday"), Action.ARRANGE),
    **dict.fromkeys(("new_category", "rename_category", "merge_category", "hide_category"), Action.ARRANGE),
    **dict.fromkeys(("show_category", "set_emoji", "set_colour"), Action.ARRANGE),
    **dict.fromkeys(("report", "meals", "show_reports", "goal"), Action.READ),
    **dict.fromkeys(("schedule_report", "stop_reports"), Action.ARRANGE),
    **dict.fromkeys(
        ("set_role", "set_own_only", "set_approval", "archive", "reopen", "merge", "part", "remove_member", "close_group"), Action.GOVERN
    ),
    **dict.fromkeys(("pause", "resume", "skip_next", "new_price", "stop_repeating", "book_due"), Action.RECORD),
    "comment": Action.COMMENT,
    "leave": Action.LEAVE,
}
# The same of each button in such a book; None: its handler checks whose money it is, or it is about oneself.
PRESS_RIGHTS: dict[str, Action | None] = {
    **dict.fromkeys(PRESSES),
    **dict.fromkeys(("why", "settle", "more_changes", "alert_show", "report"), Action.READ),
    **dict.fromkeys(("undo", "only_me", "change", "change_split", "categorise", "claim", "split_equally"), Action.RECORD),
    **dict.fromkeys(("receipt_total", "receipt_same", "receipt_new", "import_match", "import_yes", "import_no", "import_undo"), Action.RECORD),
    **dict.fromkeys(("due_book", "due_skip", "due_change", "stop_rule", "watch"), Action.RECORD),
    **dict.fromkeys(("withdraw", "propose_no", "vouch", "vouch_no"), Action.RECORD),
    **dict.fromkeys(("merge_yes", "merge_no", "part", "former", "archive"), Action.GOVERN),
    "alert_budget": Action.ARRANGE,
}
