"""The Channel port over the Bot API: one message of ours as the requests that show it. Text travels as plain text, never as markup."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from telegram import ChatMember, InputFile, LinkPreviewOptions, Message, ReactionTypeEmoji, ReplyParameters
from telegram.error import TelegramError

from core.domain.messages import Capabilities, ChatAddress, OutboundMessage, Pin
from core.errors import SendError, SendErrorKind
from integrations.channels.limits import capabilities_of
from integrations.channels.telegram.client import Api
from integrations.channels.telegram.failures import as_send_error, says
from integrations.channels.telegram.identity import Identity
from integrations.channels.telegram.keyboard import keyboard
from integrations.channels.telegram.text import CAPTION_UNITS, TOAST_UNITS, shortened, split, units
from integrations.channels.telegram.updates import NAME

PHOTO_BYTES = 10 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
UNFINISHED_MOST = 1000
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # what people write may hold links: nothing is fetched or shown for them
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_UNCHANGED = "message is not modified"
_TOO_LATE = ("query is too old", "query id is invalid")
_NO_REACTION = ("reaction", "message to react not found", "message_id_invalid")
_NO_PIN = ("not enough rights", "message to pin not found", "message to unpin not found", "message_id_invalid", "chat_admin_required")
_NO_THREAD = ("message thread not found", "topic_deleted", "topic_closed")


class TelegramChannel:
    """Sends for one bot. A message in several parts that failed half way goes on where it stopped, as long as this process lives."""

    name = NAME
    capabilities: Capabilities = capabilities_of(NAME)

    def __init__(self, bot: Api, identity: Identity) -> None:
        self._bot = bot
        self._identity = identity
        self._unfinished: OrderedDict[str, list[str]] = OrderedDict()  # message key to the ids of its parts so far

    async def send(self, message: OutboundMessage) -> str:
        """The id of the part that bears the buttons, or of the last one; empty for what is no message of the chat. Raises SendError."""
        try:
            return await self._send(message)
        except TelegramError as error:
            raise as_send_error(error) from None  # the cause may quote an address, and with it the token

    async def _send(self, message: OutboundMessage) -> str:
        shown = await self._said(message)
        if message.pin is not None and shown:
            await self._pin(message, shown)
        return shown

    async def _pin(self, message: OutboundMessage, shown: str) -> None:
        """A new one is pinned, an edited one is so already. Where the chat does not let us, its words do: they were said."""
        chat = _number(message.address.chat)
        try:
            if message.pin is Pin.DOWN:
                await self._bot.unpin_chat_message(chat, message_id=_number(shown))
            elif shown != message.edits:
                await self._bot.pin_chat_message(chat, _number(shown), disable_notification=True)
        except TelegramError as error:
            if not says(error, *_NO_PIN):
                raise

    async def _said(self, message: OutboundMessage) -> str:
        if message.toast:
            return await self._toast(message)
        if message.reaction and message.reply_to and await self._reacted(message):
            return ""
        if message.edits:  # empty where the earlier answer was a reaction
            edited = await self._edit(message)
            if edited is not None:
                return edited
        try:
            return await self._show(message)
        except TelegramError as error:
            if message.thread is None or not says(error, *_NO_THREAD):
                raise
            return await self._show(replace(message, thread=None))

    async def _toast(self, message: OutboundMessage) -> str:
        assert message.to_press is not None, "a toast answers a press"
        try:
            await self._bot.answer_callback_query(message.to_press, text=shortened(message.text, TOAST_UNITS) or None)
        except TelegramError as error:
            if not says(error, *_TOO_LATE):
                raise
        return ""

    async def _reacted(self, message: OutboundMessage) -> bool:
        """False where the chat does not allow it: then words must do."""
        chat, target = _number(message.address.chat), _number(message.reply_to)
        try:
            await self._bot.set_message_reaction(chat, target, reaction=[ReactionTypeEmoji(message.reaction)])
        except TelegramError as error:
            if not says(error, *_NO_REACTION):
                raise
            return not message.text.strip()
        return True

    async def _edit(self, message: OutboundMessage) -> str | None:
        """None where the earlier message cannot be replaced any more, or the new text does not fit into one."""
        parts = split(message.text)
        if len(parts) != 1 or message.documents:
            return None
        try:
            await self._bot.edit_message_text(
                parts[0],
                chat_id=_number(message.address.chat),
                message_id=_number(message.edits),
                reply_markup=keyboard(message.choices),
                link_preview_options=_NO_PREVIEW,
            )
        except TelegramError as error:
            if says(error, *_GONE):
                return None
            if not says(error, _UNCHANGED):
                raise
        return message.edits

    async def _show(self, message: OutboundMessage) -> str:
        """As a new message: the text in parts, then the files; the buttons are under the last part of the text."""
        files = self._files(message)
        as_caption = len(files) == 1 and units(message.text) <= CAPTION_UNITS
        parts = [] if as_caption else split(message.text)
        done = self._unfinished.get(message.key, []) if message.key else []
        sent = list(done)
        try:
            for number in range(len(sent), len(parts)):
                last = number == len(parts) - 1
                shown = await self._bot.send_message(
                    _number(message.address.chat),
                    parts[number],
                    reply_markup=keyboard(message.choices) if last else None,
                    link_preview_options=_NO_PREVIEW,
                    **_placed(message, first=number == 0),
                )
                sent.append(str(shown.message_id))
            for number in range(len(sent) - len(parts), len(files)):
                shown = await self._send_file(message, files[number], as_caption=as_caption, first=not sent)
                sent.append(str(shown.message_id))
        except TelegramError:
            self._remember(message.key, sent)
            raise
        self._unfinished.pop(message.key, None)
        if not sent:
            raise SendError(SendErrorKind.REJECTED, "nothing to show")
        return sent[len(parts) - 1] if parts else sent[-1]

    async def _send_file(self, message: OutboundMessage, file: tuple[str, str, bytes], *, as_caption: bool, first: bool) -> Message:
        name, media_type, data = file
        more: dict[str, Any] = _placed(message, first=first)
        if as_caption:
            more |= {"caption": message.text or None, "reply_markup": keyboard(message.choices)}
        chat = _number(message.address.chat)
        if media_type in ("image/jpeg", "image/png", "image/webp") and len(data) <= PHOTO_BYTES:
            return await self._bot.send_photo(chat, InputFile(data, filename=name), **more)
        return await self._bot.send_document(chat, InputFile(data, filename=name), **more)

    def _files(self, message: OutboundMessage) -> list[tuple[str, str, bytes]]:
        """Name, media type and bytes of all that goes along. Raises SendError rejected for what is too large to travel."""
        found = [(each.name, each.media_type, each.contents) for each in message.documents]
        if any(len(data) > UPLOAD_BYTES for _, _, data in found):
            raise SendError(SendErrorKind.REJECTED, "file too large")
        return found

    def _remember(self, key: str, sent: list[str]) -> None:
        if key and sent:
            self._unfinished[key] = sent
            while len(self._unfinished) > UNFINISHED_MOST:
                self._unfinished.popitem(last=False)

    # -------------------------------------------------------------- ports.ChatSizes

    async def size_of(self, chat: ChatAddress) -> int | None:
        """Members without ourselves; other bots count as people, for nobody can tell them apart."""
        try:
            return max(0, await self._bot.get_chat_member_count(_number(chat.chat)) - 1)
        except TelegramError:
            return None

    async def may_pin(self, chat: ChatAddress) -> bool | None:
        """As an admin with that right."""
        me = await self._identity.me()
        try:
            member = await self._bot.get_chat_member(_number(chat.chat), me.id)
        except TelegramError:
            return None
        return member.status == ChatMember.OWNER or bool(getattr(member, "can_pin_messages", False))

    async def hears_all(self, chat: ChatAddress) -> bool | None:
        """With privacy mode off, or as an admin of the chat."""
        me = await self._identity.me()
        if me.can_read_all_group_messages:
            return True
        try:
            member = await self._bot.get_chat_member(_number(chat.chat), me.id)
        except TelegramError:
            return None
        return member.status in (ChatMember.ADMINISTRATOR, ChatMember.OWNER)


def _placed(message: OutboundMessage, *, first: bool) -> dict[str, Any]:
    """In its topic, and quoting what it answers (once, and all the same where that is gone)."""
    quoted = ReplyParameters(_number(message.reply_to), allow_sending_without_reply=True) if first and message.reply_to else None
    return {"message_thread_id": _number(message.thread) if message.thread else None, "reply_parameters": quoted}


def _number(text: str | None) -> int:
    """Raises SendError rejected: an id that is none of Telegram's cannot be reached there."""
    try:
        return int(text or "")
    except ValueError:
        raise SendError(SendErrorKind.REJECTED, "no such id") from None
