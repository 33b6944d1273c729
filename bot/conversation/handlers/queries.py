"""Answers about the money: who owes whom, lists, what was spent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.conversation.handlers import exchange, facts, history
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Query
from bot.conversation.replies.formats import opening
from bot.conversation.reporting import Reader
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import ledger
from core.db.figures import Asked, Whose
from core.domain.figures import By, Figure, Table
from core.domain.ledger import JournalEntry, Posting, Role, balance_parts
from core.domain.money import Money, means, sums
from core.domain.people import Book, BookKind, Member
from core.services import figures, membership, spendings
from core.services.figures import Found

LIST_DEFAULT = 10
LIST_MOST = 30


# ------------------------------------------------------------------ who owes whom


async def balances(scene: Scene, query: Query) -> None:
    if query.end is not None:
        await history.balances_on(scene, query.end, books=await all_books(scene) if not scene.in_group and scene.book_id == scene.home_id else None)
        return
    if scene.in_group or scene.book_id != scene.home_id:
        if not await exchange.tell(scene, query.currency, own=query.person is not None):
            await tell_plan(scene, own=query.person is not None)
        return
    lines = [line for book_id in await all_books(scene) if (line := await book_line(scene, book_id))]
    if not lines:
        scene.reply(scene.say("balance_empty"))
        return
    if query.currency is not None:
        lines += [line for line in [await owed_in_all(scene, query.currency)] if line]
    scene.reply("\n".join(lines))


async def tell_plan(scene: Scene, *, own: bool = False) -> None:
    """The payments that make everyone even; `own`: the sender's alone ("what do I owe?")."""
    moves = await facts.plans(scene)
    mine = [move for move in moves if scene.me.member_id in (move.sender, move.receiver)]
    if own and len(mine) < len(moves):
        name = scene.voice.name(scene.book.name)
        scene.reply(facts.in_book(scene, facts.plan_text(scene, mine) + ".") if mine else scene.say("balance_me_even", book=name))
        return
    if not moves:
        scene.reply(facts.in_book(scene, scene.say("balances_even")))
        return
    text = scene.say("balances", plan=facts.plan_text(scene, moves), count=facts.count_text(scene, len(moves)))
    target = {"book": str(scene.book_id)}
    buttons = (Button(scene.say("button_why"), {"do": "why", **target}), Button(scene.say("button_settle"), {"do": "settle", **target}))
    scene.reply(facts.in_book(scene, text), *buttons)


async def all_books(scene: Scene) -> list[UUID]:
    """The sender's own book first, those of linked channels after it, then their groups."""
    ids = [scene.person.personal_book_id, *(book for book in scene.person.books if book != scene.person.personal_book_id)]
    await scene.uow.load_books(ids, lock=False)
    return sorted(ids, key=lambda book: scene.uow.book(book).kind is not BookKind.PERSONAL)


async def owed_in_all(scene: Scene, currency: str) -> str:
    """What the sender is owed over all groups in one currency; below zero, what they owe."""
    books = [book for book in await all_books(scene) if scene.uow.book(book).kind is not BookKind.PERSONAL]
    held = sums(Money(minor, code) for book in books for code, minor in facts.mine(scene, book).items())
    return await exchange.in_all(scene, held, currency)


async def book_line(scene: Scene, book_id: UUID) -> str | None:
    """One line for one book of the sender; None where nothing was ever shared."""
    book = scene.uow.book(book_id)
    if book.kind is BookKind.PERSONAL:
        moves = await facts.plans(scene, book_id)
        if not moves:
            return None
        names = {m.member_id: scene.voice.name(scene.person.name if m.person_id == scene.person.person_id else m.name) for m in book.members}
        return " · ".join(
            scene.say("transfer", sender=names[m.sender], receiver=names[m.receiver], amount=m.amount) for m in moves[: facts.FACTS_MOST]
        )
    mine = facts.mine(scene, book_id)
    label = scene.voice.name(book.name)
    if not mine:
        return scene.say("balance_me_even", book=label)
    owed = {code: amount for code, amount in mine.items() if amount > 0}
    owes = {code: -amount for code, amount in mine.items() if amount < 0}
    lines = [scene.say("balance_me_owed", book=label, amount=scene.voice.amounts(owed))] if owed else []
    lines += [scene.say("balance_me_owe", book=label, amount=scene.voice.amounts(owes))] if owes else []
    return "\n".join(lines)


