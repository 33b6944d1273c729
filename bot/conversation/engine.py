"""The conversation: understand() reads a message without a database, respond() answers it inside one unit of work."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.conversation import guesses, language
from bot.conversation.answers import Said, answered, note_of_bill, pending_of, said_of_bill
from bot.conversation.dispatch import act
from bot.conversation.door import TOLD, Door, kept_out
from bot.conversation.elsewhere import asked_in, edited_in, read_there
from bot.conversation.files import Files
from bot.conversation.handlers import groups, mail, proposals, telling
from bot.conversation.handlers.settlements import LAST_ASKED
from bot.conversation.hearing import card_book, language_at_hand, parse_context
from bot.conversation.intents import BankAlert, Command, Elsewhere, GroupView, Nothing, ParseContext, RecordExpenses, RecordIncome, Understanding
from bot.conversation.parsing import parse
from bot.conversation.replies.catalogue import FALLBACK
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from bot.conversation.turn import Outcome, Reply, Turn
from core.db import addresses, conversations, linking, people, reminders
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress, ChatKind, InboundKind
from core.domain.payments.rails import Rail
from core.domain.people import Book, BookKind, DefaultSplit, PersonProfile
from core.errors import DomainError, ServiceUnavailable
from core.ports import ChatSizes, RateHistory
from core.services import membership
from core.services.bills import Effects

TEXT_MOST = 4096
CONTEXT_MOST = 5
READ_KINDS = (InboundKind.TEXT, InboundKind.EDIT, InboundKind.PHOTO, InboundKind.FILE, InboundKind.RECEIPT)
UNANSWERED = (InboundKind.REACTION, InboundKind.MOVED, InboundKind.REMOVED)  # they make nobody a member
VIEW_SECONDS = 3


class Engine:
    """Stateless: all that a conversation remembers is in its row.

    `sizes` by channel: who can tell how many people a group has. `address`: where our own pages are. `reads`: something reads photos of receipts.
    `files`: what reads and writes files; None: none are. `rates`: the exchange rates that came along; None: those that were fetched have to do.
    `pay_links`: the wallets whose links may be opened. `door`: which groups are served.
    """

    def __init__(
        self,
        sizes: Mapping[str, ChatSizes] | None = None,
        *,
        address: str = "",
        reads: bool = False,
        files: Files | None = None,
        rates: RateHistory | None = None,
        pay_links: frozenset[Rail] = frozenset(),
        door: Door = Door(),
    ) -> None:
        self._sizes = sizes or {}
        self._rates = rates
        self._files = files
        self._address = address
        self._pay_links = pay_links
        self._reads = reads
        self._door = door

    async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
        """What the message means. Presses and membership changes mean nothing by themselves."""
        if self._door.was_closed(turn):
            return Understanding(Nothing(TOLD), rule=TOLD)
        return await self._read(turn, now=now)

    async def _read(self, turn: Turn, *, now: datetime) -> Understanding:
        message = turn.message
        if message.kind is InboundKind.FILE and message.attachments and self._files is not None:
            found = await self._files.understand(message.address, message.attachments[0], currency=parse_context(turn, now=now).currency)
            if found.file is not None or not message.text.strip():
                return found  # else its words may say something by themselves
        if message.kind not in READ_KINDS or not message.text.strip():
            return Understanding(Nothing("no_text"), rule="no_text", view=await self._view(turn))
        if len(message.text) > TEXT_MOST:
            return Understanding(Nothing("too_long"), rule="too_long")
        understood = read_words(turn, now=now)
        if understood.intent == Command("pin_balance"):
            return replace(understood, view=await self._view(turn, pin=True))
        return as_forwarded(turn, understood) if message.forwarded else understood

    async def _view(self, turn: Turn, *, pin: bool = False) -> GroupView | None:
        """For the card that greets a group, or for what is to stay at its top; it is not waited for long."""
        asks = pin or turn.message.kind is InboundKind.JOIN or (turn.button is not None and turn.button.action.get("do") == "im_in")
        port = self._sizes.get(turn.message.address.channel)
        if port is None or not asks or turn.message.chat_kind is not ChatKind.GROUP:
            return None
        try:
            async with asyncio.timeout(VIEW_SECONDS):
                if pin:
                    return GroupView(may_pin=await port.may_pin(turn.message.address))
                return GroupView(await port.size_of(turn.message.address), await port.hears_all(turn.message.address))
        except (TimeoutError, ServiceUnavailable):
            return None

    async def respond(self, uow: UnitOfWork, turn: Turn, understood: Understanding, *, now: datetime) -> Outcome:
        """Carry out and answer. A DomainError is a reply, and what this message had queued is dropped."""
        if turn.message.kind in UNANSWERED:
            if turn.message.kind is InboundKind.REMOVED:
                await reminders.forget(uow, turn.conversation.conversation_id)
            return unanswered(turn)
        if turn.sender is None and (turn.capabilities.mute or turn.message.kind is InboundKind.RECURRING):
            return Outcome(reason="revoked", erase_body=True)
        if not await self._door.admits(uow, turn):
            return kept_out(turn, language=language_at_hand(turn) or FALLBACK)
        scene = await set_stage(uow, turn, now=now)
        scene.state.pop(TOLD, None)
        scene.view, scene.address, scene.reads, scene.pay_links = understood.view, self._address, self._reads, self._pay_links
        scene.rates = self._rates
        if self._files is not None:
            scene.writer, scene.calendars = self._files.writer, self._files.calendars
        if turn.message.kind is InboundKind.EDIT:
            proposals.forget(scene)
        elsewhere = await telling.step_aside(scene) if turn.capabilities.mute else None
        if not turn.capabilities.mute and turn.message.kind is not InboundKind.RECURRING:
            await language.hear(scene, understood)
        remembered = copy.deepcopy(scene.state)
        mark = uow.mark()
        chat_book = scene.home_id if turn.conversation.message_book_id != scene.home_id else None
        try:
            reason = await act(scene, understood)
            await telling.tell_news(scene)
            await mail.copy_warnings(scene)
        except DomainError as problem:
            await uow.rewind(mark)
            scene.state = remembered
            reason = problem.code
            scene.replies, scene.bill_ids, scene.used_button = [error_reply(scene, problem)], [], None
            scene.news, scene.receipt_waits = [], False
        if turn.recycled_from is not None:
            scene.reply(scene.say("recycled", days=turn.capabilities.recycled_days))
        if turn.capabilities.mute:
            telling.answer_in(scene, elsewhere)
        remember(scene, turn, recorded=bool(scene.bill_ids) and not isinstance(understood.intent, BankAlert))
        return Outcome(
            reason=reason,
            replies=tuple(scene.replies),
            book_id=scene.book_id if scene.bill_ids else None,
            bill_ids=tuple(dict.fromkeys(scene.bill_ids)),
            state=scene.state if scene.state != turn.conversation.state else None,
            chat_book_id=chat_book,
            used_button=scene.used_button,
            erase_body=not scene.bill_ids,
            receipt_waits=scene.receipt_waits,
        )

    def apology(self, turn: Turn) -> Reply:
        """What the sender of a message that could not be worked out is told."""
        return Reply(text=Voice(language_at_hand(turn) or FALLBACK).say("gone_wrong"))

    def slow_down(self, turn: Turn) -> Reply:
        """What a chat is told that writes too fast."""
        return Reply(text=Voice(language_at_hand(turn) or FALLBACK).say("slow_down"))


def unanswered(turn: Turn) -> Outcome:
    """What people do that calls for no word of ours. Whoever takes us back into a chat is greeted again."""
    state = {name: value for name, value in turn.conversation.state.items() if name not in ("welcomed", TOLD)}
    taken_out = turn.message.kind is InboundKind.REMOVED and state != turn.conversation.state
    return Outcome(reason=turn.message.kind.value, state=state if taken_out else None, erase_body=True)


# ------------------------------------------------------------------ understanding


def read_words(turn: Turn, *, now: datetime) -> Understanding:
    """The message's words: as the answer to what was asked, as said in a group that they name, about the bill replied to, or alone."""
    message, edited = turn.message, edited_in(turn)
    context = parse_context(turn, now=now, book=edited)
    said = Said(message.text, context)
    if message.kind is InboundKind.RECEIPT:
        there = read_there(turn, said.alone, now=now)
        return there if there is not None and there.question is None else said.alone
    answer = read_answer(turn, said, now=now)
    if answer is not None:
        return answer
    if not message.forwarded and (there := read_there(turn, said.alone, now=now)) is not None:
        return there
    understood = said.alone
    if turn.replied_to is not None and turn.replied_to.bill_ids:
        understood = note_of_bill(said, understood) or said_of_bill(said, understood) or understood
    if message.kind is InboundKind.PHOTO and isinstance(understood.intent, Nothing) and understood.question is None:
        understood = receipt_words(message.text, context) or understood
    return replace(understood, elsewhere=Elsewhere(edited.book_id, message.text)) if edited is not None else understood


