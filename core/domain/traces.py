"""Takes a person's names and words out of what Tuppence said to others. Pure; knows how sentences show names, not where they are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from core.domain.people import FORMER

LABEL_MOST = 40  # our sentences cut names and texts there
GONE = "…"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_NOBODY = {"you", "me", FORMER}  # what people are called who never said a name


@dataclass(frozen=True)
class Words:
    """`names` become "former member", `texts` an ellipsis. Each is found as it was written and as our sentences show it (one line, cut)."""

    names: tuple[str, ...]
    texts: tuple[str, ...]

    def taken_out(self, said: str) -> str:
        """The same sentence without them. A word is only found whole: "Ann" is not in "Annex".

        What our sentences put into curly quotes is an example of ours (“paid 45 for dinner”) or the asker's own word, and stays.
        """
        said = self._names.sub(lambda match: FORMER if match["word"] else match[0], said)
        return self._texts.sub(lambda match: GONE if match["word"] else match[0], said)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return _pattern((name for name in self.names if name.casefold() not in _NOBODY), 0)

    @cached_property
    def _texts(self) -> re.Pattern[str]:
        return _pattern(self.texts, re.IGNORECASE)  # at the start of a sentence they have a capital


def _pattern(wanted: Iterable[str], flags: int) -> re.Pattern[str]:
    """The longest first, so that no part of one is left; what matches nothing where nothing is wanted."""
    forms = sorted({form for each in wanted for form in _forms(each)}, key=len, reverse=True)
    either = "|".join(map(re.escape, forms))
    return re.compile(rf"(?P<word>(?<!\w)(?:{either if forms else '(?!)'})(?!\w))|“[^”\n]*”", flags)


def _forms(text: str) -> set[str]:
    composed = unicodedata.normalize("NFC", "".join(" " if character in "\n\r\t" else character for character in text))
    line = " ".join("".join(character for character in composed if unicodedata.category(character) not in _INVISIBLE).split())
    cut = line if len(line) <= LABEL_MOST else line[: LABEL_MOST - 1].rstrip() + "…"
    return {form for form in (text.strip(), line, cut, cut[:1].upper() + cut[1:]) if form}
