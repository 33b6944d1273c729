"""Reports on what was spent: as text, and as a picture or a file that is made when it is delivered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bot.conversation import reporting
from bot.conversation.handlers import exchange, facts, mail, queries
from bot.conversation.intents import Command
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.reporting import Reader
from bot.conversation.scene import Scene
from bot.conversation.turn import Button, Reply
from core.db.figures import Asked
from core.db.report_links import MEDIA_TYPES, Slip, mailed, report_document
from core.domain.ahead.spending import Period
from core.domain.figures import By
from core.domain.mail import veiled
from core.domain.meals import Meal, parties, priced
from core.domain.reports import Report, checked
from core.errors import DomainError
from core.services import figures, spendings

MEALS_MOST = 8
_EATING_OUT = "food"
_FORMS = {"chart": "png", "pdf": "pdf", "csv": "csv", "xlsx": "xlsx"}


async def show(scene: Scene, command: Command) -> None:
    """What was asked for; a period the wrong way round is turned. Raises DomainError `too_many_days`, and those of mail.mailbox."""
    slots = command.slots
    period = period_of(slots, scene.today)
    category = slots.get("category")
    by = By(slots["by"]) if "by" in slots else None
    by_mail, form = "mail" in slots, _FORMS.get(slots.get("form", ""))
    short = scene.turn.capabilities.cheap_limit is not None and not by_mail  # a mail has room
    apart = reporting.told_apart(category=category, by=by, short=short, shared=scene.shared) if form is None or by_mail else ()
    reader, made = await made_of(scene, period, category, apart)
    if not made.count:
        what = scene.category(category) if category else scene.say("spend_all")
        scene.reply(facts.in_book(scene, scene.say("spend_none", what=what, period=reader.period(period.first, period.last))))
    elif by_mail:
        await send_by_mail(scene, slip_of(scene, period, form or "pdf", category=category, dark=slots.get("look") == "dark"), reader, made, by=by)
    elif form is not None:
        hand_over(scene, slip_of(scene, period, form, category=category, dark=slots.get("look") == "dark"), reader, made)
    else:
        text = reporting.text(reader, made, category=category, by=by, short=short, shared=scene.shared)
        scene.reply(facts.in_book(scene, text), *buttons(scene, slots, period))


def period_of(slots: dict[str, str], today: date) -> Period:
    """The days that a command names; those of the present month where it names none."""
    if "start" in slots:
        return checked(date.fromisoformat(slots["start"]), date.fromisoformat(slots.get("end", slots["start"])))
    following = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Period(today.replace(day=1), following - timedelta(days=1))


async def made_of(scene: Scene, period: Period, category: str | None, apart: Sequence[By]) -> tuple[Reader, Report]:
    whose = await queries.whose(scene)
    reader = Reader(scene.voice, scene.today, {book: scene.uow.book(book) for book in whose})
    home = exchange.home(scene)
    made = await spendings.report(scene.uow, whose, period, category=category, apart=apart, currency=home, today=scene.today, history=scene.rates)
    return reader, made


def slip_of(scene: Scene, period: Period, form: str, *, category: str | None, dark: bool = False) -> Slip:
    own = not scene.in_group and scene.book_id == scene.home_id
    return Slip(
        person_id=scene.person.person_id,
        book_id=None if own else scene.book_id,
        first=period.first,
        last=period.last,
        today=scene.today,
        form=form,
        language=scene.voice.language,
        currency=exchange.home(scene),
        category=category,
        dark=dark,
    )


# ------------------------------------------------------------------ the same in another form


def buttons(scene: Scene, slots: dict[str, str], period: Period) -> tuple[Button, ...]:
    """The same as a picture or a file, where the chat can show them."""
    if not scene.turn.capabilities.pictures and not scene.turn.capabilities.documents:
        return ()
    kept = {"start": period.first.isoformat(), "end": period.last.isoformat()} | {name: slots[name] for name in ("category",) if name in slots}
    target: dict[str, Any] = {"do": "report", "book": str(scene.book_id)}
    return tuple(
        Button(scene.say(code), target | {"slots": kept | {"form": form}})
        for code, form in (("button_chart", "chart"), ("button_pdf", "pdf"), ("button_sheet", "xlsx"))
    )


def hand_over(scene: Scene, slip: Slip, reader: Reader, made: Report) -> None:
    """The file itself; where none can be sent, the link to it. Its words are the report's first lines, which also say what a picture shows."""
    document = report_document(scene.uow.keys, slip, address=scene.address, now=scene.now)
    text = facts.in_book(scene, " ".join(filter(None, [reporting.head(reader, made, category=slip.category), reporting.usual(reader, made.usual)])))
    if slip.form == "png":
        rows = [reporting.row(reader, made, By.CATEGORY, row) for row in made.categories.rows[: reporting.NAMED_MOST]]
        text = "\n".join([text, " · ".join(rows)]) if not scene.voice.plain else text
    shows = scene.turn.capabilities.documents or (scene.turn.capabilities.pictures and slip.form in ("png", "pdf"))
    if not shows:
        scene.reply(scene.say("report_link", url=document.url))
        return
    scene.reply_file(text, document)


