"""Updates as the Bot API writes them, and the messages that come of them: one row a rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from core.domain.messages import Attachment, ChatKind, InboundKind, Person
from integrations.channels.telegram.updates import to_messages
from tests.support.fake_telegram import marks

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)
ANNA = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna_s", "language_code": "de"}
BOB = {"id": 8, "is_bot": False, "first_name": "Bob"}
BOT = {"id": 4242, "is_bot": True, "first_name": "Tuppence", "username": "TupBot"}
OTHER_BOT = {"id": 99, "is_bot": True, "first_name": "Other", "username": "OtherBot"}
ALONE = {"id": 7, "type": "private", "first_name": "Anna"}
GROUP = {"id": -5, "type": "group", "title": "Trip"}
SUPER = {"id": -1005, "type": "supergroup", "title": "Trip"}


def read(**update):
    return to_messages(Update.de_json({"update_id": 31, **update}, None), account="4242", username="TupBot", now=NOW)


def message(text=None, *, chat=GROUP, sender=ANNA, **more):
    words = {"text": text, "entities": marks(text)} if text is not None else {}
    return {"message_id": 5, "date": 1741953600, "chat": chat, "from": sender} | words | more


def only(**update):
    (found,) = read(**update)
    return found


PHOTO = [{"file_id": f"p{size}", "file_unique_id": "u", "width": size, "height": size, "file_size": size} for size in (90, 800)]
STICKER = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
ORIGIN = {"type": "user", "date": 1, "sender_user": BOB}


def test_a_plain_message():
    found = only(message=message("taxi 24"))
    assert (found.address.channel, found.address.account, found.address.chat) == ("telegram", "4242", "-5")
    assert (found.kind, found.text, found.message_id, found.position, found.version) == (InboundKind.TEXT, "taxi 24", "5", 31, 0)
    assert found.sender == Person("7", "Anna", "anna_s")
    assert (found.chat_kind, found.chat_title, found.language) == (ChatKind.GROUP, "Trip", "de")
    assert found.sent_at == NOW


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@TupBot paid 45 for dinner", "paid 45 for dinner"),
        ("@tupbot, taxi 3", "taxi 3"),
        ("😀😀 @TupBot taxi 3", "😀😀 taxi 3"),
        ("taxi 3 @TupBot", "taxi 3"),
        ("/undo@TupBot", "undo"),
        ("/undo the taxi", "undo the taxi"),
        ("/delete_me", "delete me"),
        ("line one\n\n  line two", "line one\n\n  line two"),
        ("mail me@tupbot.example", "mail me@tupbot.example"),
        ("paid 30 with @OtherBotter", "paid 30 with @OtherBotter"),
    ],
)
def test_what_is_said_to_us(text, said):
    assert only(message=message(text)).text == said


def test_a_command_to_another_bot_is_not_for_us():
    assert read(message=message("/undo@OtherBot")) == []


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("/start", InboundKind.JOIN, ""),
        ("/start join_K7QM2-RPD4X", InboundKind.TEXT, "join K7QM2-RPD4X"),
        ("/start link_123456", InboundKind.TEXT, "link 123456"),
        ("/start hello_there", InboundKind.JOIN, "hello_there"),
    ],
)
def test_deep_links(text, kind, said):
    found = only(message=message(text, chat=ALONE))
    assert found.kind is kind
    assert found.text == said or kind is InboundKind.JOIN


def test_mentions_by_handle_and_by_account():
    text = "paid 30 with @bob_x and Carla"
    place = len("paid 30 with @bob_x and ")
    entities = [*marks(text), {"type": "text_mention", "offset": place, "length": 5, "user": {"id": 9, "is_bot": False, "first_name": "Carla M"}}]
    found = only(message=message(text) | {"entities": entities})
    assert found.mentions == (Person("", "", "bob_x"), Person("9", "Carla", ""))


def test_an_edit_is_the_same_message_of_a_later_version():
    found = only(edited_message=message("taxi 26", edit_date=1741953700))
    assert (found.kind, found.message_id, found.version, found.text) == (InboundKind.EDIT, "5", 1741953700, "taxi 26")


def test_photos_albums_documents_and_captions():
    found = only(
        message=message(photo=PHOTO, caption="dinner @TupBot", caption_entities=[{"type": "mention", "offset": 7, "length": 7}], media_group_id="9")
    )
    assert (found.kind, found.text, found.album) == (InboundKind.PHOTO, "dinner", "9")
    assert found.attachments == (Attachment("p800", "image/jpeg", 800),)
    bill = {"file_id": "d", "file_unique_id": "d", "mime_type": "application/pdf", "file_size": 77}
    assert only(message=message(document=bill)).attachments == (Attachment("d", "application/pdf", 77),)
    assert read(message=message(document=bill | {"mime_type": "application/zip"})) == []
    assert only(message=message(document=bill | {"mime_type": "application/zip"}, caption="taxi 3")).kind is InboundKind.TEXT


@pytest.mark.parametrize(
    ("mime_type", "name", "kind"),
    [
        ("text/csv", "trip.csv", InboundKind.FILE),
        ("text/comma-separated-values", None, InboundKind.FILE),
        ("application/json", "trip.json", InboundKind.FILE),
        ("application/octet-stream", "Trip.CSV", InboundKind.FILE),
        (None, "trip.xlsx", InboundKind.FILE),
        ("image/png", "trip.csv", InboundKind.PHOTO),
        ("application/zip", "trip.zip", None),
        ("text/html", "trip.html", None),
    ],
)
def test_files_of_other_programs(mime_type: str | None, name: str | None, kind: InboundKind | None):
    sent = {"file_id": "d", "file_unique_id": "d", "file_size": 77} | ({"mime_type": mime_type} if mime_type else {})
    found = read(message=message(document=sent | ({"file_name": name} if name else {})))
    assert [each.kind for each in found] == ([kind] if kind else [])
    assert all(each.attachments == (Attachment("d", mime_type or "application/octet-stream", 77),) for each in found)


def test_replies_and_topics():
    opening = {"message_id": 3, "date": 1, "chat": SUPER, "from": ANNA, "forum_topic_created": {"name": "Food", "icon_color": 1}}
    in_topic = only(message=message("taxi 3", chat=SUPER, is_topic_message=True, message_thread_id=3, reply_to_message=opening))
    assert (in_topic.thread, in_topic.reply_to) == ("3", None)
    reply = only(message=message("no, 4", chat=SUPER, message_thread_id=4, reply_to_message=message("taxi 3", chat=SUPER) | {"message_id": 4}))
    assert (reply.thread, reply.reply_to) == (None, "4")


def test_a_forwarded_message_says_so():
    assert only(message=message("taxi 3", chat=ALONE, forward_origin=ORIGIN)).forwarded
    start = only(message=message("/start", chat=ALONE, forward_origin=ORIGIN))
    assert (start.kind, start.text) == (InboundKind.TEXT, "")


@pytest.mark.parametrize(
    "content",
    [
        message("taxi 3", sender=OTHER_BOT),
        message("taxi 3", sender=OTHER_BOT | {"id": 1087968824}, sender_chat=GROUP),
        message("taxi 3", sender_chat={"id": -77, "type": "channel", "title": "News"}),
        message("taxi 3", via_bot=OTHER_BOT),
        message("taxi 3", chat={"id": -9, "type": "channel", "title": "News"}),
        message(sticker=STICKER),
        message(voice={"file_id": "v", "file_unique_id": "v", "duration": 3}),
        message(
            poll={
                "id": "1",
                "question": "?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
                "allows_revoting": True,
                "members_only": False,
            }
        ),
        message(new_chat_title="Trip!"),
        message(pinned_message=message("x")),
        message(new_chat_members=[BOT]),
        message(left_chat_member=BOT),
        message(group_chat_created=True),
    ],
)
def test_what_is_nothing_to_us(content):
    assert read(message=content) == []


def test_alone_a_sticker_is_a_message_without_words_and_a_service_message_is_nothing():
    found = only(message=message(sticker=STICKER, chat=ALONE))
    assert (found.kind, found.text) == (InboundKind.TEXT, "")
    assert read(message=message(chat=ALONE, pinned_message=message("x", chat=ALONE))) == []


def test_comings_and_goings():
    came = read(message=message(new_chat_members=[BOB, BOT, ANNA], sender=ANNA))
    assert [(each.kind, each.sender.user) for each in came] == [(InboundKind.JOIN, "8"), (InboundKind.JOIN, "7")]
    assert [(each.kind, each.sender.user) for each in read(message=message(left_chat_member=BOB))] == [(InboundKind.LEAVE, "8")]


def change(old, new, *, user=BOT, chat=GROUP, sender=ANNA):
    def member(status):
        return {"user": user, "status": status} | ({"until_date": 0} if status == "kicked" else {})

    return {"chat": chat, "from": sender, "date": 1741953600, "old_chat_member": member(old), "new_chat_member": member(new)}


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("my_chat_member", change("left", "member"), (InboundKind.JOIN, "7")),
        ("my_chat_member", change("kicked", "member"), (InboundKind.JOIN, "7")),
        ("my_chat_member", change("member", "kicked"), (InboundKind.REMOVED, "7")),
        ("my_chat_member", change("member", "member"), None),
        ("my_chat_member", change("member", "kicked", chat=ALONE), None),
        ("my_chat_member", change("left", "member", sender=OTHER_BOT), None),
        ("chat_member", change("left", "member", user=BOB), (InboundKind.JOIN, "8")),
        ("chat_member", change("member", "left", user=BOB), (InboundKind.LEAVE, "8")),
        ("chat_member", change("left", "member", user=OTHER_BOT), None),
    ],
)
def test_membership(kind, content, expected):
    found = read(**{kind: content})
    assert [(each.kind, each.sender.user) for each in found] == ([expected] if expected else [])


def test_a_group_that_became_a_supergroup_is_told_of_alike_from_both_sides():
    (by_old,) = read(message=message(migrate_to_chat_id=-1005))
    (by_new,) = read(message=message(chat=SUPER, migrate_from_chat_id=-5))
    for found in (by_old, by_new):
        assert (found.kind, found.address.chat, found.moved_to) == (InboundKind.MOVED, "-5", "-1005")
    assert by_old.message_id == by_new.message_id


def test_a_press():
    bearer = message("Taxi", sender=BOT) | {"message_id": 6}
    found = only(callback_query={"id": "77", "from": BOB, "chat_instance": "1", "data": "opaque", "message": bearer})
    assert (found.kind, found.message_id, found.reply_to, found.button, found.sender.user) == (InboundKind.BUTTON, "77", "6", "opaque", "8")
    gone = {"chat": GROUP, "message_id": 6, "date": 0}
    assert only(callback_query={"id": "77", "from": BOB, "chat_instance": "1", "data": "x", "message": gone}).reply_to == "6"
    assert read(callback_query={"id": "77", "from": BOB, "chat_instance": "1", "data": "x", "inline_message_id": "i"}) == []


def test_a_reaction():
    reaction = {"chat": GROUP, "message_id": 6, "date": 1741953600, "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}]}
    found = only(message_reaction=reaction | {"user": BOB})
    assert (found.kind, found.reply_to, found.text) == (InboundKind.REACTION, "6", "👍")
    assert read(message_reaction=reaction | {"actor_chat": GROUP}) == []


@pytest.mark.parametrize(("first", "name"), [("Anna", "Anna"), ("\u200b", "Sam"), ("", "Sam")])
def test_a_name_that_shows_nothing_is_not_taken(first, name):
    assert only(message=message("x", sender=ANNA | {"first_name": first, "last_name": "Sam"})).sender.name == name


@given(st.text(max_size=40), st.text(max_size=40))
def test_our_mention_is_cut_out_wherever_it_stands(before, after):
    text = f"{before.rstrip()} @TupBot {after.lstrip()}"
    units = len(f"{before.rstrip()} ".encode("utf-16-le", "surrogatepass")) // 2
    found = read(message=message() | {"text": text, "entities": [{"type": "mention", "offset": units, "length": 7}]})
    assert all("@TupBot" not in each.text or "@TupBot" in before + after for each in found)
    assert len(found) == 1
