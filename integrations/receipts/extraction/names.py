"""Owns which row names which line: on its own row, above or below, told by a trained model that sees what the other lines do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.page import Page

OFFSETS = (0, -1, -2, -3, 1, 2)
_KINDS_TEXT = """
    total subtotal tax discount cash change quantity column rate_codes date time cashier title invoice table customer phone thanks address
"""
_KINDS = tuple(_KINDS_TEXT.split())
_TIMES = re.compile(
    r"(?<![\w.,])\d{1,4}(?:[.,]\d{1,3})?\s?(?:kg|g|l|stk?\.?|pcs?)?\s?[x×*@](?![a-wyz])|[x×*@]\s?\d{1,4}(?:[.,]\d+)?(?!\w)", re.IGNORECASE
)
_CODE = re.compile(r"(?<!\w)(?:\d{4,}|[\d-]{6,})(?!\w)")
_TRAIL = re.compile(r"(?:\s+(?:[*#.]?[A-Z]{1,3}|\*?[A-Z]{2}L|RM|EUR|€|\$|\d{1,3}(?:[.,]\d{1,3})?|[-*@=:.]))+\s*$")


@dataclass(frozen=True, slots=True)
class Option:
    """A row that may name a line, with its text cleaned of codes and counts, and its features by name."""

    row: int
    text: str
    features: Mapping[str, float]


_FEATURES_TEXT = """
    offset letters digits words code times amounts line crosses own_letters own_code own_times above_letters below_letters named_at_offset
    free_at_offset named_own named_above named_below lines left left_of_own score first_line last_line below_header upper gap
"""
_FEATURES = tuple(_FEATURES_TEXT.split())


@cache
def features() -> tuple[str, ...]:
    """The names of all features, in order."""
    return (*_KINDS, *_FEATURES)


def vector(option: Option) -> list[float]:
    """The features in the order of `features()`."""
    return [option.features.get(name, 0.0) for name in features()]


def options(page: Page, lines: Sequence[Amount]) -> list[list[Option]]:
    """For each line the rows near it that hold letters; `lines` in reading order."""
    rows = [amount.row for amount in lines]
    taken = set(rows)
    texts = {row: text_of(page, row) for amount in rows for row in range(amount - 4, amount + 4) if 0 <= row < len(page.rows)}
    named = {row: _letters(text) >= 3 and not page.labels[row].kinds & {"column", "date", "title"} for row, text in texts.items()}
    usual = {offset: sum(named.get(row + offset, False) for row in rows) / max(1, len(rows)) for offset in OFFSETS}
    free = {offset: sum(row + offset not in taken and row + offset not in page.by_row for row in rows) / max(1, len(rows)) for offset in OFFSETS}
    shared = {
        "named_own": usual[0],
        "named_above": sum(named.get(row - 1, False) and row - 1 not in page.by_row for row in rows) / max(1, len(rows)),
        "named_below": sum(named.get(row + 1, False) and row + 1 not in page.by_row for row in rows) / max(1, len(rows)),
        "lines": float(len(rows)),
    }
    found = []
    for place, row in enumerate(rows):
        near = [_option(page, row, offset, texts, taken) for offset in OFFSETS if row + offset in texts and _letters(texts[row + offset]) >= 2]
        ends = {"first_line": float(place == 0), "last_line": float(place == len(rows) - 1)}
        found.append(
            [
                Option(
                    each.row,
                    each.text,
                    {**each.features, **shared, **ends, "named_at_offset": usual[each.row - row], "free_at_offset": free[each.row - row]},
                )
                for each in near
            ]
        )
    return found


def _option(page: Page, row: int, offset: int, texts: Mapping[int, str], taken: set[int]) -> Option:
    place, text = row + offset, texts[row + offset]
    label, step = page.labels[place], (1 if offset > 0 else -1)
    between = set(range(row + step, place, step)) if offset else set()
    whole = page.rows[place].text
    return Option(
        place,
        text,
        {kind: 1.0 for kind in _KINDS if kind in label.kinds}
        | {
            "offset": float(offset),
            "letters": float(_letters(text)),
            "digits": float(sum(map(str.isdigit, text))),
            "words": float(len(text.split())),
            "code": float(bool(_CODE.search(whole))),
            "times": float(bool(_TIMES.search(whole))),
            "amounts": float(len(page.by_row.get(place, ()))),
            "line": float(place in taken and offset != 0),
            "crosses": float(len(between & taken)),
            "own_letters": float(_letters(texts[row])),
            "own_code": float(bool(_CODE.search(page.rows[row].text))),
            "own_times": float(bool(_TIMES.search(page.rows[row].text))),
            "above_letters": float(_letters(texts.get(row - 1, ""))),
            "below_letters": float(_letters(texts.get(row + 1, ""))),
            "left": (page.rows[place].left - page.left) / page.width,
            "left_of_own": (page.rows[place].left - page.rows[row].left) / page.width,
            "score": page.rows[place].score,
            "below_header": float(place > 0 and "column" in page.labels[place - 1].kinds),
            "upper": sum(map(str.isupper, text)) / max(1, _letters(text)),
            "gap": abs(page.rows[place].middle - page.rows[row].middle) / page.height,
        },
    )


def text_of(page: Page, row: int) -> str:
    """A row's text without its amounts, codes, counts and tax letters: what is left names something."""
    text = page.rows[row].text
    for amount in reversed(page.by_row.get(row, ())):
        text = text[: amount.start] + "  " + text[amount.end :]
    text = _CODE.sub(" ", _TIMES.sub(" ", text))
    text = re.sub(r"^\s*(?:\d{1,3}(?:[.)]|\s)|[*#-])\s*(?=[^\W\d])", "", text)
    shorter = _TRAIL.sub("", text)
    text = shorter if _letters(shorter) >= 2 else text
    return re.sub(r"\s+", " ", text).strip(" .,:;-_*=~#|\\/<>@")


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def assign(found: Sequence[Sequence[tuple[Option, float]]], rows: Sequence[int]) -> list[Option | None]:
    """One row a line, downwards and no row twice (Viterbi over the options); lines of one receipt like to be named from the same side.

    `found`: options with their scores, a line each; `rows`: the lines' own rows.
    """
    # A state: score so far, options chosen (None where a line has none), the last row used and its side.
    states: list[tuple[float, tuple[Option | None, ...], int, int | None]] = [(0.0, (), -1, None)]
    for each, own in zip(found, rows, strict=True):
        following: dict[tuple[int, int | None], tuple[float, tuple[Option | None, ...], int, int | None]] = {}
        for total, chosen, last, side in states:
            steps: list[tuple[Option | None, float]] = [*each, (None, _UNNAMED)]
            for option, score in steps:
                if option is not None and option.row <= last:
                    continue
                now = side if option is None else option.row - own
                worth = total + score + (_SAME_SIDE if option is not None and now == side else 0.0)
                place = last if option is None else option.row
                if (place, now) not in following or following[place, now][0] < worth:
                    following[place, now] = worth, (*chosen, option), place, now
        states = sorted(following.values(), key=lambda state: -state[0])[:24]
    return list(max(states, key=lambda state: state[0])[1])


_UNNAMED = -5.0
_SAME_SIDE = 1.2
