"""What the web chat's chats consist of: people, chats and messages as values, with no browser and no bot in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.messages import ChatKind, Choice, ShownReceipt


@dataclass(frozen=True, slots=True)
class WebPerson:
    person_id: str
    name: str


@dataclass(frozen=True, slots=True)
class WebFile:
    """`name` is empty for a photo."""

    file_id: str
    media_type: str
    bytes: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class WebChat:
    """`members` in order of joining. `own` are the ids of those members that the asking browser writes as."""

    chat_id: str
    kind: ChatKind
    title: str
    members: tuple[WebPerson, ...]
    own: tuple[str, ...]
    invite: str | None
    last_change: int


@dataclass(frozen=True, slots=True)
class WebMessage:
    """One line of a chat as it stands now. `kind`: text, photo, press, join, leave (a person's), reply or toast (Tuppence's, `sender` None).

    `seq` is its place, `change` the number of its newest change, `version` how often it was edited. `to_message` is what it answers or presses.
    `request_id` was made by who sent it. `receipt`: what a reply is about, to be shown beside its words.
    """

    chat_id: str
    chat_kind: ChatKind
    chat_title: str
    message_id: str
    seq: int
    change: int
    kind: str
    sender: WebPerson | None
    version: int
    created_at: datetime
    edited_at: datetime | None
    to_message: str | None
    only_for: str | None
    request_id: str | None = None
    text: str = ""
    button: str | None = None
    choices: tuple[Choice, ...] = ()
    files: tuple[WebFile, ...] = ()
    receipt: ShownReceipt | None = None
