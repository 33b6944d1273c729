"""Owns reading what a message about money ahead comes to, by the roles of its words in whatever order: each must have one. Counts nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from functools import partial

from bot.conversation.intents import Command, Intent, Query
from bot.conversation.parsing.addressing import frame
from bot.conversation.parsing.alerting import coming_day
from bot.conversation.parsing.budgeting import amounted, changed_by, cycle_of, every_one, is_outright, sized
from bot.conversation.parsing.categories import category_of, named_category
from bot.conversation.parsing.gates import nothing
from bot.conversation.parsing.lexicon import GIST_JOINTS, keywords
from bot.conversation.parsing.meanings import MEANINGS, STRONG, Meaning, Said, fits, is_for_us
from bot.conversation.parsing.people import EVERYONE, NEW, SPEAKER
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import AMOUNT, QUANTITY, US, Item, Scan
from core.domain.money import Money
from core.domain.notices import Topic
from core.reading.calendar import add
from core.reading.dates import DateSpan

_TOLD = 89  # score: under a sentence that sets a budget, over an expense
_MOST = 24  # tokens
_SHORT = 3  # letters: of words so short none is a slip of another
_THING_MOST = 5  # words that name what is to be bought
_MARKS = frozenset(".,!?¿¡\"'’:-–—();~/…।")
_ENDS = frozenset(".!?…।")
_GREETING_MOST = 2  # words
_ASKING = frozenset(("ask", "may", "if", "when", "afford"))
_NOWHERE: tuple[Item | None, int] = (None, 0)
_EMPTY = frozenset(("small", "order", "told", "need", "you", "file"))
_BESIDE = frozenset(("most",))  # said of an amount: "until December" is none
_SUFFICE = frozenset(("have", "enough"))  # nobody says so without wanting to know
_WEAK = {"message": "alert", "single": "bill", "ceiling": "budget"}  # said to us alone, to others of anything: "no messages", "who has the bill"
_BOUND = frozenset(("unit", "order", "ask", "may", "afford", "if", "most"))  # beside which a cap is no hat: "a weekly cap of 20"
_HOUR = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])(?:[:.h]([0-5]\d))?\s*(am|pm|h|uhr)?(?![\d:]|[.,]\d)", re.IGNORECASE | re.ASCII)
_FREQUENCIES = {"day": "daily", "week": "weekly", "month": "monthly"}
_LENGTH_MOST = 365
_NIGHT = (time(22), time(8))


# What is told otherwise by whole sentences is called as there.
_RULES = {
    "status": "query.budget_status",
    "remove": "budgets.remove",
    "tips": "command.tips",
    **{name: f"recurring.{name}" for name in ("upcoming", "repeats", "calendar")},
    **{name: f"alerts.{name}" for name in ("mute", "less", "unmute")},
}


def gist(scan: Scan) -> Candidate | None:
    """The first meaning that the words of a message have, where all of them have a part in it.

    What tells others of a budget is nothing: no more is it an expense.
    """
    kept = [place for place, token in enumerate(scan.tokens[: _MOST + 1]) if token.folded not in GIST_JOINTS]
    written = [scan.tokens[place].folded for place in kept]
    folded = [*written]
    if not folded or len(scan.tokens) > _MOST or not _is_about(scan, folded) or _goes_on(folded):
        return None
    said = _read(scan, folded, kept)
    if said is None:
        return None
    for meaning in MEANINGS:
        if fits(said, meaning):
            found = _READERS[meaning.name](scan, said, meaning)
            if found is not None:
                if not is_for_us(said, meaning, sure=written == folded and is_outright(scan, said.rest)):
                    return replace(nothing(scan), score=_TOLD) if _is_told(said, meaning) else None
                return found if isinstance(found, Candidate) else Candidate(_RULES.get(meaning.name, f"gist.{meaning.name}"), found, meaning.score)
    return None


def _is_told(said: Said, meaning: Meaning) -> bool:
    """Whether no other rule is to read what others are told: as an expense, or as spending on "my fixed costs"."""
    return meaning.name == "repeats" or (said.amounts != () and not said.roles.isdisjoint(STRONG))


def _is_about(scan: Scan, folded: list[str]) -> bool:
    """Whether it may be about such things at all; mistyped words are put right in the list."""
    endings = scan.lexicon.gist_endings
    about = not scan.lexicon.gist_heads.isdisjoint(folded) or (bool(endings) and any(word.endswith(endings) for word in folded))
    for place, word in enumerate(folded):
        meant = scan.lexicon.gist_slips.meant(word) if len(word) > _SHORT else None
        known = meant is not None and (word in keywords(scan.lexicon.code) or word in scan.lexicon.words["words.elsewhere"])
        if meant is not None and not known and scan.lexicon.categories.at(folded, place) is None:
            folded[place] = meant
            about = True
    return about


def _goes_on(folded: list[str]) -> bool:
    """Whether another sentence follows the first one that says more than a greeting: so people tell of other things."""
    ends = [place for place, word in enumerate(folded[:-1]) if place >= _GREETING_MOST and word in _ENDS]
    return any(word not in _MARKS for word in folded[min(ends, default=len(folded)) :])


def _read(scan: Scan, folded: list[str], kept: list[int]) -> Said | None:
    """`kept`: of which tokens the words are. Each is a known phrase's, a value's, somebody of us, or left over.

    Nothing where another person or a count is named.
    """
    at = {bisect_left(kept, item.first): (item, bisect_left(kept, item.last)) for item in scan.shape.items}
    roles: set[str] = set()
    opened: frozenset[str] = frozenset()  # what is said first of all
    last: frozenset[str] = frozenset()  # and last
    amounts: list[Item] = []
    spans: list[DateSpan] = []
    lengths: list[Item] = []
    rest: list[str] = []
    place, amounted_to = 0, -1
    while place < len(folded) and len(rest) <= _THING_MOST:
        found, (item, end) = scan.lexicon.gist.at(folded, place), at.get(place, _NOWHERE)
        last = frozenset()
        if item is not None and item.mark == AMOUNT and (found is None or found[1] <= end - place):
            amounts.append(item)
            place = amounted_to = end
        elif item is not None and item.day is not None and (found is None or found[1] < end - place):
            spans.append(item.day)
            place = end
        elif (category := scan.lexicon.categories.at(folded, place)) is not None and category[1] > (found[1] if found is not None else 1):
            rest += folded[place : place + category[1]]
            place += category[1]
        elif found is not None:
            if "unit" in found[0] and place == amounted_to:  # "50 a week at most"
                amounted_to += found[1]
            after, _ = at.get(place + found[1], _NOWHERE)
            beside = (amounted_to in (place, place + found[1]) and (after is None or after.day is None)) or (
                after is not None and after.mark == AMOUNT
            )
            roles |= found[0] if beside else found[0] - _BESIDE
            opened = opened or (found[0] - _EMPTY if not rest and not amounts else frozenset())
            last = found[0]
            place += found[1]
        elif item is None or item.mark in (SPEAKER, EVERYONE, US) or folded[place] in _MARKS:
            place = max(end, place + 1)
        elif item.mark == QUANTITY and item.number is not None:
            lengths.append(item)
            place = end
        elif len(item.mark) == 1 and item.mark.isupper() and item.mark != NEW:
            return None
        else:
            roles |= _compound(scan, folded[place], rest)
            place += 1
    if len(rest) > _THING_MOST:
        return None
    asked = "?" in folded or not _ASKING.isdisjoint(opened | last) or roles >= _SUFFICE
    framed = frame(scan) if scan.context.chat == "group" else None
    if "bound" in roles and (not amounts or _is_limit(scan, roles, rest)):
        roles.add("budget")
    strong = not roles.isdisjoint(STRONG) or ("ceiling" in roles and ("unit" in roles or is_outright(scan, rest)))
    roles |= {_WEAK[role] for role in roles & _WEAK.keys()}
    return Said(frozenset(roles), tuple(amounts), tuple(spans), tuple(lengths), tuple(rest), asked, framed, strong)


def _is_limit(scan: Scan, roles: set[str], rest: list[str]) -> bool:
    """Whether a word for a limit is one beside an amount: "cap 20" is a hat, "weekly cap 20" and "groceries cap 20" are none."""
    if not roles.isdisjoint(_BOUND - {"unit"}) or ("unit" in roles and not scan.dates):
        return True
    return is_outright(scan, rest) and named_category(" ".join(rest), scan.lexicon) is not None


def _compound(scan: Scan, word: str, rest: list[str]) -> frozenset[str]:
    """A word without a role is left over; of "Essensbudget" only what stands before the ending, which has one."""
    for ending in scan.lexicon.gist_endings:
        if word.endswith(ending) and len(word) > len(ending) + 2:
            before = word.removesuffix(ending).removesuffix("-")
            rest.append(before if named_category(before, scan.lexicon) else before.removesuffix("s"))
            return frozenset(("budget",))
    rest.append(word)
    return frozenset()


# ------------------------------------------------------------------ what is made of it

Reader = Callable[[Scan, Said, Meaning], Intent | Candidate | None]
_NONE = ""


def _category(scan: Scan, said: Said) -> str | None:
    """The category that the words left over name, "" where there are none, None where they name none."""
    return (named_category(" ".join(said.rest), scan.lexicon) or None) if said.rest else _NONE


def _set(scan: Scan, said: Said, meaning: Meaning) -> Candidate | None:
    category = _category(scan, said)
    if category is None:
        return None
    cycle = cycle_of(scan, {token.folded for token in scan.tokens})
    return sized(scan, said.amounts, category=category or None, period=cycle, score=meaning.score)


def _changed(scan: Scan, said: Said, meaning: Meaning) -> Candidate | None:
    """ "Raise the food budget by 50": the amount alone is no budget."""
    category = _category(scan, said)
    if category is None:
        return None
    return amounted(scan, "budgets.change", said.amounts, partial(changed_by, scan, category=category or None), score=meaning.score)


def _afford(scan: Scan, said: Said, meaning: Meaning) -> Candidate | None:
    if len(said.rest) > _THING_MOST or not all(word.isalpha() for word in said.rest):
        return None
    category = category_of(said.rest, scan.lexicon) if said.rest else None
    return amounted(scan, "budgets.afford", said.amounts, partial(_priced, category=category), score=meaning.score)


def _priced(money: Money, *, category: str | None) -> Command:
    return Command("afford", {"amount": str(money), "currency": money.currency, **({"category": category} if category else {})})


def _status(scan: Scan, said: Said, meaning: Meaning) -> Query | None:
    """Of what stands left over of a budget: "how much is left of the cake" asks after none."""
    category = _category(scan, said) if said.has("budget") or not said.has("did") else None
    whole = said.rest or not said.roles.isdisjoint(("ask", "may", "money", "unit", "have", "budget"))  # "I left" is no question
    outright = category is not None and whole and (not said.rest or said.has("budget") or said.has("spend") or is_outright(scan, said.rest))
    return Query("budget_status", category=category or None) if outright else None


def _remove(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    category = _category(scan, said)
    return Command("remove_budget", {"category": category} if category else every_one(scan)) if category is not None else None


def _rollover(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    category = _category(scan, said)
    off = said.has("stop") or said.has("remove")
    if category is None:
        return None
    return Command("set_rollover", {"value": "off" if off else "on", **({"category": category} if category else {})})


def _upcoming(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    """Of one that is named: "when is rent due"."""
    if not said.rest:
        return Command("upcoming")
    named = said.has("when") and len(said.rest) <= 2 and all(word.isalpha() for word in said.rest)
    return Command("upcoming", {"what": " ".join(said.rest)}) if named else None


def _hide(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    """Of what a category is called itself: "dinner" is something to eat, and no category."""
    category = _category(scan, said)
    return Command("hide_category", {"one": category if is_outright(scan, said.rest) else " ".join(said.rest)}) if category else None


def _bare(name: str) -> Reader:
    return lambda scan, said, meaning: Command(name)


def _tips(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    return Command("tips") if _category(scan, said) is not None else None


def _mute(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    """Until a day, or for good; of a topic where one is named."""
    topic = _topic(scan, said)
    until = coming_day(scan, scan.tokens) if said.spans else _from_now(scan, said.lengths[0]) if said.lengths else None
    if topic is None or ((said.spans or said.lengths) and (until is None or topic)):
        return None
    return Command("mute_alerts", {"until": until.isoformat()} if until else {"topic": topic} if topic else {})


def _from_now(scan: Scan, item: Item) -> date | None:
    """The day that is so long after today; None where no length of time is said."""
    words = {token.folded for token in scan.tokens[item.first : item.last]}
    unit = next((unit for unit in ("day", "week", "month") if words & scan.lexicon.words[f"recurring.{_FREQUENCIES[unit]}"]), None)
    return add(scan.today, unit, int(item.number)) if unit is not None and item.number is not None and item.number <= _LENGTH_MOST else None


def _less(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    topic = _topic(scan, said)
    return Command("less_alerts", {"topic": topic} if topic else {}) if topic is not None else None


def _unmute(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    topic = _topic(scan, said)
    return Command("unmute_alerts", {"topic": topic} if topic else {}) if topic is not None else None


def _topic(scan: Scan, said: Said) -> str | None:
    """The topic that words name, "" where none stand there; a budget and bills are topics by their role."""
    words = " ".join(said.rest)
    if not words:
        return next((topic.value for topic, role in ((Topic.BUDGETS, "budget"), (Topic.BILLS, "bill")) if said.has(role)), _NONE)
    return next((topic.value for topic in Topic if words in scan.lexicon.words[f"alert_topics.{topic}"]), None)


def _pace(scan: Scan, said: Said, meaning: Meaning) -> Command:
    return Command("pace_alerts", {"pace": next(pace for pace in ("weekly", "daily", "once") if said.has(pace))})


def _quiet(scan: Scan, said: Said, meaning: Meaning) -> Command | None:
    """At night, from an hour on until the morning, or between two."""
    hours = [_hour(found) for found in _HOUR.finditer(scan.text)]
    if len(hours) > 2 or len(hours) < len(said.amounts) or (said.has("after") and not hours):
        return None
    begins, ends = (*hours, *_NIGHT[len(hours) :])
    return Command("set_quiet", {"from": f"{begins:%H:%M}", "until": f"{ends:%H:%M}"})


def _hour(found: re.Match[str]) -> time:
    hour, minute = int(found[1]), int(found[2] or 0)
    if (found[3] or "").lower() == "pm" and hour < 12:
        hour += 12
    return time(hour % 24, minute)


_READERS: dict[str, Reader] = {
    "set": _set,
    "changed": _changed,
    "afford": _afford,
    "status": _status,
    "remove": _remove,
    "rollover": _rollover,
    "upcoming": _upcoming,
    "repeats": _bare("repeats"),
    "calendar": _bare("calendar"),
    "listed": _bare("categories"),
    "hide": _hide,
    "tips": _tips,
    "mute": _mute,
    "less": _less,
    "unmute": _unmute,
    "pace": _pace,
    "quiet": _quiet,
    "quiet_off": _bare("set_quiet"),
}
