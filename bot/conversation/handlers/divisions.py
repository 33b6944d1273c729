"""Divides the bill of a receipt by its lines: a tap or words, each an amendment of the same bill, so that undo takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers import facts, receipt_cards
from bot.conversation.handlers.people import resolve
from bot.conversation.intents import DivideReceipt, FixedLine, LineClaim
from bot.conversation.scene import Scene
from core.db import ledger, receipts, reminders
from core.db.receipts import Kept
from core.domain.bills import Bill, bill_of
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.money import Money
from core.domain.receipts import Line, Reading
from core.domain.reminders import by_day
from core.domain.splits import ClaimedLine
from core.errors import DomainError
from core.services import bills, rights

Action = dict[str, Any]
REMIND_AFTER = timedelta(days=1)


async def divide(scene: Scene, intent: DivideReceipt) -> None:
    """In words, of the receipt that was shown last in this chat."""
    card = scene.state.get("card")
    if not isinstance(card, dict):
        raise DomainError("already_gone")
    await scene.move_to(UUID(card["book"]))
    standing, kept = await _loaded(scene, card["bill"])
    if intent.total is not None or intent.tip is not None or intent.tip_percent is not None or intent.fixed or intent.dropped:
        await rights.check_change(scene.uow, standing, scene.effects.actor_id)  # to claim one's own is what the card asks for
    bill = bill_of(standing)
    if card["lines"] and touches_lines(intent):
        bill = itemised(scene, bill, kept)
        meant = as_they_stand(intent, card.get("numbers", []), bill)
        if meant is None:
            await receipt_cards.show(scene, standing, kept, quietly=True, edited=False)
            return
        bill, kept = await relined(scene, bill, kept, meant)
    untipped = without_tip(bill, card, intent)
    bill = with_sums(untipped, intent)
    await _amend(scene, standing, bill, kept)
    if intent.tip is not None or intent.tip_percent is not None:
        base = untipped.amount if intent.total is None else Money.of(intent.total, bill.amount.currency)
        scene.state["card"]["tipped"] = [str(base), str(bill.amount)]
    if intent.rest is not None:
        await reminders.never(scene.uow, kept.receipt_id, now=scene.now)


def touches_lines(intent: DivideReceipt) -> bool:
    return bool(intent.claims or intent.dropped or intent.fixed or intent.rest is not None)


def as_they_stand(intent: DivideReceipt, shown: Sequence[int], bill: Bill) -> DivideReceipt | None:
    """The same of the places where the lines are now: since they were shown (by these numbers) an undo may have brought some back or taken some away.

    None where one that is meant is not there any more.
    """
    places = {line.number: place for place, line in enumerate(bill.lines, 1)}
    now = {place: places[number] for place, number in enumerate(shown, 1) if number in places}
    meant = {*(claim.line for claim in intent.claims), *(change.line for change in intent.fixed), *intent.dropped}
    if not meant <= now.keys():
        return None
    return replace(
        intent,
        claims=tuple(replace(each, line=now[each.line]) for each in intent.claims),
        dropped=tuple(now[line] for line in intent.dropped),
        fixed=tuple(replace(each, line=now[each.line]) for each in intent.fixed),
    )


async def relined(scene: Scene, bill: Bill, kept: Kept, intent: DivideReceipt) -> tuple[Bill, Kept]:
    """The bill with its lines put right and given to people, and the receipt that has these lines."""
    reading = kept.reading
    assert reading is not None, "what was shown was read"
    if intent.fixed:
        bill, reading = fixed(bill, reading, intent.fixed)
        await receipts.rewrite(scene.uow, kept, reading)
    bill = await claimed(scene, bill, intent.claims)
    bill = bill.with_lines([line for place, line in enumerate(bill.lines, 1) if place not in intent.dropped], bill.people)
    if intent.rest is not None:
        people = tuple((await resolve(scene, intent.rest)).values()) or facts.everyone(scene)
        bill = bill.with_lines(bill.lines, people)
    return bill, replace(kept, reading=reading)


async def claim(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """A tap: the line is (or is no longer) the presser's, together with others who tapped it."""
    standing, kept = await _loaded(scene, action["bill"])
    bill, me = itemised(scene, bill_of(standing), kept), scene.me.member_id
    line = next((each for each in bill.lines if each.number == action["line"]), None)
    if line is None:
        raise DomainError("button_gone")
    without = tuple(each for each in line.claims if each[0] != me)
    tapped = replace(line, claims=without if len(without) < len(line.claims) else (*line.claims, (me, 0)))
    bill = bill.with_lines([tapped if each is line else each for each in bill.lines], bill.people)
    await _amend(scene, standing, bill, kept, edits=outbox_id)


