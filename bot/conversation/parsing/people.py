"""Owns recognising who is meant: members, the speaker, everyone, names that are new, and names that only look like a member's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.conversation.intents import ParseContext
from bot.conversation.parsing.lexicon import Lexicon, keywords, lexicon
from core.domain.people import name_key
from core.reading.text import Phrases, Token, folded_words

MEMBER, SPEAKER, EVERYONE, NEW = "P", "I", "E", "N"


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens [first, last) that name somebody. `name`: as the chat has it; for a new name as it was written."""

    first: int
    last: int
    letter: str
    name: str
    owns: bool = False  # "Anna's": what follows is hers


def people_of(context: ParseContext, code: str) -> People:
    """The people of a chat; made once for chats with the same names."""
    return _people(context.speaker, context.members, tuple(context.aliases.items()), tuple(context.handles.items()), code)


@lru_cache(maxsize=512)
def _people(speaker: str, members: tuple[str, ...], aliases: tuple[tuple[str, str], ...], handles: tuple[tuple[str, str], ...], code: str) -> People:
    return People(speaker, members, aliases, handles, lexicon(code))


class People:
    """The people of one chat, ready to be found in texts. Holds no state of a message."""

    def __init__(
        self, speaker: str, members: Sequence[str], aliases: Sequence[tuple[str, str]], handles: Sequence[tuple[str, str]], lexicon: Lexicon
    ) -> None:
        self.speaker = speaker
        self.members = tuple(dict.fromkeys((*members, *([] if speaker in members else [speaker]))))
        self.others = tuple(name for name in self.members if name != self.speaker)
        self._lexicon = lexicon
        names = [*((name, name) for name in self.members), *aliases]
        self._keys = {name_key(written): name for written, name in names}
        self._names = Phrases((name_key(written), name) for written, name in names if name_key(written))
        self._initials = {words[0][0] for written, _ in names if (words := folded_words(name_key(written)))}
        self._handles = dict(handles)
        self._common = lexicon.words["words.chatter"] | lexicon.words["words.spent"] | lexicon.words["words.particles"]

    def at(self, tokens: Sequence[Token], folded: Sequence[str], place: int) -> Mention | None:
        """Who is named at token `place`."""
        if tokens[place].text != "@" and folded[place][0] not in self._initials and not self._lexicon.people.begins(folded[place]):
            return None
        start = place + 1 if tokens[place].text == "@" and place + 1 < len(tokens) and tokens[place + 1].glued else place
        handle = start != place
        written, end = handle_at(tokens, start) if handle else ("", start)
        if (name := self._handles.get(written.casefold())) is not None:
            return Mention(place, end, SPEAKER if name == self.speaker else MEMBER, name)
        found = self._names.at(folded, start)
        owner = self._owner(folded[start]) if found is None else None
        if (found or owner) is not None and self._may_be_name(tokens, start, handle=handle):
            name, size = found or owner or ("", 1)
            return Mention(place, start + size, SPEAKER if name == self.speaker else MEMBER, name, owns=owner is not None)
        if not handle and (word := self._lexicon.people.at(folded, place)) is not None and not self._all_of(word, folded, place):
            return Mention(place, place + word[1], word[0], self.speaker)
        if handle and tokens[start].kind == "w":
            return Mention(place, end, NEW, written)
        return None

    def new_at(self, tokens: Sequence[Token], place: int) -> Mention | None:
        """A name that is none of the members': a capitalised word that is no other word of the language."""
        token = tokens[place]
        word = token.folded.removesuffix("'s")
        if (
            token.kind != "w"
            or len(token.text) < 2
            or not token.text[0].isupper()
            or token.text.isupper()
            or word in self._lexicon.words["words.not_names"]
            or (self._lexicon.capital_nouns and (word in self._lexicon.words["words.things"] or word in keywords(self._lexicon.code)))
        ):
            return None
        if word in self._common or self._lexicon.categories.at([word], 0) is not None:
            return None
        return Mention(place, place + 1, NEW, token.text.removesuffix("'s"))

    def like(self, written: str) -> str | None:
        """The member whose name looks like this one, though it is another: one letter off, or letters of another script."""
        key = name_key(written)
        if len(key) < 3 or key in self._keys:
            return None
        near = [
            name for known, name in self._keys.items() if len(known) >= 3 and known[0] == key[0] and OSA.distance(known, key, score_cutoff=1) <= 1
        ]
        return near[0] if len(set(near)) == 1 else None

    def _owner(self, word: str) -> tuple[str, int] | None:
        """A member's name with an ending that the language makes owners with; a bare letter only after three others ("Annas")."""
        for ending in self._lexicon.endings:
            stem = word.removesuffix(ending)
            if stem != word and (len(stem) > 2 or not ending.isalpha()) and (found := self._names.at([stem], 0)) is not None:
                return found
        return None

    def _all_of(self, word: tuple[str, int], folded: Sequence[str], place: int) -> bool:
        """ "todos" is everyone, "todos los meses" is every month."""
        following = place + word[1]
        return word[0] == EVERYONE and following < len(folded) and folded[following] in self._lexicon.words["words.each_of"]

    def _may_be_name(self, tokens: Sequence[Token], place: int, *, handle: bool) -> bool:
        """A member called Will or May is meant only where the word is written as a name."""
        token = tokens[place]
        return handle or token.folded not in self._common or token.text[0].isupper()


def handle_at(tokens: Sequence[Token], start: int) -> tuple[str, int]:
    """What stands behind an @ and where it ends: letters, digits and _ that hang together, as platforms allow them."""
    end = start + 1
    while end < len(tokens) and tokens[end].glued and (tokens[end].kind == "w" or tokens[end].text.isdecimal() or tokens[end].text == "_"):
        end += 1
    return "".join(token.text for token in tokens[start:end]), end