def read_answer(turn: Turn, said: Said, *, now: datetime) -> Understanding | None:
    """The answer to what was asked or shown, read with the people and the currency of the group that it was about."""
    shown, asked = card_book(turn), asked_in(turn, pending_of(turn))
    card = parse_context(turn, now=now, book=shown) if shown is not None else said.context
    if asked is None:
        return answered(turn, said, card=card)
    answer = answered(turn, Said(said.text, parse_context(turn, now=now, book=asked)), card=card)
    return replace(answer, elsewhere=answer.elsewhere or Elsewhere(asked.book_id, said.text)) if answer is not None else None


def receipt_words(text: str, context: ParseContext) -> Understanding | None:
    """ "paid for dinner" under a picture, in a group too: whoever sends a bill with it waits to be asked for the total."""
    alone = parse(text, replace(context, chat="private"))
    return alone if alone.question is not None and alone.question.code == "no_amount" else None


def as_forwarded(turn: Turn, understood: Understanding) -> Understanding:
    """Somebody else's words are never commands: alone they may be an expense or a bank's message, in a group they are nothing."""
    alone = turn.message.chat_kind is ChatKind.PRIVATE
    if alone and isinstance(understood.intent, RecordExpenses | RecordIncome | BankAlert):
        return understood
    return Understanding(Nothing("forwarded"), rule="forwarded", language=understood.language)


