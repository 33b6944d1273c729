"""What a message can mean. Parsing makes these, handlers act on them; the command line's JSON is a rendering of them (parsing/contract.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from core.domain.imports import GroupFile
from core.domain.money import Money

PROPOSAL = "proposal"  # the code of the question whether what a model, or a doubtful reading, made of a message is to be written

Day = date  # where a field is called date
SplitType = Literal["none", "equal", "exact", "percent", "shares", "for", "items", "adjusted"]


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What parsing may know of the chat. Names are as the chat has them; `speaker` is one of `members` (or members is empty: a private chat)."""

    now: datetime  # local time of the sender; a naive value is local too
    speaker: str = "me"
    members: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)  # what members are called behind an @, case-folded
    currency: str = "EUR"
    language: str | None = None
    chat: Literal["private", "group"] = "private"
    default_split: Literal["none", "everyone"] = "none"
    context: tuple[str, ...] = ()
    sender: str | None = None
    groups: tuple[str, ...] = ()  # names of the person's groups, for "in Lisbon: 20 taxi"
    acquainted: tuple[str, ...] = ()  # people of these groups, for "pay anna" in a private chat
    categories: tuple[tuple[str, str], ...] = ()  # (name, code): what the book calls its categories, besides the words of the language
    of_bill: bool = False  # said of a bill: in reply to it
    prices: bool = True  # "rent is 980 from may" may be of what repeats
    asked: bool = False  # a question was answered a moment ago: "and in March?" goes on from it


@dataclass(frozen=True, slots=True)
class Payment:
    """Somebody put money in; `amount` None: all of it, or an equal part where several paid."""

    person: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class SplitSpec:
    """How a bill is shared, before any arithmetic.

    none: the speaker alone · equal: over `people` · exact: `exact` amounts · percent and shares: `weights` · for: `people` is the one who owes all ·
    adjusted: a common part of all `people` (by `weights`, where there are some), and `exact` more, or (negative) less, of some.
    """

    type: SplitType
    people: tuple[str, ...] = ()
    weights: tuple[tuple[str, Decimal], ...] = ()
    exact: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often something comes back, before any day is counted. `nth` of `weekdays` (1 Monday) in a month, -1 the last. `at`: HH:MM.

    `until`: the last day that counts. `asks`: nothing is to be written before somebody says so.
    """

    freq: Literal["daily", "weekly", "monthly", "yearly"]
    interval: int = 1
    day: int | None = None
    weekday: str | None = None
    month: int | None = None
    next: date | None = None
    until: date | None = None
    nth: int | None = None
    weekdays: tuple[int, ...] = ()
    asks: bool = False
    at: str | None = None


@dataclass(frozen=True, slots=True)
class ExpenseDraft:
    amount: Money
    description: str
    category: str | None
    date: date | None
    payments: tuple[Payment, ...]
    split: SplitSpec
    recurring: Recurrence | None = None
    confidence: float = 0.0  # the share of such categories that are right; 1: the person named it
    choices: tuple[str, ...] = ()  # the likeliest categories, where that share is low
    by_default: bool = False  # the text does not say who shares it
    foreign: Money | None = None  # what the amount was in another currency, as the text says


@dataclass(frozen=True, slots=True)
class Question:
    """The one thing that must be asked before anything is written. `options` are complete answers, each an intent of its own."""

    code: str  # ambiguous_amount, look_alike, no_amount, split_does_not_add_up, ...
    params: dict[str, str] = field(default_factory=dict)
    options: tuple[tuple[str, Intent], ...] = ()  # label -> what choosing it means
    books: tuple[UUID, ...] = ()  # the book of each option; none: the book at hand


@dataclass(frozen=True, slots=True)
class RecordExpenses:
    expenses: tuple[ExpenseDraft, ...]
    unknown_people: tuple[str, ...] = ()  # named in the text, not members: guests to be
    group: str | None = None  # "in Lisbon: ..."


@dataclass(frozen=True, slots=True)
class RecordSettlement:
    sender: str
    receiver: str
    amount: Money | None  # None: all of it
    date: date
    unknown_people: tuple[str, ...] = ()
    on_credit: bool = False  # also where it is more than the sender owes
    foreign: Money | None = None  # what was handed over in another currency, as the text says
    rated_on: Day | None = None  # the day of the rates by which it was counted; None: the text says both amounts


@dataclass(frozen=True, slots=True)
class Correct:
    """What is to change, and how.

    `value` by field: amount Money · currency str · date date · payers tuple[Payment, ...] ·
    participants_* tuple[str, ...] · split SplitSpec (exact parts of some: the others share the rest) · category, description str.
    """

    field: Literal["amount", "currency", "date", "payers", "participants_add", "participants_remove", "split", "category", "description"]
    value: Money | str | date | tuple[Payment, ...] | tuple[str, ...] | SplitSpec
    target: str = "last"
    currencies: tuple[str, ...] = ()  # what the text may mean by the currency of an amount; none named: the number is in the bill's own


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo, delete or end a recurring bill. `target`: `last` or the word that names it."""

    kind: Literal["undo", "delete", "cancel_recurring"]
    target: str = "last"
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    kind: str  # spend, spend_by_category, balances, balance_with, list, budget_status, search, history, activity, biggest, average, compare,
    # spend_by_person, times, per, why, paid (the last such), sized (from `least` to `most`), beside,
    # follow (what the last question is to be asked of instead); balances with an `end`: as they were then
    category: str | None = None
    person: str | None = None
    merchant: str | None = None
    text: str | None = None
    start: date | None = None
    end: date | None = None  # included
    limit: int | None = None
    currency: str | None = None  # in which the answer is wanted besides
    than_start: date | None = None  # what it is compared with
    than_end: date | None = None
    unit: Literal["day", "week", "month"] | None = None  # of an average
    group: str | None = None  # one of the sender's, asked about from elsewhere
    own: bool = False  # of a group's spending the sender's own: "how much did I spend"
    least: Money | None = None  # of an expense
    most: Money | None = None
    things: tuple[tuple[str | None, str | None], ...] = ()  # the category, or the words, of each that is told beside the others
    instead: Literal["previous", "next", "why", "list", "average"] | None = None  # of what was asked: another time, the reason, its parts, their mean
    step: Literal["day", "week", "month", "quarter", "year"] | None = None  # which of these before it, or after


