"""Owns the first look at a bank's message: its tokens, marks and values, and which number is what. Decides nothing about what happened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.conversation.intents import ParseContext
from bot.conversation.parsing.banking.cues import Mark, cues
from bot.conversation.parsing.banking.values import Span, Sum, clocks, currencies, days, masks, sums
from core.domain.money import Money
from core.reading.text import Token, clean, tokenise

MOST_CHARACTERS = 1600  # ten parts of an SMS: what is longer is no alert, and time is bounded
MOST_TOKENS = 400
_STUCK = re.compile(
    r"(\b[aA]/[cC](?=[xX*])|[\u0600-\u06ff](?=[A-Za-z0-9])|[A-Za-z](?=[\u0400-\u04ff])|[\u0400-\u04ff](?=[A-Za-z])|(?<=\d)[^\W\d_](?=[А-ЯЁ]))"
)
_FAR = 6  # tokens between a word and the number that it speaks of
_SPEAKING = frozenset(("balance", "other", "amount", "debit", "credit", "refund", "event", "move", "noise"))


@dataclass(frozen=True, slots=True)
class Message:
    """A text and what stands in it. `main`: the sums that may be what moved; `balance`: what is left; `end`: the first token of the small print."""

    text: str
    tokens: tuple[Token, ...]
    marks: tuple[Mark, ...]
    sums: tuple[Sum, ...]
    main: Sum | None
    balance: Money | None
    account: str | None
    days: tuple[tuple[Span, date | None], ...]
    end: int

    def first(self, *roles: str, after: int = 0) -> Mark | None:
        """The first mark with one of the roles before the small print, at token `after` or later."""
        wanted = set(roles)
        return next((mark for mark in self.marks if after <= mark.first < self.end and mark.roles & wanted), None)

    def all(self, *roles: str) -> list[Mark]:
        wanted = set(roles)
        return [mark for mark in self.marks if mark.first < self.end and mark.roles & wanted]


def look(text: str, context: ParseContext) -> Message:
    """The message in a text; an empty one in a text that is too long for a bank's message, so that none is read from a part of it."""
    if len(text) > MOST_CHARACTERS:
        text = ""
    text = clean(text if text.isascii() else unicodedata.normalize("NFKC", text))
    text = _STUCK.sub(r"\1 ", text)
    tokens = tokenise(text, most=MOST_TOKENS)
    marks = tuple(cues().marks(tokens, currencies().languages.get(context.currency, frozenset())))
    found_days = tuple(days(text, now=context.now.date(), month_first=context.currency == "USD"))
    hidden = masks(text)
    whole = _whole_numbers(tokens, marks, [span for span, _ in found_days])
    numbers = sorted([*hidden, *whole], key=lambda found: found[0].start)
    taken = [*(span for span, _ in found_days), *clocks(text), *(span for span, _ in numbers)]
    found_sums = tuple(sums(text, tokens, _apart(taken), currency=context.currency))
    roles = [_role(tokens, marks, found_sums, place) for place in range(len(found_sums))]
    main = _main(tokens, marks, found_sums, roles, context.currency)
    end = _end(tokens, marks, main)
    left = next((sum_ for sum_, role in zip(found_sums, roles, strict=True) if role == "balance"), None)
    balance = None if left is None else (-left.money if left.sign < 0 and left.money.minor > 0 else left.money)
    limit = tokens[end].start if end < len(tokens) else len(text)
    account = _account(text, tokens, marks, [*hidden, *whole], limit)
    return Message(text, tokens, marks, found_sums, main, balance, account, found_days, end)


