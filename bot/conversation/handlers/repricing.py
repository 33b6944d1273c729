"""Another price for what repeats: said as such, or as a change of what is not written down under that name. What is booked stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.conversation.codec import pack, unpack
from bot.conversation.handlers import corrections, expenses, facts
from bot.conversation.handlers.recurring import mine
from bot.conversation.handlers.repeats import all_of, called, today_of
from bot.conversation.hearing import parse_context
from bot.conversation.intents import Command, Correct, ExpenseDraft, Understanding
from bot.conversation.parsing import parse
from bot.conversation.replies.formats import opening
from bot.conversation.scene import Scene
from core.db import recurring
from core.domain.bills import postings
from core.domain.money import Money
from core.errors import DomainError
from core.reading.text import folded_words


async def meant(scene: Scene, understood: Understanding) -> Understanding:
    """A price from a later day of what does not repeat is what it says without that: "beer is 5 from friday" an expense, or a plan."""
    intent = understood.intent
    if not isinstance(intent, Command) or intent.name != "new_price" or "maybe" not in intent.slots or await _is_known(scene, intent.slots["what"]):
        return understood
    there = understood.elsewhere
    text = there.text if there is not None else scene.turn.message.text
    return replace(parse(text, replace(parse_context(scene.turn, now=scene.now, book=scene.book), prices=False)), elsewhere=there)


async def new_price(scene: Scene, command: Command) -> None:
    """From the next day on. One that begins only after that day is not kept yet, and it is said what to do."""
    found = await mine(scene, command.slots["what"])
    amount = Money.of(command.slots["amount"], command.slots["currency"])
    if "bare" in command.slots:  # a number alone is in the money of what it is about
        amount = Money.of(amount.decimal.normalize(), found.amount.currency)
    if "since" in command.slots and found.next_on is not None and found.next_on < date.fromisoformat(command.slots["since"]):
        named = {"what": opening(called(scene, found)), "amount": amount, "before": found.amount}
        scene.reply(facts.in_book(scene, scene.say("recurring_price_later", **named, day=found.next_on)))
        return
    draft: ExpenseDraft = replace(unpack(found.draft), amount=amount)
    postings(await expenses.bill_from(scene, replace(draft, date=today_of(scene))), behind={})
    await recurring.keep(scene.uow, replace(found, amount=amount, draft=pack(draft)))
    text = opening(scene.say("recurring_price", what=called(scene, found), amount=amount, before=found.amount))
    after = scene.say("recurring_next", day=found.next_on) if found.next_on is not None else ""
    scene.reply(facts.in_book(scene, f"{text} {after}".rstrip()))


async def correct(scene: Scene, intent: Correct) -> None:
    """ "Change rent to 950": of what is written down; where nothing is, of what repeats under that name."""
    if await _is_of_rule(scene, intent):
        assert isinstance(intent.value, Money), "an amount is one"
        bare = {} if intent.currencies else {"bare": "yes"}
        slots = {"what": intent.target, "amount": str(intent.value), "currency": intent.value.currency}
        await new_price(scene, Command("new_price", slots | bare))
        return
    await corrections.correct(scene, intent)


async def _is_known(scene: Scene, name: str) -> bool:
    """Whether something that repeats is called so."""
    return any(folded_words(each.what) == folded_words(name) for each in await all_of(scene))


async def _is_of_rule(scene: Scene, intent: Correct) -> bool:
    if intent.field != "amount" or intent.target == "last" or corrections.replied_to(scene):
        return False
    if not await _is_known(scene, intent.target):
        return False
    try:
        await corrections.target_of(scene, intent.target)
    except DomainError as problem:
        if problem.code != "no_such_bill":
            raise
        return True
    return False


COMMANDS = {"new_price": new_price}
