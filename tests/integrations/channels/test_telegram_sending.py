"""Messages of ours as the requests that reach the Bot API, and its refusals as what they mean."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest

from core.domain.messages import Attachment, ChatAddress, Choice, Document, OutboundMessage, Pin
from core.errors import DomainError, SendError, SendErrorKind
from integrations.channels.telegram.connection import connect
from integrations.channels.telegram.files import media_type_of
from tests.support.bot_api_rules import Refusal, bad
from tests.support.fake_telegram import TOKEN, FakeTelegram, Trouble

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)
GROUP = ChatAddress("telegram", "4242", "-5")


@pytest.fixture
async def fake():
    async with FakeTelegram().running() as running:
        running.chat(-5, kind="supergroup", title="Trip")
        yield running


@pytest.fixture
def bot(fake):
    return connect(TOKEN, api_base=fake.base, wordings={}, fallback="en", webhook=None, secret="")


def out(text="Taxi €24", **more):
    return OutboundMessage(GROUP, text, **more)


def asked(fake, method):
    return [call.asked for call in fake.calls if call.method == method]


async def test_text_travels_as_text(fake, bot):
    person = fake.person(7, "Anna")
    theirs = fake.write(fake.chats[-5], person, "x")
    evil = "*bold* <b>x</b> [link](tg://user?id=1) `code` & https://evil.example"
    sent = await bot.channel.send(out(evil, reply_to=str(theirs["message_id"]), choices=(Choice("one", "Undo"), Choice("two", "Change"))))
    shown = fake.chats[-5].messages[int(sent)]
    assert shown["text"] == evil
    assert shown["reply_to_message"]["message_id"] == theirs["message_id"]
    (request,) = asked(fake, "sendMessage")
    assert "parse_mode" not in request
    assert "entities" not in request
    assert request["link_preview_options"] == {"is_disabled": True}
    assert [button["callback_data"] for button in request["reply_markup"]["inline_keyboard"][0]] == ["one", "two"]


async def test_a_quoted_message_that_is_gone_is_no_trouble(fake, bot):
    assert await bot.channel.send(out(reply_to="999"))


async def test_a_long_message_comes_in_parts_with_the_buttons_under_the_last(fake, bot):
    sent = await bot.channel.send(out("\n".join(["x" * 99] * 100), choices=(Choice("one", "Undo"),)))
    requests = asked(fake, "sendMessage")
    assert len(requests) == 3
    assert ["reply_markup" in request for request in requests] == [False, False, True]
    assert "reply_markup" in fake.chats[-5].messages[int(sent)]


async def test_a_message_that_failed_half_way_goes_on_where_it_stopped(fake, bot):
    seen = []

    def second_fails(method, request):
        seen.append(request)
        return Trouble(refuse=Refusal(429, "Too Many Requests", retry_after=7)) if len(seen) == 2 else None

    fake.plan = second_fails
    message = out("\n".join(["x" * 99] * 100), key="k")
    with pytest.raises(SendError) as stopped:
        await bot.channel.send(message)
    assert stopped.value.retry_after_seconds == 7
    await bot.channel.send(message)
    assert len(fake.chats[-5].messages) == 3


async def test_an_edit_in_place_and_what_becomes_of_one_that_cannot_be(fake, bot):
    first = await bot.channel.send(out())
    assert await bot.channel.send(out("Taxi €26", edits=first)) == first
    assert fake.chats[-5].messages[int(first)]["text"] == "Taxi €26"
    assert await bot.channel.send(out("Taxi €26", edits=first)) == first, "not modified is well"
    del fake.chats[-5].messages[int(first)]
    again = await bot.channel.send(out("Taxi €28", edits=first))
    assert again != first
    assert fake.chats[-5].messages[int(again)]["text"] == "Taxi €28"
    assert await bot.channel.send(out("Taxi €29", edits="")) != again, "the earlier answer was a reaction"


async def test_toasts(fake, bot):
    assert await bot.channel.send(out("😀" * 300, toast=True, to_press="77")) == ""
    assert fake.answered["77"].endswith("…")
    await bot.channel.send(out("", toast=True, to_press="78"))
    assert fake.answered["78"] == ""
    fake.plan = lambda method, request: Trouble(refuse=bad("query is too old and response timeout expired or query ID is invalid"))
    assert await bot.channel.send(out("late", toast=True, to_press="79")) == ""


async def test_a_reaction_or_words_where_it_is_not_allowed(fake, bot):
    theirs = str(fake.write(fake.chats[-5], fake.person(7, "Anna"), "x")["message_id"])
    assert await bot.channel.send(out("Taxi €24", reaction="👌", reply_to=theirs)) == ""
    assert fake.chats[-5].messages[int(theirs)]["reactions"] == ["👌"]
    fake.chats[-5].reactions_allowed = False
    assert await bot.channel.send(out("", reaction="👌", reply_to=theirs)) == ""
    sent = await bot.channel.send(out("Taxi €24", reaction="👌", reply_to=theirs))
    assert fake.chats[-5].messages[int(sent)]["text"] == "Taxi €24"


async def test_documents_and_a_topic_that_is_gone(fake, bot):
    sent = await bot.channel.send(out("Here it is", documents=(Document("all.json", "application/json", "{}"),), thread="999"))
    shown = fake.chats[-5].messages[int(sent)]
    assert (shown["caption"], shown["document"]["file_name"]) == ("Here it is", "all.json")
    long = await bot.channel.send(out("x" * 2000, documents=(Document("all.json", "application/json", "{}"),), choices=(Choice("a", "A"),)))
    assert fake.chats[-5].messages[int(long)]["text"] == "x" * 2000


@pytest.mark.parametrize(
    ("trouble", "kind", "more"),
    [
        (Trouble(refuse=Refusal(429, "Too Many Requests: retry after 35", retry_after=35)), SendErrorKind.RETRY, {"retry_after_seconds": 35}),
        (Trouble(refuse=Refusal(403, "Forbidden: bot was blocked by the user")), SendErrorKind.OPTED_OUT, {}),
        (Trouble(refuse=Refusal(403, "Forbidden: user is deactivated")), SendErrorKind.OPTED_OUT, {}),
        (Trouble(refuse=bad("not enough rights to send text messages to the chat")), SendErrorKind.OPTED_OUT, {}),
        (
            Trouble(refuse=Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1005)),
            SendErrorKind.RETRY,
            {"moved_to": "-1005"},
        ),
        (Trouble(refuse=bad("chat not found")), SendErrorKind.REJECTED, {}),
        (Trouble(refuse=Refusal(401, "Unauthorized")), SendErrorKind.MISCONFIGURED, {}),
        (Trouble(refuse=Refusal(404, "Not Found")), SendErrorKind.MISCONFIGURED, {}),
        (Trouble(refuse=Refusal(502, "Bad Gateway")), SendErrorKind.RETRY, {"unknown": False}),
        (Trouble(lose_response=True), SendErrorKind.RETRY, {"unknown": True}),
    ],
)
async def test_refusals(fake, bot, trouble, kind, more):
    fake.plan = lambda method, request: trouble
    with pytest.raises(SendError) as failed:
        await bot.channel.send(out())
    assert failed.value.kind is kind
    assert {name: getattr(failed.value, name) for name in more} == more
    assert TOKEN not in repr(failed.value)
    assert failed.value.__suppress_context__


async def test_nobody_there_is_known_not_to_have_arrived(fake):
    nowhere = connect(TOKEN, api_base="http://127.0.0.1:9", wordings={}, fallback="en", webhook=None, secret="")
    with pytest.raises(SendError) as failed:
        await nowhere.channel.send(out())
    assert (failed.value.kind, failed.value.unknown) == (SendErrorKind.RETRY, False)


@pytest.mark.parametrize("message", [out("  "), OutboundMessage(ChatAddress("telegram", "", "x"), "y"), out(choices=(Choice("x" * 65, "A"),))])
async def test_what_can_never_be_sent_is_refused(bot, message):
    with pytest.raises(SendError) as failed:
        await bot.channel.send(message)
    assert failed.value.kind is SendErrorKind.REJECTED


async def test_files(fake, bot):
    fake.files |= {"small": b"\xff\xd8\xff-picture"}
    data = await bot.files.fetch(Attachment("small", "image/jpeg"))
    assert media_type_of(data) == "image/jpeg"
    for attachment, code in ((Attachment("gone", "image/jpeg"), "file_gone"), (Attachment("small", "image/jpeg", 21 * 2**20), "file_too_large")):
        with pytest.raises(DomainError) as refused:
            await bot.files.fetch(attachment)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF1234WEBP", "image/webp"),
        (b"1234ftypheic", "image/heic"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg", "application/octet-stream"),
    ],
)
def test_the_type_of_a_file_is_what_it_is(start, kind):
    assert media_type_of(start) == kind


async def test_how_many_and_whether_we_hear_all(fake, bot):
    fake.chats[-5].people |= {7, 8, 9}
    assert await bot.channel.size_of(GROUP) == 3
    assert await bot.channel.hears_all(GROUP) is False
    fake.admin_in.add(-5)
    assert await bot.channel.hears_all(GROUP) is True
    assert await bot.channel.size_of(ChatAddress("telegram", "", "-404")) is None


async def test_a_message_is_pinned_once_edited_in_place_and_taken_down(fake, bot):
    fake.pins_in.add(-5)
    assert await bot.channel.may_pin(GROUP) is True
    sent = await bot.channel.send(out("even", pin=Pin.UP))
    assert fake.pinned[-5] == [int(sent)]
    assert asked(fake, "pinChatMessage")[0]["disable_notification"] in (True, "true")
    assert await bot.channel.send(out("bob → anna €10", pin=Pin.UP, edits=sent)) == sent
    assert len(asked(fake, "pinChatMessage")) == 1
    await bot.channel.send(out("even again", pin=Pin.DOWN, edits=sent))
    assert fake.pinned[-5] == []
    assert fake.chats[-5].messages[int(sent)]["text"] == "even again"


async def test_what_replaces_a_pinned_message_that_is_gone_is_pinned(fake, bot):
    fake.pins_in.add(-5)
    sent = await bot.channel.send(out("even", pin=Pin.UP))
    del fake.chats[-5].messages[int(sent)]
    again = await bot.channel.send(out("bob → anna €10", pin=Pin.UP, edits=sent))
    assert again != sent
    assert fake.pinned[-5] == [int(sent), int(again)]


async def test_a_message_that_may_not_be_pinned_is_said_all_the_same(fake, bot):
    assert await bot.channel.may_pin(GROUP) is False
    sent = await bot.channel.send(out("even", pin=Pin.UP))
    assert fake.chats[-5].messages[int(sent)]["text"] == "even"
    assert fake.pinned[-5] == []
    await bot.channel.send(out("gone", pin=Pin.DOWN, edits=sent))
    assert fake.chats[-5].messages[int(sent)]["text"] == "gone"


async def test_polling_asks_again_until_it_is_confirmed(fake, bot):
    fake.update("message", {"message_id": "broken"}, chat_id=-5)
    fake.write(fake.chats[-5], fake.person(7, "Anna"), "taxi 24")
    for _ in range(2):
        assert [each.text for each in await bot.polling.fetch(now=NOW)] == ["taxi 24"], "and what cannot be read is not in the way"
    bot.polling.confirm()
    fake.plan = lambda method, request: Trouble(refuse=Refusal(409, "Conflict: terminated by other getUpdates request"))
    with pytest.raises(DomainError) as elsewhere:
        await bot.polling.fetch(now=NOW)
    assert elsewhere.value.code == "taken_elsewhere"
    with contextlib.suppress(DomainError):
        await bot.polling.fetch(now=NOW)
