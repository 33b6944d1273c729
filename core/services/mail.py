"""Proving that an e-mail address is one's own: a code that is sent there and written back in the chat, and the limits of that."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import linking, mailboxes
from core.db.mailboxes import Mailbox
from core.db.session import UnitOfWork
from core.domain.mail import CODE_DIGITS, checked_address
from core.errors import DomainError
from core.services.linking import CHAT_LOCKED, CODE_LASTS, CODES_AN_HOUR, TRIES_A_CHAT, TRIES_A_CODE

CODES_A_DAY = 10  # a person, to whatever addresses: with the tries of each, 50 shots a day at a million numbers
PLACE_CODES_A_DAY = 5  # an address, whoever names it: nobody's mailbox is flooded through us


@dataclass(frozen=True, slots=True)
class Sent:
    """A code on its way. `until`: how long it is good."""

    address: str
    conversation_id: UUID
    code: str
    until: datetime


async def begin(uow: UnitOfWork, person_id: UUID, words: str, *, chat: UUID, now: datetime) -> Sent:
    """A code for an address, to be written back in this chat. Raises DomainError `mail_wrong`, `mail_known`, `mail_stopped`, `mail_unwanted`,
    `too_many_codes`, `mail_busy`.
    """
    address = checked_address(words)
    known = await mailboxes.of_person(uow, person_id)
    if known is not None and known.open and known.address == address:
        raise DomainError("mail_known", address=address)
    place, day = mailboxes.place_hash(uow.keys, address), now - timedelta(days=1)
    if await mailboxes.is_unwanted(uow, place):
        raise DomainError("mail_stopped" if known is not None and known.address == address else "mail_unwanted", address=address)
    if await mailboxes.codes_asked(uow, person_id, chat=chat, since=now - timedelta(hours=1)) >= CODES_AN_HOUR:
        raise DomainError("too_many_codes")
    if await mailboxes.codes_asked(uow, person_id, chat=chat, since=day) >= CODES_A_DAY:
        raise DomainError("mail_busy")
    if await mailboxes.codes_sent(uow, place, since=day) >= PLACE_CODES_A_DAY:
        raise DomainError("mail_busy")
    code, until = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}", now + CODE_LASTS
    there = await mailboxes.place(uow, person_id, address, now=now)
    await mailboxes.keep_code(uow, person_id, conversation_id=there, asked_in=chat, place=place, code=code, expires_at=until, now=now)
    return Sent(address, there, code, until)


async def prove(uow: UnitOfWork, person_id: UUID, code: str, *, chat: UUID, now: datetime) -> Mailbox | None:
    """The mailbox that a right code opens; None for a wrong one, which is counted as one of a link is.

    Raises DomainError `too_many_tries`, and `mail_code_gone` where none is waited for.
    """
    if await linking.tries_since(uow, chat=chat, since=now - CHAT_LOCKED) >= TRIES_A_CHAT:
        raise DomainError("too_many_tries")
    kept = await mailboxes.open_code(uow, person_id, chat=chat, now=now)
    if kept is None:
        raise DomainError("mail_code_gone")
    if not hmac.compare_digest(kept.code_hash, mailboxes.code_hash(uow, person_id, code)):
        await linking.count_try(uow, chat=chat, now=now)
        await mailboxes.note_wrong(uow, kept, most=TRIES_A_CODE, now=now)
        return None
    await mailboxes.prove(uow, person_id, kept, now=now)
    return await mailboxes.of_person(uow, person_id)


async def needed(uow: UnitOfWork, person_id: UUID) -> Mailbox:
    """The person's mailbox where letters go there. Raises DomainError `mail_none`, `mail_stopped`, `mail_refused`."""
    found = await mailboxes.of_person(uow, person_id)
    if found is None:
        raise DomainError("mail_none")
    if found.refused or found.stopped:
        raise DomainError("mail_refused" if found.refused else "mail_stopped", address=found.address)
    return found