@dataclass(frozen=True, slots=True)
class SetBudget:
    category: str | None
    amount: Money
    period: Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class RecordIncome:
    amount: Money
    description: str
    date: date
    refund: bool = False


@dataclass(frozen=True, slots=True)
class BankAlert:
    kind: Literal["debit", "credit", "refund", "transfer", "balance", "none"]
    amount: Money | None = None
    merchant: str | None = None
    account: str | None = None
    balance: Money | None = None
    reference: str | None = None
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """The product's own commands and their slots.

    help · greeting · settings · set_currency{currency} · set_language{language} · set_time_zone{time_zone, place} ·
    (these three with `said` alone: what there is not) · set_name{name} · set_default_split{value: none|everyone} ·
    set_answers{value: react|words} · new_group{name, people: comma-separated or ""} · join{code} · leave · members · add_member{name} ·
    enter_group{name} · leave_group_view · invite · settle_plan{currency: or none} · settle_all · direct_debts ·
    settle_in{currency} (from now on) · keep_apart ·
    why_transfer{sender, receiver} · plan_through{person} · plan_by_household · set_household{people} · clear_household{people} ·
    set_default_weights{what: a word or "", weights: "Anna 60,Bob 40" or "" where it is not said whose} ·
    export{form} (csv, xlsx, json, beancount, hledger; none: all of the person) · import · undo_import ·
    delete_me · confirm · decline · link{code, channel} · unlink{channel} ·
    channels · prefer_channel{channel} · come_back{proof} · forward_sms · stop_forwarding · share_corrections · stop_sharing ·
    pay_method{kind, account, holder, bic} (kind: of core.domain.payments.methods; the last two only where they are said) ·
    forget_method{kind, service} · pay_methods · pay{person; none: whoever is owed} · pay_status{sender, receiver; none: the speaker} ·
    payment_made{sender, receiver; none: the speaker; only where one can be meant} · remind{people} · stop_reminders · resume_reminders ·
    set_role{who, role: admin|member|viewer} · show_roles · set_own_only{value: on|off} · set_approval{amount, currency} (none: nothing waits) ·
    remove_budget{category; all: every one} · change_budget{amount, currency, way: more|less, category} · move_budget{amount, currency, one, two} ·
    set_rollover{value: on|off, category} · set_payday{day; none: the first} ·
    afford{amount, currency, category} (a category, `everything`, or none that is said) ·
    categories · new_category{name, emoji} · rename_category{one, new, emoji} · merge_category{one, two} · hide_category{one} ·
    show_category{one, code} · set_emoji{one, emoji} · set_colour{one, colour, said} (`one` and `two`: a code, or words that name none) ·
    repeats · upcoming{what} · calendar · pause{what, until: ISO or none} · resume{what} · skip_next{what} · stop_repeating{what} ·
    new_price{what, amount, currency, since: ISO or none; maybe: only of what repeats under that name; bare: the text names no currency} ·
    book_due{amount, currency} (never parsed: only where it is asked for) ·
    report{start, end, form: chart|pdf|csv|xlsx, category, by, look: dark, mail} (none: the present month in words) · meals{start, end} ·
    schedule_report{every: day|week|month|year, interval, weekday, at: HH:MM, form, mail} · show_reports · stop_reports ·
    set_mail{address} · show_mail · stop_mail · forget_mail · mail_reports · mail_code{code} (never parsed: only where a code is waited for) ·
    set_quiet{from, until} (HH:MM; none: never) · archive · reopen · rename_member{who, new} · rename_group{new} · merge{one, two} ·
    part{one, two} · remove_member{who} · comment{target, text} · summary · close_group · pin_balance · unpin_balance ·
    tips · more_tips · tip_said{value: good|bad|more} ·
    show_receipt{target} (only where a receipt can be meant) · code_back{code} (never parsed: only where a code is waited for)
    """

    name: str
    slots: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineClaim:
    """A line of the receipt that was shown (1 is the first) and whose it was; nobody named: everyone's.

    `quantity` in thousandths of what the line counts ("2 of the 3 beers": 2000, `out_of` 3000); 0: an equal part, or how many was not said.
    """

    line: int
    people: tuple[str, ...]
    quantity: int = 0
    out_of: int = 0


