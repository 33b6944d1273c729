"""Paying somebody: what is owed and how it can be paid, what the payer says of it, and what the receiver does. Only that books anything."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers import facts, settlements, telling
from bot.conversation.handlers.people import SPEAKER
from bot.conversation.intents import Command
from bot.conversation.replies import accounts
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db import addresses, payment_manners
from core.db.addresses import Reader
from core.db.pay_links import code_document, pay_token
from core.db.payments import Payment
from core.domain.ledger import JournalEntry
from core.domain.messages import Document
from core.domain.money import Money
from core.domain.payments.rails import Offer, Rail
from core.domain.payments.states import State
from core.domain.people import BookKind
from core.errors import DomainError
from core.services import dues, payments
from core.services.dues import Due

Action = dict[str, Any]
_PASTED = frozenset({Rail.PIX})  # whose code people paste into their bank's app

# ------------------------------------------------------------------ how to pay


async def pay(scene: Scene, command: Command) -> None:
    """ "Pay", "how do I pay Anna": the one payment that is due with all that it takes, or whom to choose from."""
    name = command.slots.get("person", "")
    found = [due for due in await of_mine(scene) if not name or named(scene, due.book_id, name) == due.receiver]
    if not found:
        nobody = scene.say("no_debt", sender=scene.voice.name(scene.person.name), receiver=scene.voice.name(name)) if name else None
        scene.reply(facts.in_book(scene, nobody or scene.say("pay_nothing")))
    elif len(found) == 1:
        await show(scene, found[0])
    else:
        plan = " · ".join(transfer(scene, due) for due in found[: facts.FACTS_MOST])
        scene.reply(scene.say("pay_several", plan=plan), *(choice(scene, due) for due in found[: facts.FACTS_MOST]))


async def of_mine(scene: Scene) -> list[Due]:
    """What the sender has to pay: in the book at hand, or at home in all groups."""
    found = [due for book_id in await books(scene) for due in await dues.dues(scene.uow, book_id)]
    return [due for due in found if (me := scene.uow.book(due.book_id).member_of(scene.person.person_id)) and due.sender == me.member_id]


async def books(scene: Scene) -> list[UUID]:
    """The shared books that a sentence about paying may mean."""
    if scene.shared or scene.in_group:
        return [scene.book_id]
    await scene.uow.load_books(scene.person.books)
    return [book_id for book_id in scene.person.books if scene.uow.book(book_id).kind is not BookKind.PERSONAL]


def named(scene: Scene, book_id: UUID, name: str) -> UUID | None:
    """Who is meant by a name in a book; the sender by their own."""
    book = scene.uow.book(book_id)
    me, found = book.member_of(scene.person.person_id), book.named(name)
    if me is not None and (name.casefold() == SPEAKER or (found is None and name == scene.person.name)):
        return me.member_id
    return found.member_id if found is not None else None


def transfer(scene: Scene, due: Due) -> str:
    """ "Ben → Anna €12.50", with the group where the chat is another."""
    book = scene.uow.book(due.book_id)
    sender, receiver = (scene.voice.name(book.first(book.member(member)).name) for member in (due.sender, due.receiver))
    text = scene.say("transfer", sender=sender, receiver=receiver, amount=due.amount)
    return text if due.book_id == scene.book_id else scene.say("in_book", book=scene.voice.name(book.name), text=text)


def choice(scene: Scene, due: Due) -> Button:
    book = scene.uow.book(due.book_id)
    name = scene.voice.name(book.first(book.member(due.receiver)).name)
    action: Action = {"do": "pay_one", "book": str(due.book_id), "to": str(due.receiver), "currency": due.amount.currency}
    return Button(scene.say("button_pay_to", receiver=name, amount=due.amount), action, (scene.person.person_id,))


async def pay_one(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """One of those to choose from, as it is due now."""
    to, currency = UUID(action["to"]), action["currency"]
    now_due = [due for due in await dues.dues(scene.uow, scene.book_id) if due.sender == scene.me.member_id]
    found = [due for due in now_due if due.receiver == scene.first(to) and due.amount.currency == currency]
    if not found:
        raise DomainError("no_debt", sender=scene.name(scene.me.member_id), receiver=scene.name(to))
    await show(scene, found[0])


async def show(scene: Scene, due: Due) -> None:
    """How to pay what is due: to the payer alone, for it tells somebody's account."""
    await scene.move_to(due.book_id)
    receiver = scene.book.member(due.receiver)
    if receiver.person_id is None:
        paid = settlements.paid_button(scene, due.sender, due.receiver, due.amount)
        told = scene.say("pay_guest", receiver=scene.name(due.receiver), amount=due.amount)
        scene.reply(facts.in_book(scene, f"{_owed(scene, due.receiver, due.amount)} {told}"), paid)
        return
    payment = None
    if due.amount:
        payment, earlier = await dues.payment_for(scene.uow, due, now=scene.now)
    if payment is None or payment.state is State.PAYER_SAYS_PAID:
        said = [each for each in await dues.open_between(scene.uow, scene.book_id, sender=due.sender, receiver=due.receiver) if _said(each)]
        waiting = said[-1].amount if said else due.amount
        scene.reply(facts.in_book(scene, scene.say("pay_waits", receiver=scene.name(due.receiver), amount=waiting)))
        return
    offers = await payments.ways(scene.uow, payment, links=scene.pay_links)
    rail = offers[0].rail if offers else None
    if payment.state is not State.LINK_SENT or payment.rail is not rail:
        payment = await payments.send_link(scene.uow, payment, by=scene.me.member_id, now=scene.now, rail=rail)
    if not offers:
        await _ask_where(scene, payment)
    await _hand_over(scene, payment, offers, instead=earlier)


