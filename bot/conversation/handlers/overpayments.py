"""A payment of more than its sender has left to pay is asked about before it is booked: it may be a slip, or meant in another currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.conversation.handlers import exchange, questions
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Question, RecordSettlement, Understanding
from bot.conversation.scene import Scene
from core.domain.money import Money, sums
from core.domain.people import Member
from core.domain.rates import convert, unknown
from core.errors import DomainError
from core.services import plans


async def asked(scene: Scene, intent: RecordSettlement) -> bool:
    """Whether the sender was asked which amount is meant; nothing is booked then. Alone, money that is given is a loan, and is not asked about."""
    if intent.rated_on is not None and intent.foreign is not None and await exchange.by_day_rate(scene, intent) is None:
        intent = replace(intent, amount=intent.foreign, foreign=None, rated_on=None)  # the rates of that day are others by now: asked anew
    if intent.amount is None or intent.on_credit or intent.rated_on is not None or not scene.shared:
        return False
    sender, receiver = [await known(scene, name) for name in (intent.sender, intent.receiver)]
    if sender is not None and sender == receiver:
        return False  # the booking says why that cannot be
    left = await left_to_pay(scene, sender) if sender is not None else {}
    here = left.get(intent.amount.currency)
    if here is not None and intent.amount.minor <= here.minor:
        return False
    if here is None and left and intent.foreign is None and intent.amount.currency != scene.book.currency:
        if not await counted_anew(scene, intent, sorted(left)):
            ask_worth(scene, intent, left)
        return True
    if here is None and intent.foreign is not None:
        return False
    others = [
        amount for currency, owed in left.items() if (amount := same_figure(intent.amount, currency)) is not None and amount.minor <= owed.minor
    ]
    meant = [here] if here is not None else others
    options = [replace(intent, amount=amount) for amount in meant] + [replace(intent, on_credit=True)]
    question = Question(
        "more_than_owed" if meant else "owes_nothing",
        {"sender": sender.name if sender else intent.sender, "receiver": receiver.name if receiver else intent.receiver},
        tuple((str(option.amount), option) for option in options),
    )
    questions.ask(scene, Understanding(intent, rule="settlement.more_than_owed", question=question))
    return True


async def counted_anew(scene: Scene, intent: RecordSettlement, currencies: Sequence[str]) -> bool:
    """Money of a currency in which nothing is owed: whether it was offered to count it, by the rates of the day, in those in which something is."""
    used = await exchange.sheet(scene)
    amount = intent.amount
    if used is None or amount is None or unknown([amount.currency, *currencies], used):
        return False
    worths = [convert(amount, used.rate(amount.currency, code)) for code in currencies]
    counts = [replace(intent, amount=each, foreign=amount, rated_on=used.day) for each in worths if each]
    if not counts:
        return False
    sender = await known(scene, intent.sender)
    named = {"sender": sender.name if sender is not None else intent.sender, "currency": amount.currency}
    worth = scene.voice.listing([scene.voice.amount(each) for each in worths if each], last="or")
    options = [*counts, replace(intent, on_credit=True)]
    question = Question(questions.OTHER_CURRENCY, named, tuple((str(option.amount), option) for option in options))
    understood = Understanding(intent, rule="settlement.other_currency", question=question)
    questions.ask(scene, understood, paid=scene.voice.amount(amount), worth=worth, rates=exchange.by_rates(scene, used))
    return True


def ask_worth(scene: Scene, intent: RecordSettlement, left: Mapping[str, Money]) -> None:
    """No rate tells what it is worth: how much of the debt it pays is for the people to say, and nothing is booked before."""
    assert intent.amount is not None, "all of a debt is in its own currency"
    keep = replace(intent, on_credit=True)
    question = Question(questions.UNRATED, {"sender": intent.sender, "currency": intent.amount.currency}, ((str(intent.amount), keep),))
    owed = scene.voice.listing([scene.voice.amount(each) for each in left.values()], last="or")
    understood = Understanding(intent, rule="settlement.unrated", question=question)
    questions.ask(scene, understood, paid=scene.voice.amount(intent.amount), owed=owed)
    scene.state["pending"]["currencies"] = sorted(left)


async def left_to_pay(scene: Scene, sender: Member) -> dict[str, Money]:
    """What they owe in all by currency; where the group settles in one currency, also what all of it comes to there."""
    left = plans.left_to_pay(scene.uow, scene.book_id, sender.member_id)
    made = await exchange.plan(scene, None)
    if made is not None:
        moves = [move.paid for move in made[1] if move.sender == sender.member_id]
        left |= {code: Money(minor, code) for code, minor in sums(moves).items()}
    return left


async def known(scene: Scene, name: str) -> Member | None:
    """Who is called so; None for a guest to be."""
    try:
        return await member_named(scene, name, make_guest=False)
    except DomainError:
        return None


def same_figure(amount: Money, currency: str) -> Money | None:
    """The same number in another currency; None where that one has no such amount."""
    try:
        return Money.of(amount.decimal, currency) if currency != amount.currency else None
    except DomainError:
        return None
