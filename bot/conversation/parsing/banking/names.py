"""Owns the names in a bank's message: who was paid or paid, and the reference of the transaction. Text as it stands, never made up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.conversation.parsing.banking.cues import HAPPENED, Mark
from bot.conversation.parsing.banking.message import Message

NAME_MOST = 80
_PATH = re.compile(
    r"\b(?:UPI|IMPS|NEFT|POS|MMT|IFT|TXN)[/:-](?:[A-Z0-9]{1,6}/)?(?P<reference>[A-Z]?\d{6,22})/ ?(?P<name>[^/\n]{2,60})", re.IGNORECASE
)
_PARTING = frozenset(("stop", "balance", "account", "footer", "reference", "label", "done", "other"))
_NAMING = frozenset(("place", "to", "from", "stop", "label", "amount"))
_EDGES = " -.,:;*'\"/()~>|"
# What stands around a name and is none of it: how it was paid, the number of a phone or a till, the other part of an address.
_AROUND = (
    re.compile(r"^(?:UPI_|VPA |[\dX*+]{6,}[ /~,-]+)"),
    re.compile(r"(?:\s{3,}|\s)[\dX*+]{6,}$|\s{3,}.*$", re.DOTALL),
    re.compile(r"(?<=\w)@[a-z]{2,12}$"),
    re.compile(r"/[\d,~-]{6,}$"),
    re.compile(r"(?<=[A-Z]{2})-[A-Z]+[a-z]\w*$"),  # the bank's own name at the end: "CORNER SHOP-MyBank"
)
_NUMBERED = re.compile(r"#\s?\w*\d{4}")
_HIDDEN = re.compile(r"[*xX]{2,}\d*[;/, ]+")
_LAST_PART = re.compile(r"\w*\d{4,}\w*/ ?(?P<name>[^\W\d_][^/\n(]{2,60})")
_PARTED = re.compile(r"(?<=[^\W\d_]):(?=[^\W\d_])")
_COUNTRY = re.compile(r", [A-Z]{2}$")
_LEADING = re.compile(r"(?:[^\W\d_]{4,12} )?(?P<code>[A-Z]{0,4}_?[A-Z0-9]{8,16})\.? ?[^\W\d_]")
_REFERENCE = re.compile(r"[A-Za-z]{0,12}[-_]?[A-Za-z0-9]*\d[A-Za-z0-9_~/-]*")
_BRACKETED = re.compile(r"\[([A-Z]{1,3}\d{6,14})\]")
_CREDITED = re.compile(r"[;&] ?(?P<name>[^;.\n]{2,60}?) (?:is |has been )?credited\b", re.IGNORECASE)


def reference_of(message: Message) -> str | None:
    """The bank's own number of a transaction; it has a digit and four characters or more."""
    if path := _PATH.search(message.text):
        return path["reference"]
    best = None
    for mark in message.all("reference"):
        found = _REFERENCE.match(message.text, _after(message, mark))
        if found and len(found.group()) >= 4 and any(character.isdigit() for character in found.group()) and not _is_day(message, found.start()):
            best = best or found.group().rstrip("-_/~")
    if best is None and (bracketed := _BRACKETED.search(message.text)):
        return bracketed[1]
    leading = _LEADING.match(message.text)
    if best is None and leading is not None and any(map(str.isdigit, leading["code"])) and any(map(str.isalpha, leading["code"])):
        return leading["code"]
    return best or _remarked(message)


def _remarked(message: Message) -> str | None:
    """A number that stands where a description would: it is what the bank can find the transaction by."""
    for mark in message.all("label"):
        found = _REFERENCE.match(message.text, _after(message, mark))
        if found and len(found.group()) >= 8 and sum(map(str.isdigit, found.group())) >= 6 and not _is_day(message, found.start()):
            return found.group().rstrip("-_/~")
    return None


def _after(message: Message, mark: Mark) -> int:
    place = mark.last
    while place < len(message.tokens) and message.tokens[place].text in (":", ".", "-", "#", "/", "(", "is") and place < mark.last + 3:
        place += 1
    return message.tokens[place].start if place < len(message.tokens) else len(message.text)


def _is_day(message: Message, start: int) -> bool:
    return any(span.start <= start < span.end for span, _ in message.days)


def merchant_of(message: Message, kind: str) -> str | None:
    """Whom the money went to, or came from, as the message writes it."""
    if path := _PATH.search(message.text):
        return _name_at(message, path.start("name"), until=path.end("name"))
    if kind == "debit" and (credited := _CREDITED.search(message.text)) and (name := trimmed(credited["name"])):
        return name
    weak = None
    for mark in _pointers(message, kind):
        name = _name_after(message, mark)
        if name is not None and _is_strong(message, mark, name):
            return name
        weak = weak or name
    return _own_line(message) or _before_sum(message) or _behind_sum(message) or weak or _behind_number(message) or _before_refund(message)