def _said(payment: Payment) -> bool:
    return payment.state is State.PAYER_SAYS_PAID


async def _hand_over(scene: Scene, payment: Payment, offers: tuple[Offer, ...], *, instead: Payment | None) -> None:
    """The card, here or (from a group) in the payer's own chat."""
    buttons = said_buttons(scene, payment)
    if not scene.in_group:
        text = card(scene, payment, offers, instead=instead)
        scene.reply(facts.in_book(scene, text), *buttons, documents=codes(scene, payment, offers, scene.turn.capabilities.pictures))
        return
    chats = await addresses.private_chats(scene.uow, [scene.person.person_id], silent=telling.silent_since(scene))
    owed = scene.say("transfer", sender=scene.name(payment.sender_id), receiver=scene.name(payment.receiver_id), amount=payment.amount)
    if not offers:
        more = scene.say("pay_no_method", receiver=scene.name(payment.receiver_id))
    else:
        more = scene.say("pay_alone", sender=scene.name(payment.sender_id)) if chats else scene.say("pay_alone_write")
    scene.reply(f"{owed}. {more}", *buttons)
    if offers and chats:
        view = scene.seen_by(scene.me, book_id=scene.book_id, voice=telling.voice_in(scene, chats[0].channel, chats[0].language))
        pictures = (shown := scene.turn.channels.get(chats[0].channel)) is not None and shown.pictures
        text = facts.in_book(view, card(view, payment, offers, instead=instead))
        documents = codes(view, payment, offers, pictures)
        scene.reply(text, *said_buttons(view, payment), to=chats[0].conversation_id, urgency="notification", documents=documents)


def card(view: Scene, payment: Payment, offers: tuple[Offer, ...], *, instead: Payment | None) -> str:
    """What is owed, the best way to pay it with what can be copied, and the page that has all of them."""
    receiver = view.name(payment.receiver_id)
    lines = [_owed(view, payment.receiver_id, payment.amount)]
    url = f"{view.address}/pay/{_token(view, payment)}" if view.address and offers else ""
    if not offers:
        lines.append(view.say("pay_no_method", receiver=receiver))
    elif offers[0].rail is Rail.CASH:
        lines.append(view.say("pay_by_cash", receiver=receiver))
    elif not (view.voice.plain and url):  # every character costs: the page says it
        lines += _ways(view, payment, offers[0])
    if url:
        lines.append(view.say("pay_page", url=url))
    if instead is not None:
        lines.append(view.say("pay_instead", receiver=receiver, amount=instead.amount))
    return (" " if view.voice.plain else "\n").join(lines)


