"""Plays a transcript as what people do on Telegram, at a running service, and writes down what the bot said to each act."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime

from tests.support.bot_api_rules import Json
from tests.support.fake_telegram import BOT_ID, Chat
from tests.support.telegram_service import TelegramService, labels
from tests.support.transcripts import FILES, Act, Said, Transcript

_DAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}\b(?: \d{4}\b)?")
_SPOKEN = ("sendMessage", "sendDocument", "sendPhoto", "editMessageText", "answerCallbackQuery", "setMessageReaction")


class Play:
    """One transcript with people and chats of its own. The clock is the real one: days and months are compared as such, not by their dates."""

    def __init__(self, service: TelegramService, transcript: Transcript, name: str) -> None:
        self._service = service
        self._fake = service.fake
        self._transcript = transcript
        self._seed = zlib.crc32(name.encode()) % 1_000_000 * 1000
        self._ids: dict[str, int] = {}
        self._written: list[tuple[str, Json]] = []
        self._presses: set[str] = set()
        self._last: Json = {}

    async def do(self, act: Act) -> None:
        """Carry it out; what is said to it comes later."""
        self._before = len(self._fake.calls)
        await self._do(act, self._chat(act))

    def answers(self, act: Act) -> list[str]:
        """What was said to the people of this play since, as lines of a transcript."""
        spoken = [call for call in self._fake.calls[self._before :] if call.method in _SPOKEN and self._is_ours(call.asked)]
        return [line for call in spoken if (said := self._said(call.method, call.asked, act, self._chat(act))) for line in as_lines(said)]

    def _is_ours(self, asked: Json) -> bool:
        return asked["callback_query_id"] in self._presses if "chat_id" not in asked else abs(int(asked["chat_id"])) in self._ids.values()

    def _person(self, name: str) -> Json:
        return self._fake.person(self._ids.setdefault(name, self._seed + len(self._ids) + 1), name)

    def _chat(self, act: Act) -> Chat:
        if act.chat.kind == "private":
            return self._fake.chat(self._person(act.who)["id"])
        number = self._ids.setdefault(f"chat {act.chat.name}", self._seed + len(self._ids) + 1)
        return self._fake.chat(-number, kind="supergroup", title=act.chat.name)

    async def _do(self, act: Act, chat: Chat) -> None:
        who = self._person(act.who)
        if act.kind == "text":
            quoted = next((m for m in reversed(chat.messages.values()) if act.about and m.get("text", "").startswith(act.about)), None)
            reply = {"reply_to_message": {key: value for key, value in quoted.items() if key != "reply_to_message"}} if quoted else {}
            self._written.append((act.who, self._fake.write(chat, who, act.text, **reply)))
        elif act.kind == "edit":
            wrote = next(m for name, m in reversed(self._written) if name == act.who and m["chat"]["id"] == chat.chat_id and m["text"] == act.about)
            self._fake.edit(chat, wrote, act.text)
        elif act.kind == "button":
            own = [m for m in chat.messages.values() if m["from"]["id"] == BOT_ID and m.get("text", "").startswith(act.about or "")]
            bearer = next((m for m in reversed(own) if act.text in labels(m)), None)
            assert bearer is not None, f"no message bears [{act.text}]"
            self._presses.add(self._fake.press(chat, who, bearer["message_id"], act.text))
        elif act.kind == "photo":
            self._written.append((act.who, self._fake.photograph(chat, who, act.text)))
        elif act.kind == "file":
            self._written.append((act.who, self._fake.send_file(chat, who, act.file or "", (FILES / (act.file or "")).read_bytes())))
        elif act.kind == "reaction":
            meant = next(m for m in reversed(chat.messages.values()) if m.get("text", "").startswith(act.about or ""))
            self._fake.react(chat, who, meant["message_id"], act.text)
        elif act.kind == "again":
            assert await self._fake.post(self._last) == 200
        elif act.kind in ("join", "leave"):
            (chat.people.add if act.kind == "join" else chat.people.discard)(who["id"])
            self._fake.write(chat, who, **({"new_chat_members": [who]} if act.kind == "join" else {"left_chat_member": who}))
        else:
            raise AssertionError(f"no such act here: {act.kind}")
        if act.kind in ("text", "photo"):
            message = dict(self._written[-1][1])
            self._last = {"update_id": self._fake._next_update, "message": message}

    def _said(self, method: str, asked: Json, act: Act, chat: Chat) -> Said | None:
        if method == "answerCallbackQuery":
            return Said(asked["text"], act.who if act.chat.kind == "group" else None) if asked.get("text") else None
        if method == "setMessageReaction":
            return Said(asked["reaction"][0]["emoji"])
        buttons = tuple(button["text"] for row in (asked.get("reply_markup") or {}).get("inline_keyboard", []) for button in row)
        files = (self._file(asked),) if method in ("sendDocument", "sendPhoto") else ()
        elsewhere = None if asked["chat_id"] == chat.chat_id else str(asked["chat_id"])
        return Said(asked.get("text") or asked.get("caption", ""), elsewhere, method == "editMessageText", buttons, files)

    def _file(self, asked: Json) -> str:
        sent = asked.get("document") or asked["photo"]
        return str((asked[sent.removeprefix("attach://")] if isinstance(sent, str) else sent)["filename"])


def as_lines(said: Said) -> list[str]:
    """Text, buttons and files in comparable form: a day is a day, this month is this month."""
    month = f"{datetime.now(UTC):%B}"
    text = _DAY.sub("<day>", said.text).replace(", March:", f", {month}:")
    return [
        f"{said.chat or ''}|{'edited ' if said.edited else ''}{text}",
        *(f"[{label}]" for label in said.buttons),
        *(f"({name})" for name in said.files),
    ]
