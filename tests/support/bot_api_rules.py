"""What the Bot API accepts of a request, as it says itself: required parameters, lengths in UTF-16 units, limits of buttons and entities."""

from __future__ import annotations

import json
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]
REACTIONS = "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"


class Refusal(Exception):
    """An answer that is not ok: HTTP status, description, and `parameters` such as retry_after."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def needed(asked: Json, *names: str) -> None:
    for name in names:
        if asked.get(name) in (None, ""):
            raise bad(f"{name.replace('_', ' ')} is empty" if name == "text" else f"parameter {name} is required")


def check_text(text: str, *, limit: int, name: str = "message") -> None:
    text.encode()  # a lone surrogate is no UTF-8
    if not text.strip():
        raise bad(f"{name} text is empty")
    if units(text) > limit:
        raise bad(f"{name} is too long" if name == "message" else "message caption is too long")


def check_entities(asked: Json, text: str) -> None:
    if asked.get("parse_mode"):
        raise bad("can't parse entities: this product sends text, never markup")
    entities = asked.get("entities") or asked.get("caption_entities") or []
    if len(entities) > 100:
        raise bad("too many entities")
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] < 1 or entity["offset"] + entity["length"] > units(text):
            raise bad("can't parse entities: entity beyond the end of the message")


def check_keyboard(markup: Json | None) -> list[list[Json]]:
    """The rows of buttons."""
    rows: list[list[Json]] = (markup or {}).get("inline_keyboard", [])
    if sum(len(row) for row in rows) > 100 or any(not 1 <= len(row) <= 8 for row in rows):
        raise bad("reply markup is too long")
    for button in (button for row in rows for button in row):
        if not button.get("text", "").strip():
            raise bad("text buttons are unallowed in the inline keyboard")
        if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
    return rows


def check_commands(commands: list[Json]) -> None:
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name = command["command"]
        if not (1 <= len(name) <= 32 and all(letter.islower() or letter.isdigit() or letter == "_" for letter in name)):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")


def check_webhook(asked: Json) -> None:
    needed(asked, "url")
    if not asked["url"].startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    secret = asked.get("secret_token", "")
    if not (1 <= len(secret) <= 256 and all((letter.isalnum() and letter.isascii()) or letter in "_-" for letter in secret)):
        raise bad("bad webhook: secret token is needed here, and in its alphabet")
    if not 1 <= int(asked.get("max_connections", 40)) <= 100:
        raise bad("bad webhook: max_connections")


def values(body: bytes, content_type: str) -> Json:
    """The parameters of a request in either form; what looks like JSON is read as such, files stay bytes."""
    raw: Json = {}
    if content_type.startswith("multipart/"):
        whole = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        for part in whole.get_payload():
            name = part.get_param("name", header="content-disposition")
            filename, data = part.get_filename(), part.get_payload(decode=True)
            raw[name] = {"filename": filename, "data": data} if filename else data.decode()
    else:
        raw = dict(parse_qsl(body.decode(), keep_blank_values=True))
    return {name: _value(name, value) for name, value in raw.items()}


def _value(name: str, value: Any) -> Any:
    if isinstance(value, str) and (value[:1] in "[{" or name.endswith("_id") or name in ("offset", "limit", "timeout")) and name not in _TEXTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


_TEXTS = {"text", "caption", "description", "short_description", "callback_query_id", "file_id"}
