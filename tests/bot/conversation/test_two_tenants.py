"""Every command and every button, tried by a stranger on somebody else's book: refused, and not a row of it changes.

A command or a button that is new has no case here and fails the test that counts them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from bot.conversation.commands import COMMANDS
from bot.conversation.handlers.buttons import ACTIONS, SINGLE_USE
from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.receipts import Line, Reading, Receipt
from core.domain.remarks import Guess
from integrations.channels.limits import capabilities_of
from tests.support.database import KEYS, TENANT_TABLES, copy_of_template, empty
from tests.support.doubles import FakeInterpreter, FakePictures, FakeReader

pytestmark = pytest.mark.asyncio(loop_scope="module")
START = datetime(2025, 3, 14, 12, tzinfo=UTC)
MAIL = "mallory@example.org"

# What a stranger would write to reach the victims' group "Lisbon", its people Vera and Otto, or their bill "museum".
COMMAND_TEXTS = {
    "help": "help",
    "greeting": "hello",
    "thanks": "thanks",
    "settings": "settings",
    "set_currency": "my currency is yen",
    "set_language": "speak english",
    "set_time_zone": "I live in Tokyo",
    "set_name": "my name is Vera",
    "set_default_split": "split with everyone from now on",
    "set_answers": "just react",
    "new_group": "new group Lisbon with Nina",
    "join": "join AAAAA-AAAAA",
    "invite": "invite",
    "leave": "leave",
    "members": "who is in",
    "add_member": "add Mallory to Lisbon",
    "enter_group": "in Lisbon",
    "leave_group_view": "back",
    "settle_in": "convert everything to dollars",
    "keep_apart": "keep currencies apart",
    "settle_plan": "settle in dollars",
    "settle_all": "everyone is even now",
    "direct_debts": "show direct debts",
    "why_transfer": "why does otto pay vera",
    "plan_through": "everything through vera",
    "plan_by_household": "who owes whom by household",
    "set_household": "vera and otto are a couple",
    "clear_household": "vera and otto count separately",
    "set_default_weights": "vera 60, otto 40 from now on",
    "export": "export me",
    "delete_me": "delete me",
    "confirm": "yes",
    "decline": "no",
    "link": "link AAAAA-22222",
    "unlink": "unlink whatsapp",
    "channels": "where am I?",
    "prefer_channel": "write to me on WhatsApp",
    "come_back": "it's me: museum 30",
    "code_back": "1234-56",
    "book_due": "12.50",
    "forward_sms": "forward my bank sms",
    "stop_forwarding": "stop forwarding",
    "share_corrections": "share my corrections",
    "stop_sharing": "stop sharing my corrections",
    "show_receipt": "show receipt museum",
    "import": "import from splitwise",
    "undo_import": "undo the import",
    "pay_method": "my iban is AT61 1904 3002 3457 3201",
    "pay_methods": "how can I be paid",
    "forget_method": "forget my iban",
    "pay": "pay vera",
    "remind": "remind otto",
    "stop_reminders": "stop reminding me",
    "resume_reminders": "remind me again",
    "pay_status": "did otto pay vera",
    "payment_made": "I paid Vera",
    "set_role": "make otto an admin",
    "show_roles": "who may what?",
    "set_own_only": "only own bills may be edited",
    "set_approval": "approve over 1",
    "set_quiet": "be quiet from 22 to 8",
    "archive": "archive the group",
    "reopen": "open the group again",
    "rename_member": "rename otto to charles",
    "rename_group": "rename the group to Evil",
    "merge": "vera and otto are the same",
    "part": "vera and otto are not the same",
    "remove_member": "remove otto from the group",
    "comment": "comment museum: mine",
    "summary": "trip summary",
    "close_group": "close the trip",
    "pin_balance": "pin the balance",
    "unpin_balance": "unpin the balance",
    "remove_budget": "remove the food budget",
    "change_budget": "raise the food budget by 50",
    "move_budget": "move 50 from food to fun",
    "set_rollover": "rollover on",
    "set_payday": "my payday is the 25th",
    "afford": "can I afford 200?",
    "goal": "took 5 out of the museum",
    "categories": "categories",
    "new_category": "new category exhibits",
    "rename_category": "rename eating out to exhibits",
    "merge_category": "merge gifts into shopping",
    "hide_category": "hide fees",
    "show_category": "bring back fees",
    "set_emoji": "emoji of groceries 🥕",
    "set_colour": "colour of pets green",
    "repeats": "what repeats?",
    "upcoming": "upcoming bills",
    "calendar": "calendar",
    "pause": "pause museum",
    "resume": "resume museum",
    "skip_next": "skip the next museum",
    "new_price": "museum is 15.99 from now on",
    "stop_repeating": "stop museum",
    "mute_alerts": "mute until Monday",
    "less_alerts": "less of this",
    "unmute_alerts": "unmute",
    "pace_alerts": "only weekly",
    "report": "pdf march",
    "meals": "meals",
    "schedule_report": "report every monday 9:00",
    "show_reports": "my reports",
    "stop_reports": "stop reports",
    "set_mail": f"my email is {MAIL}",
    "mail_code": "482913",
    "show_mail": "my email",
    "mail_reports": "email me reports",
    "stop_mail": "no more mail",
    "forget_mail": "remove my email",
    "tips": "any tips?",
    "more_tips": "more tips",
    "tip_said": "not for me",
}
SHARED = Path(__file__).with_name("test_policies.py")  # any file will do: what is read on it is said here
EXPORTED = Path(__file__).parents[2] / "support" / "exported.csv"  # by another program, of Vera Lund, Otto and somebody else
ALERT = "EUR 12.50 debited from A/c XX4321 at CORNER SHOP on 14-03-2025 Avl Bal EUR 80.20"
ODD = "so otto ended up shelling out 30 for the museum, mad"
OVERSPENT = ["alone: budget fun 10", "otto: museum 40", "MORNING"]
# How the victims get a message that bears the button.
BUTTON_SCENES = {
    "undo": (["museum 30"], "Undo"),
    "change": (["alone: coffee 3"], "Change"),
    "change_split": (["museum 30"], "Change split"),
    "only_me": (["museum 30"], "Only me"),
    "paid": (["museum 30", "settle up"], "otto paid vera"),
    "paid_in": (["museum 30", "settle in dollars"], "otto paid vera"),
    "arrived": (["museum 30", "otto: I paid vera back 5"], "Yes"),
    "not_arrived": (["museum 30", "otto: I paid vera back 5"], "No, undo it"),
    "im_in": ([], "I'm in"),
    "delete_me": (["alone: coffee 3", "alone: delete me"], "Delete everything"),
    "keep_me": (["alone: coffee 3", "alone: delete me"], "Keep it"),
    "why": (["museum 30", "who owes whom"], "Why?"),
    "settle": (["museum 30", "who owes whom"], "Settle"),
    "settle_all": (["museum 30", "everyone is even now"], "All paid"),
    "choose": (["sofa 1.234"], "€1,234"),
    "link_yes": (["alone: link", "elsewhere: CODE"], "It's me"),
    "link_no": (["alone: link", "elsewhere: CODE"], "Not me"),
    "unlink": (["alone: link", "elsewhere: CODE", "alone: yes", "elsewhere: yes", "third: LINK", "third: unlink whatsapp"], "WhatsApp"),
    "bank_same": (["alone: groceries 12.50", f"alone: {ALERT}"], "The same"),
    "bank_new": (["alone: groceries 12.50", f"alone: {ALERT}"], "Another one"),
    "categorise": (["alone: glimmerwort 9"], "Groceries"),
    "propose_yes": ([ODD], "Record it"),
    "propose_no": ([ODD], "No"),
    "receipt_total": (["alone: PHOTO"], "€12"),
    "receipt_same": (["SHARED PHOTO", "SHARED PHOTO"], "The same"),
    "receipt_new": (["SHARED PHOTO", "SHARED PHOTO"], "Another one"),
    "claim": (["SHARED PHOTO"], "2"),
    "split_equally": (["SHARED PHOTO", "1 vera"], "Split equally"),
    "import_match": (["FILE"], "I am Vera Lund"),
    "import_yes": (["FILE"], "Import"),
    "import_no": (["FILE"], "Leave it"),
    "import_undo": (["FILE", "PRESS Import"], "Undo"),
    "remind": (["museum 30", "did otto pay me"], "Remind"),
    "pay_one": (["otto: taxi 40", "otto: boat 100 usd", "pay"], "otto "),
    "paid_now": (["otto: taxi 30", "pay"], "I paid"),
    "paid_cash": (["otto: taxi 30", "pay"], "In cash"),
    "pay_arrived": (["museum 30", "otto: pay", "otto: I paid vera"], "Yes"),
    "pay_missing": (["museum 30", "otto: pay", "otto: I paid vera"], "No"),
    "pay_same": (["museum 30", "otto: pay", "wanda: otto paid vera 15", "otto: I paid vera 15", "PRESS Yes"], "The same"),
    "pay_another": (["museum 30", "otto: pay", "wanda: otto paid vera 15", "otto: I paid vera 15", "PRESS Yes"], "Another one"),
    "approve": (["otto: hello", "approve over 100", "museum 300"], "Approve"),
    "withdraw": (["otto: hello", "approve over 100", "museum 300"], "Take it back"),
    "merge_yes": (["museum 30 with Carl and Nina", "Carl and Nina are the same"], "The same person"),
    "merge_no": (["museum 30 with Carl and Nina", "Carl and Nina are the same"], "No"),
    "part": (["museum 30 with Carl and Nina", "Carl and Nina are the same", "PRESS The same person"], "Undo"),
    "former": (["museum 30 with carl", "remove carl from the group"], "Keep as former"),
    "archive": (["museum 30", "close the trip"], "Close the book"),
    "more_changes": (["museum 30", *(f"museum {cents}" for cents in range(31, 45)), "what changed?"], "More"),
    "due_book": (["gym 30 every 2 weeks, ask first"], "Book it"),
    "due_skip": (["gym 30 every 2 weeks, ask first"], "Skip"),
    "due_change": (["gym 30 every 2 weeks, ask first"], "Change"),
    "stop_rule": (["rent 900 on the 1st every month"], "Stop it"),
    "watch": (["gym 30 on 14 December", "gym 30 on 14 January", "gym 30 on 14 February", "gym 30", "what repeats?"], "Keep an eye on gym"),
    "alert_show": (OVERSPENT, "Show"),
    "alert_less": (OVERSPENT, "Less of these"),
    "alert_budget": (OVERSPENT, "Change budget"),
    "report": (["museum 30", "report"], "PDF"),
    "tip_show": (["alone: bread 2", "alone: SILENCE", "alone: late fee 15", "alone: tips"], "Show them"),
    "tip_good": (["alone: bread 2", "alone: SILENCE", "alone: late fee 15", "alone: tips"], "Good idea"),
    "tip_bad": (["alone: bread 2", "alone: SILENCE", "alone: late fee 15", "alone: tips"], "Not for me"),
    "vouch": (["abroad: join", "abroad: SILENCE", "abroad: it's me"], "Yes, it is wanda"),
    "vouch_no": (["abroad: join", "abroad: SILENCE", "abroad: it's me"], "No"),
}
OPEN_TO_MEMBERS = {
    "approve",
    "im_in",
    "why",
    "settle",
    "paid",
    "paid_in",
    "not_arrived",
    "claim",
    "split_equally",
    "vouch",
    "vouch_no",
    "more_changes",
    "report",
}  # Otto may press these too; a stranger from elsewhere may not


GONE_WITH_THE_FIRST = {"delete_me"}  # nobody is left who could press again
SWITCHES = {"claim"}  # a second press takes the first back
MONEY = {"arrived", "not_arrived", "paid", "paid_in", "paid_now", "paid_cash", "remind", "settle_all"}
FORMERLY_TOO = MONEY | {
    "pay_one",
    "pay_arrived",
    "pay_missing",
    "pay_same",
    "pay_another",
    "settle",
    "why",
    "more_changes",
}  # who left may press these
IN_THE_GROUP = {
    action
    for action, (lines, _) in BUTTON_SCENES.items()
    if all(line.partition(": ")[0] not in ("alone", "elsewhere", "third", "abroad") for line in lines)
}


class Stage:
    """The victims Vera and Otto in the group chat "Lisbon", and a stranger who has a chat and a group of their own."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.at = START

    async def say(
        self,
        who: str,
        text: str = "",
        *,
        chat: str,
        kind: InboundKind = InboundKind.TEXT,
        button: str | None = None,
        reply_to=None,
        on="telegram",
        files=(),
    ):
        self.at += timedelta(seconds=1)
        group = chat.startswith("group")
        message = InboundMessage(
            ChatAddress(on, "", chat),
            ChatKind.GROUP if group else ChatKind.PRIVATE,
            Person(who, who),
            uuid4().hex,
            kind,
            self.at,
            text=text,
            button=button,
            reply_to=reply_to,
            chat_title="Lisbon" if group else "",
            attachments=files,
            position=int(self.at.timestamp()),
        )
        return await self.play.play(message, at=self.at)

    async def victims(self) -> None:
        for who in ("vera", "otto"):
            await self.say(who, chat="group-lisbon", kind=InboundKind.JOIN)

    async def scene(self, line: str) -> None:
        """A line of a button's scene: Vera in the group, alone, on a second and a third number; Otto; Wanda on a number that falls silent."""
        who, _, text = line.partition(": ") if ": " in line else ("", "", line)
        if text in ("SILENCE", "MORNING"):
            await self.wait(text)
            return
        if text == "join":
            await self.say("vera", "invite", chat="group-lisbon")
            text = "join " + self.last(r"join ([A-Z0-9-]{11})")
        if text == "LINK":
            await self.say("vera", "link", chat="alone-vera")
            await self.scene("third: CODE")
            await self.say("vera", "yes", chat="alone-vera")
            text = "yes"
        if text == "CODE":
            text = "link " + self.last(r"link ([A-Z0-9-]{11})")
        if who in ("elsewhere", "third"):
            await self.say(f"vera-{who}", text, chat=f"{who}-vera", on="whatsapp")
        elif who == "abroad":
            await self.say("wanda", text, chat="abroad-wanda", on="whatsapp")
        elif text == "SHARED PHOTO":
            await self.say("vera", chat="group-lisbon", kind=InboundKind.PHOTO, files=(Attachment(str(SHARED), "image/png"),))
        elif text == "FILE":
            await self.say("vera", chat="group-lisbon", kind=InboundKind.FILE, files=(Attachment(str(EXPORTED), "text/csv"),))
        elif text.startswith("PRESS "):
            sent, choice = next((s, c) for s in reversed(self.play.sent) for c in s.message.choices if c.label == text.removeprefix("PRESS "))
            await self.say("vera", chat="group-lisbon", kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
        elif text == "PHOTO":
            await self.say("vera", chat="alone-vera", kind=InboundKind.PHOTO, files=(Attachment(__file__, "image/png"),))
        else:
            await self.say(who if who in ("otto", "wanda") else "vera", text, chat="alone-vera" if who == "alone" else "group-lisbon")

    async def wait(self, text: str) -> None:
        """Until a number that nobody wrote from may be somebody else's, or until letters of the next morning are written."""
        if text == "MORNING":
            self.at += timedelta(hours=21)
            await self.play.play(None, at=self.at)
            return
        self.at += timedelta(days=46)
        for each in ("vera", "otto"):
            await self.say(each, "museum 1", chat="group-lisbon")

    def last(self, pattern: str) -> str:
        """What the bot said last that looks so."""
        return next(found[1] for sent in reversed(self.play.sent) if (found := re.search(pattern, sent.message.text)))

    async def stranger(self) -> None:
        await self.say("mallory", "coffee 1", chat="alone-mallory")
        await self.say("mallory", chat="group-evil", kind=InboundKind.JOIN)


async def rows(owner: asyncpg.Connection, chats: tuple[str, ...], keys) -> dict[str, list[tuple]]:
    """All tenant rows of the books that these chats belong to, as the owner sees them."""
    hashes = [keys.digest("conversation", on, "", chat) for chat in chats for on in ("telegram", "whatsapp")]
    books = [row[0] for row in await owner.fetch("SELECT book_id FROM conversations WHERE address_hash = ANY($1::bytea[])", hashes)]
    assert books and None not in books
    return {table: sorted(map(repr, await owner.fetch(f"SELECT * FROM {table} WHERE book_id = ANY($1::uuid[])", books))) for table in TENANT_TABLES}


@pytest.fixture(scope="module")
def dsn(server):
    """One database for all cases, for a connection that knows its tables answers in a fraction of the time; every case begins with empty ones."""
    with copy_of_template(server) as copy:
        yield copy


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(dsn):
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(dsn):
    opened = await Database.open(dsn, keys=KEYS, durable=False)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="module")
