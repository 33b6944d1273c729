"""What comes back by itself in what was written down: shown with what repeats, and asked about on its days once somebody wants that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack
from bot.conversation.handlers.repeats import how_often, today_of
from bot.conversation.intents import ExpenseDraft, SplitSpec
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import recurring
from core.db.ids import new_id
from core.db.recurring import Recurring, State
from core.db.session import UnitOfWork
from core.domain.ahead.spending import Spending
from core.domain.ahead.subscriptions import State as Standing
from core.domain.ahead.subscriptions import Subscription, subscriptions
from core.domain.money import Money
from core.domain.recurrence import Every, Rule
from core.errors import DomainError
from core.reading.text import folded_words
from core.services import recurring as rules

SHOWN_MOST = 3
LOOKED_BACK = timedelta(days=2 * 366)
_RULES = {
    "weekly": (Every.WEEK, 1),
    "fortnightly": (Every.WEEK, 2),
    "four-weekly": (Every.WEEK, 4),
    "monthly": (Every.MONTH, 1),
    "bimonthly": (Every.MONTH, 2),
    "quarterly": (Every.MONTH, 3),
    "half-yearly": (Every.MONTH, 6),
    "yearly": (Every.YEAR, 1),
}
Press = dict[str, Any]
Seen = tuple[Subscription, Money]


async def seen(uow: UnitOfWork, book_id: UUID, member_id: UUID, known: Sequence[Recurring], *, today: date) -> list[Seen]:
    """What comes back in a loaded book for a member and is no rule yet, with what it costs; the dearest first."""
    rows: dict[str, list[Spending]] = defaultdict(list)
    for row in await recurring.spent(uow, book_id, member_id=member_id, since=today - LOOKED_BACK):
        rows[row.amount.currency].append(Spending(row.on, row.amount.minor, row.category, " ".join(folded_words(row.what))))
    denied = frozenset(" ".join(folded_words(each.what)) for each in known) | {""}
    sure = (Standing.CONFIRMED, Standing.CHANGED)
    found = [
        (each, Money(each.minor, currency))
        for currency, spendings in rows.items()
        for each in subscriptions(spendings, today, denied=denied)
        if each.state in sure and each.payments[-1].merchant
    ]
    return sorted(found, key=lambda pair: -pair[1].minor)[:SHOWN_MOST]


def lines(voice: Voice, found: Sequence[Seen]) -> list[str]:
    """A heading and a line for each; nothing where there are none."""
    told = [
        voice.say("recurring_line", what=f"{voice.name(each.merchant)} {voice.amount(amount)}", how=how_often(voice, _rule(each)), day=each.due)
        for each, amount in found
    ]
    return [voice.say("subscriptions_seen", count=len(told)), *told] if told else []


def buttons(voice: Voice, found: Sequence[Seen], *, book_id: UUID, person_id: UUID) -> tuple[Button, ...]:
    return tuple(
        Button(
            voice.say("button_watch", what=voice.name(each.merchant)),
            {
                "do": "watch",
                "book": str(book_id),
                "what": each.merchant,
                "category": each.payments[-1].category,
                "minor": amount.minor,
                "currency": amount.currency,
                "rhythm": each.rhythm.name,
                "due": each.due.isoformat(),
            },
            (person_id,),
        )
        for each, amount in found
    )


async def watch(scene: Scene, action: Press) -> Recurring:
    """From its next day on it is asked about. Raises DomainError `already_decided` where it repeats by now."""
    there = await recurring.of_books(scene.uow, [scene.book_id])
    if any(folded_words(each.what) == folded_words(action["what"]) for each in there):
        raise DomainError("already_decided")
    every, interval = _RULES[action["rhythm"]]
    amount = Money(action["minor"], action["currency"])
    alone = SplitSpec("equal") if scene.shared else SplitSpec("none", ("me",))
    draft = ExpenseDraft(amount, action["what"], action["category"], None, (), alone, by_default=scene.shared)
    found = Recurring(
        book_id=scene.book_id,
        rule_id=new_id(),
        person_id=scene.person.person_id,
        member_id=scene.me.member_id,
        conversation_id=scene.chat_id,
        amount=amount,
        what=action["what"],
        draft=pack(draft),
        said_by=scene.turn.message.sender,
        thread=scene.turn.message.thread,
        rule=Rule(every, date.fromisoformat(action["due"]), interval),
        at=rules.AT,
        asks=True,
        state=State.ACTIVE,
        next_on=None,
        created_at=scene.now,
    )
    return await rules.begin(scene.uow, found, today=today_of(scene))


def _rule(found: Subscription) -> Rule:
    every, interval = _RULES[found.rhythm.name]
    return Rule(every, found.due, interval)
