"""Paying in the chat: one payment a debt, told to the payer alone, booked once when the receiver says so, and by nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import InboundKind
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat

IBAN = "AT61 1904 3002 3457 3201"


class Flat:
    """Anna and Ben in the group "flat"; Ben owes Anna €12.50, and each has a chat alone."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.anna, self.ben = Chat(play, "anna"), Chat(play, "ben")
        self.annas, self.bens = Chat(play, "anna", group="flat"), Chat(play, "ben", group="flat")

    async def balance(self) -> str:
        return (await self.bens.says("who owes whom"))[0]

    async def set_up(self, *, account: bool = True) -> None:
        for each in (self.annas, self.bens):
            await each.joins()
        for each in (self.anna, self.ben):
            await each.says("coffee 1")
        if account:
            await self.anna.says(f"my iban is {IBAN}")
        await self.annas.says("dinner 25")


@pytest.fixture
async def flat(database: Database) -> AsyncIterator[Flat]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        await flat.set_up()
        yield flat


OPEN, EVEN = "ben → anna €12.50. One payment and everyone is even.", "Everyone is even."


async def test_the_whole_way_alone(flat: Flat) -> None:
    [card] = await flat.ben.sends("pay")
    assert card.message.text.startswith("[flat] You owe anna €12.50.\nIBAN AT61 1904 3002 3457 3201 · anna · S")
    assert [each.name for each in card.message.documents] == ["epc.png"] and card.message.documents[0].data is not None
    assert [each.label for each in card.message.choices] == ["I paid", "In cash"]
    said = await flat.ben.presses("I paid")
    texts = {sent.message.address.chat: sent.message.text for sent in said}
    assert texts["alone-anna"] == "[flat] ben says: €12.50 is paid to anna. anna, did it arrive?"
    assert texts["alone-ben"] == "[flat] You said that €12.50 to anna is paid. Now it is for anna to say that it arrived."
    assert await flat.balance() == OPEN, "nobody's word but the receiver's books it"
    confirmed = await flat.anna.presses("Yes")
    assert {sent.message.text for sent in confirmed} == {
        "[flat] ben → anna €12.50, confirmed. Everyone is even.",
        "ben → anna €12.50, confirmed. Everyone is even.",
    }
    assert await flat.balance() == EVEN
    assert [sent.message.toast for sent in await flat.anna.presses("Yes")] == [True]
    assert await flat.balance() == EVEN


async def test_asked_again_it_is_the_same_payment(flat: Flat) -> None:
    [first], [second] = await flat.ben.sends("pay"), await flat.ben.sends("how do I pay anna")
    assert first.message.text == second.message.text, "with the same reference"
    await flat.ben.presses("In cash")
    assert await flat.ben.says("pay anna") == ["[flat] You said that €12.50 to anna is paid. Now it is for anna to say that it arrived."]


async def test_in_a_group_no_account_is_told(flat: Flat) -> None:
    said = await flat.bens.sends("pay anna")
    by_chat = {sent.message.address.chat: sent.message for sent in said}
    assert by_chat["flat"].text == "ben → anna €12.50. ben, our private chat says how."
    assert "3201" not in by_chat["flat"].text and IBAN in by_chat["alone-ben"].text
    [asked] = await flat.bens.presses("In cash", on=next(sent for sent in said if sent.message.address.chat == "flat"))
    assert asked.message.text == "ben says: €12.50 went to anna in cash. anna, did it arrive?"
    assert (await flat.bens.presses("Yes", on=asked))[0].message.text == "Only anna can undo this one."
    [confirmed] = await flat.annas.presses("Yes", on=asked)
    assert confirmed.message.text == "ben → anna €12.50, confirmed. Everyone is even."


async def test_what_did_not_arrive_goes_back_to_the_payer(flat: Flat) -> None:
    await flat.ben.says("pay")
    await flat.ben.presses("I paid")
    said = await flat.anna.presses("No")
    line = "[flat] ben → anna €12.50 has not arrived, says anna. It may still come; nothing is noted as paid."
    assert {(sent.message.address.chat, sent.message.text) for sent in said} == {("alone-anna", line), ("alone-ben", line)}
    assert await flat.balance() == OPEN
    await flat.ben.presses("I paid")
    await flat.anna.presses("Yes")
    assert await flat.balance() == EVEN


@pytest.mark.parametrize("words", ["I paid anna", "I paid anna 12.50"])
async def test_the_payers_words_are_about_the_open_payment(flat: Flat, words: str) -> None:
    await flat.bens.says("pay anna")
    assert await flat.bens.says(words) == ["ben says: €12.50 is paid to anna. anna, did it arrive?"]
    assert await flat.balance() == OPEN
    assert await flat.bens.says(words) == ["ben says: €12.50 is paid to anna. anna, did it arrive?"], "said again, asked again"
    await flat.annas.presses("Yes")
    assert await flat.balance() == EVEN


async def test_the_payers_words_alone_are_no_expense(flat: Flat) -> None:
    await flat.ben.says("pay")
    said = await flat.ben.says("I paid anna 12.50")
    assert "[flat] You said that €12.50 to anna is paid. Now it is for anna to say that it arrived." in said
    assert "[flat] ben says: €12.50 is paid to anna. anna, did it arrive?" in said
    assert (await flat.ben.says("I paid anna 3"))[0].startswith("Anna €3"), "of another amount nothing is open"


