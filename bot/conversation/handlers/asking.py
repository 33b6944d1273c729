"""Answers questions about the money: those that compare, count, average and ask why here, all others by `queries`; and what the next goes on from."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from bot.conversation.codec import pack, unpack
from bot.conversation.handlers import exchange, facts, queries
from bot.conversation.intents import Query
from bot.conversation.parsing.asking import beside_it, stepped
from bot.conversation.scene import Scene
from core.db import figures as rows
from core.db import ledger
from core.domain.ahead.spending import Period
from core.domain.comparisons import LEAST, causes, difference, earlier, lately, spread, units, usual
from core.domain.figures import By, Table, between
from core.domain.likeness import closest
from core.domain.money import Money
from core.reading.text import folded_words
from core.services.figures import Found

REMEMBERED = timedelta(hours=1)
REMEMBERED_IN_GROUP = timedelta(minutes=5)  # after that "why?" is said to somebody else
PAID_MOST = 3  # lines
_OF_THEIR_OWN = frozenset(("beside", "sized", "balances", "balance_with"))  # what else is asked of these would be asked of everything
WORDS_MOST = 20_000  # expenses whose words are looked through for a mistyped one


async def answer(scene: Scene, query: Query) -> None:
    """Reads see what this message's batch has queued."""
    await scene.uow.flush()
    asked = gone_on(scene, query) if query.kind == "follow" else query
    if asked is None:
        if not scene.in_group:
            scene.reply(scene.say("hint_short"))
        return
    if (
        scene.in_group
        and query.kind == "follow"
        and query.text is not None
        and not (await queries.found(scene, Query("spend", text=query.text))).parts
    ):
        return  # "just kidding"
    told = len(scene.replies)
    asked = await _corrected(scene, asked)
    await (_KINDS.get(asked.kind) or queries.KINDS.get(asked.kind, queries.spend))(scene, asked)
    if len(scene.replies) > told:  # nobody goes on from what a group was not answered
        scene.state["last_question"] = {"query": pack(asked), "at": scene.now.isoformat(), "by": str(scene.person.person_id)}


# ------------------------------------------------------------------ what goes on from the last question


def is_fresh(state: Mapping[str, Any], now: datetime, *, by: UUID | None, in_group: bool) -> bool:
    """Whether a conversation's state keeps a question that this person may go on from: in a group one of their own, for a short time."""
    kept = state.get("last_question")
    if not isinstance(kept, dict) or (in_group and kept.get("by") != str(by)):
        return False
    return timedelta(0) <= now - datetime.fromisoformat(kept["at"]) <= (REMEMBERED_IN_GROUP if in_group else REMEMBERED)


def gone_on(scene: Scene, more: Query) -> Query | None:
    """The last question asked of something else: of what is named now, the rest as it was. None where that would be another question."""
    if not is_fresh(scene.state, scene.now, by=scene.person.person_id, in_group=scene.in_group):
        return None
    last = unpack(scene.state["last_question"]["query"])
    assert isinstance(last, Query), "a question was kept"
    if more.person is not None and last.kind in ("balances", "balance_with"):
        return Query("balance_with", person=more.person, currency=last.currency)
    if more.instead is not None or more.than_start is not None:
        return _turned(scene, last, more)
    if more.category is not None or more.text is not None:
        last = replace(last, category=more.category, text=more.text, merchant=None, things=())
        last = replace(last, kind="spend") if last.kind == "beside" else last
    if more.start is not None:
        last = replace(last, start=more.start, end=more.end)
        if last.kind == "compare":
            last = replace(last, kind="spend", than_start=None, than_end=None)
    return replace(last, person=more.person or last.person)


def _turned(scene: Scene, last: Query, more: Query) -> Query | None:
    """Another time, another question of the same, or the same beside another time."""
    if more.instead in ("previous", "next"):
        return _moved(scene, last, more)
    if last.kind in _OF_THEIR_OWN:
        return last if (last.kind, more.instead) == ("sized", "list") else None
    return _compared(scene, last, more) if more.instead is None else replace(last, kind=more.instead, than_start=None, than_end=None, unit=None)


