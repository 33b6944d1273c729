"""Whether a group is served: where the operator serves people it knows alone, one of them has to write there first. Reads, and answers no."""

from __future__ import annotations

from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Outcome, Reply, Turn
from core.db import addresses, conversations
from core.db.session import UnitOfWork
from core.domain.messages import ChatKind

TOLD = "kept_out"  # in the conversation's state: it was said there why we are silent


def closed_before(turn: Turn) -> bool:
    """Whether nothing was served there so far, and the sender is nobody who could change that: their words need not be read."""
    return TOLD in turn.conversation.state and turn.sender is None


async def admits(uow: UnitOfWork, turn: Turn) -> bool:
    """Whether somebody in the chat has written to us alone before: the sender, or a member of its book. Always where nobody can be added unasked."""
    if turn.message.chat_kind is not ChatKind.GROUP or not turn.capabilities.open_groups:
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


def keep_out(turn: Turn, *, language: str) -> Outcome:
    """One kind line, once; then silence. Nothing of the message is kept."""
    if TOLD in turn.conversation.state:
        return Outcome(reason=TOLD, erase_body=True)
    text = Voice(language, plain=not turn.capabilities.emoji).say("write_alone_first")
    return Outcome(reason=TOLD, replies=(Reply(text=text),), state={**turn.conversation.state, TOLD: True}, erase_body=True)
