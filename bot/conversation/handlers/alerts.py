"""What nobody asked for, put into words: how budgets go and what is odd, in the answer to an expense and in letters. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers import asking, goal_lines, queries
from bot.conversation.intents import Query
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import budgets, notices
from core.db.figures import Whose
from core.domain.budgets import about
from core.domain.categories import Categories
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.notices import TOPICS, Kind
from core.services import alerts
from core.services.alerts import Alert, Part
from core.services.goals import Standing

MOST_IN_ANSWER = 2

# ------------------------------------------------------------------ words


def line(voice: Voice, alert: Alert, kinds: Categories) -> str:
    """One sentence, with its figures. `kinds`: the categories of the book that it is about."""
    if alert.goal is not None:
        return _of_goal(voice, alert.goal)
    return _of_budget(voice, alert, kinds) if alert.standing is not None else _of_finding(voice, alert, kinds)


def _of_goal(voice: Voice, goal: Standing) -> str:
    due, now = goal.goal.due_on, goal.progress
    assert due is not None, "a goal without a day has no pace"
    common = {"what": goal_lines.called(voice, goal), "due": voice.day(due, year=due.year != now.today.year)}
    if goal.each is None:
        return voice.say("alert_goal_over", **common, left=goal.left, amount=goal.goal.amount)
    return voice.say(f"alert_goal_{now.step}", **common, behind=goal.behind, each=goal.each)


def _of_budget(voice: Voice, alert: Alert, kinds: Categories) -> str:
    assert alert.standing is not None, "of a budget"
    now, code, ahead = alert.standing.status, alert.standing.budget.amount.currency, alert.standing.forecast
    common: dict[str, object] = {
        "what": label(voice, alert.standing.budget.category, kinds),
        "until": now.period.last,
        "limit": Money(now.limit, code),
    }
    if alert.kind is Kind.AHEAD:
        expected, over = (about(Money(minor, code)) for minor in (ahead.expected, alert.standing.expected_over))
        return voice.say("alert_ahead", **common, expected=expected, over=over, times=alerts.in_tenths(alert.standing.chance_above))
    spent = {"spent": Money(now.spent, code)}
    if now.left > 0:
        return voice.say("alert_nearly", **common, **spent, left=Money(now.left, code))
    return voice.say("alert_over", **common, **spent, over=Money(-now.left, code)) if now.left else voice.say("alert_used_up", **common)


def _of_finding(voice: Voice, alert: Alert, kinds: Categories) -> str:
    assert alert.finding is not None, "of spendings"
    what = opening(voice.name(alert.description)) or voice.category(kinds.get(alert.finding.payment.category))
    if alert.kind is Kind.MISSING:
        return voice.say("alert_missing", what=what, usual=about(alert.usual), due=alert.finding.due)
    usual = alert.usual if alert.kind is Kind.PRICE else about(alert.usual)
    return voice.say(f"alert_{alert.kind}", what=what, amount=alert.amount, usual=usual)


def label(voice: Voice, category: str | None, kinds: Categories) -> str:
    """What a budget is for."""
    return voice.category(kinds.get(category)) if category is not None else voice.say("budget_all")


# ------------------------------------------------------------------ in the answer to an expense


async def of_expenses(scene: Scene, entries: Sequence[JournalEntry], *, edited: bool = True) -> list[str]:
    """The lines an answer says besides, noted as told: in a group of its own budgets alone; in somebody's own chat of theirs and their spendings.

    `edited`: what the same bills set off before is said again, since it stands where it was said, or has other figures.
    """
    if scene.in_group:
        return await of_group(scene, entries, edited=edited)
    found = await _of_person(scene, entries)
    within = await queries.all_books(scene) if found else []
    return await _told(scene, owner_of(scene), found, zone=zone_of(scene), within=within, edited=edited)


def owner_of(scene: Scene) -> UUID:
    """The book of whom it is told: in a group's chat the group's, else the sender's own."""
    return scene.book_id if scene.in_group else scene.person.personal_book_id


def zone_of(scene: Scene) -> ZoneInfo:
    """Where the days of whom it is told begin."""
    return ZoneInfo((None if scene.in_group else scene.person.time_zone) or scene.book.time_zone)


async def of_group(scene: Scene, entries: Sequence[JournalEntry], *, edited: bool = True) -> list[str]:
    """The same of the group's own budgets: for its chat, wherever the expenses were written."""
    zone = ZoneInfo(scene.book.time_zone)
    parts = [alerts.whole_part(each, scene.book.categories.resolve) for each in entries]
    found = await _of_budgets(scene, [scene.book_id], {scene.book_id: None}, parts, today=scene.now.astimezone(zone).date())
    return await _told(scene, scene.book_id, found, zone=zone, within=[scene.book_id], edited=edited)


def heard(text: Callable[[Scene], Awaitable[str]], entries: Sequence[JournalEntry]) -> Callable[[Scene], Awaitable[str]]:
    """What others are told of expenses, in the group's own chat with what they do to its budgets."""

    async def told(view: Scene) -> str:
        return "\n".join([await text(view), *(await of_group(view, entries) if view.to_group and entries else [])])

    return told


