"""Every language says everything that English says, with the same parameters, and within what each channel carries."""

from __future__ import annotations

from datetime import date

import pytest

from bot.conversation.replies.catalogue import catalogue, introductions, languages, read_catalogue
from bot.conversation.replies.formats import Voice
from bot.conversation.replies.samples import sampled
from core.domain.messages import Choice
from core.domain.money import Money
from core.domain.people import FORMER
from core.reading.source import LanguageError
from integrations.channels.twilio.alphabet import cost
from integrations.channels.twilio.alphabet import plain as written_plain
from integrations.channels.twilio.contents import content_of
from integrations.channels.twilio.rendering import sms_text

LANGUAGES = languages()
COUNTS = (0, 1, 2, 5, 11, 21, 100)


def test_we_speak_seven_languages() -> None:
    assert {"de", "en", "es", "fr", "hi", "it", "pt"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_falls_back_to_english(language: str) -> None:
    words, english = catalogue(language), catalogue("en")
    assert words.own_codes() == english.codes(), "every sentence, in the order of the English file"
    assert [code for code in words.own_codes() if words.fields(code) != english.fields(code)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("plain", [False, True])
def test_every_sentence_can_be_sampled(language: str, plain: bool) -> None:
    voice = Voice(language, plain=plain)
    for code in catalogue(language).codes():
        for count in COUNTS if "count" in voice.fields(code) else (0,):
            text = sampled(voice, code, count=count)
            assert "{" not in text and "}" not in text, code
            assert len(text) <= 1024, "one message of WhatsApp, the shortest of those that take long ones"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_counts_has_plurals(language: str) -> None:
    words = catalogue(language)
    counted = [code for code in words.codes() if len(words.forms(code)) > 1]
    assert counted == [code for code in catalogue("en").codes() if len(catalogue("en").forms(code)) > 1]
    voice = Voice(language)
    for code in counted:
        assert sampled(voice, code, count=1) != sampled(voice, code, count=2).replace("2", "1"), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_sms_a_sentence_is_plain_and_one_segment(language: str) -> None:
    voice = Voice(language, plain=True)
    texts = {code: written_plain(sampled(voice, code)) for code in catalogue(language).codes() if code not in NOT_BY_SMS}
    costs = {code: cost(text) for code, text in texts.items()}
    assert [code for code, each in costs.items() if not each.plain or each.segments > 2] == []
    dear = [code for code, each in costs.items() if each.segments > 1]
    assert len(dear) <= 0.05 * len(texts), dear


NOT_BY_SMS = {"about", "about_short", "forward_on"} | {code for code in catalogue("en").codes() if code.startswith("command_")}


NO_LABELS = {
    "button_gone",
    "button_other",
    "button_paid",
    "button_pay_to",
    "button_count_as",
    "button_keep_as",
}  # told of buttons, and one with an amount, which is a number there


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_fit_the_quick_replies_of_whatsapp(language: str) -> None:
    labels = [sampled(Voice(language), code) for code in catalogue(language).codes() if code.startswith("button_") and code not in NO_LABELS]
    assert len(labels) > 12
    assert [label for label in labels if not (content_of([label]) or {"types": {}})["types"].get("twilio/quick-reply")] == []
    bill = [Choice(label, label) for label in (sampled(Voice(language), f"button_{name}") for name in ("only_me", "change_split", "undo"))]
    assert cost(sms_text("", bill)).units <= 55, "beside the answer to a bill"


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_was_erased_is_called_as_was_promised(language: str) -> None:
    voice = Voice(language)
    assert voice.name(FORMER) in voice.say("delete_ask")


@pytest.mark.parametrize("language", LANGUAGES)
def test_telegram_takes_the_introduction(language: str) -> None:
    """Bot API: names of commands 1-32 small letters, digits and underscores; their descriptions 1-256; 512 and 120 for the bot's own."""
    commands, about, short = introductions()[language]
    assert list(commands) == list(introductions()["en"][0])
    assert all(1 <= len(text) <= 256 for text in commands.values())
    assert all(len(name) <= 32 and name.replace("_", "a").isascii() and name.replace("_", "a").islower() for name in commands)
    assert len(about) <= 512 and len(short) <= 120


@pytest.mark.parametrize(
    ("language", "spoken", "expected"),
    [
        ("es", ("Ana", "Inés"), "Ana e Inés"),
        ("es", ("Ana", "Hielo"), "Ana y Hielo"),
        ("es", ("Ana", "Bea"), "Ana y Bea"),
        ("it", ("Bea", "Elena"), "Bea ed Elena"),
        ("it", ("Bea", "Anna", "Carlo"), "Bea, Anna e Carlo"),
        ("de", ("Anna", "Ines"), "Anna und Ines"),
    ],
)
def test_and_before_a_like_sound(language: str, spoken: tuple[str, ...], expected: str) -> None:
    assert Voice(language).listing(spoken) == expected


def test_of_before_a_vowel() -> None:
    french = Voice("fr")
    assert "accès d'Anna" in french.say("vouch_ask", book="Lyon", name="Anna", place="SMS")
    assert "accès de Bob" in french.say("vouch_ask", book="Lyon", name="Bob", place="SMS")


def test_you_is_said_as_the_sentence_needs_it() -> None:
    german = Voice("de")
    paid = german.say("expense_for_two", what="Taxi", amount=Money(2400, "EUR"), when="", payers=german.say("you_by"), shares="")
    assert "bezahlt von dir" in paid
    assert german.say("check_settlement", sender="Anna", receiver=german.say("you_to"), amount="4") == "Anna an dich: 4?"


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [
        ("de", "1.234,50\u00a0€", "Fr. 14. Nov"),
        ("es", "1.234,50\u00a0€", "vie 14 nov"),
        ("fr", "1\u202f234,50\u00a0€", "ven. 14 nov"),
        ("pt", "€\u00a01.234,50", "sex. 14 nov"),
        ("it", "1.234,50\u00a0€", "ven 14 nov"),
        ("hi", "€1,234.50", "Fri 14 Nov"),
    ],
)
def test_amounts_and_days_are_written_as_the_language_does(language: str, amount: str, day: str) -> None:
    assert (Voice(language).amount(Money(123450, "EUR")), Voice(language).day(date(2025, 11, 14))) == (amount, day)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('undone = "Weg: {nothing}."', "undone has parameters"),
        ('no_such_code_of_ours = "x"', "no_such_code_of_ours has parameters"),
        ("undone = 5", "undone is not a sentence"),
        ('expenses_counted = { one = "x" }', "expenses_counted is not a sentence"),
        ('expenses_counted = { other = "x", few = "y" }', "expenses_counted.few is no plural"),
        ('[formats]\ncolour = "x"', "formats.colour is not known"),
        ('[formats]\nlocale = "xx"', "formats.locale"),
        ('[before.de]\nwhere = "("\nform = "x"', "before.de.where"),
        ('[before]\nde = "x"', "before.de says"),
        ('[short]\nundone = "{amount}"', "the short undone"),
        ("undone = ", "de.toml"),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(text: str, told: str) -> None:
    with pytest.raises(LanguageError, match=r"^de\.toml: ") as refusal:
        read_catalogue(text, "de", fallback=catalogue("en"))
    assert told in str(refusal.value)