async def send_by_mail(scene: Scene, slip: Slip, reader: Reader, made: Report, *, by: By | None = None) -> None:
    """The report to the person's mailbox, with its file; into their chat where the mailbox turns out to take nothing."""
    there = await mail.mailbox(scene)
    reader = replace(reader, voice=Voice(scene.voice.language))  # which has room for all letters
    text = facts.in_book(scene, reporting.text(reader, made, category=slip.category, by=by, shared=scene.shared))
    documents = mailed(scene.uow.keys, slip, address=scene.address, now=scene.now)
    scene.reply(scene.say("report_mailed", address=there.address if not scene.in_group else veiled(there.address)))
    text = mail.signed(reader.voice, text)
    scene.replies.append(Reply(text, conversation_id=there.conversation_id, documents=documents, book_id=scene.book_id, urgency="asked"))


async def pressed(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """Raises DomainError `left_group`: files hold what was spent since, and are opened for members alone."""
    if scene.shared and not scene.me.active:
        raise DomainError("left_group", book=scene.book.name)
    await show(scene, Command("report", dict(action["slots"])))


# ------------------------------------------------------------------ what meals cost


async def meals(scene: Scene, command: Command) -> None:
    """Eating out with others: what it costs each person, and where it is cheapest."""
    period = period_of(command.slots, scene.today) if command.slots else None
    whose = await queries.whose(scene)
    mine = [member for members in whose.values() for member in members or ()]
    asked = Asked(period.first if period else None, period.last if period else None, _EATING_OUT, along=mine or None)
    whole = dict.fromkeys(whose)
    found = await figures.find(scene.uow, whole, asked, currency=exchange.home(scene), today=scene.today, history=scene.rates)
    sizes = parties(found.parts)
    shared = found.of_bills(sizes.keys())
    table = shared.by(By.MERCHANT)
    places, whole_meal = priced(table, sizes)
    if whole_meal is None:
        scene.reply(facts.in_book(scene, scene.say("meals_none")))
        return
    named = shared.named(table)
    days = Reader(scene.voice, scene.today).period(period.first, period.last) if period else scene.say("period_always")
    lines = [_meal(scene, "meals_title", opening(days), whole_meal)]
    lines += [_meal(scene, "meals_row", opening(scene.voice.name(named[str(meal.key)])), meal) for meal in places[:MEALS_MOST]]
    scene.reply(facts.in_book(scene, "\n".join(filter(None, [*lines, reporting.rates(scene.voice, table, scene.today)]))))


def _meal(scene: Scene, code: str, what: str, meal: Meal) -> str:
    size = scene.say("meals_size", count=meal.most) if meal.fewest == meal.most else scene.say("meals_sizes", low=meal.fewest, high=meal.most)
    return scene.say(code, what=what, price=meal.price, times=scene.say("meals_counted", count=meal.count), size=size)


assert set(_FORMS.values()) < set(MEDIA_TYPES)
COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {"report": show, "meals": meals}
ACTIONS: dict[str, Callable[[Scene, dict[str, Any], UUID | None], Coroutine[Any, Any, None]]] = {"report": pressed}
