"""Owns the rules that read questions about the books, and the product's own commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from bot.conversation.intents import Command, Query
from bot.conversation.parsing import exchange, newcomers
from bot.conversation.parsing.addressing import frame, says
from bot.conversation.parsing.asking import thing_named
from bot.conversation.parsing.categories import named_category
from bot.conversation.parsing.changes import currency_named
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.people import SPEAKER
from bot.conversation.parsing.places import named_first, named_last
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import DAY, Item, Scan, Shape, distinct
from bot.conversation.parsing.sharing import named
from bot.conversation.parsing.zones import time_zone
from core.reading import calendar
from core.reading.text import fold, folded_words

_KINDS = (
    "balance_with",
    "balances",
    "budget_status",
    "biggest",
    "average",
    "compare",
    "list",
    "spend_by_person",
    "spend",
    "history",
    "spend_by_category",
    "search",
)
_FREQUENCIES = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
_TELLING = frozenset(("over", "have"))  # roles of what a statement begins with
MAX_QUESTION = 240
_UNKNOWN = 2  # score: of what nothing else reads
_AMOUNT = re.compile(r"(?<!\S)[^\w\s+-]?\d")  # "currency exchange fee 5", but "UTC+2"
_SETS = {"set_time_zone": "time_zone", "set_currency": "currency", "set_language": "language"}  # without that slot: what was said is none


def query(scan: Scan) -> Candidate | None:
    """A question about what was spent, who owes whom, or what was recorded."""
    if not scan.section("queries"):
        return None
    shape = trimmed(scan, scan.shape.plain)
    shape = _closed(scan, shape.less(("?", "!", "¿", "¡", '"')))
    if not shape.items or len(shape.text) > MAX_QUESTION or shape.says(scan.lexicon.words["query_words.elsewhere"]):
        return None
    return _in_group(scan, shape) or _in_currency(scan, shape) or _plain(scan, shape)


def _in_group(scan: Scan, shape: Shape) -> Candidate | None:
    """The question without the group of the sender's that it is about: in a group's own chat there is no other."""
    if scan.context.chat == "group":
        return None
    for place in (named_first, named_last):
        group, rest = place(scan, shape)
        found = (_in_currency(scan, rest) or _plain(scan, rest)) if group is not None and rest.items else None
        if found is not None and isinstance(found.intent, Query):
            return replace(found, intent=replace(found.intent, group=group))
    return None


def _in_currency(scan: Scan, shape: Shape) -> Candidate | None:
    """The question without the currency in which its answer is wanted."""
    asked = exchange.asked_in(scan, shape)
    if asked is None:
        return None
    currency, rest = asked[0], _closed(scan, asked[1])
    found = _plain(scan, rest)
    if found is not None and isinstance(found.intent, Query):
        same = exchange.converted(found.intent, currency)
        return replace(found, intent=same) if same is not None else None
    spent = exchange.how_much(scan, rest, currency)
    return Candidate("query.spend", spent, 80) if spent is not None else None


def _plain(scan: Scan, shape: Shape) -> Candidate | None:
    likely = scan.section("queries")
    for kind in _KINDS:
        for pattern in likely.get(kind, ()):
            match = pattern.fullmatch(shape.text)
            found = _query(scan, shape, kind, match) if match is not None else None
            if found is not None:
                return Candidate(f"query.{kind}", found, 80)
    spent = exchange.how_much(scan, shape)
    return Candidate("query.spend", spent, 80) if spent is not None else None


def _closed(scan: Scan, shape: Shape) -> Shape:
    """The shape without words for "lately" at its end, and without a preposition whose time of day was dropped."""
    words, items = scan.lexicon.words, shape.items
    while items:
        size = next((size for size in (3, 2, 1) if " ".join(item.mark for item in items[-size:]) in words["query_words.lately"]), 0)
        until = len(items) > 1 and items[-2].mark in words["query_words.until"]
        if size == 0 and not until and items[-1].mark == DAY and _folded(scan, items[-1]) in words["query_words.lately"]:
            size = 1  # "right now" is a day as well
        if size == 0 and items[-1].mark in words["query_words.dangling"]:
            size = 1
        if size == 0 or size >= len(items):
            break
        items = items[:-size]
    return Shape(items) if len(items) < len(shape.items) else shape


def _folded(scan: Scan, item: Item) -> str:
    return " ".join(token.folded for token in scan.tokens[item.first : item.last])


def _query(scan: Scan, shape: Shape, kind: str, match: re.Match[str]) -> Query | None:
    groups = {name.rstrip("0123456789"): shape.span(match, name) for name, text in match.groupdict().items() if text and text.strip()}
    start, end = _current(scan, groups["current"]) if "current" in groups else _period(groups.get("period", ()))
    if "period" in groups and any(item.mark in scan.lexicon.words["query_words.until"] for item in _before(shape, groups["period"])):
        start = None  # "until now" begins nowhere
    if "period" in groups and kind != "compare" and start is not None and start <= scan.today and _is_since(scan, shape, groups["period"]):
        end = scan.today
    people, _ = named(scan, groups.get("person", ()))
    people = (scan.people.speaker,) if "own" in groups or _is_payer(scan, groups.get("payer", ())) else people  # "my share of the hotel"
    numbers = [item.number for item in groups.get("limit", ()) if item.number is not None]
    limit = int(numbers[0]) if numbers and 0 < numbers[0] <= 1000 else None
    category = merchant = text = None
    if "category" in groups:
        items = groups["category"]
        while len(items) > 1 and items[0].mark in scan.lexicon.words["words.articles"]:
            items = items[1:]
        everything = fold(scan.words(items)) in scan.lexicon.words["words.everything"]
        category, text = (None, None) if everything else about(scan, items)
        things = _things(scan, items) if kind == "spend" and category is None else ()
        if things:
            return Query("beside", start=start, end=end, things=things)
        if category is None and not _nameable(scan, items):
            return None
    if (thing := groups.get("text") or groups.get("heard")) and (text := thing_named(scan, thing, heard="heard" in groups)) is None:
        return None
    if kind == "budget_status" and scan.context.chat == "group" and _is_told(scan, named=category is not None or text is None):
        return None
    mine = "mine" in groups or any(scan.tokens[item.first].folded in scan.lexicon.words["query_words.mine"] for item in shape.items)
    own = kind == "spend" and not people and scan.context.chat == "group" and mine
    person = people[0] if people else None
    return Query(kind, category=category, person=person, merchant=merchant, text=text, start=start, end=end, limit=limit, own=own)


def _things(scan: Scan, items: tuple[Item, ...]) -> tuple[tuple[str | None, str | None], ...]:
    """Each of several that are strung together, "food and groceries", where all of them name a category."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.mark in scan.lexicon.words["words.joins"]:
            parts.append([])
        else:
            parts[-1].append(item)
    found = [about(scan, part) for part in parts if part]
    if len(found) < 2 or len(found) < len(parts) or any(category is None for category, _ in found):
        return ()
    return tuple((category if text is None else None, text) for category, text in found)


