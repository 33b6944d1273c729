"""Whoever wants to be answered in another language says so: in the language that the chat is in, or in the one that is wanted."""

from datetime import datetime

import pytest
from babel import Locale

from bot.conversation.intents import Command, ParseContext
from bot.conversation.parsing import parse
from bot.conversation.replies.catalogue import languages

WISHES = {
    "de": ["sprich {}", "antworte bitte auf {}"],
    "en": ["speak {}", "please answer in {}"],
    "es": ["habla {}", "responde en {} por favor"],
    "fr": ["parle {}", "réponds en {}"],
    "hi": ["{} mein bolo", "{} mein jawab do"],
    "it": ["parla {}", "rispondi in {}"],
    "pt": ["fala {}", "responda em {}"],
}


def meant(text: str, language: str | None) -> object:
    return parse(text, ParseContext(now=datetime(2025, 3, 14, 12), speaker="Zoe", language=language)).intent


@pytest.mark.parametrize("wanted", languages())
@pytest.mark.parametrize("language", languages())
def test_in_the_language_of_the_chat(language: str, wanted: str) -> None:
    name = Locale.parse("en_IN" if language == "hi" else language).languages[wanted]
    for wish in WISHES[language]:
        assert meant(wish.format(name), language) == Command("set_language", {"language": wanted}), wish.format(name)


@pytest.mark.parametrize("wanted", languages())
@pytest.mark.parametrize("language", languages())
def test_in_the_wanted_language(language: str, wanted: str) -> None:
    """ "habla español", written in a chat that is answered in German."""
    name = Locale.parse("en_IN" if wanted == "hi" else wanted).languages[wanted]
    wish = WISHES[wanted][0].format(name)
    assert meant(wish, language) == Command("set_language", {"language": wanted}), wish