async def _told(scene: Scene, owner: UUID, found: Sequence[Alert], *, zone: ZoneInfo, within: Sequence[UUID], edited: bool) -> list[str]:
    """Of what was found that which is worth it now, in words."""
    if not found:
        return []
    manners = await notices.manners(scene.uow, owner)
    told = await alerts.worth_telling(scene.uow, owner, found, manners, now=scene.now, zone=zone, within=within, answer=True, edited=edited)
    told = told[:MOST_IN_ANSWER]
    await alerts.note(scene.uow, owner, told, now=scene.now)
    return [line(scene.voice, each, scene.uow.book(owner).categories) for each in told]


async def _of_person(scene: Scene, entries: Sequence[JournalEntry]) -> list[Alert]:
    own = {book: scene.uow.book(book).positions_of(scene.person.person_id) for book in dict.fromkeys([*_own_books(scene), scene.book_id])}
    mine = {member.member_id for members in own.values() for member in members}
    home = scene.uow.book(next(iter(own))).categories
    parts = [part for each in entries if (part := alerts.own_part(each, mine, _counting(scene, home, each.book_id))) is not None]
    if not parts:
        return []
    whose = {book: [member.member_id for member in members] for book, members in own.items()}
    odd = await _odd(scene, [part for part in parts if is_news(part.spending.on, scene.today)], whose)
    if not await budgets.are_kept(scene.uow, _own_books(scene)):
        return odd
    everywhere = await queries.all_books(scene)
    counted = {book: [member.member_id for member in scene.uow.book(book).positions_of(scene.person.person_id)] for book in everywhere}
    return odd + await _of_budgets(scene, _own_books(scene), counted, parts, today=scene.today)


async def _odd(scene: Scene, parts: Sequence[Part], whose: Whose) -> list[Alert]:
    """What is odd about the parts, by what the same people spent before."""
    if not parts:
        return []
    before = await alerts.past(scene.uow, whose, since=min(part.spending.on for part in parts) - alerts.LATELY, most=alerts.AT_HAND)
    return [alert for part in parts if (alert := alerts.of_expense(part, before)) is not None]


def _counting(scene: Scene, home: Categories, book_id: UUID) -> Callable[[str], str]:
    """What a category of a book counts as at home."""
    there = scene.uow.book(book_id).categories
    return lambda code: home.counts_as(code, of=there)


def _own_books(scene: Scene) -> list[UUID]:
    return scene.own_books if not scene.shared else [scene.person.personal_book_id]


def is_news(on: date, today: date) -> bool:
    """What is written down of long ago is none, nor what is to come."""
    return today - alerts.RECENT <= on <= today


async def _of_budgets(scene: Scene, kept_in: Sequence[UUID], whose: Whose, parts: Sequence[Part], *, today: date) -> list[Alert]:
    if not await budgets.are_kept(scene.uow, kept_in):
        return []
    kept = [each for book in kept_in for each in await budgets.of_book(scene.uow, book)]
    payday = scene.uow.book(kept_in[0]).payday
    return await alerts.of_budgets(scene.uow, kept, whose, today=today, payday=payday, history=scene.rates, spent=parts)


# ------------------------------------------------------------------ buttons


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who may press: the one whose chat it is (None: everybody), acting in a book."""

    book_id: UUID
    person_id: UUID | None


def less_button(voice: Voice, alert: Alert, to: Addressee) -> Button:
    """ "Less of these"."""
    action: dict[str, object] = {"do": "alert_less", "topic": TOPICS[alert.kind].value, "book": str(to.book_id)}
    return Button(voice.say("button_alert_less"), action, _pressers(to))


def letter_buttons(voice: Voice, told: Sequence[Alert], to: Addressee) -> tuple[Button, ...]:
    """Under a letter: what the first is about, less of it, and where that is a budget how to change it."""
    first = told[0]
    shows: dict[str, object] = {"do": "alert_show", "book": str(to.book_id), **_shown(first)}
    buttons = [Button(voice.say("button_alert_show"), shows, _pressers(to)), less_button(voice, first, to)]
    if first.standing is not None:
        buttons.append(Button(voice.say("button_alert_budget"), {"do": "alert_budget", "book": str(to.book_id)}, _pressers(to)))
    return tuple(buttons)


def _pressers(to: Addressee) -> tuple[UUID, ...]:
    return (to.person_id,) if to.person_id is not None else ()


def _shown(alert: Alert) -> dict[str, object]:
    if alert.standing is not None:
        period = alert.standing.status.period
        return {"category": alert.standing.budget.category, "start": period.first.isoformat(), "end": period.last.isoformat()}
    if alert.goal is not None:
        return {"goal": str(alert.goal.goal.goal_id)}
    return {"text": alert.description}


async def show(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """The expenses that an alert is about, or the goal."""
    if "goal" in action:
        await goal_lines.tell_one(scene, UUID(action["goal"]))
        return
    start, end = (date.fromisoformat(action[name]) if name in action else None for name in ("start", "end"))
    kind = "search" if "text" in action else "list"
    await asking.answer(scene, Query(kind, category=action.get("category"), text=action.get("text"), start=start, end=end))


async def say_how(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """How a budget is changed."""
    scene.reply(scene.say("alert_budget_how"))
