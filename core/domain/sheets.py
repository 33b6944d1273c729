"""A report as words and amounts in a reader's language, ready to be drawn, set or written into a file. Lays nothing out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.domain.money import Money

LINES_MOST = 300  # of the newest bills that a page is made of; a table has them all


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its label, its amounts in words, the same in the home currency (by which bars are drawn), and how it stands to the usual.

    `tick`: a shorter label, of a time. `colour`: "#rrggbb" where people chose one, else "". `is_rest`: all rows that are not shown, together.
    """

    label: str
    text: str
    amount: Money
    note: str = ""
    tick: str = ""
    colour: str = ""
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    heading: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What counts of one bill. `day` and `text`, its amount, are in words, and "" where columns have them."""

    on: date
    day: str
    what: str
    category: str
    book: str
    amount: Money
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`figure`: the total in words; `notes`: below it. `times`: the days, weeks or months of the period, all of them, in order.

    `blocks`: by category first. `lines`: every bill, oldest first; `totals`: what they sum to, by currency. `words`: headings of columns.
    """

    language: str
    title: str
    subtitle: str
    figure: str
    notes: tuple[str, ...]
    times: Block
    blocks: tuple[Block, ...]
    lines: tuple[Line, ...]
    totals: tuple[tuple[Money, str], ...]
    words: Mapping[str, str]
    earlier: str = ""  # that there are more bills than a page is made of
