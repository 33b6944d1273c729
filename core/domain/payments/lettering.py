"""Names and notes made to fit: into the letters that a rail can carry and the room that it gives. Loses accents rather than letters."""

from __future__ import annotations

import unicodedata

# Letters that do not come apart into a plain one and a mark, and two alphabets (ISO 9 made simple; ELOT 743); "-" is no letter at all.
_LATIN = "ß ss ẞ SS æ ae Æ AE œ oe Œ OE ø o Ø O ð d Ð D þ th Þ Th đ d Đ D ł l Ł L ħ h Ħ H ı i ŋ n Ŋ N ’ ' ‘ ' “ \" ” \" – - — -"
_CYRILLIC = (
    "а a б b в v г g д d е e ё e ж zh з z и i й i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ - ы y ь - э e ю iu я ia "
    "і i ї i є ie ґ g ў u ђ dj ј j љ lj њ nj ћ c џ dz ѓ gj ќ kj ѕ dz"
)
_GREEK = "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o"


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_SMALL = {letter: each.strip("-") for letter, each in (_pairs(_CYRILLIC) | _pairs(_GREEK)).items()}
_PLAIN = _pairs(_LATIN) | _SMALL | {letter.upper(): each.capitalize() for letter, each in _SMALL.items() if letter.upper() != letter}


def plain(text: str) -> str:
    """In printable ASCII, single spaces; what has no letters there is left out."""
    marked = "".join(_PLAIN.get(each, each) for each in unicodedata.normalize("NFC", text))
    bare = unicodedata.normalize("NFKD", marked)
    return " ".join("".join(_PLAIN.get(each, each) for each in bare).encode("ascii", "ignore").decode().translate(_CONTROLS).split())


def latin(text: str) -> str:
    """In the letters of ISO 8859-1, which keep most accents; what is not among them becomes plain."""
    kept = (each if _is_latin(each) else plain(each) or (" " if each.isspace() else "") for each in unicodedata.normalize("NFC", text))
    return " ".join("".join(kept).split())


def clean(text: str) -> str:
    """Any letters, one line, no controls."""
    kept = (" " if each.isspace() else each for each in unicodedata.normalize("NFC", text))
    return " ".join("".join(each for each in kept if unicodedata.category(each)[0] != "C").split())


def shortened(text: str, most: int, *, most_bytes: int | None = None) -> str:
    """At most so many characters (and bytes of UTF-8): cut at a word's end where that keeps half of it, never inside a letter with its marks."""
    if most_bytes is None:
        most_bytes = 4 * most
    if len(text) <= most and len(text.encode()) <= most_bytes:
        return text
    end = min(len(text), most)
    while len(text[:end].encode()) > most_bytes or (end and unicodedata.combining(text[end : end + 1] or " ")):
        end -= 1
    word = text.rfind(" ", 0, end + 1)
    return text[: word if word * 2 >= end else end].rstrip()


_CONTROLS = dict.fromkeys([*range(0x20), 0x7F], " ")


def _is_latin(each: str) -> bool:
    return " " <= each <= "~" or "\xa1" <= each <= "\xff"
