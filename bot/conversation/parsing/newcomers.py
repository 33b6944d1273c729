"""Owns reading who is to be added to a group: people, and nothing else that a list may name."""

from __future__ import annotations

import re

from bot.conversation.intents import Command
from bot.conversation.parsing.categories import category_of, named_category
from bot.conversation.parsing.shape import Scan
from bot.conversation.parsing.zones import is_place
from core.reading.text import fold, folded_words

_DAYS = frozenset("WwMmRrEQH")  # classes of date words: days, months, "today", seasons, holidays
_UNIT = "U"
_SHORTENED = 3  # letters: "Jan" and "Mar" are people as well


def names_in(scan: Scan, text: str) -> list[str]:
    """The names of a list: "Eve, @finn and Gus"."""
    joins = "|".join(rf"\b{join}\b" if join.isalpha() else re.escape(join) for join in sorted(scan.lexicon.words["words.joins"]))
    return [part.strip(" @") for part in re.split(joins, text, flags=re.IGNORECASE) if part.strip(" @")]


def add_member(scan: Scan, slots: dict[str, str]) -> Command | None:
    """People to be: a capitalised word or a handle each, one alone in a group also a small one; never a thing or somebody who is a member.

    Of several, or of what goes on a list or a trip, no name may be a known word: "add Sunday and Monday", "add Italy to the trip".
    """
    if "\n" in scan.text.strip():
        return None  # where one name ends and another begins is not said
    names = names_in(scan, slots["name"])
    known = {fold(member) for member in scan.people.members}
    names = [name for name in names if fold(name) not in known] if len(names) > 1 else names
    small = scan.context.chat == "group" and len(names) == 1 and " " not in names[0] and "list" not in slots
    doubtful = "list" in slots or " " in slots["name"].strip()
    if not names or not all(_may_be_added(scan, name, small=small) for name in names):
        return None
    if any(_is_known(scan, name) if doubtful else _is_weekday(scan, name) for name in names):
        return None
    return Command("add_member", {"name": ",".join(names)})


def _may_be_added(scan: Scan, name: str, *, small: bool) -> bool:
    words = folded_words(name)
    if not words or len(words) > 3 or named_category(name, scan.lexicon) or any(word in scan.lexicon.words["words.chatter"] for word in words):
        return False
    if any(fold(name) == fold(member) or fold(member) in words for member in scan.people.members):
        return False
    return (name[0].isupper() or small) and words[0] not in scan.lexicon.words["words.not_names"]


def _is_known(scan: Scan, name: str) -> bool:
    """Whether a name has a word of the language in it that is no name: a thing, a day, a month, a place."""
    words = folded_words(name)
    things = scan.lexicon.words["words.things"] | scan.lexicon.words["words.not_names"]
    if not things.isdisjoint(words) or category_of(words, scan.lexicon) is not None:
        return True
    said = {_date_class(scan, word) for word in words if len(word) > _SHORTENED}
    if said & _DAYS or _UNIT in {_date_class(scan, word) for word in words}:
        return True
    return is_place(name, scan.lexicon.places, scan.language.code)


def _is_weekday(scan: Scan, name: str) -> bool:
    return len(name) > _SHORTENED and _date_class(scan, fold(name)) == "W"


def _date_class(scan: Scan, word: str) -> str:
    found = scan.language.dates.words.at([word], 0)
    return found[0][0] if found is not None else "-"
