"""What a bill says after it was corrected, by words or by reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob", "cleo"):
            await Chat(play, who, "trip").joins()
        yield play


async def replied(play: Rehearsal, text: str, *, to: str = "train 99") -> dict[str, Any]:
    """What stands of a bill of Anna's after a reply to her message."""
    anna = Chat(play, "anna", "trip")
    at = play.clock() + timedelta(seconds=1)
    address, person = ChatAddress("telegram", "", "trip"), Person("anna", "anna")
    position = int(at.timestamp() * 1000)
    first = InboundMessage(address, ChatKind.GROUP, person, "first", InboundKind.TEXT, at, text=to, chat_title="trip", position=position)
    await play.play(first, at=at)
    await anna.sends(text, reply_to="first")
    return await bill(play)


async def bill(play: Rehearsal) -> dict[str, Any]:
    expenses: list[dict[str, Any]] = (await play.final({("telegram", "trip"): "trip"}))["trip"]["expenses"]
    assert len(expenses) < 2
    return expenses[-1] if expenses else {}


@pytest.mark.parametrize(
    ("said", "then", "amount", "currency"),
    [
        ("taxi 90", "no, it was 80 USD", "80.00", "USD"),
        ("taxi 90 USD", "change the taxi to 80 EUR", "80.00", "EUR"),
        ("taxi 90", "sorry, 7000 yen", "7000", "JPY"),
        ("taxi 90 CAD", "no, it was $80", "80.00", "CAD"),  # dollars of that bill
        ("taxi 90 CAD", "no, it was 80 AUD", "80.00", "AUD"),
        ("taxi 90 GBP", "no, it was 80", "80.00", "GBP"),
        ("taxi 90", "nein, es waren 80 Franken", "80.00", "CHF"),
        ("taxi 90", "no, fueron 80 dólares", "80.00", "USD"),
        ("taxi 90", "non, c'était 80 dollars", "80.00", "USD"),
    ],
)
async def test_an_amount_in_another_currency_is_taken_in_it(play: Rehearsal, said: str, then: str, amount: str, currency: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says(said)
    await anna.says(then)
    found = await bill(play)
    assert (found["amount"], found["currency"]) == (amount, currency)


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("villa 700: bob 300, me 400", "no, it was 700 USD"),
        ("dinner 60, bob pays 5 more", "no, it was 9000 yen"),
        ("hotel 300, bob paid 100, cleo paid the rest", "no, it was 5000 yen"),
        ("lunch 75 usd = 70 eur", "no, it was 80 usd"),
    ],
)
async def test_sums_that_were_said_are_in_the_currency_that_was_said(play: Rehearsal, said: str, then: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says(said)
    before = await bill(play)
    assert "another currency" in (await anna.says(then))[0]
    assert await bill(play) == before


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("taxi 60, bob paid 20, I paid the rest", "no, it was 10"),
        ("taxi 60, bob paid 20, I paid the rest", "no, it was 20"),  # which leaves nothing to pay
        ("hotel 300, bob paid 100, cleo paid the rest", "no, it was 50"),
    ],
)
async def test_nobody_pays_less_than_nothing(play: Rehearsal, said: str, then: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says(said)
    before = await bill(play)
    assert "does not add up" in (await anna.says(then))[0]
    assert await bill(play) == before


async def test_a_payment_keeps_its_currency(play: Rehearsal) -> None:
    anna, bob = Chat(play, "anna", "trip"), Chat(play, "bob", "trip")
    await anna.says("taxi 90")
    await bob.says("paid anna 5")
    assert "another currency" in (await bob.says("no, it was 6 USD"))[0]


@pytest.mark.parametrize(
    "text", ["96, sorry", "sorry 96", "96, my bad", "96, entschuldigung", "96, perdón", "96, désolé", "96, scusa", "96, desculpa"]
)
async def test_an_excuse_says_nothing_of_the_bill(play: Rehearsal, text: str) -> None:
    assert (await replied(play, text))["amount"] == "96.00"


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("not for bob", {"anna": "49.50", "cleo": "49.50"}),
        ("bob pays 50 of it", {"anna": "24.50", "bob": "50.00", "cleo": "24.50"}),
        ("bob had 20 of it", {"anna": "39.50", "bob": "20.00", "cleo": "39.50"}),
        ("bob zahlt 50 davon", {"anna": "24.50", "bob": "50.00", "cleo": "24.50"}),
        ("bob paga 50 de eso", {"anna": "24.50", "bob": "50.00", "cleo": "24.50"}),
        ("split by weight bob 2 cleo 1", {"bob": "66.00", "cleo": "33.00"}),
        ("by nights: bob 2, cleo 1", {"bob": "66.00", "cleo": "33.00"}),
    ],
)
async def test_a_reply_says_who_shares(play: Rehearsal, text: str, shares: dict[str, str]) -> None:
    assert (await replied(play, text))["shares"] == shares