def _owed(view: Scene, receiver: UUID, amount: Money) -> str:
    return view.say("pay_owe", receiver=view.name(receiver), amount=amount)


def _ways(view: Scene, payment: Payment, best: Offer) -> list[str]:
    account = accounts.whole(view.voice, best.method)
    lines = [view.say("pay_by", account=account, holder=view.voice.name(best.method.holder), reference=payment.reference)]
    lines += [best.code] if best.rail in _PASTED else []
    return lines + ([best.link] if best.link.startswith("https://") else [])


def codes(view: Scene, payment: Payment, offers: tuple[Offer, ...], pictures: bool) -> tuple[Document, ...]:
    """The picture of the best way's code, where the chat shows pictures."""
    if not pictures or not offers or not offers[0].code:
        return ()
    return (code_document(_token(view, payment), offers[0].rail, address=view.address),)


def _token(view: Scene, payment: Payment) -> str:
    return pay_token(view.uow.keys, payment.book_id, payment.payment_id, now=view.now)


async def _ask_where(scene: Scene, payment: Payment) -> None:
    """The receiver is asked where the money can go, at most once a day whoever wants to pay them."""
    person_id = scene.book.member(payment.receiver_id).person_id
    if person_id is None or not await payment_manners.may_ask(scene.uow, person_id, now=scene.now):
        return

    async def told(view: Scene) -> str:
        return view.say("pay_method_asked", sender=view.name(payment.sender_id), amount=payment.amount)

    await tell_member(scene, payment.receiver_id, News(scene.book_id, told, signed=False))


async def tell_member(scene: Scene, member_id: UUID, news: News) -> bool:
    """Tell one member alone, or in the group where they are in it and have no chat of their own. False: they cannot be reached."""
    member = scene.book.first(scene.book.member(member_id))
    if member.person_id is None:
        return False
    chats = await addresses.private_chats(scene.uow, [member.person_id], silent=telling.silent_since(scene))
    if not chats and member.in_chat:
        chats = [Reader(each.conversation_id, each.channel) for each in await addresses.group_chats(scene.uow, scene.book_id)]
    if chats:
        await telling.tell(scene, news, chats[0])
    return bool(chats)


# ------------------------------------------------------------------ the payer says so


def said_buttons(view: Scene, payment: Payment) -> tuple[Button, ...]:
    payer = view.book.first(view.book.member(payment.sender_id)).person_id
    people = (payer,) if payer is not None else ()
    target: Action = {"book": str(payment.book_id), "payment": str(payment.payment_id)}
    return (
        Button(view.say("button_i_paid"), {"do": "paid_now", **target}, people),
        Button(view.say("button_in_cash"), {"do": "paid_cash", **target}, people),
    )


