"""Owns what messages about money ahead may mean: which roles of words each meaning needs, and which forbid it. Reads no words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.conversation.parsing.addressing import Frame
from bot.conversation.parsing.shape import Item
from core.reading.dates import DateSpan

Rest = Literal["nothing", "category", "thing", "topic"]


# Among others people speak of many things: only what these words say may be meant for us there.
STRONG = frozenset(("budget", "limit", "afford", "bill", "fixed", "alert", "rollover"))
_QUESTIONS = frozenset(("afford", "status", "upcoming", "repeats", "listed", "tips"))
_FORBIDS = frozenset(("quiet", "rollover", "mute"))  # which may begin with what is not to be: "no alerts at night"
_ASKED_OF_OTHERS = frozenset(("want", "stop"))  # "do we need a budget?", "no budget?"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says: the roles of its words, its amounts and times, and the words that have no role."""

    roles: frozenset[str]
    amounts: tuple[Item, ...]
    spans: tuple[DateSpan, ...]
    lengths: tuple[Item, ...]  # of time, as "3 days"
    rest: tuple[str, ...]
    asked: bool
    frame: Frame | None = None  # in a group
    strong: bool = True  # a word of it is one that people hardly say of other things

    def has(self, *roles: str) -> bool:
        return self.roles.issuperset(roles)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`any`: all roles of one of these sets must be said; `bars`: none of these. `asked`: whether it is a question; None: either way."""

    name: str
    any: tuple[frozenset[str], ...]
    bars: frozenset[str]
    rest: Rest
    score: int
    amounts: int | None = 0
    asked: bool | None = None
    days: bool = True


def _sets(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(part.split("+")) for part in text.split())


def _bars(text: str) -> frozenset[str]:
    return frozenset(text.split())


MEANINGS = (
    Meaning("quiet_off", _sets("quiet+stop"), _bars(""), "nothing", 96),
    Meaning("quiet", _sets("night+stop night+hush stop+alert+after hush+after"), _bars("again"), "nothing", 96, amounts=None),
    Meaning("unmute", _sets("alert+again alert+start"), _bars("stop fewer"), "topic", 96),
    Meaning("pace", _sets("alert+weekly alert+daily alert+once digest+weekly digest+daily"), _bars("stop fewer"), "nothing", 96, days=False),
    Meaning("less", _sets("fewer+alert fewer+these stop+these"), _bars("ask due budget bill"), "topic", 96, days=False),
    Meaning("mute", _sets("hush stop+alert"), _bars("fewer again did left"), "topic", 96),
    Meaning("rollover", _sets("rollover"), _bars("alert"), "category", 96),
    Meaning(
        "remove",
        _sets("remove+budget order+stop+budget need+stop+budget"),
        _bars("alert due when by left did file"),
        "category",
        96,
        asked=False,
        days=False,
    ),
    Meaning(
        "afford",
        _sets("afford may+spend may+buy may+fit may+enough enough have if+spend if+buy may+budget"),
        _bars("remove alert did"),
        "thing",
        97,
        amounts=1,
        asked=True,
    ),
    Meaning("changed", _sets("budget+by"), _bars("left ask did over"), "category", 92, amounts=1, asked=False),
    Meaning(
        "set", _sets("budget limit most+spend most+unit"), _bars("by if left remove when alert did over"), "category", 92, amounts=1, asked=False
    ),
    Meaning("upcoming", _sets("bill+due bill+have ask+due when+due due+fixed"), _bars("remove left budget save alert stop"), "thing", 94),
    Meaning("upcoming", _sets("due"), _bars("remove left budget save alert stop bill"), "nothing", 94, asked=True),
    Meaning("calendar", _sets("calendar"), _bars("alert budget stop remove"), "nothing", 94, days=False),
    Meaning("listed", _sets("category+ask"), _bars("budget spend did"), "nothing", 96, days=False),
    Meaning("hide", _sets("category+remove category+stop"), _bars("budget alert"), "category", 97, days=False),
    Meaning("repeats", _sets("fixed"), _bars("remove stop due save budget left alert"), "nothing", 94, days=False),
    Meaning("tips", _sets("ask+save want+save advice ask+fewer+spend"), _bars("remove alert budget due"), "category", 94),
    Meaning(
        "status",
        _sets("budget left may+spend+ask have+money have+ask over+ask may+spend"),
        _bars("remove save"),
        "category",
        90,
    ),
)


def fits(said: Said, meaning: Meaning) -> bool:
    """Whether a message may have a meaning."""
    return (
        meaning.amounts in (None, len(said.amounts))
        and (meaning.asked is None or meaning.asked == said.asked)
        and said.roles.isdisjoint(meaning.bars)
        and (meaning.days or not said.spans)
        and (meaning.rest != "nothing" or not said.rest)
        and (meaning.name == "mute" or not said.lengths)
        and any(said.roles >= needed for needed in meaning.any)
    )


def is_for_us(said: Said, meaning: Meaning, *, sure: bool) -> bool:
    """Whether it is said to us: in a group only what is plainly asked, or ordered. `sure`: of a category by its own name, no word mistyped."""
    frame = said.frame
    if frame is None:
        return True
    if not said.strong or said.has("you"):
        return False
    if meaning.name in _QUESTIONS:
        return (frame.asks or (frame.orders and said.has("ask"))) and said.roles.isdisjoint(_ASKED_OF_OTHERS)
    forbids = meaning.name in _FORBIDS and "stop" in frame.first and not said.has("have")
    return meaning.name == "calendar" or frame.orders or forbids or (meaning.name == "set" and sure)
