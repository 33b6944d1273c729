"""What changed, by whom and from what to what; every version of a bill; what the balances were on a day that is past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers import chronicle, comments, facts
from bot.conversation.handlers.corrections import target_of
from bot.conversation.handlers.differences import before_and_after
from bot.conversation.intents import Query
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import group_log, history, ledger
from core.db.group_log import Logged
from core.domain import settlement
from core.domain.ledger import EntryKind, JournalEntry, taken_back
from core.domain.people import BookKind

STEPS_MOST = 10
ENTRIES_MOST = 3 * STEPS_MOST  # a change is two of them


# ------------------------------------------------------------------ one bill


async def of_bill(scene: Scene, query: Query) -> None:
    """Every version, oldest first, and what people said about it."""
    entry = await target_of(scene, query.text or query.merchant or "last")
    versions = await ledger.versions(scene.uow, scene.book_id, bill_id=entry.bill_id)
    lines = [_version_line(scene, version, by, was) for version, by, was in _told_versions(versions)]
    lines += await comments.lines(scene, entry.bill_id)
    scene.reply("\n".join([scene.say("history_title", what=facts.titled(scene, entry)), *lines]), about=entry.bill_id)


def _told_versions(versions: list[JournalEntry]) -> list[tuple[JournalEntry, UUID | None, JournalEntry | None]]:
    """The steps worth telling, with who took them and what was there before: a reversal that a new version follows is told by that version."""
    told = []
    for index, version in enumerate(versions):
        follows = versions[index + 1] if index + 1 < len(versions) else None
        if version.reverses is not None and follows is not None and follows.reverses is None:
            continue
        before = versions[index - 1] if index and version.reverses is None and versions[index - 1].reverses is not None else None
        by = before.actor_id if version.reason == "restored" and before is not None else version.actor_id
        told.append((version, by, before))
    return told


def _version_line(scene: Scene, version: JournalEntry, by: UUID | None, reversal: JournalEntry | None) -> str:
    who = scene.you_or_name(by) if by else scene.say("someone")
    what = facts.titled(scene, version) if version.reverses is None else ""
    if reversal is not None and version.reason == "edited":
        _, after = before_and_after(scene, taken_back(reversal), version)
        what = after if facts.titled(scene, taken_back(reversal)) == what else what
    at = scene.voice.day(version.recorded_at.date())
    return scene.say("history_line", when=at, who=who, reason=scene.say(f"reason_{version.reason}"), amount=what).rstrip()


# ------------------------------------------------------------------ a whole book


async def activity(scene: Scene, query: Query) -> None:
    """What was written, changed and taken back, and what became of the group itself, newest first; since a day, else the last steps."""
    since = datetime.combine(query.start, time(), ZoneInfo(scene.person.time_zone or scene.book.time_zone)) if query.start is not None else None
    await _page(scene, since=since, before=None)


async def more(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    since = datetime.fromisoformat(action["since"]) if action["since"] else None
    await _page(scene, since=since, before=UUID(action["before"]))


async def _page(scene: Scene, *, since: datetime | None, before: UUID | None) -> None:
    found = await history.newest(scene.uow, scene.book_id, since=since, before=before, limit=ENTRIES_MOST)
    logged = await group_log.newest(scene.uow, scene.book_id, since=since, before=before, limit=STEPS_MOST + 1)
    steps = _told_steps(scene, found, logged)
    shown = steps[:STEPS_MOST]
    if not shown:
        scene.reply(facts.in_book(scene, scene.say("activity_none")))
        return
    button: tuple[Button, ...] = ()
    if len(steps) > STEPS_MOST or len(found) == ENTRIES_MOST:
        last = shown[-1][0]
        action: dict[str, object] = {
            "do": "more_changes",
            "book": str(scene.book_id),
            "before": str(last),
            "since": since.isoformat() if since is not None else "",
        }
        button = (Button(scene.say("button_more"), action),)
    scene.reply(facts.in_book(scene, "\n".join([scene.say("activity_title"), *(text for _, text in shown)])), *button)


def _told_steps(scene: Scene, found: Sequence[JournalEntry], logged: Sequence[Logged]) -> list[tuple[UUID, str]]:
    """A line a step of the ledger or of the group itself, the newest first, each with the id behind which the next one is."""
    steps = [((by or entry).entry_id, _step_line(scene, entry, by)) for entry, by in _steps(found)]
    steps += [(each.change_id, chronicle.line(scene, each)) for each in logged]
    return sorted(steps, key=lambda step: step[0], reverse=True)


def _steps(found: Sequence[JournalEntry]) -> list[tuple[JournalEntry, JournalEntry | None]]:
    """Newest first: an entry with (where it replaced one) the reversal that was written with it; a reversal alone took something back."""
    steps: list[tuple[JournalEntry, JournalEntry | None]] = []
    replaced: dict[UUID, int] = {}  # bill -> the place of its version that waits for its reversal
    for entry in found:
        place = replaced.pop(entry.bill_id, None)
        if entry.kind is EntryKind.REVERSAL and place is not None:
            steps[place] = (steps[place][0], entry)
            continue
        if entry.kind is not EntryKind.REVERSAL and entry.reason != "recorded":
            replaced[entry.bill_id] = len(steps)
        steps.append((entry, None))
    return steps


def _step_line(scene: Scene, entry: JournalEntry, reversal: JournalEntry | None) -> str:
    actor = reversal.actor_id if reversal is not None and entry.reason == "restored" else entry.actor_id
    who = scene.you_or_name(actor) if actor else scene.say("someone")
    zone = ZoneInfo(scene.person.time_zone or scene.book.time_zone)
    common = {"when": scene.voice.day(entry.recorded_at.astimezone(zone).date()), "who": who}
    if reversal is not None:
        before, after = before_and_after(scene, taken_back(reversal), entry)
        return scene.say("activity_changed", before=before, after=after, **common)
    what = facts.titled(scene, taken_back(entry) if entry.reverses is not None else entry)
    reason = "recorded" if entry.reverses is None else entry.reason
    return scene.say(
        "activity_line", reason=scene.say(f"reason_{reason}" if scene.voice.has(f"reason_{reason}") else "reason_undone"), what=what, **common
    )


# ------------------------------------------------------------------ balances of then


async def balances_on(scene: Scene, day: date, *, books: Sequence[UUID] | None = None) -> None:
    """At the end of a day: by the days of the bills, and (where that is something else) by what was written down until then."""
    if books is None:
        scene.reply(facts.in_book(scene, await _told_on(scene, scene.book_id, day)))
        return
    groups = [book for book in books if scene.uow.book(book).kind is not BookKind.PERSONAL]
    lines = [scene.say("in_book", book=scene.voice.name(scene.uow.book(book).name), text=await _told_on(scene, book, day)) for book in groups]
    scene.reply("\n".join(lines) or scene.say("balance_empty"))


async def _told_on(scene: Scene, book_id: UUID, day: date) -> str:
    view = scene.seen_by(scene.reader, book_id=book_id, voice=scene.voice)
    zone = ZoneInfo(scene.person.time_zone or view.book.time_zone)
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    by_day = await history.balances(scene.uow, book_id, day=day)
    by_record = await history.balances(scene.uow, book_id, recorded_before=midnight)
    told = view.say("balances_on", day=scene.voice.day(day, year=day.year != scene.today.year), plan=_plan(view, by_day))
    return told if by_day == by_record else f"{told} {view.say('balances_recorded', plan=_plan(view, by_record))}"


def _plan(view: Scene, balances: dict[str, dict[UUID, int]]) -> str:
    moves = [move for currency, row in balances.items() for move in settlement.plan(row, currency).transfers]
    return facts.plan_text(view, moves) if moves else view.say("balances_nobody")