async def split_equally(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """Back to everyone alike, whoever claimed what."""
    standing, kept = await _loaded(scene, action["bill"])
    await rights.check_change(scene.uow, standing, scene.effects.actor_id)
    bill = bill_of(standing).undivided(facts.everyone(scene))
    await _amend(scene, standing, bill, kept, edits=outbox_id)


async def _loaded(scene: Scene, bill_id: str) -> tuple[JournalEntry, Kept]:
    """The bill as it stands, and its receipt. Raises DomainError `already_gone`."""
    await scene.uow.flush()
    standing = await ledger.standing(scene.uow, scene.book_id, bill_id=UUID(bill_id))
    kept = await receipts.of_bill(scene.uow, scene.book_id, UUID(bill_id))
    if standing is None or standing.kind is not EntryKind.EXPENSE or kept is None or kept.reading is None:
        raise DomainError("already_gone")
    return standing, kept


async def _amend(scene: Scene, standing: JournalEntry, bill: Bill, kept: Kept, *, edits: UUID | None = None) -> None:
    before = bill_of(standing)
    entry = standing if bill == before else bills.amend_bill(scene.uow, standing, bill, scene.effects, now=scene.now)
    if bill.lines != before.lines:
        await remind_of_rest(scene, bill, kept)
    await receipt_cards.show(scene, entry, kept, edited=edits is not None or bill.amount != before.amount)
    if edits is not None:
        ours = next(number for number, reply in enumerate(scene.replies) if reply.conversation_id is None)
        scene.replies[ours] = replace(scene.replies[ours], edits=edits)


async def remind_of_rest(scene: Scene, bill: Bill, kept: Kept) -> None:
    """A group is reminded a day after the last claim of what nobody has."""
    free = sum(not line.claims for line in bill.lines)
    waits = scene.in_group and 0 < free < len(bill.lines)
    at = by_day(scene.now + REMIND_AFTER, zone=ZoneInfo(scene.book.time_zone)) if waits else None
    await reminders.plan(scene.uow, kept.receipt_id, at=at)


# ------------------------------------------------------------------ the bill


def itemised(scene: Scene, bill: Bill, kept: Kept) -> Bill:
    """The bill by its lines, as the receipt has them; who shared it shares what nobody claims."""
    if bill.lines:
        return bill.with_lines(bill.lines, bill.people)
    assert kept.reading is not None, "what was shown was read"
    return bill.with_lines(kept.reading.receipt.bought(), bill.people if bill.split_type == "equal" else facts.everyone(scene))


def fixed(bill: Bill, reading: Reading, changes: Sequence[FixedLine]) -> tuple[Bill, Reading]:
    """Lines put right: what was read stays, and the right ones are put behind it, so that an undo finds both."""
    lines, said = list(bill.lines), list(reading.receipt.lines)
    for change in changes:
        if not change.amount:
            raise DomainError("zero_amount")
        old = lines[change.line - 1]
        minor = Money.of(change.amount, bill.amount.currency).minor
        was = said[old.number - 1]
        said.append(Line(change.description or was.description, minor, change.quantity, spot=was.spot, by_hand=True))
        lines[change.line - 1] = ClaimedLine(len(said), minor, change.quantity, old.claims)
    return bill.with_lines(lines, bill.people), replace(reading, receipt=replace(reading.receipt, lines=tuple(said)))


async def claimed(scene: Scene, bill: Bill, claims: Sequence[LineClaim]) -> Bill:
    """Words say whose a line is, whoever tapped it before; of a number of things that others said they had, the rest."""
    ids = await resolve(scene, tuple(name for each in claims for name in each.people), make_guests=False)
    lines = list(bill.lines)
    for each in claims:
        line, people = counted(lines[each.line - 1], each), tuple((ids[name], each.quantity) for name in each.people)
        others = tuple(kept for kept in line.claims if kept[1] and kept[0] not in dict(people)) if people else ()
        lines[each.line - 1] = replace(line, claims=(*others, *people))
    return bill.with_lines(lines, bill.people)


def counted(line: ClaimedLine[UUID], claim: LineClaim) -> ClaimedLine[UUID]:
    """The line with as many things in it as it is said to have. Raises DomainError `receipt_how_many` where nobody knows how many."""
    if claim.quantity > (claim.out_of or line.quantity):
        raise DomainError("receipt_how_many", number=claim.line)
    return replace(line, quantity=claim.out_of) if claim.out_of else line


def without_tip(bill: Bill, card: Mapping[str, Any], intent: DivideReceipt) -> Bill:
    """The bill before the tip that was said last, where another one is said: that takes its place, however often it is said."""
    base, tipped = card.get("tipped") or ("", "")
    is_said_anew = intent.total is None and not (intent.tip is None and intent.tip_percent is None)
    return bill.with_amount(Money.of(base, bill.amount.currency)) if is_said_anew and tipped == str(bill.amount) else bill


def with_sums(bill: Bill, intent: DivideReceipt) -> Bill:
    """The total that was said, then the tip on top."""
    currency = bill.amount.currency
    if intent.total is not None:
        if not intent.total:
            raise DomainError("zero_amount")
        bill = bill.with_amount(Money.of(intent.total, currency))
    if intent.tip is not None:
        bill = bill.with_tip(Money.of(intent.tip, currency))
    if intent.tip_percent is not None:
        bill = bill.with_tip(bill.amount.percent(intent.tip_percent))
    return bill