async def set_stage(uow: UnitOfWork, turn: Turn, *, now: datetime) -> Scene:
    """Who, where, which book: made where they are new."""
    message = turn.message
    person = turn.sender or await newcomer(uow, turn, now=now)
    home_id = await home_book(uow, turn, person, now=now)
    state: dict[str, Any] = copy.deepcopy(dict(turn.conversation.state))
    book_id = home_id
    entered = state.get("entered")
    if isinstance(entered, str) and UUID(entered) in person.books:
        book_id = UUID(entered)
    await uow.load_books(dict.fromkeys([person.personal_book_id, home_id, book_id]))
    if uow.book(person.personal_book_id).member_of(person.person_id) is None:
        raise SenderChanged  # linked or erased since the message was loaded: it is loaded again
    note_sighting(uow, turn, now=now)
    if message.kind is not InboundKind.RECURRING:  # that bears the name of then
        person = await membership.follow_name(uow, person, message.sender.name, now=now)
    how = "known"
    if message.chat_kind is ChatKind.GROUP and makes_a_member(turn, uow.book(home_id), person):
        member, how = await membership.join(uow, home_id, person, now=now, in_chat=True, handle=message.sender.handle)
        person.books[home_id] = member.member_id
    book = uow.book(book_id)
    voice = Voice(book.language if message.chat_kind is ChatKind.GROUP else person.language, plain=not turn.capabilities.emoji)
    me = book.member_of(person.person_id)
    if me is not None and message.sender.handle:
        await membership.follow_handle(uow, book_id, me, message.sender.handle)
    effects = Effects(turn.key, me.member_id if me else None, person.person_id)
    scene = Scene(uow, turn, now, person, book_id, home_id, voice, effects, state)
    if how == "claimed":
        scene.reply(scene.say("claimed", name=voice.name(person.name)))
    if how != "known":
        groups.tell_joined(scene, scene.me)
    return scene


def makes_a_member(turn: Turn, book: Book, person: PersonProfile) -> bool:
    """Whoever does something in a group is in; but who left comes back by a word, not by a button that is still there (unless it says so)."""
    if turn.message.kind is InboundKind.RECURRING:
        return False
    if turn.message.kind is not InboundKind.BUTTON or (turn.button is not None and turn.button.action.get("do") == "im_in"):
        return turn.message.kind is not InboundKind.LEAVE
    known = book.member_of(person.person_id)
    return known is None or known.active