async def stage(owner, database):
    await empty(owner)
    shared = Reading(Receipt("Museum", lines=(Line("Ticket", 900), Line("Map", 300)), total=1200, currency="EUR"), {}, (), "en", "fake")
    reader = FakeReader({SHARED.read_bytes(): shared}, Reading(Receipt(total=1200), {}, ("total",), "en", "fake"))
    model = FakeInterpreter({ODD: Guess("expense", amount="30", description="the museum", person="Otto")})
    async with Rehearsal(database, start=START, capabilities=capabilities_of, reader=reader, pictures=FakePictures(), interpreter=model) as play:
        yield Stage(play)


async def test_every_command_and_every_button_has_a_case():
    assert set(COMMAND_TEXTS) == set(COMMANDS)
    assert set(BUTTON_SCENES) == set(ACTIONS)


async def test_no_command_of_a_stranger_reaches_the_others_book(stage, owner, database):
    await stage.victims()
    await stage.say("vera", "museum 30", chat="group-lisbon")
    await stage.stranger()
    before = await rows(owner, ("group-lisbon",), database.keys)
    texts = [*COMMAND_TEXTS.values(), "delete the museum", "in Lisbon: taxi 20", "list", "who owes whom", "history of the museum", "undo"]
    for text in texts:
        if text not in ("delete me", "yes"):
            for chat in ("alone-mallory", "group-evil"):
                for sent in await stage.say("mallory", text, chat=chat):
                    assert "museum" not in sent.message.text.lower() or "no “museum”" in sent.message.text, (text, sent.message.text)
                    assert "otto" not in sent.message.text.lower() or text.startswith(("new group", "who is in")), (text, sent.message.text)
                    assert sent.message.address.chat in ("alone-mallory", "group-evil", MAIL), (text, sent.message.text)
    await stage.say("mallory", "delete me", chat="alone-mallory")
    await stage.say("mallory", "yes", chat="alone-mallory")
    assert await rows(owner, ("group-lisbon",), database.keys) == before