@dataclass(frozen=True, slots=True)
class FixedLine:
    """What a line should have said. `quantity` in thousandths, `amount` of the whole line in major units; no `description`: as it was."""

    line: int
    description: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class DivideReceipt:
    """How the lines of the receipt that was shown last are shared, and what is wrong with them.

    `rest`: who shares what nobody claims (None: as before, nobody: everyone). `tip` and `total` in major units of the bill's currency.
    """

    claims: tuple[LineClaim, ...] = ()
    rest: tuple[str, ...] | None = None
    dropped: tuple[int, ...] = ()
    fixed: tuple[FixedLine, ...] = ()
    tip: Decimal | None = None
    tip_percent: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """Records nothing; in a group nothing is said. `hint`: chatter, hypothetical, planned, unknown, one_time_code, ..."""

    hint: str = "unknown"


Intent = RecordExpenses | RecordSettlement | Correct | TakeBack | Query | SetBudget | RecordIncome | BankAlert | Command | DivideReceipt | Nothing


@dataclass(frozen=True, slots=True)
class GroupView:
    """What the channel says of a group chat: how many people it has without us, whether we get all that they write, and may pin. None: unknown."""

    size: int | None = None
    hears_all: bool | None = None
    may_pin: bool | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The group of the sender's that a private chat names, and what it says there."""

    book_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """The outcome of parsing: what it means, by which rule, and what was not understood.

    `question` is set where the product asks before writing (`needs_confirmation` in the contract's JSON).
    `answers`: it is what a question of ours asked for, an option of it or the sum that it waits for.
    `view` is looked up for the card that a group is greeted with. `file`: what was in the file of another program that came.
    `elsewhere`: where it is to be carried out, if not in the book at hand.
    """

    intent: Intent
    rule: str
    language: str = "en"
    question: Question | None = None
    unread: tuple[str, ...] = ()  # words of the text that no part of the meaning accounts for
    answers: bool = False
    view: GroupView | None = None
    file: GroupFile | None = None
    elsewhere: Elsewhere | None = None
