"""The values that pass between the inbox and the conversation: what a message met, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.domain.messages import Capabilities, Document, InboundMessage, Pin, ShownReceipt
from core.domain.people import Book, PersonProfile

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat as stored. `state` is the conversation's own JSON (pending question, entered book, what was said last)."""

    conversation_id: UUID
    message_book_id: UUID | None  # the chat's own book: None until the first message is answered
    state: Json


@dataclass(frozen=True, slots=True)
class EarlierEffect:
    """What an earlier message (the edited one, the one replied to, the one that bore the button) led to."""

    version: int
    book_id: UUID | None
    bill_ids: tuple[UUID, ...]
    outbox_id: UUID | None


@dataclass(frozen=True, slots=True)
class PressedButton:
    """The server's row for a pressed button; None in the turn where there is none, it expired, or it belongs to another chat."""

    button_id: str
    outbox_id: UUID
    person_ids: tuple[UUID, ...]  # who may press; empty: everyone in the chat
    action: Json
    expired: bool
    used: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One claimed message with all that was loaded for it before its transaction began.

    `sender` None: never seen before. `books`: the chat's book (if any) and all books of the sender that are needed, members included.
    `key`: the message's idempotency key (without effect number). `own`: the effect of an earlier version of this same message.
    `recycled_from`: whose address this was before it fell silent for so long that somebody else may have it: the sender is met as new.
    `channels`: what each channel can show, for those who are told of it elsewhere.
    """

    inbox_id: UUID
    key: bytes
    trace_id: str
    message: InboundMessage
    capabilities: Capabilities
    conversation: Conversation
    sender: PersonProfile | None
    books: dict[UUID, Book]
    own: EarlierEffect | None = None
    replied_to: EarlierEffect | None = None
    button: PressedButton | None = None
    recycled_from: UUID | None = None
    channels: Mapping[str, Capabilities] = field(default_factory=dict)
    mentioned: tuple[tuple[str, UUID], ...] = ()  # people known to us whom the message mentions: as the text calls them, and who it is


@dataclass(frozen=True, slots=True)
class Button:
    """A button to be: its label, the action stored on the server, who may press it (empty: everyone)."""

    label: str
    action: Json
    person_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to be put into the outbox. `conversation_id` None: the chat the message came from.

    `edits`: outbox id of the earlier message to replace, where the channel can. `toast`: only for who pressed.
    `bill_ids`: what this message is about, so that a reply to it finds its target.
    `reaction`: an emoji in place of the words, where the chat allows it. `receipt`: what may be shown beside the words.
    `not_before`: it waits until then; `good_until`: later it is not sent at all. `pin`: what becomes of it at the top of the chat.
    `letter_id`: the id that it gets in the outbox, where it is to be known before.
    `language`: of the words, where it is known.
    `urgency`: reply; notification; safety: a notification of what concerns somebody's account, which no quiet hours hold back; or asked: one
    that somebody wants now, though it goes to another place than this chat. A reply goes nowhere else, a notification that is refused does.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    conversation_id: UUID | None = None
    edits: UUID | None = None
    toast: bool = False
    book_id: UUID | None = None
    bill_ids: tuple[UUID, ...] = ()
    urgency: str = "reply"
    language: str = ""
    documents: tuple[Document, ...] = ()
    reaction: str = ""
    receipt: ShownReceipt | None = None
    not_before: datetime | None = None
    pin: Pin | None = None
    letter_id: UUID | None = None
    good_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one turn; the ledger entries themselves are already queued in the unit of work.

    `reason`: the intent's or the error's code, for logs and metrics, never text. `erase_body`: nothing was recorded, so the text goes at once.
    `book_id` and `bill_ids`: the effect of this message. `state`: the conversation's new state, None for unchanged.
    `chat_book_id`: set when the chat got its book in this turn. `used_button`: the id of a single-use button that was pressed.
    `receipt_waits`: a photo was kept to be read.
    """

    reason: str
    replies: tuple[Reply, ...] = ()
    book_id: UUID | None = None
    bill_ids: tuple[UUID, ...] = ()
    state: Json | None = None
    chat_book_id: UUID | None = None
    used_button: str | None = None
    erase_body: bool = False
    receipt_waits: bool = False
