"""Whether a group is served: where the operator serves people it knows alone, one of them has to write there first. Reads, and answers no."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Outcome, Reply, Turn
from core.db import addresses, conversations
from core.db.session import UnitOfWork
from core.domain.messages import ChatKind

TOLD = "kept_out"  # in the conversation's state: it was said there why we are silent


@dataclass(frozen=True, slots=True)
class Door:
    """`known_only`: of the groups to which anybody can add us, those alone are served in which somebody has written to us in private before."""

    known_only: bool = False

    def was_closed(self, turn: Turn) -> bool:
        """Whether nothing was served there so far, and the sender is nobody who could change that: their words need not be read."""
        return self.known_only and TOLD in turn.conversation.state and turn.sender is None

    async def admits(self, uow: UnitOfWork, turn: Turn) -> bool:
        """By the sender, or by a member of the chat's book."""
        if not self.known_only or turn.message.chat_kind is not ChatKind.GROUP or not turn.capabilities.open_groups:
            return True
        sender = turn.sender
        if sender is not None and sender.sighting is not None and sender.sighting.conversation_id is not None:
            return True
        people = [sender.person_id] if sender is not None else []
        book_id = turn.conversation.message_book_id or await conversations.shared_book(uow, turn.conversation.conversation_id)
        if book_id is not None:
            await uow.load_books([book_id], lock=False)
            people += [member.person_id for member in uow.book(book_id).members if member.person_id is not None]
        return await addresses.wrote_alone(uow, people)


def kept_out(turn: Turn, *, language: str) -> Outcome:
    """One kind line, once; then silence. Nothing of the message is kept."""
    if TOLD in turn.conversation.state:
        return Outcome(reason=TOLD, erase_body=True)
    text = Voice(language, plain=not turn.capabilities.emoji).say("write_alone_first")
    return Outcome(reason=TOLD, replies=(Reply(text=text),), state={**turn.conversation.state, TOLD: True}, erase_body=True)