async def balance_with(scene: Scene, query: Query) -> None:
    """Between the sender and one other, as the plan has it; from a private chat over the book at hand."""
    if query.person is None:
        return await balances(scene, query)
    between: dict[tuple[UUID, UUID], list[Money]] = defaultdict(list)
    me, other = UUID(int=0), UUID(int=1)  # over the books that are read together
    found = [book for book in scene.own_books if scene.uow.book(book).named(query.person)]
    who = scene.voice.name((await member_named(scene, query.person, make_guest=False)).name) if not found else ""
    for book_id in found:
        book = scene.uow.book(book_id)
        mine, theirs = book.member_of(scene.person.person_id), book.named(query.person)
        assert mine is not None and theirs is not None, "a book of the sender, in which the other was found"
        who = scene.voice.name(theirs.name)
        ids = {mine.member_id: me, theirs.member_id: other}
        for move in await facts.plans(scene, book_id):
            between[ids.get(move.sender, move.sender), ids.get(move.receiver, move.receiver)].append(move.amount)
    owes, owed = sums(between[other, me]), sums(between[me, other])
    text = [scene.say("balance_with_owes", who=who, amount=scene.voice.amounts(owes))] if owes else []
    text += [scene.say("balance_with_owed", who=who, amount=scene.voice.amounts(owed))] if owed else []
    net = sums([*between[other, me], *(-amount for amount in between[me, other])])
    text += [await exchange.in_all(scene, net, query.currency)] if query.currency is not None else []
    scene.reply(facts.in_book(scene, " ".join(filter(None, text)) or scene.say("balance_with_even", who=who)))


async def why(scene: Scene) -> None:
    """Each member's balance from what they paid, shared and settled."""
    await scene.uow.flush()
    found: dict[tuple[str, UUID], list[Posting]] = defaultdict(list)
    for entry in await ledger.bills(scene.uow, scene.book_id, kinds=("expense", "settlement", "income")):
        for posting in entry.postings:
            found[(posting.amount.currency, scene.first(posting.member_id))].append(posting)
    lines = [scene.say("why_line", name=scene.name(member), **balance_parts(postings)) for (_, member), postings in found.items()]
    scene.reply(facts.in_book(scene, "\n".join(lines) or scene.say("balances_even")))


# ------------------------------------------------------------------ lists


async def listing(scene: Scene, query: Query) -> None:
    limit = min(query.limit or LIST_DEFAULT, LIST_MOST)
    found = sorted(await wanted(scene, query, limit=limit), key=lambda entry: (entry.occurred_on, entry.recorded_at), reverse=True)[:limit]
    if not found:
        scene.reply(facts.in_book(scene, scene.say("list_empty" if query == Query(query.kind) else "list_empty_period")))
        return
    title = scene.say("list_title", book=scene.voice.name(scene.book.name) or scene.say("own_book"))
    scene.reply("\n".join([title, *(list_line(within(scene, entry), entry) for entry in found)]))


def within(scene: Scene, entry: JournalEntry) -> Scene:
    """The scene in the entry's book, where several are read together."""
    return scene if entry.book_id == scene.book_id else replace(scene, book_id=entry.book_id)


def list_line(scene: Scene, entry: JournalEntry) -> str:
    common = {"day": scene.voice.day(entry.occurred_on, year=entry.occurred_on.year != scene.today.year), "amount": facts.amount(scene, entry)}
    named = facts.what(scene, entry.description)
    if facts.is_alone(scene, entry):
        return scene.say("list_line_alone", **common, what=named, category=scene.category(entry.category))
    return scene.say("list_line", **common, what=named, payers=facts.payers(scene, entry))


async def wanted(scene: Scene, query: Query, *, limit: int | None = None) -> list[JournalEntry]:
    """The expenses that a query's slots leave, newest first, a book after the other where several are read together."""
    books = [book for book in scene.own_books if query.person is None or scene.uow.book(book).named(query.person) is not None]
    if query.person is not None and not books:
        raise membership.unknown(query.person)
    words, found = query.text or query.merchant, []
    for book_id in books:
        book = scene.uow.book(book_id)
        named = book.named(query.person) if query.person is not None else None
        found += await ledger.bills(
            scene.uow,
            book_id,
            start=query.start,
            end=query.end,
            categories=codes(scene, book_id, query.category if words is None else None),
            payers=positions(book, named) if named is not None else None,
            text=words,
            limit=limit,
        )
    return found