def _moved(scene: Scene, last: Query, more: Query) -> Query:
    """The same of the time before, or after; where no time was named, of the month before this one."""
    start, end = last.start or scene.today.replace(day=1), last.end or scene.today
    way: Literal[-1, 1] = -1 if more.instead == "previous" else 1
    shifted = stepped(start, end, more.step, way, today=scene.today) if more.step is not None else beside_it(start, end, way)
    kind = "spend" if last.kind == "compare" else last.kind
    return replace(last, kind=kind, start=shifted[0], end=shifted[1], than_start=None, than_end=None)


def _compared(scene: Scene, last: Query, more: Query) -> Query:
    """What was asked about, beside another time: of what still runs as many days of the other."""
    start, end = last.start or scene.today.replace(day=1), last.end or scene.today
    than_end = more.than_end
    if start <= scene.today <= end and more.than_start is not None and than_end is not None:
        end = scene.today
        than_end = min(more.than_start + (end - start), than_end)
    return replace(last, kind="compare", start=start, end=end, than_start=more.than_start, than_end=than_end, unit=None)


async def _corrected(scene: Scene, query: Query) -> Query:
    """Where no expense says what was asked for, the closest word that one does say."""
    if scene.in_group and query.kind in ("paid", "sized"):  # people ask each other too: silence where nothing is found
        return query
    if query.text is None or query.kind not in ("spend", "times", "search", "list", "average", "per", "biggest", "compare", "why", "paid", "sized"):
        return query
    if (await queries.found(scene, Query("spend", text=query.text))).parts:
        return query
    said = await rows.words(scene.uow, await queries.whose(scene), most=WORDS_MOST)
    word = closest(" ".join(folded_words(query.text)), {part for each in said for part in folded_words(each)})
    if word is None:
        return query
    scene.reply(scene.say("search_closest", said=scene.voice.name(query.text), text=word))
    return replace(query, text=word, category=None)


# ------------------------------------------------------------------ answers


def _label(scene: Scene, stretch: Period) -> str:
    """Whole months, quarters and years by their names, anything else by its days."""
    if stretch.first.day == 1 and (stretch.last + timedelta(days=1)).day == 1:
        return queries.period(scene, Query("spend", start=stretch.first, end=stretch.last))
    start, end = (scene.voice.day(day, year=day.year != scene.today.year) for day in (stretch.first, stretch.last))
    return start if stretch.days == 1 else scene.say("period_between", start=start, end=end)


async def times(scene: Scene, query: Query) -> None:
    """How often it was, and what it came to."""
    bills = (await queries.found(scene, query)).bills()
    asked = {"what": queries.asked_for(scene, query), "period": queries.period(scene, query)}
    if not bills.rows:
        scene.reply(facts.in_book(scene, scene.say("spend_none", **asked)))
        return
    text = scene.say("spend", **asked, amount=scene.voice.amounts(bills.total.sums), count=queries.counted(scene, len(bills.rows)))
    scene.reply(facts.in_book(scene, f"{text} {queries.total(scene, query, bills)}".rstrip()))


async def per(scene: Scene, query: Query) -> None:
    """What falls on each day, week or month: of the time that is named up to today, else of the last whole ones."""
    unit, whose = query.unit or "month", await queries.whose(scene)
    if query.start is not None:
        end = min(query.end or scene.today, scene.today)
        stretch = Period(query.start, end) if query.start <= end else None
    else:
        stretch = lately(scene.today, unit, since=await rows.begun(scene.uow, whose))
    if stretch is None:
        scene.reply(facts.in_book(scene, scene.say("per_none")))
        return
    whole = (await queries.found(scene, replace(query, start=stretch.first, end=stretch.last))).whole()
    each = spread(whole.total.sums, units(stretch, unit))
    asked = {"what": queries.asked_for(scene, query), "period": _label(scene, stretch)}
    text = scene.say(f"spend_per_{unit}", **asked, amount=scene.voice.amounts(each), total=scene.voice.amounts(whole.total.sums))
    scene.reply(facts.in_book(scene, text))


