"""Reads the data files of the conversation while the service starts, so that a broken one is told of then and not to whoever writes first."""

from __future__ import annotations

from bot.conversation.parsing import divisions, hearsay, suggestions, zones
from bot.conversation.parsing.banking.cues import cues
from bot.conversation.parsing.banking.values import currencies
from bot.conversation.parsing.lexicon import check_tables
from bot.conversation.replies.catalogue import catalogue, languages
from core.domain.tips.rules import library
from core.reading import occasions
from core.reading.language import available, read, scripts, telling


def load_data() -> None:
    """Words, merchants, categories and sentences of all languages. Raises LanguageError naming file and key.

    Phrases and patterns are made of a language's words when somebody writes in it, for that takes longer than all else of a start; an operator's
    own languages are made at once (`add_languages`).
    """
    for code in available():
        read(f"{code}.toml")
    telling()
    scripts()
    check_tables()
    suggestions.load_tables()
    divisions.words()
    hearsay.check_data()
    zones.load_places()
    cues()
    currencies()
    occasions.phrases()
    library()
    for language in languages():
        catalogue(language)