def positions(book: Book, member: Member) -> list[UUID]:
    """Where somebody is in a book, also under a name that they had before."""
    return [each.member_id for each in book.members if book.first(each) == book.first(member)]


def codes(scene: Scene, book_id: UUID, category: str | None) -> list[str] | None:
    """The codes of a book that count as a category of the book at hand."""
    return scene.book.categories.codes_in(scene.uow.book(book_id).categories, category) if category is not None else None


# ------------------------------------------------------------------ what was spent


async def whose(scene: Scene) -> Whose:
    """What counts as spent: in a group's book whole bills; at home the sender's own parts, over all their books."""
    if scene.in_group or scene.book_id != scene.home_id:
        return {scene.book_id: None}
    return spendings.own_parts(scene.uow, scene.person.person_id, await all_books(scene))


async def found(scene: Scene, query: Query, *, role: Role = Role.SHARE) -> Found:
    """The parts that a query's slots leave: of somebody who is named, in a group their own. Raises DomainError `unknown_person`."""
    mine = await whose(scene)
    along = _along(scene, query, mine)
    if along is not None and mine.get(scene.book_id, ()) is None:
        mine, along = {scene.book_id: along}, None
    asked = _asked(query, along)
    home = query.currency or exchange.home(scene)
    return await figures.find(scene.uow, mine, asked, currency=home, today=scene.today, history=scene.rates, role=role)


def _asked(query: Query, along: list[UUID] | None) -> Asked:
    """Words that are looked for say more than the category that they point to: a coffee is one wherever it was put."""
    text = query.text or query.merchant
    return Asked(query.start, query.end, query.category if text is None else None, text, along)


def _along(scene: Scene, query: Query, books: Whose) -> list[UUID] | None:
    """The positions of the one who is to have a part in each bill."""
    if query.person is None:
        return None
    positions = [named.member_id for book_id in books if (named := scene.uow.book(book_id).named(query.person)) is not None]
    if not positions:
        raise membership.unknown(query.person)
    return positions


async def spend(scene: Scene, query: Query) -> None:
    if (query.person is not None or query.own) and (scene.in_group or scene.book_id != scene.home_id):
        await spent_by(scene, query)
        return
    parts = await found(scene, query)
    bills = parts.bills()
    asked = {"what": asked_for(scene, query), "period": period(scene, query)}
    if not bills.rows:
        scene.reply(facts.in_book(scene, scene.say("spend_none", **asked)))
        return
    text = scene.say("spend", **asked, amount=scene.voice.amounts(bills.total.sums), count=counted(scene, len(bills.rows)))
    if len(bills.rows) > 1:
        most = bills.rows[0]
        words = next(part.words for part in parts.parts if part.bill_id == most.key)
        text += " " + scene.say("spend_biggest", what=facts.what(scene, words), amount=scene.voice.amounts(most.sums))
    scene.reply(facts.in_book(scene, f"{text} {total(scene, query, bills)}".rstrip()))


async def spent_by(scene: Scene, query: Query) -> None:
    """What one of a group paid, and what their own part was: a bill of which they bear ten of ninety is no ninety of theirs."""
    book = scene.book
    member = book.named(query.person) if query.person is not None else scene.me
    if member is None:
        raise membership.unknown(query.person or "")
    mine = positions(book, member)
    asked, home = _asked(query, None), query.currency or exchange.home(scene)
    amounts = dict[str, str]()
    for name, role in (("paid", Role.PAID), ("share", Role.SHARE)):
        theirs = await figures.find(scene.uow, {book.book_id: mine}, asked, currency=home, today=scene.today, history=scene.rates, role=role)
        amounts[name] = scene.voice.amounts(theirs.whole().total.sums)
    what = asked_for(scene, replace(query, person=member.name))
    text = scene.say("spend_member", what=what, period=period(scene, query), parts=scene.say("summary_parts", **amounts))
    scene.reply(facts.in_book(scene, text))


def total(scene: Scene, query: Query, table: Table) -> str:
    """What several currencies come to in the one that was asked for, or at home. Raises `no_rate` where one that was asked for has none."""
    return exchange.whole(scene, table, asked=query.currency is not None)


