"""Owns the rules that read what people do with categories: new ones, names, emoji, colours, merging and hiding. Changes nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from bot.conversation.intents import Command
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.sentences import wholes
from bot.conversation.parsing.shape import Item, Scan, Shape
from core.reading.text import folded_words

_MOST = 140
_NAME_MOST = 40
_EMOJI_MOST = 8  # characters: a family of four is seven
_HEX = re.compile(r"#([0-9a-f]{6})(?![0-9a-z])", re.IGNORECASE)
_JOINERS = "\u200d\ufe0f"
_SKIN = range(0x1F3FB, 0x1F400)


def command(scan: Scan) -> Candidate | None:
    """A sentence about categories, as a whole."""
    for name, form, match in wholes(scan, "category_talk", most=_MOST):
        if (found := _READERS[name](scan, form, name, match)) is not None:
            return Candidate(f"category_talk.{name}", found, 96)
    return None


def emoji_apart(text: str) -> tuple[str, str]:
    """A name and the emoji before or behind it: "pets 🐶"; each is "" where there is none."""
    kept = text.strip(" :,'\"“”„«»")
    start = next((place for place, character in enumerate(kept) if not _is_picture(character)), len(kept))
    end = next((place for place in range(len(kept), start, -1) if not _is_picture(kept[place - 1])), start)
    picture = "".join((kept[end:] or kept[:start]).split())
    return kept[start:end].strip(" :,'\"“”„«»"), picture if len(picture) <= _EMOJI_MOST else ""


def _apart(scan: Scan, text: str) -> tuple[str, str]:
    """The same of a part of the message; the emoji as it was sent, for reading the message took out what joins its pieces."""
    name, emoji = emoji_apart(text)
    if not emoji:
        return name, ""
    sent = scan.source.rstrip(" .!?")
    start = next((place for place in range(len(sent), 0, -1) if not _is_picture(sent[place - 1])), 0)
    whole = "".join(sent[start:].split())
    return name, whole if 0 < len(whole) <= _EMOJI_MOST else emoji


def _is_picture(character: str) -> bool:
    return character == " " or character in _JOINERS or ord(character) in _SKIN or unicodedata.category(character) == "So"


def _words(scan: Scan, shape: Shape, match: re.Match[str], slot: str) -> str:
    """What stands in a slot, without the articles before it."""
    items: tuple[Item, ...] = shape.span(match, slot)
    while len(items) > 1 and items[0].mark in scan.lexicon.words["words.articles"]:
        items = items[1:]
    return scan.words(items)


def _outright(scan: Scan, words: str) -> str | None:
    """The category that words call by its own name: "dinner" is something to eat, and no category."""
    folded = folded_words(words)
    found = scan.lexicon.categories.at(folded, 0) if folded else None
    return found[0].name if found is not None and found[0].outright and found[1] == len(folded) else None


def _listed(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command:
    return Command("categories")


def _new(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    said, emoji = _apart(scan, scan.words(shape.span(match, "new")))
    return Command("new_category", {"name": said, "emoji": emoji}) if _nameable(said) else None


def _nameable(said: str) -> bool:
    return 1 < len(said) <= _NAME_MOST and not any(character.isdigit() for character in said)


def _slot(scan: Scan, shape: Shape, match: re.Match[str], slot: str) -> str | None:
    """The code of the category, or behind the word "category" (`sure`) also words that name none."""
    words = _words(scan, shape, match, slot)
    return _outright(scan, words) or (words if match.groupdict().get("sure") else None)


def _renamed(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    one, (said, emoji) = _slot(scan, shape, match, "one"), _apart(scan, scan.words(shape.span(match, "new")))
    return Command("rename_category", {"one": one, "new": said, "emoji": emoji}) if one and _nameable(said) else None


def _merged(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """Where one of the two is a category, the other is meant to be one."""
    words = [_words(scan, shape, match, slot) for slot in ("one", "two")]
    codes = [_outright(scan, said) for said in words]
    if not any(codes) and not match.groupdict().get("sure"):
        return None
    one, two = (code or said for code, said in zip(codes, words, strict=True))
    return Command("merge_category", {"one": one, "two": two})


def _one(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    one = _slot(scan, shape, match, "one")
    return Command("hide_category", {"one": one}) if one else None


def _back(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """With its words besides: those of one that counts as another mean that other one."""
    words = _words(scan, shape, match, "one")
    code = _outright(scan, words)
    return Command("show_category", {"one": words, "code": code or ""}) if code or match.groupdict().get("sure") else None


def _emoji(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    words, (_, emoji) = _words(scan, shape, match, "one"), _apart(scan, scan.words(shape.span(match, "emoji")))
    one = _outright(scan, words) or words
    return Command("set_emoji", {"one": one, "emoji": emoji}) if one and emoji else None


def _colour(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """By its name, or as "#2e7d32", which is read from the text itself."""
    words = _words(scan, shape, match, "one")
    one, written = _outright(scan, words) or words, _HEX.search(scan.text)
    said = scan.words(shape.span(match, "colour"))
    colour = f"#{written[1].lower()}" if written else scan.lexicon.colours.get(" ".join(folded_words(said)), "")
    said = colour if written else said
    return Command("set_colour", {"one": one, "colour": colour, "said": said}) if one else None


_READERS: dict[str, Callable[[Scan, Shape, str, re.Match[str]], Command | None]] = {
    "listed": _listed,
    "new": _new,
    "rename": _renamed,
    "merge": _merged,
    "hide": _one,
    "show": _back,
    "emoji": _emoji,
    "colour": _colour,
}