class SenderChanged(Exception):
    """The sender is not who they were when the message was loaded."""


def note_sighting(uow: UnitOfWork, turn: Turn, *, now: datetime) -> None:
    """Keep when, and in which private chat, the address wrote last; to the hour, so that most messages cost nothing."""
    if turn.capabilities.mute or turn.message.kind is InboundKind.RECURRING:
        return  # the person did not write
    private = turn.message.chat_kind is ChatKind.PRIVATE
    chat = turn.conversation.conversation_id if private else None
    if addresses.is_worth_noting(turn.sender.sighting if turn.sender else None, chat=chat, now=now):
        address_hash = people.person_hash(uow.keys, turn.message.address, turn.message.sender.user)
        uow.queue(lambda connection: addresses.note_written(connection, address_hash, chat=chat, now=now))


async def newcomer(uow: UnitOfWork, turn: Turn, *, now: datetime) -> PersonProfile:
    """An account is the first message: nothing is asked."""
    message = turn.message
    address = ChatAddress(message.address.channel, message.address.account, message.sender.user)
    if turn.recycled_from is not None:
        await linking.detach_address(
            uow,
            people.person_hash(uow.keys, address, message.sender.user),
            person_id=turn.recycled_from,
            conversation_id=turn.conversation.conversation_id,
            now=now,
        )
    zone = guesses.zone(message.time_zone).key if message.time_zone else None
    sender = replace(message.sender, name=membership.checked_name(message.sender.name or message.sender.user))
    person = await people.create_person(uow, sender=sender, address=address, language=guesses.language_of(message.language), time_zone=zone, now=now)
    currency = guesses.currency_of(message.language, message.time_zone)
    if currency != uow.book(person.personal_book_id).currency:
        await people.update_book(uow, person.personal_book_id, currency=currency)
    return person


async def home_book(uow: UnitOfWork, turn: Turn, person: PersonProfile, *, now: datetime) -> UUID:
    """The chat's own book: the sender's in a private chat, a group's in a group."""
    if turn.message.chat_kind is ChatKind.PRIVATE:
        return person.personal_book_id
    if turn.conversation.message_book_id is not None:
        return turn.conversation.message_book_id
    elsewhere = await conversations.shared_book(uow, turn.conversation.conversation_id)
    if elsewhere is not None:
        return elsewhere
    await uow.load_books([person.personal_book_id])
    own = uow.book(person.personal_book_id)
    book = await people.create_book(
        uow,
        kind=BookKind.GROUP,
        name=turn.message.chat_title.strip()[: membership.NAME_MOST] or turn.message.address.chat[: membership.NAME_MOST],
        currency=own.currency,
        currency_said=own.currency_said,
        default_split=DefaultSplit.EVERYONE,
        language=person.language,
        time_zone=own.time_zone,
        now=now,
    )
    await conversations.share_book(uow, turn.conversation.conversation_id, book.book_id)
    return book.book_id


def error_reply(scene: Scene, problem: DomainError) -> Reply:
    return Reply(text=scene.refusal(problem), toast=scene.turn.message.kind is InboundKind.BUTTON)


def remember(scene: Scene, turn: Turn, *, recorded: bool) -> None:
    """Keep the last recorded texts, as context for the next message. A receipt that something was recorded after is not divided by bare numbers."""
    card = scene.state.get("card")
    if isinstance(card, dict) and scene.bill_ids and card["bill"] not in map(str, scene.bill_ids):
        del scene.state["card"]
    said_here = any(reply.conversation_id is None for reply in scene.replies)
    if said_here and scene.state.get(LAST_ASKED) == turn.conversation.state.get(LAST_ASKED):
        scene.state.pop(LAST_ASKED, None)
    if recorded and turn.message.text and turn.message.kind in (InboundKind.TEXT, InboundKind.EDIT):
        said: list[Any] = list(scene.state.get("said", []))
        scene.state["said"] = [*said, turn.message.text[:200]][-CONTEXT_MOST:]
