"""The Bot API on loopback, at wire level: refuses what the real one refuses, keeps chats, counts what is sent too fast, and delivers updates.

Updates go out by webhook as the real ones do (in each chat's order, the same one again until it is answered 2xx) or wait for getUpdates.
`plan` is asked before every request: an answer of its own, a delay, or a response that gets lost after the deed.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from tests.support import bot_api_rules as rules
from tests.support.bot_api_rules import Json, Refusal, bad

TOKEN = "4242:AAE-fake-token-that-must-not-be-seen"
BOT_ID = 4242
USERNAME = "TuppenceTestBot"


@dataclass
class Trouble:
    """What happens to one request instead of, or besides, what it asks for."""

    refuse: Refusal | None = None
    hang_seconds: float = 0
    lose_response: bool = False  # performed, but the answer never arrives


@dataclass
class Chat:
    chat_id: int
    kind: str
    title: str = ""
    messages: dict[int, Json] = field(default_factory=dict)
    next_id: int = 1
    people: set[int] = field(default_factory=set)
    closed: Refusal | None = None  # what every request to it is answered: blocked, kicked, upgraded
    reactions_allowed: bool = True


@dataclass
class Call:
    """One request as it came, with the moment it came."""

    method: str
    asked: Json
    at: float


class FakeTelegram:
    """One bot's server. `calls` keeps every request; `violations` what was sent faster than the platform allows."""

    def __init__(self, *, privacy: bool = True, limits: bool = False) -> None:
        self.privacy = privacy
        self.limits = limits
        self.port = 0
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.webhook: Json | None = None
        self.routes: dict[str, str] = {}  # public address to where it really is
        self.plan: Callable[[str, Json], Trouble | None] = lambda method, asked: None
        self.answered: dict[str, str] = {}  # callback query id to the text of its toast
        self.said: Json = {}  # commands, descriptions, menu button
        self.delivered: list[tuple[int, int]] = []  # update id, status of each attempt
        self.admin_in: set[int] = set()
        self.pins_in: set[int] = set()  # where we may pin messages, as an admin
        self.pinned: dict[int, list[int]] = defaultdict(list)
        self._sends: deque[tuple[float, int]] = deque()
        self._updates: deque[Json] = deque()
        self._next_update = 1000
        self._arrived = asyncio.Event()
        self._polling = False
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._queues: dict[int, deque[Json]] = defaultdict(deque)
        self._client = httpx.AsyncClient(timeout=60)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeTelegram]:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            for lane in self._lanes.values():
                lane.cancel()
            server.close()
            await self._client.aclose()

    # ------------------------------------------------------------------ what people do

    def chat(self, chat_id: int, *, kind: str = "private", title: str = "", people: tuple[int, ...] = ()) -> Chat:
        chat = self.chats.setdefault(chat_id, Chat(chat_id, kind, title))
        chat.people |= set(people)
        return chat

    def update(self, kind: str, content: Json, *, chat_id: int) -> int:
        """Something happened in a chat: it is delivered in its order. Returns the update's id."""
        self._next_update += 1
        update = {"update_id": self._next_update, kind: content}
        if self.webhook is None:
            self._updates.append(update)
            self._arrived.set()
        else:
            self._queue(update, chat_id)
        return self._next_update

    def person(self, user_id: int, name: str, *, username: str | None = None, language: str = "en") -> Json:
        return {"id": user_id, "is_bot": False, "first_name": name, "language_code": language} | ({"username": username} if username else {})

    def write(self, chat: Chat, sender: Json, text: str = "", **more: Any) -> Json:
        """A person's message, as an update; mentions and commands in it are marked as Telegram marks them."""
        chat.people.add(sender["id"])
        message = self._kept(chat, {"from": sender} | ({"text": text, "entities": marks(text)} if text else {}) | more)
        self.update("message", message, chat_id=chat.chat_id)
        return message

    def photograph(self, chat: Chat, sender: Json, caption: str = "", data: bytes = b"\xff\xd8\xff\xe0 a picture") -> Json:
        """A photo in two sizes, as Telegram always has several; returns the message."""
        file_id = f"photo-{self._next_update + 1}-{len(self.files)}"
        self.files[file_id] = data
        sizes = [
            {"file_id": file_id + small, "file_unique_id": f"u{small}", "width": 90, "height": 90, "file_size": len(data)} for small in ("-s", "")
        ]
        return self.write(chat, sender, photo=sizes, **({"caption": caption, "caption_entities": marks(caption)} if caption else {}))

    def send_file(self, chat: Chat, sender: Json, name: str, data: bytes) -> Json:
        """A document; returns the message."""
        file_id = f"file-{self._next_update + 1}-{len(self.files)}"
        self.files[file_id] = data
        document = {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_name": name, "mime_type": "text/csv", "file_size": len(data)}
        return self.write(chat, sender, document=document)

    def react(self, chat: Chat, sender: Json, message_id: int, emoji: str) -> None:
        change = {"chat": shown(chat), "message_id": message_id, "user": sender, "date": int(time.time()), "old_reaction": []}
        self.update("message_reaction", change | {"new_reaction": [{"type": "emoji", "emoji": emoji}]}, chat_id=chat.chat_id)

    def edit(self, chat: Chat, message: Json, text: str) -> None:
        changed = message | {"text": text, "entities": marks(text), "edit_date": max(int(time.time()), message.get("edit_date", 0) + 1)}
        message.update(changed)
        self.update("edited_message", dict(changed), chat_id=chat.chat_id)

    def press(self, chat: Chat, sender: Json, message_id: int, label: str) -> str:
        """Returns the id of the press."""
        bearer = chat.messages[message_id]
        data = next(b["callback_data"] for row in bearer["reply_markup"]["inline_keyboard"] for b in row if b["text"] == label)
        return self.press_data(chat, sender, message_id, data)

    def press_data(self, chat: Chat, sender: Json, message_id: int, data: str) -> str:
        query = {"id": f"{len(self.calls)}-{self._next_update}", "from": sender, "chat_instance": "1", "data": data}
        self.update("callback_query", query | {"message": chat.messages[message_id]}, chat_id=chat.chat_id)
        return str(query["id"])

    def add_bot(self, chat: Chat, sender: Json, *, was: str = "left", now: str = "member") -> None:
        me = self._me()
        more = {"can_be_edited": False} if now == "administrator" else {"until_date": 0} if now == "kicked" else {}
        change = {"chat": shown(chat), "from": sender, "date": int(time.time())}
        change |= {"old_chat_member": {"user": me, "status": was} | ({"until_date": 0} if was == "kicked" else {})}
        chat.closed = Refusal(403, "Forbidden: bot was kicked from the group chat") if now in ("kicked", "left") else None
        self.update("my_chat_member", change | {"new_chat_member": {"user": me, "status": now} | more}, chat_id=chat.chat_id)

    def upgrade(self, chat: Chat, sender: Json, new_id: int) -> Chat:
        """The group becomes a supergroup; both chats tell."""
        new = self.chat(new_id, kind="supergroup", title=chat.title, people=tuple(chat.people))
        chat.closed = Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new_id)
        self.update("message", self._kept(chat, {"from": sender, "migrate_to_chat_id": new_id}), chat_id=chat.chat_id)
        self.update("message", self._kept(new, {"from": sender, "migrate_from_chat_id": chat.chat_id}), chat_id=new_id)
        return new

    def _kept(self, chat: Chat, content: Json) -> Json:
        message = {"message_id": chat.next_id, "date": int(time.time()), "chat": shown(chat)} | content
        chat.messages[chat.next_id] = message
        chat.next_id += 1
        return message

    # ------------------------------------------------------------------ delivery

    def _queue(self, update: Json, chat_id: int) -> None:
        self._queues[chat_id].append(update)
        lane = self._lanes.get(chat_id)
        if lane is None or lane.done():
            self._lanes[chat_id] = asyncio.get_running_loop().create_task(self._deliver(chat_id))

    async def _deliver(self, chat_id: int) -> None:
        """The head of a chat's queue again and again until it is answered 2xx: nothing behind it goes out before."""
        queue = self._queues[chat_id]
        while queue:
            status = await self.post(queue[0])
            self.delivered.append((queue[0]["update_id"], status))
            if 200 <= status < 300:
                queue.popleft()
            else:
                await asyncio.sleep(0.2)

    async def post(self, update: Any, *, secret: str | None = None) -> int:
        """One delivery by webhook; 0 where nobody answered."""
        assert self.webhook is not None, "no webhook is set"
        url = self.webhook["url"]
        for public, real in self.routes.items():
            url = url.replace(public, real, 1)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"] if secret is None else secret, "Content-Type": "application/json"}
        try:
            return (await self._client.post(url, content=json.dumps(update), headers=headers)).status_code
        except httpx.HTTPError:
            return 0

    @property
    def undelivered(self) -> int:
        return len(self._updates) + sum(map(len, self._queues.values()))

    # ------------------------------------------------------------------ requests

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await _head(reader)) is not None:
                path, headers = head
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                answer = await self._answer(path, headers, body)
                if answer is None:
                    break
                status, content = answer
                kind = "application/json" if path.startswith("/bot") else "application/octet-stream"
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes] | None:
        path = unquote(path)
        if path.startswith(f"/file/bot{TOKEN}/"):
            data = self.files.get(path.rsplit("/", 1)[1])
            return (200, data) if data is not None else (404, b"")
        _, token, method = [*path.split("?")[0].split("/"), "", ""][:3]
        asked = rules.values(body, headers.get("content-type", ""))
        self.calls.append(Call(method, asked, time.monotonic()))
        trouble = self.plan(method, asked) or Trouble()
        if trouble.hang_seconds:
            await asyncio.sleep(trouble.hang_seconds)
        try:
            if token != f"bot{TOKEN}":
                raise Refusal(401 if token.startswith("bot") and ":" in token else 404, "Unauthorized")
            if trouble.refuse is not None:
                raise trouble.refuse
            perform = getattr(self, f"_do_{method}", None)
            if perform is None:
                raise Refusal(404, "Not Found: method not found")
            result = perform(asked)
            content: Json = {"ok": True, "result": await result if asyncio.iscoroutine(result) else result}
            status = 200
        except Refusal as refusal:
            content = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            content |= {"parameters": refusal.parameters} if refusal.parameters else {}
            status = refusal.status
        return None if trouble.lose_response else (status, json.dumps(content).encode())

    def _me(self) -> Json:
        return {"id": BOT_ID, "is_bot": True, "first_name": "Tuppence", "username": USERNAME, "can_read_all_group_messages": not self.privacy}

    def _do_getMe(self, asked: Json) -> Json:
        return self._me()

    async def _do_getUpdates(self, asked: Json) -> list[Json]:
        if self.webhook is not None:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        if self._polling:
            raise Refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        while self._updates and self._updates[0]["update_id"] < asked.get("offset", 0):
            self._updates.popleft()
        self._polling = True
        try:
            async with asyncio.timeout(asked.get("timeout", 0)):
                while not self._updates:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            pass
        finally:
            self._polling = False
        return list(self._updates)[: asked.get("limit", 100)]

    def _do_setWebhook(self, asked: Json) -> bool:
        rules.check_webhook(asked)
        self.webhook = asked
        while self._updates:
            update = self._updates.popleft()
            self._queue(update, chat_of(update))
        return True

    def _do_deleteWebhook(self, asked: Json) -> bool:
        self.webhook = None
        return True

    def _do_sendMessage(self, asked: Json) -> Json:
        rules.needed(asked, "chat_id", "text")
        rules.check_text(asked["text"], limit=4096)
        rules.check_entities(asked, asked["text"])
        return self._sent(asked, {"text": asked["text"].strip()})

    def _do_sendDocument(self, asked: Json) -> Json:
        return self._file(asked, "document", limit=50 * 2**20)

    def _do_sendPhoto(self, asked: Json) -> Json:
        return self._file(asked, "photo", limit=10 * 2**20)

    def _file(self, asked: Json, kind: str, *, limit: int) -> Json:
        rules.needed(asked, "chat_id", kind)
        sent = asked[kind]
        if isinstance(sent, str) and sent.startswith("attach://"):
            sent = asked[sent.removeprefix("attach://")]
        if not isinstance(sent, dict) or not 0 < len(sent["data"]) <= limit:
            raise bad("file must be non-empty and not too large")
        if asked.get("caption"):
            rules.check_text(asked["caption"], limit=1024, name="caption")
        self.files[f"out-{len(self.files)}"] = sent["data"]
        shown_file = {"file_id": f"out-{len(self.files) - 1}", "file_unique_id": "u", "file_name": sent["filename"]}
        content = {"document": shown_file} if kind == "document" else {"photo": [shown_file | {"width": 1, "height": 1}]}
        return self._sent(asked, content | ({"caption": asked["caption"]} if asked.get("caption") else {}))

    def _sent(self, asked: Json, content: Json) -> Json:
        chat = self._open(asked)
        rows = rules.check_keyboard(asked.get("reply_markup"))
        quoted = asked.get("reply_parameters")
        if quoted and quoted["message_id"] not in chat.messages and not quoted.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        if asked.get("message_thread_id") and asked["message_thread_id"] not in chat.messages:
            raise bad("message thread not found")
        self._pace(chat)
        content |= {"from": self._me()} | ({"reply_markup": {"inline_keyboard": rows}} if rows else {})
        if quoted and quoted["message_id"] in chat.messages:
            content["reply_to_message"] = {key: value for key, value in chat.messages[quoted["message_id"]].items() if key != "reply_to_message"}
        return self._kept(chat, content)

    def _do_editMessageText(self, asked: Json) -> Json:
        rules.needed(asked, "chat_id", "message_id", "text")
        rules.check_text(asked["text"], limit=4096)
        rules.check_entities(asked, asked["text"])
        chat = self._open(asked)
        rows = rules.check_keyboard(asked.get("reply_markup"))
        message = chat.messages.get(asked["message_id"])
        if message is None:
            raise bad("message to edit not found")
        if message["from"]["id"] != BOT_ID:
            raise bad("message can't be edited")
        markup = {"inline_keyboard": rows} if rows else None
        if message.get("text") == asked["text"].strip() and message.get("reply_markup") == markup:
            raise bad("message is not modified: specified new message content and reply markup are exactly the same")
        self._pace(chat)
        message.pop("reply_markup", None)
        message |= {"text": asked["text"].strip(), "edit_date": int(time.time())} | ({"reply_markup": markup} if markup else {})
        return message

    def _do_answerCallbackQuery(self, asked: Json) -> bool:
        rules.needed(asked, "callback_query_id")
        if rules.units(asked.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.answered[asked["callback_query_id"]] = asked.get("text", "")
        return True

    def _do_setMessageReaction(self, asked: Json) -> bool:
        rules.needed(asked, "chat_id", "message_id", "reaction")
        chat = self._open(asked)
        if asked["message_id"] not in chat.messages:
            raise bad("message to react not found")
        if not chat.reactions_allowed or any(each["emoji"] not in rules.REACTIONS for each in asked["reaction"]):
            raise bad("REACTION_INVALID")
        chat.messages[asked["message_id"]]["reactions"] = [each["emoji"] for each in asked["reaction"]]
        return True

    def _do_getFile(self, asked: Json) -> Json:
        if asked["file_id"] not in self.files:
            raise bad("invalid file_id")
        size = len(self.files[asked["file_id"]])
        if size > 20 * 2**20:
            raise bad("file is too big")
        return {"file_id": asked["file_id"], "file_unique_id": "u", "file_size": size, "file_path": f"documents/{asked['file_id']}"}

    def _do_getChatMemberCount(self, asked: Json) -> int:
        return len(self._open(asked).people) + 1

    def _do_getChatMember(self, asked: Json) -> Json:
        self._open(asked)
        if asked["chat_id"] not in self.admin_in | self.pins_in:
            return {"user": self._me(), "status": "member"}
        rights = ("be_edited", "manage_chat", "change_info", "delete_messages", "invite_users", "restrict_members", "promote_members")
        more = ("post_stories", "edit_stories", "delete_stories", "manage_video_chats")
        may = {f"can_{right}": False for right in (*rights, *more)} | {"can_pin_messages": asked["chat_id"] in self.pins_in}
        return {"user": self._me(), "status": "administrator", "is_anonymous": False} | may

    def _do_pinChatMessage(self, asked: Json) -> bool:
        rules.needed(asked, "chat_id", "message_id")
        chat = self._open(asked)
        if asked["chat_id"] not in self.pins_in:
            raise bad("not enough rights to manage pinned messages in the chat")
        if asked["message_id"] not in chat.messages:
            raise bad("message to pin not found")
        self.pinned[asked["chat_id"]].append(asked["message_id"])
        return True

    def _do_unpinChatMessage(self, asked: Json) -> bool:
        rules.needed(asked, "chat_id", "message_id")
        self._open(asked)
        if asked["message_id"] not in self.pinned[asked["chat_id"]]:
            raise bad("message to unpin not found")
        self.pinned[asked["chat_id"]].remove(asked["message_id"])
        return True

    def _do_setMyCommands(self, asked: Json) -> bool:
        rules.check_commands(asked["commands"])
        self.said["commands", asked.get("language_code")] = asked["commands"]
        return True

    def _do_setMyDescription(self, asked: Json) -> bool:
        if len(asked.get("description", "")) > 512:
            raise bad("BOT_DESCRIPTION_TOO_LONG")
        self.said["description", asked.get("language_code")] = asked["description"]
        return True

    def _do_setMyShortDescription(self, asked: Json) -> bool:
        if len(asked.get("short_description", "")) > 120:
            raise bad("BOT_SHORT_DESCRIPTION_TOO_LONG")
        self.said["short_description", asked.get("language_code")] = asked["short_description"]
        return True

    def _do_setChatMenuButton(self, asked: Json) -> bool:
        self.said["menu_button"] = asked["menu_button"]
        return True

    def _open(self, asked: Json) -> Chat:
        chat = self.chats.get(asked["chat_id"])
        if chat is None:
            raise bad("chat not found")
        if chat.closed is not None:
            raise chat.closed
        return chat

    def _pace(self, chat: Chat) -> None:
        """30 a second in all, 1 a second a chat, 20 a minute a group."""
        now = time.monotonic()
        while self._sends and now - self._sends[0][0] > 60:
            self._sends.popleft()
        second = [sent for at, sent in self._sends if now - at < 1]
        here = [at for at, sent in self._sends if sent == chat.chat_id]
        reason = "all" if len(second) >= 30 else "chat" if chat.chat_id in second else ""
        reason = reason or ("group" if chat.kind != "private" and len(here) >= 20 else "")
        if reason:
            self.violations.append(reason)
            if self.limits:
                wait = 1 if reason != "group" else int(60 - (now - here[0])) + 1
                raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        self._sends.append((now, chat.chat_id))


def shown(chat: Chat) -> Json:
    return {"id": chat.chat_id, "type": chat.kind} | ({"title": chat.title} if chat.kind != "private" else {"first_name": "x"})


def chat_of(update: Json) -> int:
    content = next(value for key, value in update.items() if key != "update_id")
    return int((content.get("message") or content)["chat"]["id"])


def marks(text: str) -> list[Json]:
    """The entities of @mentions and /commands, at their UTF-16 places."""
    found = [("mention", match) for match in re.finditer(r"(?<!\w)@\w{3,32}", text)]
    found += [("bot_command", match) for match in re.finditer(r"(?<!\S)/\w{1,32}(?:@\w+)?", text)]
    return [{"type": kind, "offset": rules.units(text[: match.start()]), "length": rules.units(match[0])} for kind, match in found]


async def _head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return first.split(" ")[1], headers
