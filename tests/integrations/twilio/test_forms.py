"""From Twilio's forms and list to messages and reports: a table of cases, and what an old signature could be bent into."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from twilio.request_validator import RequestValidator

from core.domain.messages import Attachment, ChatAddress, ChatKind, Consent, InboundKind
from integrations.channels.twilio.forms import from_list, to_inbound, to_report, with_files
from integrations.channels.twilio.regions import region_of
from integrations.channels.twilio.signature import Form
from tests.support import fake_twilio
from tests.support.fake_twilio import FakeTwilio

NOW = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)
SID = "SM" + "0123456789abcdef" * 2
ANNA = "+15551230001"
FAKE = FakeTwilio()
QUICK = {"ButtonPayload": "3", "ButtonText": "Undo", "OriginalRepliedMessageSid": SID}
VOICE = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/a", "MediaContentType0": "audio/ogg"}
PHOTOS = (Attachment("https://api.twilio.com/a", "image/jpeg"), Attachment("https://api.twilio.com/b", ""))
MEDIA = {"NumMedia": "2", "MediaUrl0": "https://api.twilio.com/a", "MediaContentType0": "image/jpeg", "MediaUrl1": "https://api.twilio.com/b"}

# what is written, its fields beside the usual ones -> what the message says
CASES = {
    "an SMS": (ANNA, "taxi 24", {}, {"text": "taxi 24", "kind": InboundKind.TEXT, "language": "en-US", "time_zone": "America/New_York"}),
    "a name": ("whatsapp:" + ANNA, "hi", {"ProfileName": " Anna B "}, {"sender.name": "Anna B", "sender.user": ANNA}),
    "no name": (ANNA, "hi", {}, {"sender.name": "Phone 0001"}),
    "a German number": ("+4915112345678", "hi", {"FromCountry": ""}, {"language": "de-DE", "time_zone": "Europe/Berlin"}),
    "a Canadian number": ("+14165550100", "hi", {}, {"language": "en-CA", "time_zone": "America/Toronto"}),
    "the carrier knows the country": (ANNA, "hi", {"FromCountry": "JM"}, {"language": "en-JM"}),
    "an unknown number": ("+9991234567", "hi", {}, {"language": None, "time_zone": None}),
    "photos": (ANNA, "", MEDIA, {"kind": InboundKind.PHOTO, "attachments": PHOTOS}),
    "a voice message": (ANNA, "", VOICE, {"kind": InboundKind.TEXT, "text": ""}),
    "media that are not there": (ANNA, "x", {"NumMedia": "3"}, {"attachments": ()}),
    "more media than can be": (ANNA, "x", {"NumMedia": "999999999999"}, {"attachments": ()}),
    "media count of nonsense": (ANNA, "x", {"NumMedia": "-1٣"}, {"attachments": ()}),
    "a quick reply": ("whatsapp:" + ANNA, "Undo", QUICK, {"button": "3", "text": "Undo", "reply_to": SID}),
    "a quick reply without text": ("whatsapp:" + ANNA, "", {"ButtonPayload": "1", "ButtonText": "Only me"}, {"button": "1", "text": "Only me"}),
    "a list picker": ("whatsapp:" + ANNA, "", {"ListId": "2", "ListTitle": "Change split"}, {"button": "2", "text": "Change split"}),
    "a location": ("whatsapp:" + ANNA, "", {"Latitude": "1", "Longitude": "2"}, {"kind": InboundKind.TEXT, "text": ""}),
    "stop": (ANNA, " Stop. ", {}, {"consent": Consent.STOPPED}),
    "cancel by SMS": (ANNA, "cancel", {}, {"consent": Consent.STOPPED}),
    "cancel on WhatsApp": ("whatsapp:" + ANNA, "cancel", {}, {"consent": None}),
    "stop on WhatsApp": ("whatsapp:" + ANNA, "STOP", {}, {"consent": Consent.STOPPED}),
    "stop in a sentence": (ANNA, "stop the music 20", {}, {"consent": None}),
    "yes": (ANNA, "YES", {}, {"consent": Consent.RESUMED}),
    "help": (ANNA, "HELP", {}, {"consent": None}),
    "help that was answered": (ANNA, "HELP", {"OptOutType": "HELP"}, {"consent": Consent.INFORMED}),
    "a word of one's own for stop": (ANNA, "ARRET", {"OptOutType": "STOP"}, {"consent": Consent.STOPPED}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_forms(name: str) -> None:
    theirs, body, fields, expected = CASES[name]
    message = to_inbound(Form(FAKE.form(theirs, body, message_sid=SID, **fields)), now=NOW)
    assert message is not None
    channel, ours = ("whatsapp", "+14155238886") if theirs.startswith("whatsapp:") else ("sms", "+15005550006")
    assert message.address == ChatAddress(channel, ours, theirs.removeprefix("whatsapp:"))
    assert (message.message_id, message.chat_kind, message.sent_at) == (SID, ChatKind.PRIVATE, NOW)
    for path, value in expected.items():
        found = message
        for part in path.split("."):
            found = getattr(found, part)
        assert found == value, path


@pytest.mark.parametrize("word", ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "QUIT", "revoke", "opt out"])
def test_the_whole_list_of_words_that_stop(word: str) -> None:
    message = to_inbound(Form(FAKE.form(ANNA, word)), now=NOW)
    assert message is not None
    assert message.consent is Consent.STOPPED


NO_MESSAGES = {
    "nothing": [],
    "no sender": [("To", "+15005550006"), ("MessageSid", SID), ("Body", "x")],
    "no receiver": [("From", ANNA), ("MessageSid", SID), ("Body", "x")],
    "no id": [("From", ANNA), ("To", "+15005550006"), ("Body", "x")],
    "two senders": [*FAKE.form(ANNA, "x"), ("From", "+15551230009")],
    "two ids": [*FAKE.form(ANNA, "x"), ("MessageSid", SID)],
    "an id of another shape": FAKE.form(ANNA, "x", message_sid="SM1NumMedia0"),
    "a sender that is no number": FAKE.form("client:anna", "x"),
    "two kinds of number": FAKE.form("whatsapp:" + ANNA, "x", ours="+15005550006"),
    "a number with a NUL": FAKE.form(ANNA + "\x00", "x"),
}


@pytest.mark.parametrize("name", NO_MESSAGES)
def test_what_is_no_message(name: str) -> None:
    assert to_inbound(Form(NO_MESSAGES[name]), now=NOW) is None


def test_a_repeated_text_is_its_first() -> None:
    message = to_inbound(Form([*FAKE.form(ANNA, "taxi 24"), ("Body", "taxi 99")]), now=NOW)
    assert message is not None
    assert message.text == "taxi 24"


def test_the_border_between_two_fields_cannot_be_moved() -> None:
    """What is signed is names and values strung together: every other way to cut that string is no message, or the same one."""
    pairs = sorted(FAKE.form(ANNA, "taxi 24", message_sid=SID, ProfileName="Anna", FromCity="NY"))
    signed = RequestValidator("t").compute_signature("u", fake_twilio.Form(pairs))
    bent = 0
    for index in range(len(pairs) - 1):
        whole = "".join(name + value for name, value in pairs[index : index + 2])
        for end in range(1, len(whole)):
            for cut in range(1, end + 1):
                new = [(whole[:cut], whole[cut:end]), *([(whole[end:], "")] if whole[end:] else [])]
                other = [*pairs[:index], *new, *pairs[index + 2 :]]
                if RequestValidator("t").compute_signature("u", fake_twilio.Form(other)) != signed:
                    continue
                bent += 1
                message = to_inbound(Form(other), now=NOW)
                assert message is None or (message.message_id, message.address.chat) == (SID, ANNA), new
    assert bent > 100


def test_a_row_of_the_list_is_the_same_message() -> None:
    row = {"sid": SID, "from": ANNA, "to": "+15005550006", "body": "taxi 24", "direction": "inbound", "date_sent": "Fri, 14 Mar 2025 12:00:00 +0000"}
    listed = from_list(row)
    assert listed == to_inbound(Form(FAKE.form(ANNA, "taxi 24", message_sid=SID)), now=NOW)
    assert listed is not None
    assert with_files(listed, (Attachment("u", "image/png"),)).kind is InboundKind.PHOTO


@pytest.mark.parametrize(
    ("types", "kind", "kept"),
    [
        (["text/csv"], InboundKind.FILE, 1),
        (["text/plain", "text/vcard"], InboundKind.FILE, 1),
        (["text/plain", "image/jpeg"], InboundKind.PHOTO, 2),  # an MMS has its words as a part of their own
        (["text/vcard"], InboundKind.TEXT, 1),
        (["audio/ogg"], InboundKind.TEXT, 1),
    ],
)
def test_what_files_make_of_a_message(types: list[str], kind: InboundKind, kept: int) -> None:
    media = {"NumMedia": str(len(types))}
    for number, media_type in enumerate(types):
        media |= {f"MediaUrl{number}": f"https://api.twilio.com/{number}", f"MediaContentType{number}": media_type}
    message = to_inbound(Form(FAKE.form(ANNA, "", message_sid=SID, **media)), now=NOW)
    assert message is not None
    assert (message.kind, len(message.attachments)) == (kind, kept)


@pytest.mark.parametrize(
    "change", [{"direction": "outbound-api"}, {"sid": None}, {"from": 5}, {"date_sent": "yesterday"}, {"to": "x"}, {"date_sent": {}}]
)
def test_rows_that_are_no_messages(change: dict[str, object]) -> None:
    row = {"sid": SID, "from": ANNA, "to": "+15005550006", "body": "x", "direction": "inbound", "date_sent": "Fri, 14 Mar 2025 12:00:00 +0000"}
    assert from_list(row | change) is None


def test_reports() -> None:
    letter = UUID(int=7)
    pairs = [
        ("MessageSid", SID),
        ("MessageStatus", "Delivered"),
        ("From", "whatsapp:+14155238886"),
        ("To", "whatsapp:" + ANNA),
        ("ErrorCode", "63016"),
    ]
    report = to_report(Form(pairs), query=Form([("letter", str(letter))]))
    assert report is not None
    assert (report.chat, report.state, report.error, report.letter_id) == (ChatAddress("whatsapp", "+14155238886", ANNA), "delivered", 63016, letter)
    assert to_report(Form(pairs), query=Form([("letter", "x")])).letter_id is None  # type: ignore[union-attr]
    assert to_report(Form([("MessageStatus", "gone"), *pairs]), query=Form(())) is None


def test_every_calling_code_leads_to_a_region_that_exists() -> None:
    from zoneinfo import available_timezones

    from babel import Locale

    for number in ("+1", "+44", "+7", "+77", "+34", "+351", "+1876", "+91"):
        region = region_of(number + "5551234")
        assert region is not None
        assert region.time_zone in available_timezones()
        assert Locale.parse(region.language, sep="-").territory == region.country
