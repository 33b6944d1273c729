"""Files of other programs in the chat: shown first with whom they know, booked when their sender says so, taken back as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from bot.conversation.handlers import checks, facts
from bot.conversation.intents import Command, Nothing, Understanding
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db.imports import Waiting
from core.domain.imports import Aside, FileRow, GroupFile, balances, check, likely
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.errors import DomainError
from core.services import imports

Action = dict[str, Any]
PROGRAMS = {
    "splitwise": "Splitwise",
    "spliit": "spliit",
    "split-pro": "split-pro",
    "cospend": "Cospend",
    "ihatemoney": "ihatemoney",
    "tricount": "Tricount",
    "tuppence": "Tuppence",
}
NAMES_MOST = 10
BALANCES_MOST = 8
ASIDE_MOST = 5
OTHER_BUTTONS = 2  # yes and no, behind those that say who is who
REASONS = {  # the codes of lines kept aside, by what is said of them
    "date": "date",
    "ambiguous_date": "date",
    "amount": "amount",
    "ambiguous_amount": "amount",
    "currency": "currency",
    "does_not_add_up": "sums",
    "zero": "nothing",
    "nobody_owes": "nothing",
    "deleted": "nothing",
    "person": "person",
    "payer_unknown": "person",
}
UNREADABLE = {
    "too_large": "import_too_large",
    "file_too_large": "import_too_large",
    "too_many_rows": "import_too_large",
    "too_many_people": "too_many_people",
    "nothing_in_it": "import_nothing_in_it",
}


async def explain(scene: Scene, command: Command) -> None:
    scene.reply(scene.say("import_how"))


# ------------------------------------------------------------------ the file comes


async def was_sent(scene: Scene, understood: Understanding) -> str:
    """Show what is in it; a file that is nothing to us is none of our affair in a group."""
    if understood.file is None:
        return refuse(scene, understood)
    waiting = await imports.propose(
        scene.uow, understood.file, book_id=scene.book_id, conversation_id=scene.chat_id, person_id=scene.person.person_id, now=scene.now
    )
    await show(scene, waiting)
    return "import"


def refuse(scene: Scene, understood: Understanding) -> str:
    reason = understood.intent.hint if isinstance(understood.intent, Nothing) else ""
    if not scene.in_group or reason in UNREADABLE:
        scene.reply(scene.say(UNREADABLE.get(reason, "import_unknown")))
    return "import_unread"


async def show(scene: Scene, waiting: Waiting, *, edits: UUID | None = None) -> None:
    """The one card: what is in the file, who is who, what it comes to, and what is wrong with it. Nothing is written yet."""
    fresh = [row for row, _ in await imports.fresh_rows(scene.uow, waiting.book_id, waiting.file)]
    if not fresh:
        scene.reply(facts.in_book(scene, scene.say("import_known_all", program=program(waiting.file))), edits=edits)
        return
    known = len(waiting.file.rows) - len(fresh)
    lines = [
        found(scene, waiting.file),
        scene.say("import_known", count=known) if known else "",
        *who_is_who(scene, waiting, fresh),
        comes_to(scene, waiting.file),
        *doubts(scene, waiting.file),
    ]
    scene.reply(facts.in_book(scene, "\n".join(line for line in lines if line)), *buttons(scene, waiting, fresh), edits=edits)


def program(file: GroupFile) -> str:
    return PROGRAMS[file.source]


def found(scene: Scene, file: GroupFile) -> str:
    """ "Splitwise file: 214 bills, 2 Jan 2024 – 3 Mar 2025, EUR and USD." """
    days = sorted(row.on for row in file.rows)
    shown = [scene.voice.day(day, year=days[0].year != scene.today.year) for day in (days[0], days[-1])]
    currencies = sorted({row.currency for row in file.rows})
    return scene.say("import_found", program=program(file), count=len(file.rows), start=shown[0], end=shown[1], currencies=currencies)


def who_is_who(scene: Scene, waiting: Waiting, rows: Sequence[FileRow]) -> list[str]:
    """Those who are matched under another name, and those who are new."""
    others = [
        scene.say("import_same", person=scene.voice.name(person), member=scene.name(member))
        for person, member in waiting.matches.items()
        if scene.book.member(member).name != person
    ]
    new = strangers(waiting, rows)
    shown = [scene.voice.name(person) for person in new[:NAMES_MOST]]
    more = [scene.say("import_more", count=len(new) - NAMES_MOST)] if len(new) > NAMES_MOST else []
    return [" · ".join(others), scene.say("import_new", count=len(new), names=shown + more) if new else ""]


def strangers(waiting: Waiting, rows: Iterable[FileRow]) -> list[str]:
    named = {name for row in rows for name, _ in (*row.paid, *row.shares)}
    return [person for person in waiting.file.people if person in named and person not in waiting.matches]


def comes_to(scene: Scene, file: GroupFile) -> str:
    """ "Anna +€12.30 · Ben −€12.30": what the rows of the file make."""
    sums = balances(file.rows)
    order = {person: place for place, person in enumerate(file.people)}
    shown = [signed(scene, person, Money(minor, code)) for (person, code), minor in sorted(sums.items(), key=lambda each: order[each[0][0]])]
    return scene.say("import_balances", balances=" · ".join(shown[:BALANCES_MOST] + (["…"] if len(shown) > BALANCES_MOST else []))) if shown else ""


def signed(scene: Scene, person: str, money: Money) -> str:
    amount = scene.voice.amount(Money(abs(money.minor), money.currency), full=True)
    return f"{scene.voice.name(person)} {'+' if money.minor > 0 else '−'}{amount}"


def doubts(scene: Scene, file: GroupFile) -> list[str]:
    """What does not add up, and what was left out, by line and reason."""
    said = []
    wrong = check(file)
    if wrong:
        shown = [signed(scene, person, Money(minor, code)) for (person, code), minor in list(wrong.items())[:BALANCES_MOST]]
        said.append(scene.say("import_differs", balances=" · ".join(shown)))
    if file.aside:
        lines = [scene.say("import_line", line=each.line, reason=scene.say(reason_code(each))) for each in file.aside[:ASIDE_MOST]]
        rest = len(file.aside) - ASIDE_MOST
        said.append(scene.say("import_aside", count=len(file.aside), lines=lines + ([scene.say("import_more", count=rest)] if rest > 0 else [])))
    if file.damaged:
        said.append(scene.say("import_damaged", lines=[str(line) for line in file.damaged[:ASIDE_MOST]]))
    return said


def reason_code(aside: Aside) -> str:
    return f"import_reason_{REASONS.get(aside.reason, 'broken')}"


def buttons(scene: Scene, waiting: Waiting, rows: Sequence[FileRow]) -> tuple[Button, ...]:
    """Who may be who (of the sender, anybody may be), then yes and no."""
    mine, room = (scene.person.person_id,), scene.turn.capabilities.buttons - OTHER_BUTTONS
    target = {"import": str(waiting.import_id), "book": str(waiting.book_id)}
    taken, new = set(waiting.matches.values()), strangers(waiting, rows)
    people = {person: place for place, person in enumerate(waiting.file.people)}
    asked = [(person, member.member_id) for person in new for member in likely(scene.book, person, taken=taken)]
    if scene.me.member_id not in taken and scene.me.member_id not in {member for _, member in asked}:
        asked += [(person, scene.me.member_id) for person in new if person not in {each for each, _ in asked}]
    matching = [
        Button(same_label(scene, person, member), {"do": "import_match", "person": people[person], "member": str(member), **target}, mine)
        for person, member in asked[: max(room, 0)]
    ]
    yes = Button(scene.say("button_import"), {"do": "import_yes", **target}, mine)
    return *matching, yes, Button(scene.say("button_cancel"), {"do": "import_no", **target}, mine)


def same_label(scene: Scene, person: str, member: UUID) -> str:
    name = scene.voice.name(person)
    return scene.say("button_i_am", person=name) if member == scene.me.member_id else scene.say("import_same", person=name, member=scene.name(member))


# ------------------------------------------------------------------ and is decided on


async def match(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    waiting = await imports.find(scene.uow, UUID(action["import"]), person_id=scene.person.person_id)
    member = next((each.member_id for each in scene.book.members if str(each.member_id) == action["member"]), None)
    await show(scene, await imports.match(scene.uow, waiting, waiting.file.people[action["person"]], member), edits=outbox_id)


async def take_over(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """Book it, and say whether it came to what the file says."""
    waiting = await imports.find(scene.uow, UUID(action["import"]), person_id=scene.person.person_id)
    if waiting.book_id != scene.book_id:
        raise DomainError("import_gone")
    booked = await imports.book(scene.uow, waiting, scene.effects, now=scene.now)
    name, agrees = program(waiting.file), bool(waiting.file.checks) and not check(waiting.file)

    async def told(view: Scene) -> str:
        done = view.say("import_done", count=booked.count, program=name)
        return f"{done} {facts.standing(view)}".rstrip() if view.shared else done

    if scene.shared:
        scene.news.append(News(scene.book_id, told))
    text = await told(scene)
    text = f"{text}\n{scene.say('import_agrees')}" if agrees else text
    action = {"do": "import_undo", "import": action["import"], "book": str(scene.book_id)}
    undo_it = Button(scene.say("button_undo"), action, (scene.person.person_id,))
    scene.reply(facts.in_book(scene, text), undo_it, edits=outbox_id)


async def cancel(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await imports.drop(scene.uow, UUID(action["import"]), person_id=scene.person.person_id, now=scene.now)
    scene.reply(scene.say("import_cancelled"), edits=outbox_id)


async def undo(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    count = await imports.undo(scene.uow, scene.book_id, UUID(action["import"]), scene.effects, now=scene.now)
    say_undone(scene, count, edits=outbox_id)


async def undo_last(scene: Scene, command: Command) -> None:
    say_undone(scene, await imports.undo_last(scene.uow, scene.book_id, scene.person.person_id, scene.effects, now=scene.now))


async def undo_of(scene: Scene, entry: JournalEntry) -> None:
    """Of one of its bills that was to be undone as the last thing done: all of them were, which needs a code as the button for it does."""
    if checks.is_due(scene):
        action = {"do": "import_undo", "import": entry.split["import"], "book": str(scene.book_id)}
        checks.hold_press(scene, action, checks.what_of_press(scene, action))
        return
    count = await imports.undo(scene.uow, scene.book_id, UUID(str(entry.split["import"])), scene.effects, now=scene.now)
    say_undone(scene, count)


def say_undone(scene: Scene, count: int, *, edits: UUID | None = None) -> None:
    async def told(view: Scene) -> str:
        done = view.say("import_undone", count=count)
        return f"{done} {facts.standing(view)}".rstrip() if view.shared else done

    if scene.shared:
        scene.news.append(News(scene.book_id, told))
    done = scene.say("import_undone", count=count)
    scene.reply(facts.in_book(scene, f"{done} {facts.standing(scene)}".rstrip() if scene.shared else done), edits=edits)