async def compare(scene: Scene, query: Query) -> None:
    """One time beside another, in the home currency where there are several."""
    if query.start is None or query.than_start is None:
        query = _as_usual(scene, query)
    assert query.start is not None and query.than_start is not None, "both are known by now"
    now = Period(query.start, query.end or scene.today)
    than = Period(query.than_start, query.than_end or scene.today)
    found = await queries.found(scene, replace(query, start=min(now.first, than.first), end=max(now.last, than.last)))
    one, two = found.within(now.first, now.last).whole(), found.within(than.first, than.last).whole()
    more, apart = difference(one.whole, two.whole)
    code = "compare_same" if not apart else "compare_more" if more else "compare_less"
    names = {"what": queries.asked_for(scene, query), "period": _label(scene, now), "than": _label(scene, than)}
    text = scene.say(code, **names, amount=one.whole, before=two.whole, difference=apart)
    scene.reply(facts.in_book(scene, f"{text} {exchange.whole(scene, one)}".rstrip()))


def _as_usual(scene: Scene, query: Query) -> Query:
    """This month so far with the same days of the last."""
    now = Period(scene.today.replace(day=1), scene.today)
    (than,) = earlier(now, since=date.min)[:1]
    return replace(query, start=now.first, end=now.last, than_start=than.first, than_end=than.last)


async def why(scene: Scene, query: Query) -> None:
    """What changed against the usual, and the places that account for most of it, each a number of the same days."""
    start = query.start or scene.today.replace(day=1)
    now = Period(start, max(start, min(query.end or scene.today, scene.today)))
    before = earlier(now, since=await rows.begun(scene.uow, await queries.whose(scene)))
    oldest = before[-1].first if before else now.first
    found = await queries.found(scene, replace(query, start=oldest, end=now.last))
    present = found.within(now.first, now.last)
    whole = present.whole().whole
    common = {"what": queries.asked_for(scene, query), "period": _label(scene, now), "amount": whole}
    if not present.parts:
        scene.reply(facts.in_book(scene, scene.say("spend_none", what=common["what"], period=common["period"])))
        return
    if len(before) < LEAST:
        largest = present.by(By.MERCHANT)
        shown = [scene.say("part", who=facts.what(scene, name), amount=amount) for name, amount in _places(present, largest)]
        scene.reply(facts.in_book(scene, scene.say("why_new", **common, causes=scene.voice.listing(shown))))
        return
    stretches = [found.within(each.first, each.last) for each in before]
    normal = usual([each.whole().total.home for each in stretches], found.currency)
    more, apart = difference(whole, normal)
    spans = {"usual": normal, "start": before[-1].first, "end": before[0].last}
    text = scene.say("why_more" if more and apart else "why_less", **common, **spans, difference=apart)
    if more and apart:
        text += " " + _causes(scene, present, stretches)
    scene.reply(facts.in_book(scene, f"{text} {exchange.whole(scene, present.whole())}".rstrip()))


def _places(found: Found, table: Any) -> list[tuple[str, Money]]:
    names = found.named(table)
    return [(names[str(row.key)], table.of(row)) for row in table.rows[:3]]


def _causes(scene: Scene, present: Found, stretches: list[Found]) -> str:
    names = present.named(present.by(By.MERCHANT))
    now, *before = ({str(row.key): row.home for row in each.by(By.MERCHANT).rows} for each in (present, *stretches))
    shown = [
        scene.say("why_cause", what=facts.what(scene, names[cause.key]), amount=cause.amount, difference=cause.above)
        for cause in causes(now, before, present.currency)
    ]
    return scene.say("why_causes", causes=scene.voice.listing(shown))


