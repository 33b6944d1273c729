"""What repeats: set and told, paused, resumed, skipped, at a new price, stopped; what is coming, as a list and as a calendar."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack
from bot.conversation.handlers import corrections, expenses, facts, occurrences, questions, subscriptions
from bot.conversation.handlers.repeats import all_of, at_time, called, day_in, how_often, meant, rule_of, titled, today_of
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command, ExpenseDraft, Intent, Question, RecordExpenses, SplitSpec, TakeBack, Understanding
from bot.conversation.replies.formats import opening
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import recurring
from core.db.ids import new_id
from core.db.recurring import Outcome, Recurring, State
from core.domain.bills import postings
from core.domain.money import sums
from core.domain.people import Action, DefaultSplit
from core.domain.recurrence import Event
from core.domain.recurrence import occurrences as occurrences_of
from core.errors import DomainError
from core.reading.text import folded_words
from core.services import recurring as rules

AHEAD = timedelta(days=31)
LINES_MOST = 30
RULES_MOST = 20  # of one message
NEW = "new_rule"  # in the chat's state: the rule that the last message set, so that "undo" means it
Press = dict[str, Any]


# ------------------------------------------------------------------ setting


async def set_up(scene: Scene, intent: RecordExpenses) -> None:
    """Rules for what repeats, and entries for what does not. Where today is the first day, it is booked or asked about at once."""
    plain = tuple(draft for draft in intent.expenses if draft.recurring is None)
    if plain:
        await expenses.record(scene, replace(intent, expenses=plain))
    for draft, rule_id, before in await _with_rules(scene, intent):
        begun = await _begin(scene, draft, rule_id, before, since=today_of(scene))
        await _tell_set(scene, begun, before, today=today_of(scene))


async def said_again(scene: Scene, intent: RecordExpenses) -> RecordExpenses:
    """An edited message that recorded something: its rules are set anew. What of it is recorded by itself: what repeats where its first day was."""
    recorded = [draft for draft in intent.expenses if draft.recurring is None]
    own = [each.rule_id for each in await _of_message(scene, [scene.book_id])]
    for draft, rule_id, before in await _with_rules(scene, intent):
        born = day_in(scene, scene.book_id, before.created_at) if before is not None and rule_id in own else today_of(scene)
        begun = await _begin(scene, draft, rule_id, before, since=born)
        is_first = next(occurrences_of(begun.rule, born, born), None) is not None
        if begun.next_on == born and (not begun.asks or await recurring.outcome(scene.uow, begun, born) is not None):
            await rules.deal_with(scene.uow, begun, born, Outcome.POSTED, now=scene.now)
        if is_first and await recurring.outcome(scene.uow, begun, born) is Outcome.POSTED:
            recorded.append(replace(draft, recurring=None))
        scene.reply(facts.in_book(scene, _set_line(scene, begun, before, await _next_of(scene, begun))), _stop_button(scene, begun))
    return replace(intent, expenses=tuple(recorded))


async def not_said_any_more(scene: Scene, intent: Intent) -> None:
    """An edited message: the rules of its earlier words that the present ones do not set are stopped."""
    kept = [rule_id for _, rule_id, _ in await _with_rules(scene, intent)] if isinstance(intent, RecordExpenses) else []
    here = scene.book_id
    books = [here] if scene.in_group else list(scene.person.books)  # "in Lisbon: rent 900 monthly" may be of another now
    await scene.uow.load_books(books, lock=False)
    for found in await _of_message(scene, books):
        if found.rule_id not in kept:
            await _stop(scene, found)
    await scene.move_to(here)


async def _with_rules(scene: Scene, intent: RecordExpenses) -> list[tuple[ExpenseDraft, UUID, Recurring | None]]:
    """What repeats, each with the id of its rule, and that rule as it was said before: by this message, or by another under the same name."""
    drafts = [draft for draft in intent.expenses if draft.recurring is not None]
    mine = [each for each in await recurring.of_books(scene.uow, [scene.book_id]) if each.person_id == scene.person.person_id]
    before = [next((each for each in mine if folded_words(each.what) == folded_words(draft.description)), None) for draft in drafts]
    renamed = [each for each in await _of_message(scene, [scene.book_id]) if each not in before]
    ids = [_rule_id(scene, scene.book_id, place) for place in range(RULES_MOST)]
    taken = await recurring.taken(scene.uow, scene.book_id, ids)  # also by one that ended: the days it had are done
    free = iter([each for each in ids if each not in taken])
    found = [same or (renamed.pop(0) if renamed else None) for same in before]
    return [(draft, same.rule_id if same is not None else next(free, new_id()), same) for draft, same in zip(drafts, found, strict=True)]


async def _of_message(scene: Scene, books: Sequence[UUID]) -> list[Recurring]:
    """The rules that earlier words of this message set in these loaded books."""
    ids = {_rule_id(scene, book_id, place) for book_id in books for place in range(RULES_MOST)}
    return [each for each in await recurring.of_books(scene.uow, books) if each.rule_id in ids]


def _rule_id(scene: Scene, book_id: UUID, place: int) -> UUID:
    """Of the rule that a message sets in a book: by it the message finds the rule again when it is edited."""
    told = scene.uow.keys.digest("rule", book_id.hex, scene.chat_id.hex, scene.turn.message.message_id, str(place))
    return UUID(bytes=bytes([place]) + told[:15])


async def _begin(scene: Scene, draft: ExpenseDraft, rule_id: UUID, before: Recurring | None, *, since: date) -> Recurring:
    """Its days count from today on; what was not said of them is as on the day `since`, on which it was said."""
    may(scene, Action.RECORD)
    assert draft.recurring is not None, "only what repeats has a rule"
    rule, today = rule_of(draft.recurring, since), today_of(scene)
    kept = replace(draft, recurring=None, date=None, split=_open_to_all(scene, draft))
    postings(
        await expenses.bill_from(scene, replace(kept, date=today)), behind={}
    )  # what cannot be shared so is refused now, and its guests are met now
    begun = await rules.begin(
        scene.uow,
        Recurring(
            book_id=scene.book_id,
            rule_id=rule_id,
            person_id=scene.person.person_id,
            member_id=scene.me.member_id,
            conversation_id=scene.chat_id,
            amount=draft.amount,
            what=draft.description,
            draft=pack(kept),
            said_by=scene.turn.message.sender,
            thread=scene.turn.message.thread,
            rule=rule,
            at=at_time(draft.recurring, rules.AT),
            asks=draft.recurring.asks,
            state=State.ACTIVE,
            next_on=None,
            created_at=before.created_at if before is not None else scene.now,
        ),
        today=today,
    )
    if begun.next_on is None:
        raise DomainError("no_days_left")
    return begun


def _open_to_all(scene: Scene, draft: ExpenseDraft) -> SplitSpec:
    """What everyone shares is shared by whoever is in the group on the day."""
    split = draft.split
    everyone = {scene.book.member(member).name for member in facts.everyone(scene)}
    if scene.shared and split.type == "equal" and scene.book.default_split is DefaultSplit.EVERYONE and everyone <= set(split.people):
        return replace(split, people=())
    return split


async def _tell_set(scene: Scene, begun: Recurring, before: Recurring | None, *, today: date) -> None:
    first, at_once = begun.next_on, False
    if first == today:
        at_once = await rules.deal_with(scene.uow, begun, today, Outcome.ASKED if begun.asks else Outcome.POSTED, now=scene.now)
        first = await _next_of(scene, begun)
    line = _set_line(scene, begun, before, first)
    if not at_once:
        scene.state[NEW] = {"book": str(begun.book_id), "rule": str(begun.rule_id)}
        scene.reply(facts.in_book(scene, line), _stop_button(scene, begun))
    elif begun.asks:
        occurrences.ask(scene, begun, today)
        _head(scene, line)
    else:
        await occurrences.book(scene, begun, [today])
        _head(scene, line)


def _head(scene: Scene, line: str) -> None:
    """Above the last reply."""
    scene.replies[-1] = replace(scene.replies[-1], text=f"{line}\n{scene.replies[-1].text}", reaction="")


def _set_line(scene: Scene, begun: Recurring, before: Recurring | None, first: date | None) -> str:
    how = how_often(scene.voice, begun.rule)
    text = scene.say("recurring_set", what=opening(called(scene, begun)), amount=begun.amount, how=how)
    if begun.rule.until is not None:
        text = f"{text} {scene.say('recurring_until', day=scene.voice.day(begun.rule.until, year=begun.rule.until.year != scene.today.year))}"
    if before is not None and before.amount != begun.amount:
        text = f"{text} {scene.say('recurring_was', before=before.amount)}"
    if first is not None:
        text = f"{text} {scene.say('recurring_next_asks' if begun.asks else 'recurring_next', day=first)}"
    return text


async def _next_of(scene: Scene, found: Recurring) -> date | None:
    """As it is kept now."""
    kept = await recurring.find(scene.uow, found.book_id, found.rule_id)
    return kept.next_on if kept is not None else None


def _stop_button(scene: Scene, found: Recurring) -> Button:
    target: dict[str, object] = {"do": "stop_rule", "book": str(found.book_id), "rule": str(found.rule_id)}
    return Button(scene.say("button_stop"), target, (scene.person.person_id,))


# ------------------------------------------------------------------ telling


async def show(scene: Scene, command: Command) -> None:
    """All that repeats here, and what was seen to come back."""
    found = await all_of(scene)
    seen = await subscriptions.seen(scene.uow, scene.book_id, scene.me.member_id, found, today=today_of(scene))
    if not found and not seen:
        raise DomainError("recurring_none")
    lines = [_line(scene, each) for each in sorted(found, key=lambda each: (each.next_on or date.max, each.created_at))]
    told = [scene.say("recurring_title"), *lines[:LINES_MOST]] if lines else []
    text = "\n".join([*told, *subscriptions.lines(scene.voice, seen)])
    scene.reply(facts.in_book(scene, text), *subscriptions.buttons(scene.voice, seen, book_id=scene.book_id, person_id=scene.person.person_id))


def _line(scene: Scene, found: Recurring) -> str:
    if found.state is State.PAUSED or found.next_on is None:
        return scene.say("recurring_line_paused", what=titled(scene, found), how=how_often(scene.voice, found.rule))
    return scene.say("recurring_line", what=titled(scene, found), how=how_often(scene.voice, found.rule), day=found.next_on)


async def upcoming(scene: Scene, command: Command) -> None:
    """What comes within a month, and what that is in all; of one that is named, when it comes next."""
    if "what" in command.slots:
        await _tell_next(scene, await meant(scene, command.slots["what"]))
        return
    last = today_of(scene) + AHEAD
    coming = await rules.due_until(scene.uow, scene.own_books, last)
    if not coming:
        scene.reply(facts.in_book(scene, scene.say("upcoming_none", day=last)))
        return
    lines = [scene.say("upcoming_line", day=day, what=titled(scene, each)) for day, each in coming]
    more = [scene.say("upcoming_more", count=len(lines) - LINES_MOST)] if len(lines) > LINES_MOST else []
    title = scene.say("upcoming_title", day=last, amount=scene.voice.amounts(sums(each.amount for _, each in coming)))
    scene.reply(facts.in_book(scene, "\n".join([title, *lines[:LINES_MOST], *more])))


async def _tell_next(scene: Scene, found: Recurring) -> None:
    if found.next_on is None:
        raise DomainError("recurring_is_paused", what=called(scene, found))
    text = opening(scene.say("recurring_set", what=called(scene, found), amount=found.amount, how=how_often(scene.voice, found.rule)))
    scene.reply(facts.in_book(scene, f"{text} {scene.say('recurring_next', day=found.next_on)}"))


async def calendar(scene: Scene, command: Command) -> None:
    """What repeats as a file for a calendar."""
    if not scene.turn.capabilities.documents:
        scene.reply(scene.say("export_no_files"))
        return
    found = [each for each in await all_of(scene) if each.next_on is not None]
    if not found:
        raise DomainError("recurring_none")
    if scene.calendars is None:
        return
    events = [Event(str(each.rule_id), titled(scene, each), each.rule, each.next_on or each.rule.start) for each in found]
    document = scene.calendars.write(events, now=scene.now)
    scene.reply_file(facts.in_book(scene, scene.say("calendar_ready", count=len(events), file=document.name)), document)


# ------------------------------------------------------------------ changing


async def mine(scene: Scene, words: str) -> Recurring:
    """Of others only where one may arrange things. The book at hand is its own from then on."""
    found = await meant(scene, words)
    await _enter(scene, found)
    return found


async def _enter(scene: Scene, found: Recurring) -> None:
    if found.book_id != scene.book_id:
        await scene.move_to(found.book_id)
    if scene.shared:
        may(scene, Action.RECORD if found.person_id == scene.person.person_id else Action.ARRANGE)


async def pause(scene: Scene, command: Command) -> None:
    """Until a day, or until somebody resumes it."""
    found = await mine(scene, command.slots.get("what", ""))
    until = command.slots.get("until")
    if until is None:
        await rules.stop(scene.uow, found, State.PAUSED)
        scene.reply(facts.in_book(scene, opening(scene.say("recurring_paused", what=called(scene, found)))))
        return
    begun = await rules.begin(scene.uow, found, today=max(date.fromisoformat(until), today_of(scene)))
    if begun.next_on is None:
        raise DomainError("no_days_left")
    scene.reply(facts.in_book(scene, opening(scene.say("recurring_paused_until", what=called(scene, found), day=begun.next_on))))


async def resume(scene: Scene, command: Command) -> None:
    """From its next day on: what was left out meanwhile is not made up."""
    begun = await rules.begin(scene.uow, await mine(scene, command.slots.get("what", "")), today=today_of(scene))
    if begun.next_on is None:
        raise DomainError("no_days_left")
    scene.reply(facts.in_book(scene, opening(scene.say("recurring_resumed", what=called(scene, begun), day=begun.next_on))))


async def skip(scene: Scene, command: Command) -> None:
    """The next day alone."""
    found = await mine(scene, command.slots.get("what", ""))
    if found.next_on is None:
        raise DomainError("recurring_is_paused", what=called(scene, found))
    await rules.deal_with(scene.uow, found, found.next_on, Outcome.SKIPPED, now=scene.now)
    following = await _next_of(scene, found)
    text = opening(scene.say("recurring_skipped_day", what=called(scene, found), day=found.next_on))
    after = scene.say("recurring_next", day=following) if following is not None else ""
    scene.reply(facts.in_book(scene, f"{text} {after}".rstrip()))


async def stop(scene: Scene, command: Command) -> None:
    await _stop(scene, await meant(scene, command.slots.get("what", "")))


async def cancel(scene: Scene, intent: TakeBack) -> None:
    """ "Cancel the netflix subscription"."""
    await _stop(scene, await meant(scene, "" if intent.target == "last" else intent.target))


async def delete(scene: Scene, intent: TakeBack) -> None:
    """ "Delete the rent": where something that repeats is called so, it is asked whether that is meant, or what was written down last of it."""
    ruled = [each for each in await all_of(scene) if folded_words(each.what) == folded_words(intent.target)]
    if not ruled or intent.date is not None or corrections.replied_to(scene):
        await corrections.take_back(scene, intent)
        return
    stop_it = ("stop", replace(intent, kind="cancel_recurring"))
    named = {"what": opening(called(scene, ruled[0]))}
    try:
        standing = await corrections.target_of(scene, intent.target)
    except DomainError as problem:
        if problem.code != "no_such_bill":
            raise
        questions.ask(scene, Understanding(stop_it[1], "recurring.delete", question=Question("delete_rule", named, (stop_it,))))
        return
    one = ("one_bill", replace(intent, date=standing.occurred_on))
    asked = Question("delete_which", named, (one, stop_it))
    questions.ask(
        scene, Understanding(one[1], "recurring.delete", question=asked), bill=f"{facts.titled(scene, standing)}{facts.when(scene, standing)}"
    )


async def _stop(scene: Scene, found: Recurring, *, edits: UUID | None = None) -> None:
    await _enter(scene, found)
    await rules.stop(scene.uow, found)
    scene.reply(facts.in_book(scene, opening(scene.say("recurring_stopped", what=titled(scene, found)))), edits=edits)


async def stop_pressed(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    found = await recurring.find(scene.uow, scene.book_id, UUID(action["rule"]))
    if found is None or found.state is State.ENDED:
        raise DomainError("already_gone")
    await _stop(scene, found, edits=outbox_id)


async def watch(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    """What was seen to come back is asked about from now on."""
    begun = await subscriptions.watch(scene, action)
    scene.reply(facts.in_book(scene, _set_line(scene, begun, None, begun.next_on)), _stop_button(scene, begun))


async def undone(scene: Scene, new: Press) -> bool:
    """ "Undo" right behind a rule that booked nothing: the rule is what is meant. False where it did, or is gone."""
    await scene.move_to(UUID(new["book"]))
    found = await recurring.find(scene.uow, scene.book_id, UUID(new["rule"]))
    if found is None or found.state is State.ENDED:
        return False
    await _stop(scene, found)
    return True


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "repeats": show,
    "upcoming": upcoming,
    "calendar": calendar,
    "pause": pause,
    "resume": resume,
    "skip_next": skip,
    "stop_repeating": stop,
}
ACTIONS = {**occurrences.ACTIONS, "stop_rule": stop_pressed, "watch": watch}
SINGLE_USE = occurrences.SINGLE_USE | {"stop_rule", "watch"}
