"""Buttons on WhatsApp: contents at Twilio with the labels in them, made once for each set of labels. Needs no approval within the reply window."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from core.errors import SendError
from integrations.channels.twilio.client import TwilioClient

QUICK_REPLIES_MOST, QUICK_REPLY_LABEL_MOST = 3, 20
LIST_MOST, LIST_LABEL_MOST = 10, 24
CONTENTS_MOST = 500  # sets of labels; labels with names and amounts in them would otherwise make one a message


class Contents:
    """`content_for` from any task. Where Twilio refuses, choices are numbers in the text until the process starts anew."""

    def __init__(self, client: TwilioClient) -> None:
        self._client = client
        self._ids: dict[str, str] | None = None  # friendly name to content id
        self._refused = False

    def give_up(self) -> None:
        self._refused = True

    async def content_for(self, labels: Sequence[str]) -> str | None:
        """The id of a content with these labels; None where they are to be numbers in the text."""
        content = content_of(labels)
        if content is None or self._refused:
            return None
        try:
            if self._ids is None:
                self._ids = await self._client.contents()
            name = str(content["friendly_name"])
            if name not in self._ids:
                if len(self._ids) >= CONTENTS_MOST:
                    return None
                self._ids[name] = await self._client.create_content(content)
            return self._ids[name]
        except SendError:
            self.give_up()
            return None


def content_of(labels: Sequence[str]) -> dict[str, Any] | None:
    """Up to 3 labels as quick replies, up to 10 as a list; the text is the variable. None where labels are too many or too long, or change.

    An id is the number of its choice: what is pressed is found by the message that bore it, like a number that was written.
    """
    if not labels or any(character.isdigit() for label in labels for character in label):  # an amount: used once and never again
        return None
    if len(labels) <= QUICK_REPLIES_MOST and all(len(label) <= QUICK_REPLY_LABEL_MOST for label in labels):
        actions = [{"title": label, "id": str(number)} for number, label in enumerate(labels, start=1)]
        types: dict[str, Any] = {"twilio/quick-reply": {"body": "{{1}}", "actions": actions}}
    elif len(labels) <= LIST_MOST and all(len(label) <= LIST_LABEL_MOST for label in labels):
        items = [{"item": label, "id": str(number)} for number, label in enumerate(labels, start=1)]
        types = {"twilio/list-picker": {"body": "{{1}}", "button": f"1-{len(labels)}", "items": items}}
    else:
        return None
    digest = hashlib.sha256(json.dumps(types, sort_keys=True).encode()).hexdigest()[:24]
    return {"friendly_name": f"tuppence_{digest}", "language": "en", "variables": {"1": "-"}, "types": types}
