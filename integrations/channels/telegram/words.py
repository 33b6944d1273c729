"""What a person's text says to us: without our own mention and the marks of commands, and who else it mentions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import MessageEntity

from core.domain.messages import Person
from integrations.channels.telegram.text import piece

_SPACES = re.compile(r"[ \t]{2,}")
_DEEP_LINKS = {"join": "join", "link": "link"}  # "/start join_K7QM2" is what a link to the bot with that code sends


@dataclass(frozen=True, slots=True)
class Words:
    """`start`: the person asked to begin, saying nothing else. `elsewhere`: a command to another bot."""

    text: str
    mentions: tuple[Person, ...] = ()
    start: bool = False
    elsewhere: bool = False


def read_words(text: str, entities: Sequence[MessageEntity], *, username: str) -> Words:
    """`username` is the bot's own, without the @."""
    cuts: list[tuple[int, int, str]] = []
    mentions: list[Person] = []
    start = False
    for entity in sorted(entities, key=lambda each: each.offset):
        said = piece(text, offset=entity.offset, length=entity.length)
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            name, _, target = said[1:].partition("@")
            if target and target.casefold() != username.casefold():
                return Words("", elsewhere=True)
            start = name.casefold() == "start"
            cuts.append((0, entity.length, "" if start else name.replace("_", " ")))
        elif entity.type == MessageEntity.MENTION and username and said.casefold() == f"@{username}".casefold():
            cuts.append((entity.offset, entity.length, ""))
        elif entity.type == MessageEntity.MENTION and len(said) > 1:
            mentions.append(Person(user="", name="", handle=said[1:]))
        elif entity.type == MessageEntity.TEXT_MENTION and entity.user is not None and not entity.user.is_bot:
            mentions.append(Person(str(entity.user.id), said, entity.user.username or ""))
    kept = _without(text, cuts)
    if not start:
        return Words(kept, tuple(mentions))
    link, _, code = kept.partition("_")
    linked = f"{_DEEP_LINKS[link]} {code}" if link in _DEEP_LINKS and code else ""
    return Words(linked, tuple(mentions), start=not linked)


def _without(text: str, cuts: Sequence[tuple[int, int, str]]) -> str:
    """The text with parts (offset and length in UTF-16 units) replaced, tidied where that was done."""
    if not cuts:
        return text
    parts, place = [], 0
    for offset, length, instead in cuts:
        parts += [piece(text, offset=place, length=offset - place), instead]
        place = offset + length
    parts.append(piece(text, offset=place, length=len(text) * 2))
    return _SPACES.sub(" ", "".join(parts)).strip().lstrip(",:").strip()