def _is_payer(scan: Scan, items: tuple[Item, ...]) -> bool:
    """Whether a group is asked what the speaker paid: "what did I pay for", "qué pagué". What "we" paid is everyone's."""
    mine = scan.lexicon.words["query_words.mine"]
    return scan.context.chat == "group" and any(item.mark == SPEAKER or scan.tokens[item.first].folded in mine for item in items)


def _is_told(scan: Scan, *, named: bool) -> bool:
    """Whether a group is told of a budget, and nobody asks: "we are over budget", "out of budget"."""
    found = frame(scan)
    telling = found.told or "told" in found.first or ("ask" not in found.first and not found.first.isdisjoint(_TELLING))
    return (not named and (not found.asks or says(scan, "you"))) or (telling and not found.marked)


def _nameable(scan: Scan, items: tuple[Item, ...]) -> bool:
    """Whether words can name what money went to: few, and none of conversation."""
    return len(items) <= 3 and not any(
        item.mark in scan.lexicon.words["words.chatter"] or item.mark in scan.lexicon.words["query_words.vague"] for item in items
    )


def about(scan: Scan, items: Sequence[Item]) -> tuple[str | None, str | None]:
    """The category that words name, if they name one, and the words where they are not its own name: what is looked for within it."""
    words = scan.words(items)
    category = named_category(words, scan.lexicon)
    found = scan.lexicon.categories.at(folded_words(words), 0) if category is not None else None
    return category, None if found is not None and found[0].outright else words


def _current(scan: Scan, items: tuple[Item, ...]) -> tuple[date, date]:
    """The day, week, month or year that runs: "the biggest expense of the week"."""
    word = items[-1].mark
    unit = next((unit for unit in ("day", "week", "year") if word in scan.lexicon.words[f"recurring.{_FREQUENCIES[unit]}"]), "month")
    return calendar.period(scan.today, unit, 0)


def _before(shape: Shape, items: tuple[Item, ...]) -> tuple[Item, ...]:
    place = shape.items.index(items[0])
    return shape.items[max(0, place - 1) : place]


