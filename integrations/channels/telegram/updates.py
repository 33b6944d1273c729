"""Updates of the Bot API as messages of ours: who did what in which chat. Decides what is not for us; understands no words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, MessageReactionUpdated, Update, User

from core.domain.messages import TABLE_TYPES, Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.people import name_key
from integrations.channels.telegram.words import Words, read_words

NAME = "telegram"
TABLE_ENDS = (".csv", ".tsv", ".json", ".xlsx")
_GROUPS = (Chat.GROUP, Chat.SUPERGROUP)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What every message of one update shares: our account and @name, the update's number and the moment it came."""

    account: str
    username: str
    number: int
    now: datetime

    def address(self, chat_id: int) -> ChatAddress:
        return ChatAddress(NAME, self.account, str(chat_id))


def to_messages(update: Update, *, account: str, username: str, now: datetime) -> list[InboundMessage]:
    """The messages of an update, none where it is nothing to us. `username` is the bot's own, without the @.

    A message's position is the update's number: Telegram counts these in the order of what happened, over all kinds.
    """
    arrival = Arrival(account, username, update.update_id, now)
    for kind, read in _READERS.items():
        found = getattr(update, kind)
        if found is not None:
            return read(arrival, found)
    return []


# ------------------------------------------------------------------ messages


def _message(arrival: Arrival, message: Message) -> list[InboundMessage]:
    """Anonymous admins and channels speak for a chat, other bots for themselves: none of them can own an expense."""
    sender = message.from_user
    if message.migrate_to_chat_id or message.migrate_from_chat_id:
        return [_moved(arrival, message)]
    if sender is None or sender.is_bot or message.sender_chat is not None or message.via_bot is not None or message.chat.type == Chat.CHANNEL:
        return []
    if message.new_chat_members:
        return [_came(arrival, message, user, InboundKind.JOIN) for user in message.new_chat_members if not user.is_bot]
    if message.left_chat_member is not None:
        gone = message.left_chat_member
        return [] if gone.is_bot else [_came(arrival, message, gone, InboundKind.LEAVE)]
    return _written(arrival, message, sender)


def _written(arrival: Arrival, message: Message, sender: User) -> list[InboundMessage]:
    """Text, or a picture with or without words. Anything else is nothing in a group; alone it is a message without words, which gets a kind line."""
    text = message.text or message.caption or ""
    words = read_words(text, message.entities or message.caption_entities, username=arrival.username)
    files = _pictures(message) or _tables(message)
    if words.elsewhere or (not text and not files and (message.chat.type in _GROUPS or not _shows_something(message))):
        return []
    return [_said(arrival, message, sender, words, files)]


def _said(arrival: Arrival, message: Message, sender: User, words: Words, files: tuple[Attachment, ...]) -> InboundMessage:
    forwarded = message.forward_origin is not None
    kind = _kind_with(files) if files else InboundKind.JOIN if words.start and not forwarded else InboundKind.TEXT
    return replace(
        _base(arrival, message.chat, sender, kind, str(message.message_id), message.date),
        text=words.text,
        mentions=words.mentions,
        reply_to=_reply_to(message),
        attachments=files,
        thread=str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else None,
        forwarded=forwarded,
        album=message.media_group_id,
    )


def _base(arrival: Arrival, chat: Chat, sender: User, kind: InboundKind, message_id: str, at: datetime) -> InboundMessage:
    return InboundMessage(
        address=arrival.address(chat.id),
        chat_kind=ChatKind.PRIVATE if chat.type == Chat.PRIVATE else ChatKind.GROUP,
        sender=person(sender),
        message_id=message_id,
        kind=kind,
        sent_at=at if at.timestamp() > 0 else arrival.now,
        position=arrival.number,
        chat_title=chat.title or "",
        language=sender.language_code,
    )


def person(user: User) -> Person:
    """By the numeric id; the first name that says anything is the label, since that is what people write."""
    names = (user.first_name, user.last_name, user.username)
    name = next((each for each in names if each and name_key(each)), str(user.id))
    return Person(str(user.id), name, user.username or "")