async def average(scene: Scene, query: Query) -> None:
    bills = (await found(scene, query)).bills()
    asked = {"what": asked_for(scene, query), "period": period(scene, query)}
    if not bills.rows:
        scene.reply(facts.in_book(scene, scene.say("spend_none", **asked)))
        return
    amount = scene.voice.amounts(means(Money(minor, code) for row in bills.rows for code, minor in row.sums.items()))
    scene.reply(facts.in_book(scene, scene.say("spend_average", **asked, amount=amount, count=counted(scene, len(bills.rows)))))


async def biggest(scene: Scene, query: Query) -> None:
    parts = await found(scene, query)
    books = {part.bill_id: part.book_id for part in parts.parts}
    most = [bill_id for row in parts.bills().rows[: query.limit or 3] for bill_id in row.bills]
    entries = [await ledger.standing(scene.uow, books[bill_id], bill_id=bill_id) for bill_id in most]
    lines = [list_line(within(scene, entry), entry) for entry in entries if entry is not None]
    scene.reply(facts.in_book(scene, "\n".join(lines) or scene.say("list_empty_period")))


async def by_category(scene: Scene, query: Query) -> None:
    table, mine = (await found(scene, query)).by(By.CATEGORY), await whose(scene)
    if not table.rows:
        scene.reply(facts.in_book(scene, scene.say("spend_none", what=scene.say("spend_all"), period=period(scene, query))))
        return
    _tell_rows(scene, query, table, lambda row: named(scene, str(row.key), mine))


def named(scene: Scene, category: str, books: Iterable[UUID]) -> str:
    """As the book at hand calls a category; one that it does not have as the first of the books does that has it."""
    known = next((book for book in (scene.book_id, *books) if scene.uow.book(book).categories.knows(category)), scene.book_id)
    return replace(scene, book_id=known).category(category)


async def by_person(scene: Scene, query: Query) -> None:
    """Who paid how much of the bills, who paid most first."""
    paid = dict.fromkeys(scene.own_books)
    asked = _asked(query, _along(scene, query, paid))
    home = query.currency or exchange.home(scene)
    parts = await figures.find(scene.uow, paid, asked, currency=home, today=scene.today, history=scene.rates, role=Role.PAID)
    table = parts.by(By.PERSON)
    if not table.rows:
        scene.reply(facts.in_book(scene, scene.say("spend_none", what=asked_for(scene, query), period=period(scene, query))))
        return
    books = {parts.firsts[part.member_id]: part.book_id for part in parts.parts}
    _tell_rows(scene, query, table, lambda row: name_in(scene, books, row))


def name_in(scene: Scene, books: Mapping[UUID, UUID], row: Figure) -> str:
    """The name of a member whose id is a row's key; `books`: the book in which each is."""
    assert isinstance(row.key, UUID), "a row of a person"
    return scene.voice.name(scene.uow.book(books[row.key]).member(row.key).name)


def _tell_rows(scene: Scene, query: Query, table: Table, label: Callable[[Figure], str]) -> None:
    lines = " · ".join(f"{label(row)} {scene.voice.amounts(row.sums)}" for row in table.rows)
    text = scene.say("spend_categories", period=opening(period(scene, query)), lines=lines)
    scene.reply(facts.in_book(scene, f"{text} {total(scene, query, table)}".rstrip()))


def counted(scene: Scene, count: int) -> str:
    return scene.say("expenses_counted", count=count)


def asked_for(scene: Scene, query: Query) -> str:
    words = query.text or query.merchant
    label = facts.what(scene, words) if words else scene.category(query.category) if query.category else scene.say("spend_all")
    return f"{label} ({scene.voice.name(query.person)})" if query.person else label


def period(scene: Scene, query: Query) -> str:
    if query.start is None and query.end is None:
        return scene.say("period_always")
    start, end = query.start or query.end, query.end or scene.today
    assert start is not None
    return Reader(scene.voice, scene.today).period(start, end)


KINDS: dict[str, Callable[[Scene, Query], Coroutine[Any, Any, None]]] = {
    "balances": balances,
    "balance_with": balance_with,
    "list": listing,
    "search": listing,
    "history": history.of_bill,
    "activity": history.activity,
    "spend": spend,
    "spend_by_category": by_category,
    "spend_by_person": by_person,
    "average": average,
    "biggest": biggest,
}
