"""What every channel is reduced to: a message in, a message out. No channel's own field gets past these."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TABLE_TYPES = (  # of files that another program may have exported; what they are, their content tells
    "text/csv",
    "text/comma-separated-values",
    "text/tab-separated-values",
    "application/csv",
    "application/json",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class ChatKind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"


class InboundKind(StrEnum):
    TEXT = "text"
    EDIT = "edit"
    PHOTO = "photo"
    FILE = "file"  # of another program, to be taken over
    BUTTON = "button"
    REACTION = "reaction"
    JOIN = "join"
    LEAVE = "leave"
    MOVED = "moved"
    REMOVED = "removed"
    RECEIPT = "receipt"  # our own: the photo of this id was read
    RECURRING = "recurring"  # our own: days of what comes back are due


class Pin(StrEnum):
    """What becomes of a message at the top of its chat."""

    UP = "up"
    DOWN = "down"


class Consent(StrEnum):
    """What a message told the carrier, which acts on it by itself."""

    STOPPED = "stopped"  # nothing may be sent to this chat any more
    RESUMED = "resumed"  # it may be written to again
    INFORMED = "informed"  # it asked for help, and the carrier has answered


@dataclass(frozen=True, slots=True)
class Contact:
    """How a chat may be reached. `last_heard`: when its person wrote last; None: never, or the platform has closed the reply window since."""

    last_heard: datetime | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Where a conversation takes place. `account` is our side (a bot, a number), empty where a channel has only one."""

    channel: str
    account: str
    chat: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as the channel names it. `handle` is what the channel (or the blob store) needs to fetch it."""

    handle: str
    media_type: str
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote, by the platform's own id. The name is a label, never an identity; `handle` is what others write behind an @, without it.

    Somebody mentioned by a handle alone has no `user`.
    """

    user: str
    name: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message, press, edit or membership change.

    `message_id` is the platform's id of the message meant; a press has an id of its own and `reply_to` the message that bore the button.
    `version` orders the versions of one message (0: the original; an edit: its edit date in seconds). `position` is the platform's order in the chat.
    A text with a `button` is a press on a channel where both look alike. `consent`: see Consent.
    `bank`: the name under which a phone got a message that it forwards.
    `thread` is the topic of a group in which it was written. A chat that MOVED goes on under the chat id `moved_to`; from one
    that we were REMOVED from nothing more can be said. `forwarded`: somebody else's words, passed on. `album`: photos sent together share it.
    """

    address: ChatAddress
    chat_kind: ChatKind
    sender: Person
    message_id: str
    kind: InboundKind
    sent_at: datetime
    version: int = 0
    position: int = 0
    text: str = ""
    reply_to: str | None = None
    button: str | None = None
    chat_title: str = ""
    attachments: tuple[Attachment, ...] = ()
    mentions: tuple[Person, ...] = ()
    language: str | None = None
    time_zone: str | None = None
    thread: str | None = None
    moved_to: str | None = None
    consent: Consent | None = None
    forwarded: bool = False
    album: str | None = None
    bank: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: an opaque id and what it says."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file of ours: a text (an export), small enough to travel in the message, or a picture that is kept elsewhere.

    `token` opens the picture, and who may fetch it by itself finds it at `url`. `data`: its bytes once delivery has opened it; never stored.
    `packed`: the content is the Base64 of a file that is no text.
    """

    name: str
    media_type: str
    content: str = ""
    token: str = ""
    url: str = ""
    data: bytes | None = None
    packed: bool = False

    @property
    def contents(self) -> bytes:
        if self.data is not None:
            return self.data
        return b64decode(self.content) if self.packed else self.content.encode()


@dataclass(frozen=True, slots=True)
class ShownReceipt:
    """The receipt that a message is about, for channels that show its picture beside its lines. `lines`: their numbers as read, and their words,
    which stand in the message's text one after the other.
    """

    receipt_id: str
    lines: tuple[tuple[int, str], ...] = ()

    def without_lines(self, text: str) -> tuple[str, str]:
        """What the text says before the lines and after them; all of it and nothing where they do not stand in it."""
        listing = LINES_PARTED.join(words for _, words in self.lines)
        above, found, below = text.partition(listing) if listing else (text, "", "")
        return (above.rstrip("\n"), below.lstrip(LINES_PARTED + "\n")) if found else (text, "")


LINES_PARTED = " · "


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one chat. `edits` is the platform id of the earlier message that this one replaces, None for a new one.

    `toast` is for the presser of a button alone (`to_press` is the press's id) and is not part of the chat.
    `key` names this sending for ever (the outbox id): a channel that can, shows a key once, however often it is sent.
    `again`: an earlier try may have arrived, so a channel that can, looks for it first, from `created_at` on (no try was before).
    `thread`: the topic of a group in which it belongs.
    `reaction` is an emoji on the message `reply_to` in place of words. `notice`: nobody asked for it just now. On a channel with a window
    (`Capabilities.window_hours`) delivery says by it that the window is closed at this moment: only an approved template may be sent,
    that of the `language` of the words where there is one.
    `receipt`: what a channel may show beside the words; they say all of it.
    `pin`: what is to become of it at the top of the chat, where the chat lets us. `good_until`: it is of no use to anybody after that.
    """

    address: ChatAddress
    text: str
    choices: tuple[Choice, ...] = ()
    edits: str | None = None
    reply_to: str | None = None
    toast: bool = False
    to_press: str | None = None
    key: str = ""
    documents: tuple[Document, ...] = ()
    again: bool = False
    created_at: datetime | None = None
    thread: str | None = None
    reaction: str = ""
    notice: bool = False
    receipt: ShownReceipt | None = None
    pin: Pin | None = None
    good_until: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a platform lets us send. None: as fast as we can."""

    a_second: int | None = None  # in all
    chat_seconds: int | None = None  # at least so long between two messages to one chat
    group_a_minute: int | None = None  # to one group


@dataclass(frozen=True, slots=True)
class DayCaps:
    """The most messages of a UTC day where each costs money. `in_all` is over all channels that have caps."""

    a_chat: int
    a_country: int
    a_channel: int
    in_all: int


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show and what its word is worth; renderer and policies read it, handlers never see a channel's name.

    `documents`: texts of ours can be sent as files; `pictures`: kept pictures as such, else they are linked to. `answers_presses`: every press
    waits for a toast, be it empty. `numbered`: choices are read as numbers ("1") for want of buttons.
    `cheap_limit`: a text of more characters costs more. `window_hours`: who has not written for so long is reached by approved templates only.
    `weak`: a sender can be forged, so what matters needs a code that was sent back. `recycled_days`: who was silent for so long may be somebody
    else by now. `day_caps`: what is sent costs money, so it goes only to who wrote first, and only so much a day.
    `pins`: a message can stay at the top of a chat, and be edited there.
    `open_groups`: anybody can add us to a group.
    `mute`: a machine posts there and nobody reads; answers go to the person's own chat.
    `post`: letters go there and nobody writes from there: where people have proven that it is theirs.
    """

    buttons: int = 0
    edits: bool = False
    groups: bool = False
    emoji: bool = True
    text_limit: int = 4096
    cheap_limit: int | None = None
    documents: bool = True
    pictures: bool = False
    reactions: bool = False
    answers_presses: bool = False
    numbered: bool = False
    window_hours: int | None = None
    weak: bool = False
    recycled_days: int | None = None
    pace: Pace = Pace()
    day_caps: DayCaps | None = None
    mute: bool = False
    post: bool = False
    pins: bool = False
    open_groups: bool = False

    @property
    def talks(self) -> bool:
        """Whether people read and write there."""
        return not self.mute and not self.post