def _is_since(scan: Scan, shape: Shape, items: tuple[Item, ...]) -> bool:
    """Whether a period is but a beginning: "desde el lunes"; Hindi says so behind it."""
    words, place = scan.lexicon.words, shape.items.index(items[0])
    before = [item.mark for item in shape.items[max(0, place - 2) : place]]
    after = [item.mark for item in shape.items[place + 1 : place + 2]]
    if before[-1:] and before[-1] in words["words.articles"]:
        before.pop()
    return bool({*before[-1:]} & words["query_words.since"] or {*after} & words["query_words.since_behind"])


def _period(items: tuple[Item, ...]) -> tuple[date | None, date | None]:
    span = items[0].day if items else None
    return (span.start, span.end) if span is not None else (None, None)


def command(scan: Scan, within: tuple[str, Shape] | None = None) -> Candidate | None:
    """A sentence that is one of the product's own commands as a whole; `within`: the currency it names, and the rest of it."""
    shape = scan.shape.less((".", "!", "?", "¡", "¿", "~")) if within is None else within[1]
    if not shape.items or len(shape.text) > 120:
        return None
    unknown: list[tuple[int, int, Command]] = []  # a zone, currency or language that there is not, where no other pattern knows one
    forms, literal = distinct(shape, trimmed(scan, shape), shape.plain), scan.text.strip().casefold()
    for name, patterns in scan.section("commands").items():
        for pattern in patterns:
            for form in forms[:1] if name in _LITERAL else forms:
                # A code is letters and digits in any mixture: it is looked for in the text itself.
                match = pattern.fullmatch(literal if name in _LITERAL else form.text)
                found = _command(scan, form, name, match) if match is not None else None
                found = exchange.settled_in(found, within[0]) if found is not None and within is not None else found
                if found is not None and found.name in _SETS and _SETS[found.name] not in found.slots:
                    unknown.append((len(found.slots["said"]), 95 if match is not None and "zone" in match.groupdict() else _UNKNOWN, found))
                elif found is not None:
                    return Candidate(f"command.{found.name}", found, 95)
    asked = exchange.asked_in(scan, shape) if within is None else None
    if asked is not None and (found_so := command(scan, asked)) is not None:
        return found_so
    _, score, called = min(unknown, key=lambda each: each[:2], default=(0, 0, None))  # "in N" and "Atlantis" are the same, and that is its name
    return Candidate(f"command.{called.name}", called, score) if called is not None else None


