"""What is said in words of payments that are open: that one is paid or has arrived, and whether it was. Makes no second booking of one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot.conversation.handlers import checks, facts, payments, settlements
from bot.conversation.handlers.people import SPEAKER
from bot.conversation.intents import Command, RecordExpenses, RecordSettlement
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db.payments import Payment
from core.domain.money import Money
from core.domain.payments.states import State
from core.domain.people import BookKind, name_key
from core.errors import DomainError
from core.services import dues

YES_FOR = timedelta(days=1)  # how long a bare yes in a private chat can mean a payment


async def heard(scene: Scene, intent: RecordSettlement) -> bool:
    """ "I paid Anna 12" of the payment that is open says that it is paid, "Bob paid me" that it arrived. False: it is about no open payment."""
    found = await open_of(scene, intent)
    if len(found) != 1:
        return False
    await scene.move_to(found[0].book_id)
    return await take(scene, found[0])


async def open_of(scene: Scene, intent: RecordSettlement) -> list[Payment]:
    """The open payments that somebody may speak of, over all books that are meant."""
    found: list[Payment] = []
    for book_id in await payments.books(scene):
        sender, receiver = (payments.named(scene, book_id, name) for name in (intent.sender, intent.receiver))
        if sender is not None and receiver is not None:
            found += await _fitting(scene, book_id, sender, receiver, intent.amount)
    return found


async def meant(scene: Scene, intent: RecordExpenses) -> bool:
    """ "I paid anna 12.50" in a private chat, where people of a group are words like others: of the payment that is open it is no expense."""
    if scene.in_group or scene.shared or len(intent.expenses) != 1:
        return False
    draft = intent.expenses[0]
    groups = [book for book in scene.turn.books.values() if book.kind is not BookKind.PERSONAL]
    others = {name_key(member.name) for book in groups for member in book.members if member.person_id != scene.person.person_id}
    if len(draft.payments) != 1 or draft.split.type != "none" or name_key(draft.description) not in others:
        return False
    said = RecordSettlement(SPEAKER, draft.description, draft.amount, scene.today)
    return await heard(scene, said) or await _of_called_off(scene, said, draft.amount)


async def _of_called_off(scene: Scene, said: RecordSettlement, amount: Money) -> bool:
    """Settled in the group whose link of the amount was called off: it was paid before that."""
    for book_id in await payments.books(scene):
        me, receiver = payments.named(scene, book_id, SPEAKER), payments.named(scene, book_id, said.receiver)
        if me and receiver and await dues.was_called_off(scene.uow, book_id, sender=me, receiver=receiver, amount=amount):
            await scene.move_to(book_id)
            await settlements.settle(scene, said)
            return True
    return False


async def made(scene: Scene, command: Command) -> None:
    """ "I paid Anna", without an amount: of the open payment, else of nothing that could be noted."""
    said = RecordSettlement(command.slots.get("sender") or SPEAKER, command.slots.get("receiver") or SPEAKER, None, scene.today)
    if not await heard(scene, said) and not scene.in_group:
        scene.reply(scene.say("hint_short"))


async def _fitting(scene: Scene, book_id: UUID, sender: UUID, receiver: UUID, amount: Money | None) -> list[Payment]:
    """Open payments between two of the amount; where none is said, of what is due or is called paid."""
    waiting = await dues.open_between(scene.uow, book_id, sender=sender, receiver=receiver)
    if amount is not None:
        return [payment for payment in waiting if payment.amount == amount][-1:]
    owed = [due.amount for due in await dues.dues(scene.uow, book_id) if (due.sender, due.receiver) == (sender, receiver)]
    return [payment for payment in waiting if payment.state is State.PAYER_SAYS_PAID or payment.amount in owed]


async def fits(scene: Scene, sender: UUID, receiver: UUID, amount: Money) -> bool:
    """The same of a button that says who paid whom what."""
    found = await _fitting(scene, scene.book_id, sender, receiver, amount)
    return bool(found) and await take(scene, found[0])


async def take(scene: Scene, payment: Payment) -> bool:
    """The word of one of the two about their payment; False where somebody else spoke: theirs is booked as it always was."""
    mine = scene.me.member_id
    if scene.first(payment.sender_id) == mine:
        await payments.say_paid(scene, payment)
    elif scene.first(payment.receiver_id) == mine:
        await answer(scene, payment, yes=True)
    else:
        return False
    return True


async def by_word(scene: Scene, intent: RecordSettlement) -> None:
    """Something else was settled between two by word: what their link asks for is not what is owed any more."""
    if not scene.shared:
        return
    sender, receiver = (payments.named(scene, scene.book_id, name) for name in (intent.sender, intent.receiver))
    if sender is not None and receiver is not None and scene.me.member_id in (sender, receiver):
        currency = intent.amount.currency if intent.amount else None
        await dues.call_off(scene.uow, scene.book_id, sender=sender, receiver=receiver, currency=currency, by=scene.me.member_id, now=scene.now)


# ------------------------------------------------------------------ whether it was


async def status(scene: Scene, command: Command) -> None:
    """ "Did Bob pay me": how far the payment is, and what is due without one."""
    names = [command.slots.get("sender", ""), command.slots.get("receiver", "")]
    for book_id in await payments.books(scene):
        sender, receiver = (payments.named(scene, book_id, name or SPEAKER) for name in names)
        if sender is None or receiver is None or sender == receiver:
            continue
        waiting = await dues.open_between(scene.uow, book_id, sender=sender, receiver=receiver)
        owed = [due for due in await dues.dues(scene.uow, book_id) if (due.sender, due.receiver) == (sender, receiver) and due.amount]
        if waiting or owed:
            await scene.move_to(book_id)
            _tell(scene, sender, receiver, waiting, owed[0].amount if owed else waiting[-1].amount)
            return
    me_called = scene.voice.name(scene.person.name)
    said = {"sender": scene.voice.name(names[0]) or me_called, "receiver": scene.voice.name(names[1]) or me_called}
    raise DomainError("no_debt", **said)


def _tell(scene: Scene, sender: UUID, receiver: UUID, waiting: list[Payment], owed: Money) -> None:
    parties = {"sender": scene.name(sender), "receiver": scene.name(receiver)}
    said = [payment for payment in waiting if payment.state is State.PAYER_SAYS_PAID]
    if said:
        asked = scene.say("settled_ask", receiver=scene.name(receiver))
        scene.reply(facts.in_book(scene, f"{payments.said_text(scene, said[-1])} {asked}"), *payments.arrival_buttons(scene, said[-1]))
    elif any(payment.state is State.LINK_SENT for payment in waiting):
        scene.reply(facts.in_book(scene, scene.say("pay_status_asked", **parties, amount=owed)), *_remind(scene, sender, receiver))
    else:
        scene.reply(facts.in_book(scene, scene.say("pay_status_open", **parties, amount=owed)), *_remind(scene, sender, receiver))


def _remind(scene: Scene, sender: UUID, receiver: UUID) -> tuple[Button, ...]:
    """For who is owed, where the other can be written to."""
    debtor = scene.book.member(scene.first(sender)).person_id
    if scene.first(receiver) != scene.me.member_id or debtor is None:
        return ()
    return (Button(scene.say("button_remind"), {"do": "remind", "book": str(scene.book_id), "from": str(sender)}, (scene.person.person_id,)),)


# ------------------------------------------------------------------ yes and no in words


async def waits_for_me(scene: Scene) -> Payment | None:
    """The one payment that the sender was asked about lately, in their own chat, whether it arrived; None where it is none or not the only one."""
    if scene.in_group:
        return None
    found = []
    for book_id in await payments.books(scene):
        me = scene.uow.book(book_id).member_of(scene.person.person_id)
        found += [payment for payment in await dues.said_to(scene.uow, book_id, me.member_id) if _lately(scene, payment)] if me else []
    return found[0] if len(found) == 1 else None


def _lately(scene: Scene, payment: Payment) -> bool:
    return payment.said_paid_at is not None and scene.now - payment.said_paid_at < YES_FOR


async def answer(scene: Scene, payment: Payment, *, yes: bool) -> None:
    """As the button would."""
    action = {"do": "pay_arrived" if yes else "pay_missing", "book": str(payment.book_id), "payment": str(payment.payment_id)}
    await scene.move_to(payment.book_id)
    if yes and checks.is_due(scene):
        checks.hold_press(scene, action, checks.what_of_press(scene, action))
    elif yes:
        await payments.confirm(scene, payment)
    else:
        await payments.missing(scene, action, None)
