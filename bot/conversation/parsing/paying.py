"""Owns the rules that read where somebody can be paid, and what is said of paying by a link: how to, whether it was, and reminders of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.conversation.intents import Command
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.people import EVERYONE, MEMBER, SPEAKER
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Item, Scan, Shape, distinct
from bot.conversation.parsing.sharing import named
from core.domain.payments.methods import Kind, method
from core.domain.payments.numbers import iban_fault
from core.domain.payments.wallets import WALLETS
from core.domain.people import name_key
from core.errors import DomainError
from core.reading.text import fold

_MOST = 160  # characters of a text that may name an account
_MADE = "made"  # "I paid Anna" says something where a payment is open: whatever else it can mean is meant
_LITERAL = ("method", "forget")  # an account is letters, digits and marks in any mixture: it is looked for in the text itself
_COMMANDS = {
    "cash": "pay_method",
    "methods": "pay_methods",
    "pay": "pay",
    "status": "pay_status",
    "remind": "remind",
    "quiet": "stop_reminders",
    "loud": "resume_reminders",
    _MADE: "payment_made",
}
_BARE_IBAN = re.compile(r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{11,38}", re.ASCII)
_DIGITS_LEAST = 5  # of what is meant as an account, though it is none
_SCORE, _SCORE_MADE = 96, 20


def paying(scan: Scan) -> Candidate | None:
    """Where the speaker can be paid, or a sentence that is one of the commands about paying as a whole."""
    text = scan.text.strip()
    if not text or len(text) > _MOST:
        return None
    found = _account(scan, text) or _forgotten(scan, text) or _command(scan)
    return None if found is None else Candidate(f"command.{found.name}", found, _SCORE if found.name != _COMMANDS[_MADE] else _SCORE_MADE)


# ------------------------------------------------------------------ accounts


def _account(scan: Scan, text: str) -> Command | None:
    """ "my iban is DE71 ...", "my paypal: ana"; alone also an IBAN that nothing is said of, for it cannot be anything else."""
    for match in _matches(scan, "method", text):
        known = _kind(scan, match["kind"])
        sure = any(match[name] is not None for name in ("sure", "sure2") if name in match.re.groupindex)
        account = _slice(text, match, "account").strip(" .!\"'")
        if known is not None and _is_meant(scan, *known, account, sure=sure):
            kind, service = known
            slots = {"kind": kind.value, "account": f"{service}/{account}" if service else account}
            return Command("pay_method", slots | {name: said for name in ("bic", "holder") if (said := _slice(text, match, name))})
    if scan.context.chat == "private" and _BARE_IBAN.fullmatch(text) and iban_fault(text) is None:
        return Command("pay_method", {"kind": Kind.IBAN.value, "account": text})
    return None


def _forgotten(scan: Scan, text: str) -> Command | None:
    for match in _matches(scan, "forget", text):
        known = _kind(scan, match["kind"])
        if known is not None:
            return Command("forget_method", {"kind": known[0].value, "service": known[1]})
    return None


def _matches(scan: Scan, name: str, text: str) -> Sequence[re.Match[str]]:
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter of which two are made: places would not fit
        return ()
    patterns = scan.lexicon.patterns[f"paying.{name}"]
    return [match for pattern in patterns if (match := pattern.fullmatch(lowered)) is not None]


def _slice(text: str, match: re.Match[str], name: str) -> str:
    """A group as it was written."""
    return text[match.start(name) : match.end(name)].strip() if name in match.re.groupindex and match[name] else ""


def _kind(scan: Scan, words: str) -> tuple[Kind, str] | None:
    """What kind of account words name, and for one elsewhere its service; None where they name none."""
    value = scan.lexicon.pay_kinds.get(" ".join(fold(words).replace("-", " ").split()))
    if value is None:
        return None
    kind, _, service = value.partition("/")
    return Kind(kind), service


def _is_meant(scan: Scan, kind: Kind, service: str, account: str, *, sure: bool) -> bool:
    """Whether words are an account, or at least meant as one: then what is wrong with it can be said."""
    if service or kind.value in WALLETS:
        alone = " " not in account or (bool(service) and _digits(account) >= _DIGITS_LEAST)
        named_so = any(each.isalpha() for each in account) or bool(service)
        return sure and alone and named_so and fold(account.lstrip("@$")) not in scan.lexicon.words["not_accounts.words"]
    try:
        method(kind, account, holder="-")
    except DomainError:
        return sure and (_digits(account) >= _DIGITS_LEAST or "@" in account)
    return True


def _digits(text: str) -> int:
    return sum(each.isdecimal() for each in text)


# ------------------------------------------------------------------ commands


def _command(scan: Scan) -> Command | None:
    shape = scan.shape.less((".", "!", "?", "¡", "¿", "~", "-"))
    if not shape.items:
        return None
    for form in distinct(shape, trimmed(scan, shape), shape.plain):
        for name, patterns in scan.section("paying").items():
            if name in _LITERAL:
                continue
            for pattern in patterns:
                match = pattern.fullmatch(form.text)
                found = _meant(scan, form, name, match) if match is not None else None
                if found is not None:
                    return found
    return None


def _people(scan: Scan, items: tuple[Item, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is named, and who of them is not known; in a private chat also somebody of the speaker's groups."""
    if len(items) == 1 and items[0].mark not in (MEMBER, SPEAKER, EVERYONE):
        written = name_key(scan.words(items))
        known = next((name for name in scan.context.acquainted if name_key(name) == written), None)
        return ((known,), ()) if known else ((written,), (written,))
    return named(scan, items)


def _meant(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """A command with the people it names: `people` several, else one each. Nothing where somebody is named who is not here."""
    slots = {"kind": Kind.CASH.value, "account": Kind.CASH.value} if name == "cash" else {}
    for slot, text in match.groupdict().items():
        people, new = _people(scan, shape.span(match, slot)) if text else ((), ())
        people = tuple(person for person in people if slot != "people" or person != scan.people.speaker)
        if new or (text and (not people or (len(people) > 1 and slot != "people"))):
            return None
        slots |= {slot: ",".join(people)} if people else {}
    return Command(_COMMANDS[name], slots)