def _command(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    if name in _LITERAL or name in _PEOPLED:
        return _LITERAL[name](scan.text.strip(), match) if name in _LITERAL else _PEOPLED[name](scan, shape, name, match)
    slots = {key.rstrip("2"): scan.words(shape.span(match, key)) for key, text in match.groupdict().items() if text}
    build = {
        "set_currency": _set_currency,
        "settle_in": _settle_in,
        "set_language": _set_language,
        "set_time_zone": _set_time_zone,
        "set_name": _set_name,
        "new_group": _new_group,
        "add_member": newcomers.add_member,
        "enter_group": _enter_group,
    }.get(name)
    if build is not None:
        return build(scan, slots)
    if name in _ALONE and scan.context.chat == "group":
        return None
    if name in _VALUED:
        return Command(_VALUED[name][0], {"value": _VALUED[name][1]})
    return Command(_CALLED.get(name, name), slots | _SAID_OF.get(name, {}))


def _about_people(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """A command about members: each slot is a name, `people` several. Nothing where somebody else is named."""
    slots: dict[str, str] = {}
    for slot, text in match.groupdict().items():
        people, new = named(scan, shape.span(match, slot)) if text else ((), ())
        if new or (text and (len(people) != 1) != (slot == "people")):
            return None
        slots |= {slot: ",".join(people)} if people else {}
    return Command(name, slots)


def _set_default_weights(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """ "60/40 from now on", "rent: Anna 60, Bob 40 from now on". A ratio of more people than it may mean leaves open whose the parts are."""
    items = shape.span(match, "ratio") or shape.span(match, "parts")
    parts = [token.text for item in items for token in scan.tokens[item.first : item.last] if token.kind == "n"]
    people, new = named(scan, shape.span(match, "parts") or shape.span(match, "people"))
    if shape.span(match, "ratio"):
        others = people or tuple(member for member in scan.people.members if member != scan.people.speaker)
        people = tuple(dict.fromkeys((scan.people.speaker, *others)))
    since = shape.span(match, "since")
    if new or not all(_WEIGHT.fullmatch(part) for part in parts) or (since and fold(scan.words(since)) not in scan.lexicon.words["words.from_now"]):
        return None
    said = ",".join(f"{person} {part}" for person, part in zip(people, parts, strict=False)) if len(people) == len(parts) else ""
    return Command(name, {"what": fold(scan.words(shape.span(match, "what"))), "weights": said})


def _set_currency(scan: Scan, slots: dict[str, str]) -> Command | None:
    code = currency_named(scan, slots.get("currency") or slots.get("sure") or "")
    if code is None and "currency" in slots and scan.context.chat == "private" and not _AMOUNT.search(slots["currency"]):
        return Command("set_currency", {"said": slots["currency"]})
    return Command("set_currency", {"currency": code}) if code else None


def _settle_in(scan: Scan, slots: dict[str, str]) -> Command | None:
    code = currency_named(scan, slots["currency"])
    return Command("settle_in", {"currency": code}) if code else None


def _set_language(scan: Scan, slots: dict[str, str]) -> Command | None:
    word = fold(slots.get("named") or slots["language"])
    code = scan.lexicon.languages.get(word) or (word if word in scan.lexicon.languages.values() else None)
    if code is None and "named" in slots and scan.context.chat == "private":
        return Command("set_language", {"said": slots["named"]})
    return Command("set_language", {"language": code}) if code else None


def _set_time_zone(scan: Scan, slots: dict[str, str]) -> Command | None:
    """By IANA name ("Europe/Berlin"), or by a place; where somebody is in passing only if there is such a place, and in a group not at all."""
    said = slots.get("zone") or slots.get("home") or slots.get("place") or ""
    if scan.context.chat == "group" and "place" in slots:
        return None
    zone = time_zone(said, scan.lexicon.places, scan.lexicon.code)
    if zone is not None:
        return Command("set_time_zone", {"time_zone": zone, "place": said})
    told = "zone" in slots or ("home" in slots and scan.context.chat == "private" and said[:1].isupper())  # "we live in fear"
    return Command("set_time_zone", {"said": said}) if told and not _AMOUNT.search(said) else None


def _set_name(scan: Scan, slots: dict[str, str]) -> Command | None:
    name = slots["name"].strip(" '\"")
    words = folded_words(name)
    right = (
        name and len(name) <= 40 and not any(character.isdigit() for character in name) and words[:1] != () and (words[0],) not in scan.lexicon.edges
    )
    return Command("set_name", {"name": name}) if right else None


def _new_group(scan: Scan, slots: dict[str, str]) -> Command | None:
    people = [person for person in newcomers.names_in(scan, slots.get("people", "")) if fold(person) not in scan.lexicon.words["words.speaker"]]
    return Command("new_group", {"name": slots.get("name", "").strip(" '\":"), "people": ",".join(people)})


def _join(text: str, match: re.Match[str]) -> Command | None:
    code = text[match.start("code") : match.end("code")]
    sure = any(character.isdigit() for character in code) or code.isupper()
    return Command("join", {"code": code.upper()}) if sure else None


def _link_code(text: str, match: re.Match[str]) -> Command | None:
    """Ten letters and digits: "link everything" is none."""
    code = text[match.start("code") : match.end("code")]
    sure = any(character.isdigit() for character in code) or code.isupper()
    return Command("link", {"code": code.upper()}) if sure else None


def _come_back(text: str, match: re.Match[str]) -> Command:
    """The proof is read by itself: whole, with the number as it was written."""
    proof = text[match.start("proof") : match.end("proof")] if match["proof"] else ""
    return Command("come_back", {"proof": proof} if proof else {})


_LITERAL: dict[str, Callable[[str, re.Match[str]], Command | None]] = {"join": _join, "link_code": _link_code, "come_back": _come_back}
_WEIGHT = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,2})?")
_PEOPLED: dict[str, Callable[[Scan, Shape, str, re.Match[str]], Command | None]] = {
    **dict.fromkeys(("why_transfer", "plan_through", "set_household", "clear_household"), _about_people),
    "set_default_weights": _set_default_weights,
}
_CALLED = {"export_book": "export", "tips_bare": "tips", "settings_asked": "settings", "not_arrived": "decline", "not_got": "decline"}
_VALUED = {
    **{f"set_default_{value}": ("set_default_split", value) for value in ("everyone", "none")},
    **{f"set_answers_{value}": ("set_answers", value) for value in ("react", "words")},
    **{f"tip_{value}": ("tip_said", value) for value in ("good", "bad", "more")},
}
_SAID_OF = {"not_arrived": {"of": "arrival"}, "not_got": {"of": "reply"}}  # "it did not arrive"; "I didn't get it", which is said of jokes as well
# In a group these words are for the others, or mean something else.
_ALONE = frozenset(("greeting", "thanks", "link", "channels", "prefer_channel", "tips_bare", "more_tips", "settings_asked"))
_ALONE |= {"tip_good", "tip_bad", "tip_more"}


def _enter_group(scan: Scan, slots: dict[str, str]) -> Command | None:
    known = {fold(group): group for group in scan.context.groups}
    group = known.get(fold(slots["name"].strip(" '\"")))
    return Command("enter_group", {"name": group}) if group else None
