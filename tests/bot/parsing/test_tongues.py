"""In which language a message is: by its words, its script, and the chat it stands in."""

from datetime import datetime

import pytest

from bot.conversation.intents import ParseContext, RecordExpenses
from bot.conversation.language import BEYOND_DOUBT, LIKELY
from bot.conversation.parsing import look, parse
from bot.conversation.parsing.tongues import lead, tongue
from core.reading.text import folded_words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tea 3", "en"),
        ("café 3", "en"),
        ("кофе 200", "ru"),
        ("вчора кава 60", "uk"),
        ("コーヒー 300円", "ja"),
        ("午餐 45", "zh"),
        ("昼食 コーヒー 900", "ja"),
        ("커피 4500", "ko"),
        ("קפה 12", "he"),
        ("قهوة 12", "ar"),
        ("चाय 20", "hi"),
        ("καφές 3", "el"),
        ("ყავა 5", "ka"),
        ("wczoraj obiad 30", "pl"),
        ("the борщ 200", "en"),
    ],
)
def test_a_script_or_small_words_tell_the_language(text: str, code: str) -> None:
    assert tongue(folded_words(text), None) == code


@pytest.mark.parametrize(
    ("text", "home", "code"),
    [
        ("борщ 200", "uk", "uk"),
        ("борщ 200", "en", "ru"),
        ("昼食 900", "ja", "ja"),
        ("ramen 900", "ja", "ja"),
        ("lunch 1.200", "de", "de"),
        ("lunch 120 kr", "sv", "sv"),
        ("paid for the lunch 12", "de", "en"),
        ("lunch 40 och kaffe igår", "en", "sv"),
    ],
)
def test_the_language_of_the_chat_stands_until_words_or_script_tell_another(text: str, home: str, code: str) -> None:
    assert tongue(folded_words(text), home) == code


@pytest.mark.parametrize(
    ("text", "home", "code", "least"),
    [
        ("gestern hab ich 12 für den Bus bezahlt", "en", "de", BEYOND_DOUBT),
        ("pagué 8 por el pan", "en", "es", BEYOND_DOUBT),
        ("j'ai payé 9 pour le pain", "de", "fr", BEYOND_DOUBT),
        ("paguei 9 pelo pão do mercado", "en", "pt", BEYOND_DOUBT),
        ("ho pagato 9 per il pane", "en", "it", BEYOND_DOUBT),
        ("maine doodh ke 60 diye", "en", "hi", BEYOND_DOUBT),
        ("yesterday I paid 9 for the bread with my card", "hi", "en", BEYOND_DOUBT),
        ("einkauf gestern 45", "en", "de", LIKELY),
    ],
)
def test_a_sentence_leaves_no_doubt(text: str, home: str, code: str, least: int) -> None:
    told, ahead = lead(folded_words(text), home)
    assert (told, ahead >= least) == (code, True)


@pytest.mark.parametrize("text", ["pizza 12", "cena 20", "taxi 9 bob", "hotel 120 euro", "lunch 1.200", "netflix 12,99"])
@pytest.mark.parametrize("home", ["en", "de", "es"])
def test_a_word_or_two_decide_nothing(text: str, home: str) -> None:
    told, ahead = lead(folded_words(text), home)
    assert told == home or ahead < LIKELY


def test_no_words_tell_nothing() -> None:
    assert lead((), "de") == ("de", 0)


@pytest.mark.parametrize("text", ["taxi to airport 20", "cents cents", "i paid 30 til friday", "no 45"])
def test_a_word_shared_with_languages_whose_sentences_are_unknown_tells_none_of_them(text: str) -> None:
    assert tongue(folded_words(text), None) == "en"


def test_a_code_of_money_is_no_small_word() -> None:
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="me", currency="EGP")
    assert look("42 LE for a pot", context).language.code == "en"
    assert look("42 le pot", context).language.code == "fr"


@pytest.mark.parametrize(
    ("text", "members", "language"),
    [
        ("Miete 900: Jana 400, ich 300, Lena 200", ("Mia", "Jana", "Lena"), "de"),  # both are verbs in Hindi
        ("rent 900: Ben 400, me 300, Cho 200", ("Mia", "Ben", "Cho"), "en"),
        ("alquiler 900: Ben 400, yo 300, Sara 200", ("Mia", "Ben", "Sara"), "es"),
    ],
)
def test_names_of_members_tell_no_language(text: str, members: tuple[str, ...], language: str) -> None:
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Mia", members=members, chat="group")
    found = parse(text, context)
    assert (found.language, found.question) == (language, None)
    assert isinstance(found.intent, RecordExpenses)
