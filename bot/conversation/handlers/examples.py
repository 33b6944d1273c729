"""Messages that somebody corrected, kept as examples where they agreed: asked for in words, made at the correction, without anybody's name."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.intents import Command, ParseContext, RecordExpenses
from bot.conversation.masking import Mask, letters_of
from bot.conversation.parsing import parse
from bot.conversation.scene import Scene
from core.db import learning, ledger
from core.domain.bills import amount_of, payers_of, shares_of
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.messages import ChatKind, InboundMessage
from core.domain.people import DefaultSplit
from core.reading.text import folded_words


async def share(scene: Scene, command: Command) -> None:
    """Asking is the consent."""
    await learning.consent(scene.uow, scene.person.person_id, now=scene.now)
    scene.reply(scene.say("sharing_on"))


async def stop_sharing(scene: Scene, command: Command) -> None:
    stopped = await learning.revoke(scene.uow, scene.person.person_id, now=scene.now)
    scene.reply(scene.say("sharing_off" if stopped else "sharing_none"))


async def keep(scene: Scene, entry: JournalEntry) -> None:
    """The message that recorded this bill and what its writer, who agreed, corrected it to. Somebody else's message is never kept.

    It is made now, for what people write is erased after some days and nothing is to outlive that with a name in it.
    """
    person = scene.person.person_id
    if entry.kind is not EntryKind.EXPENSE or not await learning.is_sharing(scene.uow, person):
        return
    await scene.uow.flush()
    recorded = await learning.recording_message(scene.uow, person, entry.bill_id)
    if recorded is None:
        return
    message, bill_ids = recorded
    standing = [await ledger.standing(scene.uow, scene.book_id, bill_id=bill) for bill in bill_ids]
    bills = [each for each in standing if each is not None and each.kind is EntryKind.EXPENSE]
    if len(bills) == len(bill_ids) and (line := line_of(scene, message, bills)) is not None:
        await learning.keep_example(scene.uow, person, entry.bill_id, line, now=scene.now)


async def drop(scene: Scene, entry: JournalEntry) -> None:
    """The correction was taken back: it is no example of anything."""
    await learning.drop_example(scene.uow, scene.person.person_id, entry.bill_id)


def line_of(scene: Scene, message: InboundMessage, bills: list[JournalEntry]) -> dict[str, Any] | None:
    """The case: what `tuppence parse` is given, and what it must understand. None for a text that is no expense as it stands, such as a bank's."""
    mask = Mask(_letters(scene), spared=_digits(bills))
    zone = ZoneInfo(scene.person.time_zone or scene.book.time_zone)
    text, speaker = mask.text(message.text), mask.text(scene.me.name)
    members = tuple(mask.text(member.name) for member in scene.book.members if member.active)
    context = ParseContext(now=message.sent_at, speaker=speaker, members=members, currency=scene.book.currency, language=scene.voice.language)
    if not isinstance(parse(text, context).intent, RecordExpenses):
        return None
    given = {
        "text": text,
        "now": message.sent_at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes"),
        "speaker": speaker,
        "members": list(members),
        "currency": scene.book.currency,
        "language": scene.voice.language,
        "chat": "group" if message.chat_kind is ChatKind.GROUP else "private",
        "default_split": "everyone" if scene.book.default_split is DefaultSplit.EVERYONE else "none",
    }
    return {"input": given, "expect": {"intent": "expense", "expenses": [_expected(scene, mask, bill) for bill in bills]}}


def _letters(scene: Scene) -> dict[str, str]:
    """Whatever anybody of the book is called: the writer first."""
    members = sorted(scene.book.members, key=lambda member: member.member_id != scene.me.member_id)
    called = [[member.name, *member.nicknames, *(f"@{handle}" for handle in member.handles), *_first_names(member.name)] for member in members]
    return letters_of(called)


def _first_names(name: str) -> list[str]:
    return [word for word in folded_words(name) if len(word) > 2 and word[0].isalpha()]


def _digits(bills: list[JournalEntry]) -> set[str]:
    """The amounts as digits alone, with and without decimals."""
    amounts = [amount for bill in bills for amount in payers_of(bill).values()]
    return {"".join(filter(str.isdigit, text)) for amount in amounts for text in (str(amount), f"{amount.decimal.normalize():f}")}


def _expected(scene: Scene, mask: Mask, bill: JournalEntry) -> dict[str, Any]:
    paid, owed = payers_of(bill), shares_of(bill)

    def named(amounts: dict[Any, Any]) -> dict[str, str]:
        return {mask.text(scene.book.member(scene.first(member)).name): str(amount) for member, amount in amounts.items()}

    amount = amount_of(bill)
    return {
        "amount": str(amount),
        "currency": amount.currency,
        "description": mask.text(bill.description),
        "category": mask.text(bill.category or ""),
        "date": bill.occurred_on.isoformat(),
        "payers": named(dict(paid)),
        "shares": named(dict(owed)),
    }
