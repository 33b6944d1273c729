"""Paying back by a link: nothing is booked before the receiver says so, and then once; other books, erasure and linked channels."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.db import erasure, ledger, payment_methods, people, privacy
from core.db import payments as rows
from core.db.audit import audit
from core.db.pay_links import LINK_LASTS, TOKEN_LENGTH, pay_token, read_pay_token
from core.db.payments import Payment
from core.db.session import Database, UnitOfWork
from core.domain.money import Money
from core.domain.payments.methods import Kind, method
from core.domain.payments.rails import Rail
from core.domain.payments.states import State
from core.domain.people import Book, PersonProfile
from core.errors import DomainError
from core.services import bills, linking, membership, payments
from tests.support.builders import NOW, TODAY, expense, make_group, make_person
from tests.support.database import KEYS
from tests.support.payments import tried_async

IBAN = "DE71110220330123456789"
OWED = Money(1250, "EUR")


class Table:
    """Anna paid 25 for both, so Ben owes her 12.50; she can be paid to a bank account."""

    def __init__(self, anna: PersonProfile, ben: PersonProfile, book: Book) -> None:
        self.anna, self.ben, self.book_id = anna, ben, book.book_id
        self.payee, self.payer = (each.member_id for each in book.members)


@pytest.fixture
async def table(database: Database) -> Table:
    async with database.unit_of_work() as uow:
        anna, ben = await make_person(uow, "Anna Muster"), await make_person(uow, "Ben")
        book = await make_group(uow, persons=[anna, ben])
        uow.post(expense(book, 2500))
        await payments.keep_method(uow, anna.person_id, method(Kind.IBAN, IBAN, holder="Anna Muster"), now=NOW)
    return Table(anna, ben, book)


async def proposed(uow: UnitOfWork, table: Table, *, lock: bool = True) -> Payment:
    await uow.load_books([table.book_id], lock=lock)
    return await payments.propose(uow, table.book_id, sender=table.payer, receiver=table.payee, amount=OWED, now=NOW)


def owed(uow: UnitOfWork, table: Table) -> int:
    return uow.balances(table.book_id)[table.payee, "EUR"].amount


async def test_the_whole_way_books_once_at_its_end(database: Database, table: Table, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        assert (payment.state, payment.amount, len(payment.reference)) == (State.PROPOSED, OWED, 10)
        assert await proposed(uow, table) == payment  # asked again, it is the same one
        payment = await payments.send_link(uow, payment, by=table.payer, now=NOW, rail=Rail.EPC)
        payment = await payments.say_paid(uow, payment, by=table.payer, now=NOW)
        assert owed(uow, table) == 1250
        payment, entry = await payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW)
        assert (payment.state, payment.bill_id, payment.rail) == (State.RECEIVER_CONFIRMED, entry.bill_id, Rail.EPC)
        assert owed(uow, table) == 0
    async with database.unit_of_work() as uow:
        await uow.load_books([table.book_id])
        assert await payments.find(uow, table.book_id, payment.payment_id) == payment
        assert await tried_async(payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW)) == "payment_not_so"
        assert owed(uow, table) == 0
        [settled] = await ledger.bills(uow, table.book_id, kinds=("settlement",))
        assert settled.bill_id == payment.bill_id
        assert await proposed(uow, table) != payment  # what comes next is another one
    assert (await audit(dsn))[1] == []


async def test_two_confirmations_at_once_book_once(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)

    async def confirm() -> str:
        async with database.unit_of_work() as uow:
            await uow.load_books([table.book_id])
            found = await tried_async(payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW))
            return found if isinstance(found, str) else "booked"

    assert sorted(await asyncio.gather(*(confirm() for _ in range(5)))) == ["booked", *["payment_not_so"] * 4]
    async with database.unit_of_work() as uow:
        await uow.load_books([table.book_id])
        assert owed(uow, table) == 0


async def test_what_does_not_arrive_is_not_booked_and_may_still_come(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        payment = await payments.say_paid(uow, payment, by=table.payer, now=NOW)
        payment = await payments.decline(uow, payment, by=table.payee, now=NOW)
        assert (payment.state, payment.closed_at, owed(uow, table)) == (State.DECLINED, NOW, 1250)
        assert [each.payment_id for each in await rows.open_in(uow, table.book_id)] == [payment.payment_id]
        assert await proposed(uow, table) == payment  # the same debt: whoever asks again how to pay it gets no second one
        payment = await payments.send_link(uow, payment, by=table.payer, now=NOW)
        assert (payment.state, payment.closed_at) == (State.LINK_SENT, None)
        payment = await payments.say_paid(uow, payment, by=table.payer, now=NOW)
        assert await proposed(uow, table) == payment
        payment, _ = await payments.confirm(uow, payment, by=None, on=TODAY, now=NOW)  # the bank has a line with its reference
        assert (payment.state, owed(uow, table)) == (State.RECEIVER_CONFIRMED, 0)
        found = await rows.by_reference(uow, table.book_id, payment.reference)
        assert found == payment


async def test_what_was_settled_by_word_meanwhile_is_asked_about(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        effects = bills.Effects(b"by word", table.payer, None)
        said = bills.record_settlement(uow, table.book_id, sender=table.payer, receiver=table.payee, amount=OWED, on=TODAY, effects=effects, now=NOW)
        with pytest.raises(DomainError) as error:
            await payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW)
        assert (error.value.code, error.value.params["bill_id"]) == ("payment_booked", said.bill_id)
        assert owed(uow, table) == 0
        other = await tried_async(payments.attach(uow, payment, uuid4(), by=table.payee, now=NOW))
        assert other == "no_such_payment"
        attached = await payments.attach(uow, payment, said.bill_id, by=table.payee, now=NOW)
        assert (attached.state, attached.bill_id, owed(uow, table)) == (State.RECEIVER_CONFIRMED, said.bill_id, 0)
        second = await proposed(uow, table)
        confirmed, _ = await payments.confirm(uow, second, by=table.payee, on=TODAY, now=NOW)  # the first one's settlement is not this one's
        assert (confirmed.state, owed(uow, table)) == (State.RECEIVER_CONFIRMED, -1250)


async def test_a_second_one_of_the_same_amount_is_booked_where_that_is_said(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        effects = bills.Effects(b"by word", table.payer, None)
        bills.record_settlement(uow, table.book_id, sender=table.payer, receiver=table.payee, amount=OWED, on=TODAY, effects=effects, now=NOW)
        await payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW, again=True)
        assert owed(uow, table) == -1250


async def test_nobody_but_the_receiver_confirms_and_others_do_nothing(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        cleo = await people.add_member(uow, table.book_id, name="Cleo", person_id=None, now=NOW)
        for by in (table.payer, cleo.member_id):
            assert await tried_async(payments.confirm(uow, payment, by=by, on=TODAY, now=NOW)) == "payment_not_yours"
            assert await tried_async(payments.attach(uow, payment, uuid4(), by=by, now=NOW)) == "payment_not_yours"
            assert await tried_async(payments.decline(uow, payment, by=by, now=NOW)) == "payment_not_yours"
        for step in (payments.send_link, payments.say_paid, payments.cancel):
            assert await tried_async(step(uow, payment, by=cleo.member_id, now=NOW)) == "payment_not_yours"
        assert await payments.find(uow, table.book_id, payment.payment_id) == payment
        assert (await payments.cancel(uow, payment, by=table.payee, now=NOW)).state is State.CANCELLED
        assert owed(uow, table) == 1250


@pytest.mark.parametrize(("minor", "code"), [(0, "zero_amount"), (-5, "negative_amount")])
async def test_nothing_and_less_is_not_proposed(database: Database, table: Table, minor: int, code: str) -> None:
    async with database.unit_of_work() as uow:
        await uow.load_books([table.book_id])
        pair = {"sender": table.payer, "receiver": table.payee}
        assert await tried_async(payments.propose(uow, table.book_id, **pair, amount=Money(minor, "EUR"), now=NOW)) == code
        same = {"sender": table.payer, "receiver": table.payer}
        assert await tried_async(payments.propose(uow, table.book_id, **same, amount=OWED, now=NOW)) == "same_person"


# ------------------------------------------------------------------ two tenants


async def test_another_book_neither_sees_nor_moves_a_payment(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
    async with database.unit_of_work() as uow:
        stranger = await make_person(uow, "Eve")
        theirs = await make_group(uow, "Ben", persons=[stranger])
        forged = replace(payment, book_id=theirs.book_id)
        assert await tried_async(payments.find(uow, theirs.book_id, payment.payment_id)) == "no_such_payment"
        assert await tried_async(payments.show(uow, theirs.book_id, payment.payment_id)) == "no_such_payment"
        assert await tried_async(payments.confirm(uow, forged, by=theirs.members[0].member_id, on=TODAY, now=NOW)) == "no_such_payment"
        assert await rows.by_reference(uow, theirs.book_id, payment.reference) is None
        assert await rows.find(uow, table.book_id, payment.payment_id) is None  # a book that is not named shows nothing, whoever asks


async def test_no_payment_is_written_into_a_book_that_is_not_named(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.unit_of_work() as uow:
            await make_group(uow, "Eve")
            await rows.insert(uow, replace(payment, payment_id=uuid4(), reference="SOTHER"))


async def test_a_method_is_dropped_by_its_owner_alone(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        [kept] = await payment_methods.of_person(uow, table.anna.person_id)
        await payment_methods.drop(uow, table.ben.person_id, kept.method_id)
        assert await payment_methods.of_person(uow, table.anna.person_id) == [kept]
        assert await payment_methods.of_person(uow, table.ben.person_id) == []
        await payment_methods.drop(uow, table.anna.person_id, kept.method_id)
        assert await payment_methods.of_person(uow, table.anna.person_id) == []


# ------------------------------------------------------------------ methods


async def test_ways_to_pay_are_the_receivers(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
        [way] = await payments.ways(uow, payment)
        assert (way.rail, way.method.account) == (Rail.EPC, IBAN)
        await payments.keep_method(uow, table.anna.person_id, method(Kind.PAYPAL, "annam", holder="Anna"), now=NOW)
        shown = await payments.show(uow, table.book_id, payment.payment_id, links={Rail.PAYPAL})
        assert (shown.sender, shown.receiver) == ("Ben", "Anna Muster")
        assert [(each.rail, bool(each.link)) for each in shown.offers] == [(Rail.EPC, False), (Rail.PAYPAL, True)]
        back = await payments.propose(uow, table.book_id, sender=table.payee, receiver=table.payer, amount=OWED, now=NOW)
        assert await payments.ways(uow, back) == ()
        await payments.say_paid(uow, payment, by=table.payer, now=NOW)
        assert (await payments.show(uow, table.book_id, payment.payment_id)).offers == ()  # nobody shall pay it twice


async def test_the_same_account_is_kept_once_under_its_newest_name(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        first = (await payment_methods.of_person(uow, table.anna.person_id))[0].method_id
        again = await payments.keep_method(uow, table.anna.person_id, method(Kind.IBAN, IBAN, holder="A. Muster", town="Ulm"), now=NOW)
        [kept] = await payment_methods.of_person(uow, table.anna.person_id)
        assert (again, kept.method_id, kept.method.holder, kept.method.town) == (first, first, "A. Muster", "Ulm")
        for number in range(payment_methods.METHODS_MOST - 1):
            await payments.keep_method(uow, table.anna.person_id, method(Kind.PAYPAL, f"anna{number}", holder="Anna"), now=NOW)
        assert (
            await tried_async(payments.keep_method(uow, table.anna.person_id, method(Kind.PAYPAL, "more", holder="A"), now=NOW)) == "too_many_methods"
        )
        await payments.keep_method(uow, table.anna.person_id, method(Kind.IBAN, IBAN, holder="Anna"), now=NOW)


async def kept_as_is(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    found: str = await connection.fetchval("SELECT coalesce(string_agg(m::text, ' '), '') FROM payment_methods m")
    await connection.close()
    return found


async def test_an_account_is_sealed_exported_and_erased(database: Database, table: Table, dsn: str) -> None:
    assert (await kept_as_is(dsn)) and IBAN not in await kept_as_is(dsn) and IBAN.encode().hex() not in await kept_as_is(dsn)
    async with database.unit_of_work() as uow:
        payment = await payments.send_link(uow, await proposed(uow, table), by=table.payer, now=NOW, rail=Rail.EPC)
        await uow.load_books(table.anna.books)
        exported = await privacy.export_person(uow, table.anna.person_id)
        assert [each["uri"] for each in exported["payment_methods"]] == [f"payto://iban/{IBAN}?receiver-name=Anna%20Muster"]
        [told] = [each for book in exported["books"] for each in book["payments"]]
        assert (told["from"], told["to"], told["amount"], told["rail"], told["bill"]) == ("Ben", "Anna Muster", "12.50", "epc", None)
        await erasure.erase_person(uow, table.anna.person_id, now=NOW)
    assert await kept_as_is(dsn) == ""
    async with database.unit_of_work() as uow:
        await uow.load_books([table.book_id])
        left = await payments.find(uow, table.book_id, payment.payment_id)
        assert (left.state, left.rail, left.amount) == (State.CANCELLED, None, OWED)
        assert await tried_async(payments.show(uow, table.book_id, payment.payment_id)) == "no_such_payment"
    assert (await audit(dsn))[1] == []


async def test_an_account_and_a_payment_follow_a_person_whose_channels_are_linked(database: Database, table: Table) -> None:
    async with database.unit_of_work() as uow:
        elsewhere = await make_person(uow, "Anna elsewhere")
        await uow.load_books([table.book_id])
        second, _ = await membership.join(uow, table.book_id, elsewhere, now=NOW)
        await payments.keep_method(uow, elsewhere.person_id, method(Kind.PAYPAL, "annam", holder="Anna"), now=NOW)
        await payments.keep_method(uow, elsewhere.person_id, method(Kind.IBAN, IBAN, holder="Anna"), now=NOW)
        payment = await payments.propose(uow, table.book_id, sender=table.payer, receiver=second.member_id, amount=OWED, now=NOW)
    async with database.unit_of_work() as uow:
        await linking.unite(uow, stays=table.anna.person_id, goes=elsewhere.person_id, now=NOW)
    async with database.unit_of_work() as uow:
        await uow.load_books([table.book_id])
        assert {each.method.kind for each in await payment_methods.of_person(uow, table.anna.person_id)} == {Kind.IBAN, Kind.PAYPAL}
        assert await payment_methods.of_person(uow, elsewhere.person_id) == []
        assert [each.rail for each in await payments.ways(uow, payment)] == [Rail.EPC, Rail.PAYPAL]
        confirmed, _ = await payments.confirm(uow, payment, by=table.payee, on=TODAY, now=NOW)
        assert confirmed.state is State.RECEIVER_CONFIRMED


async def test_the_database_refuses_a_confirmed_payment_without_a_settlement(database: Database, table: Table, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        payment = await proposed(uow, table)
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.unit_of_work() as uow:
            await uow.load_books([table.book_id])
            await rows.update(uow, replace(payment, state=State.RECEIVER_CONFIRMED))


# ------------------------------------------------------------------ links


def test_a_link_opens_its_payment_for_a_month_and_no_other_opens_anything() -> None:
    book_id, payment_id = uuid4(), uuid4()
    token = pay_token(KEYS, book_id, payment_id, now=NOW)
    assert len(token) == TOKEN_LENGTH
    assert read_pay_token(KEYS, token, now=NOW + LINK_LASTS - timedelta(seconds=1)) == (book_id, payment_id)
    wrong = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(TOKEN_LENGTH - 1)]
    for forged in (*wrong, token + "=", token[:-1], "", "é" * TOKEN_LENGTH, "A" * TOKEN_LENGTH, token[:-1] + "*"):
        with pytest.raises(DomainError, match="not_found"):
            read_pay_token(KEYS, forged, now=NOW)
    with pytest.raises(DomainError, match="not_found"):
        read_pay_token(KEYS, token, now=NOW + LINK_LASTS + timedelta(seconds=1))
    assert pay_token(KEYS, UUID(int=1), payment_id, now=NOW) != token