def _is_strong(message: Message, mark: Mark, name: str) -> bool:
    """Names have capitals where the message has them elsewhere; an order's number is no name, nor is a word for what happened."""
    if name[0].islower() and any(token.text[0].isupper() for token in message.tokens[mark.last + 1 :]):
        return False
    start = message.text.find(name, message.tokens[mark.last - 1].end)
    happened = any(message.tokens[found.first].start == start and found.roles & HAPPENED for found in message.marks)
    return not happened and _NUMBERED.search(name) is None


def _pointers(message: Message, kind: str) -> Iterator[Mark]:
    """The words that a name may follow, the surest first: what has a line of its own ("At: CORNER SHOP"), then by what happened."""
    sides = ("to", "place", "label") if kind in ("debit", "transfer") else ("from", "place", "label")
    yield from (mark for mark in message.all(*sides) if _heads_line(message, mark))
    if kind in ("debit", "transfer"):
        yield from message.all("to")
        yield from (mark for mark in message.all("credit") if message.tokens[mark.last - 1].folded == "to")
        yield from (mark for mark in message.all("place") if not _is_handle(message, mark))
        yield from message.all("label")
        yield from (mark for mark in message.all("from") if not _leads_to_account(message, mark))
    else:
        yield from message.all("from")
        yield from message.all("label")
        yield from (mark for mark in message.all("place") if not _is_handle(message, mark))
    yield from (mark for mark in message.all(*HAPPENED, "debit_said", "credit_said") if _has_colon(message, mark))
    yield from message.all("manner")


def _has_colon(message: Message, mark: Mark) -> bool:
    return mark.last < len(message.tokens) and message.tokens[mark.last].text == ":"


def _heads_line(message: Message, mark: Mark) -> bool:
    """Whether a mark with a colon begins a line of a message of several lines."""
    tokens = message.tokens
    return mark.first > 0 and tokens[mark.first - 1].text == "\n" and _has_colon(message, mark)


def _is_handle(message: Message, mark: Mark) -> bool:
    """ "shop@bank": an address, of which the @ is no place."""
    return message.tokens[mark.first].text == "@" and message.tokens[mark.first].glued


def _leads_to_account(message: Message, mark: Mark) -> bool:
    """ "from MY BANK A/c 1234": where the person's own money was."""
    return any(0 <= other.first - mark.last <= 4 and "account" in other.roles for other in message.marks)


def _name_at(message: Message, start: int, *, until: int) -> str | None:
    place = next((place for place, token in enumerate(message.tokens) if token.start >= start), len(message.tokens))
    return trimmed(message.text[start : min(until, _end_of_name(message, place))])


def _name_after(message: Message, mark: Mark) -> str | None:
    """The words behind a mark; None where it is no name that stands there."""
    tokens, place = message.tokens, mark.last
    while place < len(tokens) and tokens[place].text in (":", "-", ".", "@") and place < mark.last + 2:
        place += 1
    if place < len(tokens) and (hidden := _HIDDEN.match(message.text, tokens[place].start)):
        place = next((at for at in range(place, len(tokens)) if tokens[at].start >= hidden.end()), len(tokens))
    if place >= min(message.end, len(tokens)) or _is_value(message, place) or _is_clock(message, place):
        return None
    first = next((found for found in message.marks if found.first == place), None)
    if first is not None and first.roles & {"account", "stop", "balance", "event"} and "noise" not in first.roles:
        return None
    if _heads_line(message, mark):
        end = message.text.find("\n", tokens[place].start)
        return trimmed(message.text[tokens[place].start : end if end > 0 else len(message.text)])
    whole = message.text[tokens[place].start : _end_of_name(message, place)]
    name = trimmed(_PARTED.split(whole)[-1])  # "towards ACH Credit:CORNER SHOP"
    return name.split(" - ")[0] if name and not mark.roles & {"place", "label"} else name


def _end_of_name(message: Message, place: int) -> int:
    """Where a name ends that begins at a token: at a line's or a sentence's end, at a value, at a word that no name goes on over."""
    tokens = message.tokens
    begins = {found.first: found for found in message.marks}
    first = place
    while place < min(message.end, len(tokens)):
        token = tokens[place]
        if token.text in ("\n", ";", "(", "|") or (token.text == "." and _ends_sentence(message, place)) or _is_value(message, place):
            break
        if place > first and place in begins and _parts(begins[place]):
            break
        place += 1
    if place > first + 1 and tokens[place - 1].folded in _amount_words(message) and place < len(tokens) and _is_value(message, place):
        place -= 1  # "SALARY of 12.50"
    return tokens[place - 1].end if place > first else tokens[first].start


