"""Groups: opened by a sentence, joined by a code, entered and left; who is in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.intents import Command
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db import people
from core.domain.people import BookKind, Member, name_key
from core.errors import DomainError
from core.services import membership

TRIES_MOST = 5
TRIES_FOR = timedelta(minutes=15)


async def new_code(scene: Scene) -> str:
    """A join code for the book at hand."""
    return await membership.new_code(scene.uow, scene.book_id, now=scene.now)


async def new_group(scene: Scene, command: Command) -> None:
    if scene.in_group:
        scene.reply(scene.say("group_here"))
        return
    names = [name.strip() for name in command.slots.get("people", "").split(",") if name.strip()]
    book = await membership.open_group(
        scene.uow,
        name=command.slots.get("name", ""),
        founder=scene.person,
        currency=scene.book.currency,
        language=scene.voice.language,
        time_zone=scene.book.time_zone,
        now=scene.now,
    )
    await scene.move_to(book.book_id)
    scene.person.books[book.book_id] = scene.me.member_id
    guests = [await membership.add_guest(scene.uow, book.book_id, name, by=scene.me.member_id, now=scene.now) for name in names]
    scene.state["entered"] = str(book.book_id)
    people_text = scene.say("group_made_with", names=[scene.voice.name(guest.name) for guest in guests]) if guests else ""
    scene.reply(scene.say("group_made", book=scene.voice.name(book.name), people=people_text, code=await new_code(scene)))


async def invite(scene: Scene, command: Command) -> None:
    if not scene.shared:
        raise DomainError("no_such_group", name="…")
    scene.reply(scene.say("invite", book=scene.voice.name(scene.book.name), code=await new_code(scene)))


async def join_by_code(scene: Scene, command: Command) -> None:
    """Five wrong codes in a quarter of an hour, then none is looked at."""
    tries = [at for at in scene.state.get("join_tries", []) if at > int((scene.now - TRIES_FOR).timestamp())]
    if len(tries) >= TRIES_MOST:
        raise DomainError("too_many_tries")
    code = "".join(character for character in command.slots.get("code", "").upper() if character.isalnum())
    book_id = await people.book_for_code(scene.uow, code, now=scene.now)
    if book_id is None:
        scene.state["join_tries"] = [*tries, int(scene.now.timestamp())]
        scene.reply(scene.say("no_such_code"))
        return
    await scene.uow.load_books([book_id])
    member, how = await membership.join(scene.uow, book_id, scene.person, now=scene.now)
    scene.person.books[book_id] = member.member_id
    await scene.move_to(book_id)
    if not scene.in_group:
        scene.state["entered"] = str(book_id)
    others = [scene.voice.name(m.name) for m in scene.book.members if m.active and m.member_id != member.member_id]
    name = scene.voice.name(scene.book.name)
    scene.reply(scene.say("joined_by_code", book=name, names=others))
    if how != "known":
        tell_joined(scene, member)


def tell_joined(scene: Scene, member: Member) -> None:
    """News of a member are told once: to those who did not see it."""

    async def told(view: Scene) -> str:
        return view.say("someone_joined", name=view.voice.name(member.name), book=view.voice.name(view.book.name))

    scene.news.append(News(scene.book_id, told, signed=False, names_book=True))


def group_named(scene: Scene, name: str) -> UUID:
    """One of the sender's groups by its name. Raises `no_such_group`, and `groups_alike` where that name does not tell which."""
    books = [scene.uow.book(book_id) for book_id in scene.person.books]
    named = [book.book_id for book in books if book.kind is not BookKind.PERSONAL and name_key(book.name) == name_key(name)]
    if len(named) != 1:
        raise DomainError("groups_alike" if named else "no_such_group", name=scene.voice.name(name))
    return named[0]


async def enter(scene: Scene, command: Command) -> None:
    """Its name was looked up when the message was read."""
    if scene.in_group:
        return
    scene.state["entered"] = str(scene.book_id)
    scene.reply(scene.say("entered", book=scene.voice.name(scene.book.name)))


async def back(scene: Scene, command: Command) -> None:
    if scene.in_group:
        return
    scene.state.pop("entered", None)
    scene.book_id = scene.home_id
    scene.reply(scene.say("back_home"))


async def show_members(scene: Scene, command: Command) -> None:
    names = []
    for member in scene.book.members:
        if member.active:
            guest = f" ({scene.say('guest')})" if member.person_id is None else ""
            names.append(scene.voice.name(member.name) + guest)
    scene.reply(scene.say("members", book=scene.voice.name(scene.book.name) or scene.say("own_book"), names=names))


async def add_member(scene: Scene, command: Command) -> None:
    names = [name.strip() for name in command.slots.get("name", "").split(",") if name.strip()]
    added = [await membership.add_guest(scene.uow, scene.book_id, name, by=scene.me.member_id, now=scene.now) for name in names]

    async def told(view: Scene) -> str:
        return view.say("member_added", name=[view.voice.name(member.name) for member in added], count=len(added))

    if scene.shared and added:
        scene.news.append(News(scene.book_id, told))
    scene.reply(facts.in_book(scene, await told(scene)))


async def leave(scene: Scene, command: Command) -> None:
    """An open balance stays on the tab and is said plainly."""
    if not scene.shared:
        scene.reply(scene.say("back_home"))
        return
    name = scene.voice.name(scene.me.name)
    mine = facts.mine(scene)
    await membership.leave(scene.uow, scene.book_id, scene.me, now=scene.now)

    async def told(view: Scene) -> str:
        return left_text(view, name, mine)

    scene.reply(facts.in_book(scene, await told(scene)))
    scene.news.append(News(scene.book_id, told, signed=False))
    if not scene.in_group:
        scene.state.pop("entered", None)


def left_text(scene: Scene, name: str, balance: dict[str, int], *, code: str = "left") -> str:
    """Who left (or was `removed`), and plainly what is still open."""
    owed = {code: minor for code, minor in balance.items() if minor > 0}
    owes = {code: -minor for code, minor in balance.items() if minor < 0}
    said = [scene.say(f"{code}_owed", name=name, amount=scene.voice.amounts(owed))] if owed else []
    said += [scene.say(f"{code}_owing", name=name, amount=scene.voice.amounts(owes))] if owes else []
    return " ".join(said) or scene.say(code, name=name)


def welcome(scene: Scene) -> None:
    """The joining card, once each time that we come."""
    scene.state["welcomed"] = True
    scene.reply(card(scene), *welcome_buttons(scene))


def card(scene: Scene, *more: str) -> str:
    """What we are, `more`, and where the channel tells: how many we do not know yet, and that we do not hear everything."""
    lines = [scene.say("hello_group"), *more]
    known = sum(member.active and member.person_id is not None for member in scene.book.members)
    if scene.view is not None and scene.view.size is not None and known < scene.view.size:
        lines.append(scene.say("know_of", known=known, size=scene.view.size))
    if scene.view is not None and scene.view.hears_all is False:
        lines.append(scene.say("hears_some"))
    return "\n".join(lines)


def welcome_buttons(scene: Scene) -> tuple[Button, ...]:
    return (Button(scene.say("button_im_in"), {"do": "im_in", "book": str(scene.book_id)}),)
