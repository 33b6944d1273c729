"""Owns the candidates for the merchant's name: rows of the head, alone or two joined, cleaned of numbers, with what speaks for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.reading.text import fold
from integrations.receipts.extraction.page import Label, Page
from integrations.receipts.extraction.rows import Row
from integrations.receipts.extraction.spelling import respell

HEAD_ROWS = 16
_KINDS_TEXT = """
    company shop address phone taxid title invoice date time cashier table customer thanks total cash column tax quantity
"""
_KINDS = tuple(_KINDS_TEXT.split())
_REGISTRATION = re.compile(
    r"""\s*[(\[{]?\s*(?:co\.?\s*)?(?:reg(?:istration)?\.?\s*)?(?:no\.?\s*)?:?\s*
        (?:\d[\d\s]{3,}\s?-?\s?[A-Za-z]{0,2}|[A-Z]{1,3}\s?\d{5,}\s?-?\s?[A-Za-z]?|\d{4,}-?\w?)\s*[)\]}]?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_EDGES = " .,:;-_*=~#'\"+/\\<>«»|!"
_SITE = re.compile(r"(?:www\.|@|https?://)?([a-z0-9][a-z0-9-]{2,})\.(?:com|de|net|org|my|eu|fr|es|it|pt|nl|at|ch|co|info|biz|uk|be)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the merchant may have, the rows that say it, and its features by name."""

    text: str
    first: int
    last: int
    features: Mapping[str, float]


def names_of(page: Page) -> tuple[Name, ...]:
    """Candidates from the first rows down, and from the last ones where a company thanks at the end."""
    rows = [index for index, label in enumerate(page.labels) if label.letters >= 2][:HEAD_ROWS]
    found = [name for index in rows for name in _names_at(page, index)]
    return tuple(found)


def vector(name: Name) -> list[float]:
    """The features in the order of `features()`."""
    return [name.features.get(feature, 0.0) for feature in features()]


_FEATURES_TEXT = """
    place letters_before type_size type_size_above type_size_below is_largest width centred left letters digits words unknown upper score
    joined part again site brackets ends_in_comma starts_with_digit amounts cut second_company second_shop second_address sizes_differ
    first_company gap_above gap_below after_customer title_before
"""
_FEATURES = tuple(_FEATURES_TEXT.split())


@cache
def features() -> tuple[str, ...]:
    """The names of all features, in order."""
    return (*_KINDS, *(f"above_{kind}" for kind in _KINDS), *(f"below_{kind}" for kind in _KINDS), *_FEATURES)


def _names_at(page: Page, index: int) -> list[Name]:
    row = page.rows[index]
    found = [_name(page, index, index, clean(row.text), row.text)]
    if len(row.boxes) > 1:
        longest = max(row.boxes, key=lambda box: box.height * len(box.text))
        found.append(_name(page, index, index, clean(longest.text), longest.text, part=True))
    text, whole = clean(row.text), row.text
    for last in (index + 1, index + 2):
        if not _goes_on(page, last, index):
            break
        below = page.rows[last].text
        open_bracket = whole.count("(") > whole.count(")")
        text, whole = clean(f"{whole} {below}" if open_bracket else f"{text} {clean(below)}"), f"{whole} {below}"
        if last == index + 1 or "company" in page.labels[last].kinds:
            found.append(_name(page, index, last, text, whole))
    return [name for name in found if sum(character.isalpha() for character in name.text) >= 2]


def _goes_on(page: Page, last: int, first: int) -> bool:
    """Whether a name may go on from the row above to this one: close by, in letters, and the first row is not just a title like "TAX INVOICE"."""
    if last >= len(page.rows) or last in page.by_row or page.labels[last].letters < 2:
        return False
    if "title" in page.labels[first].kinds and _unknown([page.labels[first]]) == 0:
        return False
    above, below = page.rows[last - 1], page.rows[last]
    return below.top - above.bottom < 1.2 * max(above.height, below.height)


def clean(text: str) -> str:
    """A name without registration numbers, marks at its edges and doubled blanks."""
    text = re.sub(r"\s+", " ", text).strip(_EDGES)
    text = re.sub(r"\s?[(\[{][^()\[\]{}]*\d[^()\[\]{}]*[)\]}]?", " ", text)
    shorter = _REGISTRATION.sub("", text)
    text = shorter if sum(character.isalpha() for character in shorter) >= 3 else text
    text = re.sub(r"\s+", " ", text).strip(_EDGES)
    if text.count("(") > text.count(")"):
        text = text + ")" if len(text) - text.rfind("(") > 2 else text[: text.rfind("(")].strip(_EDGES)
    return text


def _name(page: Page, first: int, last: int, text: str, whole: str, *, part: bool = False) -> Name:
    row, label, second = page.rows[first], page.labels[first], page.labels[last]
    found: dict[str, float] = {kind: float(kind in label.kinds or kind in second.kinds) for kind in _KINDS}
    for side, place in (("above", first - 1), ("below", last + 1)):
        if 0 <= place < len(page.rows):
            found |= {f"{side}_{kind}": 1.0 for kind in _KINDS if kind in page.labels[place].kinds}
    found |= _shape(page, row, text, whole)
    found |= _place(page, first, last)
    found["joined"], found["part"] = float(last > first), float(part)
    found["first_company"] = float("company" in label.kinds)
    if last > first:
        found |= {f"second_{kind}": float(kind in second.kinds) for kind in ("company", "shop", "address")}
        found["sizes_differ"] = abs(page.rows[last].height / row.height - 1)
    found["unknown"] = _unknown([label, second] if last > first else [label])
    found["again"], found["site"] = _elsewhere(page, text, first, last)
    return Name(respell(text, page.language), first, last, found)


def _shape(page: Page, row: Row, text: str, whole: str) -> dict[str, float]:
    letters = [character for character in text if character.isalpha()]
    return {
        "letters": float(len(letters)),
        "digits": float(sum(character.isdigit() for character in text)),
        "words": float(len(text.split())),
        "upper": sum(character.isupper() for character in letters) / max(1, len(letters)),
        "brackets": float("(" in text),
        "cut": float(len(whole) - len(text)),
        "ends_in_comma": float(whole.rstrip().endswith(",")),
        "starts_with_digit": float(text[:1].isdigit()),
        "score": row.score,
        "type_size": row.height / page.height,
        "is_largest": float(row.height >= max(other.height for other in page.rows[:HEAD_ROWS]) * 0.97),
        "width": (row.right - row.left) / page.width,
        "left": (row.left - page.left) / page.width,
        "centred": abs((row.left + row.right) / 2 - page.left - page.width / 2) / page.width,
    }


def _place(page: Page, first: int, last: int) -> dict[str, float]:
    rows = page.rows
    above, below = (rows[first - 1] if first else None), (rows[last + 1] if last + 1 < len(rows) else None)
    before = frozenset(kind for label in page.labels[:first] for kind in label.kinds)
    return {
        "place": float(first),
        "letters_before": float(sum(label.letters > 2 for label in page.labels[:first])),
        "type_size_above": above.height / rows[first].height if above else 1.0,
        "type_size_below": below.height / rows[last].height if below else 1.0,
        "gap_above": min(5.0, (rows[first].top - above.bottom) / page.height) if above else 5.0,
        "gap_below": min(5.0, (below.top - rows[last].bottom) / page.height) if below else 5.0,
        "amounts": float(first in page.by_row),
        "after_customer": float("customer" in before or "invoice" in before),
        "title_before": float("title" in before),
    }


def _unknown(labels: Sequence[Label]) -> float:
    """The share of words that the data files do not know: names are made of these."""
    words = sum(len(label.words) for label in labels)
    known = sum(end - start for label in labels for _, start, end, _ in label.phrases)
    return (words - known) / max(1, words)


def _elsewhere(page: Page, text: str, first: int, last: int) -> tuple[float, float]:
    """How often the name stands on other rows, and whether a web or mail address holds its beginning."""
    squeezed = re.sub(r"[^a-z0-9]", "", fold(text))
    if len(squeezed) < 3:
        return 0.0, 0.0
    again, site = 0, 0
    for index, row in enumerate(page.rows):
        other = fold(row.text)
        if not first <= index <= last:
            again += squeezed in re.sub(r"[^a-z0-9]", "", other)
        for domain in _SITE.findall(other):
            plain = re.sub(r"[^a-z0-9]", "", domain)
            site += plain.startswith(squeezed[:5]) or (len(plain) >= 4 and squeezed.startswith(plain))
    return float(min(3, again)), float(min(2, site))
