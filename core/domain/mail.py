"""E-mail: addresses that letters may go to, and what a letter is made of. Sends nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from core.domain.messages import Document
from core.errors import DomainError

CHANNEL = "email"  # the value of `ChatAddress.channel`
CODE_DIGITS = 6
ADDRESS_MOST, LOCAL_MOST, SUBJECT_MOST = 254, 64, 120  # characters: RFC 5321 4.5.3.1 for the first two
SIGNED = "\n-- \n"  # RFC 3676 4.3: what stands below is no part of the message
# The unquoted form of RFC 5321 alone: who has another address is rare, and every character more is one that a header could break at.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address. `key` names it for ever: the same again is the same mail. `stop_url`: where one click ends all mail; "" for none.

    `text` is plain, `html` says the same; `files` are attached.
    """

    to: str
    subject: str
    text: str
    html: str
    key: str
    written_at: datetime
    files: tuple[Document, ...] = ()
    stop_url: str = ""


def checked_address(words: str) -> str:
    """The address as mail servers take it, its domain in small ASCII letters. Raises DomainError `mail_wrong`."""
    local, _, domain = words.strip().strip("<>").removeprefix("mailto:").rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    right = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdecimal()
    if "=?" in local:  # begins an encoded word (RFC 2047): some program would write to another address than this one
        raise DomainError("mail_wrong")
    if not right or len(local) > LOCAL_MOST or not _LOCAL.fullmatch(local) or len(local) + len(domain) >= ADDRESS_MOST:
        raise DomainError("mail_wrong")
    return f"{local}@{domain}"


def veiled(address: str) -> str:
    """What may be shown of an address where others could read along: "a…@example.org"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def subject_of(text: str) -> str:
    """The first line of a letter as a subject: one line without control characters, cut at a word where it is long."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    words = " ".join("".join(character if character.isprintable() else " " for character in line).split())
    if len(words) <= SUBJECT_MOST:
        return words
    return words[:SUBJECT_MOST].rpartition(" ")[0] + " …"
