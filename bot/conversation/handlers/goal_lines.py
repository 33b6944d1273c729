"""How goals are put into words: what is aside, what is left, and what every week or month takes. Changes nothing."""

from __future__ import annotations

from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.scene import Scene
from core.services import goals
from core.services.goals import Standing


async def tell_one(scene: Scene, goal_id: UUID) -> None:
    """How one stands now; that there is none where it was dropped meanwhile."""
    found = [each for each in await goals.standings(scene.uow, scene.own_books, today=scene.book_today) if each.goal.goal_id == goal_id]
    scene.reply(facts.in_book(scene, "\n".join(line for each in found for line in lines(scene, each)) or scene.say("goals_none")))


def lines(scene: Scene, standing: Standing) -> list[str]:
    """Two lines at most."""
    plan = _plan(scene, standing)
    return [line(scene, standing), *([plan] if plan else [])]


def line(scene: Scene, standing: Standing) -> str:
    """ "Bike: ███░░░░░░░ €180 of €600, €420 to go." """
    common = {
        "what": called(scene.voice, standing),
        "bar": facts.bar(standing.progress.share),
        "aside": standing.aside,
        "amount": standing.goal.amount,
    }
    return scene.say("goal_all_there", **common) if standing.progress.is_reached else scene.say("goal_line", **common, left=standing.left)


def called(voice: Voice, standing: Standing) -> str:
    return opening(voice.name(standing.goal.name))


def by_day(scene: Scene, standing: Standing) -> str:
    """The day of a goal that has one, with the year where that is another."""
    due = standing.goal.due_on
    assert due is not None, "asked of a goal with a day"
    return scene.voice.day(due, year=due.year != scene.book_today.year)


def _plan(scene: Scene, standing: Standing) -> str:
    """What it takes until its day, and once a plan has run for a day whether it is kept."""
    if standing.goal.due_on is None or standing.progress.is_reached:
        return ""
    due = by_day(scene, standing)
    if standing.each is None:
        return scene.say("goal_over", due=due)
    text = scene.say(f"goal_each_{standing.progress.step}", each=standing.each, due=due)
    if standing.goal.planned_on == scene.book_today:
        return text
    return f"{text} " + (scene.say("goal_behind", behind=standing.behind) if standing.progress.behind else scene.say("goal_on_pace"))