@pytest.mark.parametrize("action", sorted(BUTTON_SCENES))
async def test_a_button_works_for_nobody_else(action, stage, owner, database):
    await stage.victims()
    lines, label = BUTTON_SCENES[action]
    for line in lines:
        await stage.scene(line)
    sent, choice = next((s, c) for s in reversed(stage.play.sent) for c in s.message.choices if c.label.startswith(label))
    await stage.stranger()
    theirs = sent.message.address.chat
    chats = ("group-lisbon", theirs)
    before = await rows(owner, chats, database.keys)

    for chat in ("alone-mallory", "group-evil"):  # the id taken to another chat
        answers = await stage.say("mallory", chat=chat, kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
        assert [answer.message.toast for answer in answers] == [True], action
    assert await rows(owner, chats, database.keys) == before

    await others_of_the_link(stage, sent, choice)
    assert await rows(owner, chats, database.keys) == before

    for guess in (choice.id[:-1] + ("A" if choice.id[-1] != "A" else "B"), "", "x" * 200):  # edited bytes
        await stage.say(
            "vera-third" if theirs == "third-vera" else "vera",
            chat=theirs,
            kind=InboundKind.BUTTON,
            button=guess or None,
            reply_to=sent.message_id,
            on=sent.message.address.channel,
        )
    assert await rows(owner, chats, database.keys) == before

    if action not in OPEN_TO_MEMBERS and theirs == "group-lisbon":  # the wrong member of the right chat
        answers = await stage.say("otto", chat=theirs, kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
        assert [answer.message.toast for answer in answers] == [True], action
        assert await rows(owner, chats, database.keys) == before


async def others_of_the_link(stage, sent, choice) -> None:
    """The other side of a link cannot press the button of this one."""
    if choice.label in ("It's me", "Not me"):
        answers = await stage.say(
            "vera-elsewhere", chat="elsewhere-vera", kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id, on="whatsapp"
        )
        assert [answer.message.toast for answer in answers] == [True]


async def test_a_single_use_button_works_once(stage, owner, database):
    await stage.victims()
    await stage.say("vera", "museum 30", chat="group-lisbon")
    sent, choice = next((s, c) for s in reversed(stage.play.sent) for c in s.message.choices if c.label == "Undo")
    first = await stage.say("vera", chat="group-lisbon", kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
    assert "Taken back" in first[0].message.text
    before = await rows(owner, ("group-lisbon",), database.keys)
    again = await stage.say("vera", chat="group-lisbon", kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
    assert again[0].message.toast
    assert await rows(owner, ("group-lisbon",), database.keys) == before


async def shown_button(stage, action):
    """The scene of a button played; the message that bears it, its id and who may press it (Otto, where it asks him)."""
    await stage.victims()
    lines, label = BUTTON_SCENES[action]
    for line in lines:
        await stage.scene(line)
    sent, choice = next((s, c) for s in reversed(stage.play.sent) for c in s.message.choices if c.label.startswith(label))
    theirs = sent.message.address.chat
    who = {"third-vera": "vera-third", "elsewhere-vera": "vera-elsewhere"}.get(
        theirs, "otto" if action in ("arrived", "not_arrived", "approve") else "vera"
    )

    async def press():
        on = sent.message.address.channel
        return await stage.say(who, chat=theirs, kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id, on=on)

    return theirs, who, press


@pytest.mark.parametrize("action", sorted(BUTTON_SCENES))
async def test_a_button_does_not_last_for_ever(action, stage, owner, database):
    theirs, _, press = await shown_button(stage, action)
    stage.at += timedelta(days=31)
    before = await rows(owner, ("group-lisbon", theirs), database.keys)
    assert [answer.message.toast for answer in await press()][:1] == [True]
    assert await rows(owner, ("group-lisbon", theirs), database.keys) == before


@pytest.mark.parametrize("action", sorted(BUTTON_SCENES.keys() - GONE_WITH_THE_FIRST - SWITCHES))
async def test_pressed_twice_it_does_no_more(action, stage, owner, database):
    theirs, _, press = await shown_button(stage, action)
    first = await press()
    assert first
    before = await rows(owner, ("group-lisbon", theirs), database.keys)
    again = await press()
    assert await rows(owner, ("group-lisbon", theirs), database.keys) == before
    if action in SINGLE_USE:
        assert again[0].message.toast


@pytest.mark.parametrize("action", sorted(IN_THE_GROUP - {"im_in"} - FORMERLY_TOO))  # nobody leaves a chat of their own, and who left may come back
async def test_who_left_presses_no_button_any_more(action, stage, owner, database):
    theirs, who, press = await shown_button(stage, action)
    assert theirs == "group-lisbon"
    await stage.say(who, chat=theirs, kind=InboundKind.LEAVE)
    before = await rows(owner, ("group-lisbon",), database.keys)
    assert [answer.message.toast for answer in await press()] == [True]
    assert await rows(owner, ("group-lisbon",), database.keys) == before


@pytest.mark.parametrize("action", sorted(IN_THE_GROUP & FORMERLY_TOO))
async def test_who_left_looks_and_answers_for_their_money(action, stage):
    theirs, who, press = await shown_button(stage, action)
    await stage.say(who, chat=theirs, kind=InboundKind.LEAVE)
    answers = await press()
    assert answers and not any("any more" in answer.message.text for answer in answers)