async def paid(scene: Scene, query: Query) -> None:
    """The last such expenses of the time that is named, else the last one of all; that there is none, and which was the last before."""
    there = await queries.found(scene, query)
    asked = {"what": queries.asked_for(scene, query), "period": queries.period(scene, query)}
    if there.parts:
        lines = await _lines(scene, there, PAID_MOST if query.start is not None else 1)
        if query.start is None:
            scene.reply(facts.in_book(scene, scene.say("paid_last", line=lines[0])))
            return
        bills = there.bills()
        text = scene.say("spend", **asked, amount=scene.voice.amounts(bills.total.sums), count=queries.counted(scene, len(bills.rows)))
        scene.reply(facts.in_book(scene, "\n".join([text, *lines])))
        return
    before = await queries.found(scene, replace(query, start=None, end=None)) if query.start is not None else there
    if before.parts or not scene.in_group:
        last = [scene.say("paid_last", line=line) for line in await _lines(scene, before, 1)]
        scene.reply(facts.in_book(scene, "\n".join([scene.say("spend_none", **asked), *last])))


async def _lines(scene: Scene, there: Found, most: int) -> list[str]:
    """Of the newest bills, the newest first: of one day those that were written down last, by their ids."""
    newest = dict.fromkeys((part.bill_id, part.book_id) for part in sorted(there.parts, key=lambda part: (part.on, part.bill_id), reverse=True))
    entries = [await ledger.standing(scene.uow, book_id, bill_id=bill_id) for bill_id, book_id in list(newest)[:most]]
    return [queries.list_line(queries.within(scene, entry), entry) for entry in entries if entry is not None]


async def sized(scene: Scene, query: Query) -> None:
    """The expenses from one amount to another, the largest first, and what they come to."""
    there = await queries.found(scene, query)
    rows_there = between(there.bills(), least=query.least, most=query.most)
    bounds = {name: bound for name, bound in (("least", query.least), ("most", query.most)) if bound is not None}
    what = scene.say("sized_" + "_".join(bounds), what=queries.asked_for(scene, query), **bounds)
    asked = {"what": what, "period": queries.period(scene, query)}
    if not rows_there and scene.in_group:
        return
    if not rows_there:
        scene.reply(facts.in_book(scene, scene.say("spend_none", **asked)))
        return
    chosen = {bill for row in rows_there for bill in row.bills}
    bills = there.of_bills(chosen).bills()
    books = {part.bill_id: part.book_id for part in there.parts}
    entries = [await ledger.standing(scene.uow, books[bill], bill_id=bill) for row in bills.rows[: queries.LIST_DEFAULT] for bill in row.bills]
    lines = [queries.list_line(queries.within(scene, entry), entry) for entry in entries if entry is not None]
    text = scene.say("spend", **asked, amount=scene.voice.amounts(bills.total.sums), count=queries.counted(scene, len(bills.rows)))
    scene.reply(facts.in_book(scene, "\n".join([text, *lines])))


async def beside(scene: Scene, query: Query) -> None:
    """What was spent on each of several things, and on all of them."""
    lines, names, counted = [], [], set[UUID]()
    for category, text in query.things:
        one = replace(query, kind="spend", category=category, text=text, things=())
        bills = (await queries.found(scene, one)).bills()
        asked = {"what": queries.asked_for(scene, one), "period": queries.period(scene, one)}
        lines.append(_spent(scene, asked, bills))
        names.append(asked["what"])
        counted |= {bill for row in bills.rows for bill in row.bills}
    whole = (await queries.found(scene, replace(query, kind="spend", things=()))).of_bills(counted).bills()
    if scene.in_group and not whole.rows:
        return  # "pizza vs pasta?"
    if whole.rows:
        lines.append(_spent(scene, {"what": scene.voice.listing(names), "period": queries.period(scene, query)}, whole))
    scene.reply(facts.in_book(scene, "\n".join(lines)))


def _spent(scene: Scene, asked: dict[str, str], bills: Table) -> str:
    if not bills.rows:
        return scene.say("spend_none", **asked)
    return scene.say("spend", **asked, amount=scene.voice.amounts(bills.total.sums), count=queries.counted(scene, len(bills.rows)))


_KINDS: dict[str, Callable[[Scene, Query], Coroutine[Any, Any, None]]] = {
    "times": times,
    "per": per,
    "compare": compare,
    "why": why,
    "paid": paid,
    "sized": sized,
    "beside": beside,
}
