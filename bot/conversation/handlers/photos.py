"""Pictures whose words name no sum, where nothing reads them: kept, and their total asked for."""

from __future__ import annotations

from bot.conversation.intents import Nothing, Understanding
from bot.conversation.scene import Scene
from core.domain.messages import InboundKind

_NO_WORD_OF_MONEY = {"no_text", "unknown", "chatter", "question"}


def rest_of_album(scene: Scene) -> bool:
    """Whether this is a photo without words that was sent together with one that is answered already."""
    album = scene.turn.message.album
    if album is None or scene.turn.message.kind is not InboundKind.PHOTO:
        return False
    seen, scene.state["album"] = scene.state.get("album") == album, album
    return seen and not scene.turn.message.text.strip()


def total_asked(scene: Scene, understood: Understanding) -> str | None:
    """How to ask for the total of a picture whose words hold none; "" for saying nothing, None where the words say enough.

    In a group most pictures are no receipts: only one that is said to have been paid is asked about.
    """
    if understood.question is not None:
        return "photo_kept" if understood.question.code == "no_amount" else None
    if not isinstance(understood.intent, Nothing) or understood.intent.hint not in _NO_WORD_OF_MONEY:
        return None
    if scene.in_group:
        return ""
    return "photo_maybe" if scene.turn.message.text.strip() else "photo_kept"


def ask_total(scene: Scene, code: str) -> str:
    """Kept, and its total asked for: the answer is read behind the picture's own words."""
    if code:
        scene.reply(scene.say(code))
        asked = {"kind": "question", "code": "no_amount", "text": scene.said[:1000], "options": [], "book": str(scene.book_id)}
        scene.state["pending"] = asked | {"asker": str(scene.person.person_id)}
    return "photo"