async def test_the_receivers_words_confirm_it(flat: Flat) -> None:
    await flat.ben.says("pay")
    assert (await flat.annas.says("ben paid me 12.50"))[0] == "ben → anna €12.50, confirmed. Everyone is even."
    assert await flat.balance() == EVEN


async def test_a_yes_in_words_alone(flat: Flat) -> None:
    await flat.ben.says("pay")
    assert await flat.anna.says("yes") == ["OK."], "nobody asked"
    await flat.ben.presses("I paid")
    assert "confirmed" in (await flat.anna.says("yes"))[0]
    assert await flat.balance() == EVEN


async def test_what_somebody_else_booked_is_asked_about(flat: Flat) -> None:
    cleo = Chat(flat.play, "cleo", group="flat")
    await flat.ben.says("pay")
    question = next(sent for sent in await flat.ben.presses("I paid") if sent.message.address.chat == "alone-anna")
    await cleo.joins()
    await cleo.says("ben paid anna 12.50")
    [asked] = await flat.anna.presses("Yes", on=question)
    assert asked.message.text == "[flat] You have booked that amount between the two of you already. Is it this one?"
    [same] = await flat.anna.presses("The same")
    assert same.message.text == "[flat] ben → anna €12.50, confirmed."
    assert await flat.balance() == EVEN
    assert await flat.ben.says("pay") == ["You owe nobody anything."]


async def test_another_amount_takes_the_place_of_the_first(flat: Flat) -> None:
    [first] = await flat.ben.sends("pay")
    await flat.annas.says("taxi 10")
    [card] = await flat.ben.sends("pay")
    assert card.message.text.startswith("[flat] You owe anna €17.50.")
    assert card.message.text.endswith("It takes the place of €12.50 from before. Paid already? Write “I paid anna €12.50”.")
    [refused] = await flat.ben.presses("I paid", on=first)
    assert (refused.message.toast, refused.message.text) == (True, "That payment is past this point.")
    assert (await flat.ben.says("I paid anna 12.50"))[-1].startswith("[flat] ben → anna €12.50. I ask anna whether it arrived. Left: ben → anna €5.")


async def test_by_word_less_was_paid(flat: Flat) -> None:
    await flat.bens.says("pay")
    assert (await flat.bens.says("I paid anna 10"))[0].startswith("ben → anna €10.")
    [card] = await flat.ben.sends("pay")
    assert card.message.text.startswith("[flat] You owe anna €2.50.") and "place" not in card.message.text


async def test_who_has_no_account_is_asked_once_a_day(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        await flat.set_up(account=False)
        said = {sent.message.address.chat: sent.message.text for sent in await flat.ben.sends("pay")}
        assert said["alone-ben"] == "[flat] You owe anna €12.50.\nanna has not said where the money can go. I ask; cash is fine too."
        assert said["alone-anna"].startswith("[flat] ben wants to pay you €12.50. Where can it go?")
        assert {sent.message.address.chat for sent in await flat.ben.sends("pay")} == {"alone-ben"}
        await flat.anna.says("pay me in cash")
        assert "anna likes to be paid in cash." in (await flat.ben.says("pay"))[0]


async def test_guests_cannot_confirm(flat: Flat) -> None:
    await flat.annas.says("add Carl")
    await flat.annas.says("Carl paid 30 for the taxi")
    [carl] = await flat.bens.sends("pay Carl")
    assert "Carl is not here to say that it arrived." in carl.message.text
    assert carl.message.choices[0].label.startswith("ben paid Carl")


async def test_several_are_chosen_from(flat: Flat) -> None:
    cleo = Chat(flat.play, "cleo", group="flat")
    await cleo.joins()
    await cleo.says("boat 90")
    await cleo.says("cinema 20 with ben")
    asked = (await flat.ben.sends("pay"))[-1]
    if "Which one" in asked.message.text:
        [card, *_] = await flat.ben.presses(asked.message.choices[0].label, on=asked)
        assert "You owe" in card.message.text
    else:
        assert asked.message.text.startswith("[flat] You owe cleo")


async def test_whether_somebody_paid(flat: Flat) -> None:
    assert await flat.anna.says("did ben pay me?") == ["[flat] ben has not said that €12.50 to anna is paid."]
    await flat.ben.says("pay")
    assert await flat.annas.says("did ben pay me") == ["ben asked how to pay anna €12.50, and has not said that it is done."]
    await flat.ben.presses("I paid")
    [asked] = await flat.anna.sends("has ben paid me back yet")
    assert asked.message.text == "[flat] ben says: €12.50 is paid to anna. anna, did it arrive?"
    await flat.anna.presses("Yes", on=asked)
    assert await flat.anna.says("did ben pay me") == ["ben owes anna nothing."]


async def test_who_left_still_says_that_their_own_money_came(flat: Flat) -> None:
    said = await flat.bens.sends("pay")
    [asked] = await flat.bens.presses("I paid", on=next(sent for sent in said if sent.message.address.chat == "flat"))
    await flat.annas.sends(kind=InboundKind.LEAVE)
    assert [sent.message.text for sent in await flat.annas.presses("Yes", on=asked)] == ["ben → anna €12.50, confirmed. Everyone is even."]
    assert [sent.message.text for sent in await flat.annas.presses("Yes", on=asked)] == ["That button is no longer active."]