@pytest.mark.parametrize(
    ("text", "payers"),
    [
        ("cleo and I paid half each", {"anna": "49.50", "cleo": "49.50"}),
        ("I paid 30, bob paid the rest", {"anna": "30.00", "bob": "69.00"}),
        ("bob paid 30 and cleo 69", {"bob": "30.00", "cleo": "69.00"}),
    ],
)
async def test_a_reply_says_who_paid(play: Rehearsal, text: str, payers: dict[str, str]) -> None:
    found = await replied(play, text)
    assert (found["payers"], found["shares"]) == (payers, {"anna": "33.00", "bob": "33.00", "cleo": "33.00"})


@pytest.mark.parametrize("text", ["delete", "Remove please", "lösche", "borrar", "supprime", "cancella", "apaga", "delete karo"])
async def test_a_reply_deletes(play: Rehearsal, text: str) -> None:
    assert await replied(play, text) == {}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("the train wasn't for cleo", {"anna": "49.50", "bob": "49.50"}),
        ("the train was only for bob and me", {"anna": "49.50", "bob": "49.50"}),
        ("el train no fue para cleo", {"anna": "49.50", "bob": "49.50"}),
        ("il train non era per cleo", {"anna": "49.50", "bob": "49.50"}),
        ("o train não foi pra cleo", {"anna": "49.50", "bob": "49.50"}),
        ("split the train between bob and cleo", {"bob": "49.50", "cleo": "49.50"}),
        ("split the train by nights: bob 2, cleo 1", {"bob": "66.00", "cleo": "33.00"}),
    ],
)
async def test_a_bill_is_shared_anew_by_its_name(play: Rehearsal, text: str, shares: dict[str, str]) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("train 99")
    await anna.says(text)
    assert (await bill(play))["shares"] == shares


