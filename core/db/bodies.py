"""How messages are written as bytes before they are encrypted: the only place that knows the stored form of a message."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.domain.messages import (
    Attachment,
    ChatAddress,
    ChatKind,
    Choice,
    Consent,
    Document,
    InboundKind,
    InboundMessage,
    OutboundMessage,
    Person,
    Pin,
    ShownReceipt,
)


def encode_inbound(message: InboundMessage) -> bytes:
    """JSON of every field. Raises TypeError where a text holds a lone surrogate: clean it first."""
    return orjson.dumps(message)


def decode_inbound(data: bytes) -> InboundMessage:
    """The inverse of `encode_inbound`; a field that an older release did not write gets its default."""
    raw: dict[str, Any] = orjson.loads(data)
    return InboundMessage(
        address=ChatAddress(**raw["address"]),
        chat_kind=ChatKind(raw["chat_kind"]),
        sender=Person(**raw["sender"]),
        message_id=raw["message_id"],
        kind=InboundKind(raw["kind"]),
        sent_at=datetime.fromisoformat(raw["sent_at"]),
        version=raw.get("version", 0),
        position=raw.get("position", 0),
        text=raw.get("text", ""),
        reply_to=raw.get("reply_to"),
        button=raw.get("button"),
        chat_title=raw.get("chat_title", ""),
        attachments=tuple(Attachment(**each) for each in raw.get("attachments", ())),
        mentions=tuple(Person(**each) for each in raw.get("mentions", ())),
        language=raw.get("language"),
        time_zone=raw.get("time_zone"),
        thread=raw.get("thread"),
        moved_to=raw.get("moved_to"),
        consent=Consent(raw["consent"]) if raw.get("consent") else None,
        forwarded=raw.get("forwarded", False),
        album=raw.get("album"),
        bank=raw.get("bank"),
    )


def encode_outbound(message: OutboundMessage, *, book_id: UUID | None, bill_ids: tuple[UUID, ...]) -> bytes:
    """JSON of a message to be sent, without its address (the conversation has it), with what it is about."""
    body: dict[str, Any] = {"text": message.text}
    if message.choices:
        body["choices"] = [[choice.id, choice.label] for choice in message.choices]
    if message.reply_to is not None:
        body["reply_to"] = message.reply_to
    if message.toast:
        body["toast"] = True
    if message.to_press is not None:
        body["to_press"] = message.to_press
    if message.documents:
        assert all(document.data is None for document in message.documents), "pictures are opened when they are sent"
        body["documents"] = list(message.documents)
    if message.thread is not None:
        body["thread"] = message.thread
    if message.reaction:
        body["reaction"] = message.reaction
    if message.notice:
        body["notice"] = True
    body |= _seldom(message)
    if book_id is not None:
        body["book_id"] = str(book_id)
    if bill_ids:
        body["bill_ids"] = [str(bill_id) for bill_id in bill_ids]
    return orjson.dumps(body)


def _seldom(message: OutboundMessage) -> dict[str, Any]:
    """What few messages have."""
    found: dict[str, Any] = {} if message.receipt is None else {"receipt": encode_receipt(message.receipt)}
    found |= {} if message.pin is None else {"pin": message.pin}
    found |= {"language": message.language} if message.language else {}
    return found if message.good_until is None else found | {"good_until": message.good_until}


def decode_outbound(
    data: bytes, *, address: ChatAddress, edits: str | None, key: str = "", again: bool = False, created_at: datetime | None = None
) -> tuple[OutboundMessage, UUID | None, tuple[UUID, ...]]:
    """The message, the book and the bills it is about."""
    raw: dict[str, Any] = orjson.loads(data)
    message = OutboundMessage(
        address=address,
        text=raw["text"],
        choices=tuple(Choice(*each) for each in raw.get("choices", ())),
        edits=edits,
        reply_to=raw.get("reply_to"),
        toast=raw.get("toast", False),
        to_press=raw.get("to_press"),
        documents=tuple(Document(**each) for each in raw.get("documents", ())),
        key=key,
        again=again,
        created_at=created_at,
        thread=raw.get("thread"),
        reaction=raw.get("reaction", ""),
        notice=raw.get("notice", False),
        receipt=decode_receipt(raw.get("receipt")),
        pin=Pin(raw["pin"]) if raw.get("pin") else None,
        language=raw.get("language", ""),
        good_until=datetime.fromisoformat(raw["good_until"]) if raw.get("good_until") else None,
    )
    book = raw.get("book_id")
    return message, UUID(book) if book else None, tuple(UUID(each) for each in raw.get("bill_ids", ()))


def encode_receipt(receipt: ShownReceipt) -> dict[str, Any]:
    """JSON values of what a message shows of a receipt."""
    return {"id": receipt.receipt_id, "lines": [list(line) for line in receipt.lines]}


def decode_receipt(raw: dict[str, Any] | None) -> ShownReceipt | None:
    """The reverse of encode_receipt."""
    return None if raw is None else ShownReceipt(raw["id"], tuple((number, words) for number, words in raw["lines"]))


def encode_address(address: ChatAddress) -> bytes:
    """Account and chat id; the channel stands beside it in clear."""
    return orjson.dumps([address.account, address.chat])


def decode_address(data: bytes, *, channel: str) -> ChatAddress:
    """The reverse of encode_address."""
    account, chat = orjson.loads(data)
    return ChatAddress(channel, account, chat)


def encode_button(label: str, action: Mapping[str, object]) -> bytes:
    """What a button's row holds, to be encrypted: the words under which it is shown and what its press does."""
    return orjson.dumps({"label": label, "action": action})


def decode_button(data: bytes) -> tuple[str, dict[str, Any]]:
    """The label and the action. A button from before labels were kept has none."""
    raw: dict[str, Any] = orjson.loads(data)
    return (raw["label"], raw["action"]) if "label" in raw else ("", raw)
