"""Webhook deliveries that Telegram did not send: each has something wrong with its secret."""

from __future__ import annotations

import json
import random
import string
from dataclasses import dataclass

from tests.support.bot_api_rules import Json

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Forgery:
    what: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


def forge(secret: str, update: Json, chance: random.Random) -> Forgery:
    """One mutation of a good delivery; the body may be good, changed or garbage."""
    what = chance.choice(sorted(_WRONGS))
    headers = [(HEADER.encode(), value) for value in _WRONGS[what](secret, chance)]
    return Forgery(what, [*headers, (b"Content-Type", b"application/json")], _body(update, chance))


def _body(update: Json, chance: random.Random) -> bytes:
    good = json.dumps(update).encode()
    place = chance.randrange(len(good))
    return chance.choice(
        [good, good, good[:place], good[:place] + bytes([chance.randrange(256)]) + good[place + 1 :], b"", b"[]", chance.randbytes(50)]
    )


def _other_letter(secret: str, chance: random.Random) -> str:
    place = chance.randrange(len(secret))
    new = chance.choice([letter for letter in string.ascii_letters + string.digits if letter != secret[place]])
    return secret[:place] + new + secret[place + 1 :]


_WRONGS = {
    "missing": lambda secret, chance: [],
    "empty": lambda secret, chance: [b""],
    "one letter": lambda secret, chance: [_other_letter(secret, chance).encode()],
    "swapped case": lambda secret, chance: [secret.swapcase().encode()],
    "a part": lambda secret, chance: [secret[: chance.randrange(1, len(secret))].encode()],
    "longer": lambda secret, chance: [(secret + chance.choice("aZ0_-")).encode()],
    "twice": lambda secret, chance: [secret.encode()] * 2,
    "right and wrong": lambda secret, chance: chance.sample([secret.encode(), _other_letter(secret, chance).encode()], 2),
    "joined": lambda secret, chance: [f"{secret}, {secret}".encode()],
    "not ASCII": lambda secret, chance: [secret.encode()[:-1] + bytes([chance.randrange(128, 256)])],
    "random": lambda secret, chance: ["".join(chance.choices(string.ascii_letters, k=len(secret))).encode()],
    "very long": lambda secret, chance: [b"a" * 5000],
    "quoted": lambda secret, chance: [f'"{secret}"'.encode()],
}