async def paid_now(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await say_paid(scene, await _found(scene, action))


async def paid_cash(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await say_paid(scene, await _found(scene, action), cash=True)


async def _found(scene: Scene, action: Action) -> Payment:
    return await payments.find(scene.uow, scene.book_id, UUID(action["payment"]))


async def say_paid(scene: Scene, payment: Payment, *, cash: bool = False) -> None:
    """The payer says that it is paid; the receiver is asked whether it arrived, again if it was said before. Nothing is booked."""
    if payment.state is not State.PAYER_SAYS_PAID:
        payment = await payments.say_paid(scene.uow, payment, by=scene.me.member_id, now=scene.now)
    receiver = scene.book.first(scene.book.member(payment.receiver_id))

    async def told(view: Scene) -> str:
        return " ".join([said_text(view, payment, cash=cash), view.say("settled_ask", receiver=view.name(payment.receiver_id))])

    if scene.in_group and scene.book_id == scene.home_id and receiver.in_chat:
        scene.reply(await told(scene), *arrival_buttons(scene, payment))
        return
    await tell_member(scene, payment.receiver_id, News(scene.book_id, told, lambda view: arrival_buttons(view, payment), signed=False))
    waits = scene.say("pay_waits", receiver=scene.name(payment.receiver_id), amount=payment.amount)
    scene.reply(facts.in_book(scene, waits if not scene.in_group else f"{said_text(scene, payment, cash=cash)} {_asked(scene, payment)}"))


def said_text(view: Scene, payment: Payment, *, cash: bool = False) -> str:
    said = "pay_said_cash" if cash else "pay_said"
    return view.say(said, sender=view.name(payment.sender_id), receiver=view.name(payment.receiver_id), amount=payment.amount)


def _asked(scene: Scene, payment: Payment) -> str:
    return scene.say("settled_asked", receiver=scene.name(payment.receiver_id))


# ------------------------------------------------------------------ the receiver says whether it arrived


def arrival_buttons(view: Scene, payment: Payment) -> tuple[Button, ...]:
    receiver = view.book.first(view.book.member(payment.receiver_id)).person_id
    people = (receiver,) if receiver is not None else ()
    target: Action = {"book": str(payment.book_id), "payment": str(payment.payment_id)}
    return (
        Button(view.say("button_yes"), {"do": "pay_arrived", **target}, people),
        Button(view.say("button_plain_no"), {"do": "pay_missing", **target}, people),
    )


async def arrived(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await confirm(scene, await _found(scene, action), edits=outbox_id)


async def another(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """What is booked of the same amount is another one."""
    await confirm(scene, await _found(scene, action), again=True, edits=outbox_id)


async def same(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """It is what is booked already."""
    payment = await payments.attach(scene.uow, await _found(scene, action), UUID(action["bill"]), by=scene.me.member_id, now=scene.now)
    scene.reply(facts.in_book(scene, _confirmed(scene, payment)), about=payment.bill_id, edits=outbox_id)


async def confirm(scene: Scene, payment: Payment, *, again: bool = False, edits: UUID | None = None) -> None:
    """It arrived: booked once. Where the two have booked the amount by word meanwhile, whether it is the same is asked."""
    try:
        payment, entry = await payments.confirm(
            scene.uow, payment, by=scene.me.member_id, author_id=scene.person.person_id, on=scene.today, now=scene.now, again=again
        )
    except DomainError as problem:
        if problem.code != "payment_booked":
            raise
        target: Action = {"book": str(payment.book_id), "payment": str(payment.payment_id), "bill": str(problem.params["bill_id"])}
        buttons = (
            Button(scene.say("button_same"), {"do": "pay_same", **target}, (scene.person.person_id,)),
            Button(scene.say("button_another"), {"do": "pay_another", **target}, (scene.person.person_id,)),
        )
        scene.reply(facts.in_book(scene, scene.say("payment_booked")), *buttons)
        return
    scene.bill_ids.append(entry.bill_id)
    await _tell_booked(scene, payment, entry, edits=edits)


async def _tell_booked(scene: Scene, payment: Payment, entry: JournalEntry, *, edits: UUID | None) -> None:
    async def told(view: Scene) -> str:
        left = await facts.plans(view)
        rest = view.say("settled_left", plan=facts.plan_text(view, left, largest=True)) if left else view.say("settled_all")
        return f"{_confirmed(view, payment)} {rest}"

    scene.news.append(News(scene.book_id, told, about=entry.bill_id, signed=False))
    scene.reply(facts.in_book(scene, await told(scene)), about=entry.bill_id, edits=edits)


def _confirmed(view: Scene, payment: Payment) -> str:
    return view.say("settle_confirmed", sender=view.name(payment.sender_id), receiver=view.name(payment.receiver_id), amount=payment.amount)


async def missing(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """It did not arrive, which the payer is told; it may still."""
    payment = await payments.decline(scene.uow, await _found(scene, action), by=scene.me.member_id, now=scene.now)
    payer = scene.book.first(scene.book.member(payment.sender_id))

    async def told(view: Scene) -> str:
        return view.say("pay_missing", sender=view.name(payment.sender_id), receiver=view.name(payment.receiver_id), amount=payment.amount)

    here = scene.in_group and scene.book_id == scene.home_id and payer.in_chat
    buttons = said_buttons(scene, payment) if here else ()
    scene.reply(facts.in_book(scene, await told(scene)), *buttons, edits=outbox_id)
    if not here:
        await tell_member(scene, payment.sender_id, News(scene.book_id, told, lambda view: said_buttons(view, payment), signed=False))
