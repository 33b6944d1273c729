"""How people stand in the groups of the web chat, for its side list: read from the ledger's balances, in one short transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from bot.conversation.replies.formats import Voice
from bot.web.deps import Standing
from core.db.conversations import book_of_chat
from core.db.people import find_people, person_hash
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatAddress
from core.domain.money import Money
from core.domain.people import PersonProfile

Asked = tuple[ChatAddress, str]


class Standings:
    """Answers deps.AskStandings. Only people who are members of the chat's book have a standing in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, asked: Sequence[Asked]) -> dict[Asked, Standing]:
        async with self._database.unit_of_work() as uow:
            chats = {address: await book_of_chat(uow, address) for address in {address for address, _ in asked}}
            people = await find_people(uow, [person_hash(uow.keys, address, user) for address, user in asked])
            await uow.load_books([book_id for book_id in chats.values() if book_id is not None], lock=False)
            found: dict[Asked, Standing] = {}
            for address, user in asked:
                person, book_id = people.get(person_hash(uow.keys, address, user)), chats[address]
                if person is not None and book_id is not None and book_id in person.books:
                    found[address, user] = _standing(uow, book_id, person)
            return found


def _standing(uow: UnitOfWork, book_id: UUID, person: PersonProfile) -> Standing:
    member_id, archived = person.books[book_id], uow.book(book_id).rules.archived
    sums = {currency: balance.amount for (member, currency), balance in uow.balances(book_id).items() if member == member_id and balance.amount}
    if not sums:
        return Standing(0, "even", archived)
    voice = Voice(person.language)
    shown = [f"{'+' if minor > 0 else '−'}{voice.amount(Money(abs(minor), currency))}" for currency, minor in sorted(sums.items())]
    signs = {1 if minor > 0 else -1 for minor in sums.values()}
    return Standing(signs.pop() if len(signs) == 1 else 0, " ".join(shown), archived)