def _amount_words(message: Message) -> set[str]:
    return {message.tokens[mark.first].folded for mark in message.marks if "amount" in mark.roles and mark.last == mark.first + 1}


def _parts(mark: Mark) -> bool:
    """Whether no name goes on over it: "ref", or a phrase of several words that says what happened ("has been credited")."""
    return bool(mark.roles & _PARTING) or (mark.last - mark.first > 1 and bool(mark.roles & HAPPENED))


def _ends_sentence(message: Message, place: int) -> bool:
    tokens = message.tokens
    if place + 1 >= len(tokens):
        return True
    after = tokens[place + 1]
    return not after.glued or any(mark.first == place + 1 and _parts(mark) for mark in message.marks)


def _is_value(message: Message, place: int) -> bool:
    start = message.tokens[place].start
    if any(span.start <= start < span.end for span, _ in message.days):
        return True
    return any(sum_.first <= place < sum_.last and sum_.named for sum_ in message.sums)


def _is_clock(message: Message, place: int) -> bool:
    tokens = message.tokens
    return tokens[place].kind == "n" and place + 1 < len(tokens) and tokens[place + 1].text == ":"


def _own_line(message: Message) -> str | None:
    """A line of its own with nothing else on it, behind the line of the sum: many banks write so."""
    if message.main is None:
        return None
    lines, first = [], 0
    for place, token in enumerate(message.tokens):
        if token.text == "\n":
            lines.append((first, place))
            first = place + 1
    lines.append((first, len(message.tokens)))
    for first, last in lines:
        if first < message.main.last or first == last or last > message.end or message.tokens[first].kind != "w":
            continue
        marked = any(first <= mark.first < last and (mark.roles - _NAMING or _has_colon(message, mark)) for mark in message.marks)
        if not marked and not any(_is_value(message, place) for place in range(first, last)):
            return trimmed(message.text[message.tokens[first].start : message.tokens[last - 1].end])
    return None


def _before_sum(message: Message) -> str | None:
    """ "Payment; CORNER SHOP; 12.50", "PURCHASE CORNER SHOP 12.50": words between what happened and the sum."""
    if message.main is None:
        return None
    tokens, end = message.tokens, message.main.first
    while end > 0 and tokens[end - 1].text in (";", ",", ":", "-"):
        end -= 1
    start = end
    while start > 0 and tokens[start - 1].text not in (";", "\n") and not _is_value(message, start - 1):
        start -= 1
    start = max([start, *(mark.last for mark in message.marks if mark.last <= end and mark.roles & HAPPENED)])
    parted = start > 0 and (tokens[start - 1].text == ";" or any(mark.last == start and mark.roles & HAPPENED for mark in message.marks))
    if start >= end or tokens[start].kind != "w" or not parted:
        return None
    if any(start <= mark.first < end and (mark.first == start or mark.roles - _NAMING) for mark in message.marks):
        return None
    return trimmed(_COUNTRY.sub("", message.text[tokens[start].start : tokens[end - 1].end]))


def _behind_sum(message: Message) -> str | None:
    """ "DEBIT: 12.50 CORNER SHOP Bal: 80": words right behind the sum."""
    if message.main is None:
        return None
    place = message.main.last
    while place < min(message.end, len(message.tokens)) and message.tokens[place].text in (".", ",", ";", "-"):
        place += 1
    if place >= min(message.end, len(message.tokens)) or message.tokens[place].kind != "w" or any(mark.first == place for mark in message.marks):
        return None
    end = _end_of_name(message, place)
    if any(mark.first >= place and message.tokens[mark.first].end <= end and mark.roles & HAPPENED for mark in message.marks):
        return None
    return trimmed(message.text[message.tokens[place].start : end])


def _behind_number(message: Message) -> str | None:
    """ "NEFT/AX2607600/CORNER SHOP", "A/c XX4321/CORNER SHOP": the way that the money took, and whose it was at its end."""
    found = _LAST_PART.search(message.text)
    return _name_at(message, found.start("name"), until=found.end("name")) if found else None


def _before_refund(message: Message) -> str | None:
    """ "CORNER SHOP refund of 12.50 credited": who begins the message is who gave it back."""
    mark = message.marks[0] if message.marks else None
    if mark is None or not mark.first or "refund" not in mark.roles or message.tokens[0].kind != "w":
        return None
    return trimmed(message.text[: message.tokens[mark.first - 1].end])


def trimmed(text: str) -> str | None:
    """A name without the marks and numbers around it; None where nothing of a name is left."""
    name = text
    for around in _AROUND:
        name = around.sub("", name.strip(_EDGES))
    name = name.strip(_EDGES)
    if name.count('"') == 1 and f'{name}"' in text:
        name += '"'
    return name[:NAME_MOST] if sum(character.isalpha() for character in name) >= 2 else None