@pytest.mark.parametrize("text", ["the weather was only for ducks", "the train was full", "delete", "split the check with the bar?"])
async def test_chatter_changes_nothing(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("train 99")
    assert await anna.says(text) == []


async def test_what_parts_leave_is_said_in_money(play: Rehearsal) -> None:
    assert (await Chat(play, "anna", "trip").says("villa 100: anna 20, bob 30, cleo 40"))[0].startswith("The parts do not add up: €10 off.")


async def test_the_rest_of_nothing_is_asked(play: Rehearsal) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("train: bob 20, cleo 10, rest me")
    assert await bill(play) == {}


@pytest.mark.parametrize(
    "text",
    [
        "it didn't arrive",
        "nope, nothing arrived",
        "nicht angekommen",
        "no me llegó",
        "rien reçu",
        "non è arrivato",
        "não recebi",
        "nahi aaya",
    ],
)
async def test_the_receiver_says_that_nothing_arrived(play: Rehearsal, text: str) -> None:
    anna, bob = Chat(play, "anna", "trip"), Chat(play, "bob", "trip")
    await anna.says("taxi 90")
    await bob.says("paid anna 30")
    assert "Taken back: bob → anna €30" in (await anna.says(text))[0]
    assert await anna.says(text) == []  # and again nobody is spoken to


async def written(play: Rehearsal, who: str, text: str, *, as_: str, to: str | None = None) -> list[str]:
    """What is answered to a message that others can reply to by its id."""
    at = play.clock() + timedelta(seconds=1)
    address, person, position = ChatAddress("telegram", "", "trip"), Person(who, who), int(at.timestamp() * 1000)
    message = InboundMessage(address, ChatKind.GROUP, person, as_, InboundKind.TEXT, at, text=text, chat_title="trip", position=position, reply_to=to)
    return [sent.message.text for sent in await play.play(message, at=at)]


async def shares(play: Rehearsal) -> dict[str, dict[str, str]]:
    expenses = (await play.final({("telegram", "trip"): "trip"}))["trip"]["expenses"]
    return {each["description"].casefold(): each["shares"] for each in expenses}


@pytest.mark.parametrize("text", ["delete", "remove", "delete it", "undo", "lösche", "borrar", "supprime", "cancella", "apaga", "delete karo"])
async def test_what_is_gone_is_not_deleted_again_in_place_of_another(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("groceries 20")
    await written(play, "anna", "taxi 90", as_="taxi")
    await written(play, "anna", "delete", as_="gone", to="taxi")
    for of in ("taxi", "gone"):
        await anna.sends(text, reply_to=of)
    assert (await bill(play))["description"].casefold() == "groceries"


async def test_an_edit_into_undo_takes_back_what_it_recorded_alone(play: Rehearsal) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("groceries 20")
    await written(play, "anna", "taxi 90", as_="taxi")
    at = play.clock() + timedelta(seconds=1)
    address, person = ChatAddress("telegram", "", "trip"), Person("anna", "anna")
    edit = InboundMessage(address, ChatKind.GROUP, person, "taxi", InboundKind.EDIT, at, text="undo", chat_title="trip", version=1)
    await play.play(edit, at=at)
    assert (await bill(play))["description"].casefold() == "groceries"


@pytest.mark.parametrize("text", ["delete it", "undo", "delete that", "not for me"])
async def test_a_reply_to_talk_changes_nothing(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("groceries 20")
    before = await bill(play)
    await written(play, "bob", "what a blurry picture of us", as_="talk")
    assert await anna.sends(text, reply_to="talk") == []
    assert await bill(play) == before


@pytest.mark.parametrize("text", ["not for me", "that wasn't for me", "it isn't for bob", "pas pour moi", "nicht für mich", "no para mí"])
async def test_who_is_left_out_is_left_out_of_the_newest_that_they_share(play: Rehearsal, text: str) -> None:
    anna, bob = Chat(play, "anna", "trip"), Chat(play, "bob", "trip")
    await bob.says("groceries 20")
    await anna.says("steak dinner 90")
    await anna.says("massage 40 for me")
    await bob.says(text)
    found = await shares(play)
    assert "bob" in found["groceries"]
    assert list(found["massage"]) == ["anna"]


@pytest.mark.parametrize("text", ["the wifi wasn't for bob", "el wifi no era para bob", "le wifi c'était pas pour bob"])
async def test_what_nobody_recorded_is_talk(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("train 99")
    assert await anna.says(text) == []


@pytest.mark.parametrize(
    "text",
    ["bob ate 3 of it", "I took 12 of it", "bob hatte 3 davon", "bob comió 3 de eso", "bob a pris 3 dessus", "bob ha preso 3 di questo"],
)
async def test_what_somebody_took_of_something_is_no_money(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("cake 24")
    before = await bill(play)
    await anna.says(text)
    assert await bill(play) == before


@pytest.mark.parametrize("text", ["bob had €3 of it", "bob ate 3.00 of it", "bob pays 3 of it", "bob hatte 3 Euro davon", "bob comió 3 euros de eso"])
async def test_what_somebody_had_of_a_bill_in_money_is_theirs(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("cake 24")
    await anna.says(text)
    assert (await bill(play))["shares"] == {"anna": "10.50", "bob": "3.00", "cleo": "10.50"}


@pytest.mark.parametrize(
    "text",
    ["60% anna 50% bob", "bob 60%, me 50%", "no, 60% anna 50% bob", "60 % Anna, 50 % Bob", "60% para anna y 50% para bob", "anna 60% aur bob 50%"],
)
async def test_percentages_that_are_not_the_whole_are_said_to_be_so(play: Rehearsal, text: str) -> None:
    anna = Chat(play, "anna", "trip")
    await written(play, "anna", "train 99", as_="first")
    before = await bill(play)
    (said,) = await anna.sends(text, reply_to="first")
    assert "110" in said.message.text
    assert await bill(play) == before