def _apart(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; of two that overlap the longer reach."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if found and span.start < found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


# ------------------------------------------------------------------ numbers of accounts


def _whole_numbers(tokens: Sequence[Token], marks: Sequence[Mark], taken: Sequence[Span]) -> list[tuple[Span, str]]:
    """Numbers shown in full, or their last digits, right behind a word for an account: "Card ending 4321", "Acct: 240-262065-50"."""
    found = [
        (Span(tokens[place].start, tokens[place].end), tokens[place].text[-4:])
        for mark in marks
        if (place := _number_before(tokens, mark)) >= 0 and re.fullmatch(r"\d{4,20}", tokens[place].text)
    ]
    begins = {mark.first: mark for mark in marks}
    for mark in marks:
        if "account" not in mark.roles and not ("noise" in mark.roles and cues().names(tokens[mark.last - 1].folded, "account")):
            continue
        place = mark.last
        while place < min(mark.last + 4, len(tokens)) and tokens[place].kind != "n" and _leads(begins.get(place)):
            place += 1
        if place >= len(tokens) or tokens[place].kind != "n" or place > mark.last + 3:
            continue
        if any(span.holds(tokens[place]) for span in taken):
            continue
        end = place + 1
        while end + 1 < len(tokens) and tokens[end].text == "-" and tokens[end].glued and tokens[end + 1].kind == "n" and tokens[end + 1].glued:
            end += 2
        digits = "".join(token.text for token in tokens[place:end] if token.kind == "n")
        if re.fullmatch(r"\d\.\d{4}", digits):  # "Karta 4.5614": the first digit and the last four
            digits = digits[-4:]
        if digits.isdigit() and len(digits) >= 3 and not _is_sum(tokens, place, end):
            found.append((Span(tokens[place].start, tokens[end - 1].end), digits[-4:]))
    return found


def _number_before(tokens: Sequence[Token], mark: Mark) -> int:
    """Where the number of an account may stand before its word: "1234 ile biten", "By:1234;mada"; -1 where none does."""
    if "numbered" in mark.roles:
        return mark.first - 1
    return mark.first - 2 if "account" in mark.roles and mark.first > 1 and tokens[mark.first - 1].text == ";" else -1


def _leads(mark: Mark | None) -> bool:
    return mark is None or "account" in mark.roles or not mark.roles & _SPEAKING


def _is_sum(tokens: Sequence[Token], place: int, end: int) -> bool:
    """Whether a plain number has a currency beside it."""
    near = sums("", tokens[max(0, place - 3) : end + 3], (), currency="USD")
    return any(
        found.named and tokens[max(0, place - 3) + found.first].start <= tokens[place].start < tokens[max(0, place - 3) + found.last - 1].end
        for found in near
    )


def _account(text: str, tokens: Sequence[Token], marks: Sequence[Mark], numbers: Sequence[tuple[Span, str]], limit: int) -> str | None:
    """The person's own account: the first shown that is not the other side's, those shown in part before those shown whole."""
    shown = [(span, digits) for span, digits in numbers if span.start < limit]
    strong = next((mark for mark in marks if mark.roles & {"debit", "credit"}), None)
    away = "from" if strong is not None and "debit" not in strong.roles else "to"
    own = [(span, digits) for span, digits in shown if not _is_other_side(tokens, marks, span, away)]
    own.sort(key=lambda each: text[each[0].start] == "#")  # "#552" may be a shop's, where another number is shown
    return own[0][1] if own else None


def _is_other_side(tokens: Sequence[Token], marks: Sequence[Mark], span: Span, away: str) -> bool:
    """Whether the nearest word before says that it is where the money came from, or went: "for account 1234", "to account 1234"."""
    before = [mark for mark in marks if tokens[mark.last - 1].end <= span.start]
    for mark in before[-5:][::-1]:
        if span.start - tokens[mark.last - 1].end > 30:
            return False
        if mark.roles & {"to", "from"}:
            return away in mark.roles and not mark.roles & {"place", "debit", "credit"}
        if "whose" in mark.roles:
            return True
        if "account" not in mark.roles:
            return False
    return False


# ------------------------------------------------------------------ which sum is what


def _role(tokens: Sequence[Token], marks: Sequence[Mark], found: Sequence[Sum], place: int) -> str | None:
    """What the nearest word before a sum says of it: "balance", "other", "amount", the name of what happened, or None."""
    sum_ = found[place]
    floor = found[place - 1].last if place else 0
    seen = None
    for mark in reversed(marks):
        if mark.last > sum_.first:
            continue
        if mark.last <= floor or sum_.first - mark.last > _FAR:
            break
        if _sentence_ends(tokens, mark.last + 1, sum_.first):
            break
        speaking = mark.roles & _SPEAKING
        if not speaking or (speaking == {"amount"} and sum_.first - mark.last > 1):
            continue
        if speaking == {"amount"} and mark.last - mark.first == 1 and not _is_labelled(tokens, sum_):
            seen = "amount"  # "of", "for", "de": what stands before them says more, where it speaks of a sum
            continue
        if "balance" in speaking:
            return "balance"
        if "other" in speaking:
            return "other"
        return "amount" if "amount" in speaking else "happened"
    return seen


def _sentence_ends(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether a full stop stands in tokens [first, last); one right behind a word ("Bal.") is its own."""
    return any(tokens[place].text == "." and not tokens[place + 1].glued for place in range(first, last))


def _main(tokens: Sequence[Token], marks: Sequence[Mark], found: Sequence[Sum], roles: Sequence[str | None], currency: str) -> Sum | None:
    """The sum that moved.

    Of those with a currency and no other role the first that touches a word for what happened, else the first of them; else a bare
    number that is written like money behind such a word; else a fee, where nothing but the fee moved.
    """
    free = [sum_ for sum_, role in zip(found, roles, strict=True) if role not in ("balance", "other")]
    named = [sum_ for sum_ in free if sum_.named]
    labelled = [sum_ for sum_, role in zip(found, roles, strict=True) if role == "amount" and _is_labelled(tokens, sum_)]
    bare = [sum_ for sum_ in free if not sum_.named and _is_bare_sum(tokens, marks, sum_, left="balance" in roles)]
    fees = [sum_ for sum_, role in zip(found, roles, strict=True) if role == "other" and sum_.named]
    best = next((sum_ for sum_ in named if _touches(marks, sum_, 1)), None) or next(iter([*named, *labelled, *bare, *fees]), None)
    if best is None or best.money.currency == currency:
        return best
    inside = next((sum_ for sum_ in named if sum_.first > best.last and sum_.first - best.last <= 1 and tokens[sum_.first - 1].text == "("), None)
    return inside if inside is not None and inside.money.currency == currency else best


def _is_labelled(tokens: Sequence[Token], sum_: Sum) -> bool:
    """Whether ":" or "=" stands before a sum and its sign."""
    before = sum_.first - 1 if sum_.sign == 0 else sum_.first - 2
    return before >= 0 and tokens[before].text in (":", "=")


def _is_bare_sum(tokens: Sequence[Token], marks: Sequence[Mark], sum_: Sum, *, left: bool) -> bool:
    """Whether a number without a currency is written like money and where money stands; any number where a balance is `left` beside it."""
    written = any(mark in tokens[sum_.last - 1].text for mark in ".,") or sum_.sign != 0
    if written and (_touches(marks, sum_, 2) or _begins_line(tokens, sum_)):
        return True
    return left and any(mark.last == sum_.first and mark.roles & {"debit", "credit"} for mark in marks)


def _begins_line(tokens: Sequence[Token], sum_: Sum) -> bool:
    return sum_.sign != 0 and sum_.first > 1 and tokens[sum_.first - 2].text == "\n"


def _touches(marks: Sequence[Mark], sum_: Sum, reach: int) -> bool:
    """Whether a word for what happened stands at most so many tokens before a sum, or behind it."""
    before = {"debit", "credit", "refund", "move", "event", "amount"} if reach > 1 else {"debit", "credit", "refund"}
    for mark in marks:
        if 0 <= sum_.first - mark.last <= reach and mark.roles & before:
            return True
        if reach == 1 and 0 <= mark.first - sum_.last <= 2 and mark.roles & {"debit", "credit", "refund"}:
            return True
    return False


def _end(tokens: Sequence[Token], marks: Sequence[Mark], main: Sum | None) -> int:
    """Where the small print begins: behind the sum that moved."""
    floor = main.last if main else 0
    return next((mark.first for mark in marks if mark.first >= floor and "footer" in mark.roles), len(tokens)) if main else len(tokens)