def _reply_to(message: Message) -> str | None:
    """Every message of a topic answers its opening, which is no reply."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created is not None else str(replied.message_id)


def _pictures(message: Message) -> tuple[Attachment, ...]:
    if message.photo:
        best = message.photo[-1]
        return (Attachment(best.file_id, "image/jpeg", best.file_size or 0),)
    sent = message.document
    kind = (sent.mime_type or "") if sent is not None else ""
    if sent is not None and message.animation is None and (kind.startswith("image/") or kind == "application/pdf"):
        return (Attachment(sent.file_id, kind, sent.file_size or 0),)
    return ()


def _tables(message: Message) -> tuple[Attachment, ...]:
    """A file that another program may have exported; what it is, its content will tell."""
    sent = message.document
    if sent is None or not (sent.mime_type in TABLE_TYPES or (sent.file_name or "").casefold().endswith(TABLE_ENDS)):
        return ()
    return (Attachment(sent.file_id, sent.mime_type or "application/octet-stream", sent.file_size or 0),)


def _kind_with(files: tuple[Attachment, ...]) -> InboundKind:
    is_picture = files[0].media_type.startswith("image/") or files[0].media_type == "application/pdf"
    return InboundKind.PHOTO if is_picture else InboundKind.FILE


def _shows_something(message: Message) -> bool:
    """A sticker, a voice message, a poll, ...: sent by a person, not a note of the platform's own."""
    return message.effective_attachment is not None or message.story is not None or message.dice is not None


def _edited(arrival: Arrival, message: Message) -> list[InboundMessage]:
    at = message.edit_date or message.date
    written = [each for each in _message(arrival, message) if each.kind in (InboundKind.TEXT, InboundKind.PHOTO)]
    return [replace(each, kind=InboundKind.EDIT, sent_at=at, version=int(at.timestamp())) for each in written]


def _moved(arrival: Arrival, message: Message) -> InboundMessage:
    """A group that became a supergroup has another id from now on. Both chats tell; it is the old one's message either way."""
    old, new = (message.chat.id, message.migrate_to_chat_id) if message.migrate_to_chat_id else (message.migrate_from_chat_id, message.chat.id)
    assert old is not None, "one of the two ids is there"
    return InboundMessage(
        address=arrival.address(old),
        chat_kind=ChatKind.GROUP,
        sender=person(message.from_user) if message.from_user is not None else Person(arrival.account, ""),
        message_id=f"moved-{new}",
        kind=InboundKind.MOVED,
        sent_at=message.date,
        position=arrival.number,
        moved_to=str(new),
    )


# ------------------------------------------------------------------ presses, reactions, comings and goings


def _press(arrival: Arrival, query: CallbackQuery) -> list[InboundMessage]:
    bearer = query.message
    if bearer is None or query.data is None or query.from_user.is_bot:
        return []
    pressed = _base(arrival, bearer.chat, query.from_user, InboundKind.BUTTON, query.id, arrival.now)
    thread = bearer.message_thread_id if isinstance(bearer, Message) and bearer.is_topic_message else None
    return [replace(pressed, reply_to=str(bearer.message_id), button=query.data, thread=str(thread) if thread else None)]


def _reaction(arrival: Arrival, reaction: MessageReactionUpdated) -> list[InboundMessage]:
    if reaction.user is None or reaction.user.is_bot:
        return []
    shown = next((emoji for each in reaction.new_reaction if (emoji := getattr(each, "emoji", ""))), "")
    reacted = _base(arrival, reaction.chat, reaction.user, InboundKind.REACTION, f"reaction-{arrival.number}", reaction.date)
    return [replace(reacted, reply_to=str(reaction.message_id), text=shown)]


def _came(arrival: Arrival, message: Message, user: User, kind: InboundKind) -> InboundMessage:
    return _base(arrival, message.chat, user, kind, str(message.message_id), message.date)


def _inside(member: ChatMember) -> bool:
    return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER) or bool(getattr(member, "is_member", False))


def _ourselves(arrival: Arrival, change: ChatMemberUpdated) -> list[InboundMessage]:
    """We were added to a group (whoever did it is in), or taken out. A private chat says with /start what it wants."""
    was, is_in = _inside(change.old_chat_member), _inside(change.new_chat_member)
    if change.chat.type not in _GROUPS or was == is_in:
        return []
    kind = InboundKind.JOIN if is_in else InboundKind.REMOVED
    if change.from_user.is_bot and kind is InboundKind.JOIN:  # an anonymous admin: nobody to be in
        return []
    return [_base(arrival, change.chat, change.from_user, kind, f"ourselves-{arrival.number}", change.date)]


def _membership(arrival: Arrival, change: ChatMemberUpdated) -> list[InboundMessage]:
    """Only told where the bot is an admin."""
    was, is_in, user = _inside(change.old_chat_member), _inside(change.new_chat_member), change.new_chat_member.user
    if change.chat.type not in _GROUPS or was == is_in or user.is_bot:
        return []
    kind = InboundKind.JOIN if is_in else InboundKind.LEAVE
    return [_base(arrival, change.chat, user, kind, f"member-{arrival.number}", change.date)]


_READERS: dict[str, Callable[[Arrival, Any], list[InboundMessage]]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _press,
    "message_reaction": _reaction,
    "my_chat_member": _ourselves,
    "chat_member": _membership,
}
KINDS = tuple(_READERS)  # what Telegram is asked for
