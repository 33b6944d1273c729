"""Links to wallets: forms seen in use, which their makers promise nobody. Which of them are offered is a matter of configuration."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.domain.payments.codes import not_payable
from core.errors import DomainError

_PAYPAL = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD USD"
PAYPAL_CURRENCIES = frozenset(_PAYPAL.split())

_PAYPAL_WHOLE = frozenset({"HUF", "TWD"})  # of which it takes no parts, whatever ISO 4217 says


def _at_paypal(amount: Money) -> str:
    """DomainError `not_payable` for a part of a unit where there are only whole ones."""
    if amount.currency not in _PAYPAL_WHOLE:
        return str(amount)
    if amount.minor % 10 ** DECIMALS[amount.currency]:
        raise not_payable("paypal", "amount")
    return str(int(amount.decimal))


@dataclass(frozen=True, slots=True)
class Wallet:
    """`name`: what a person is called there, without the @ or $ before it. `hosts`: links that people paste. `link` of name, amount and note."""

    name: str
    hosts: tuple[str, ...]
    link: Callable[[str, Money, str], str]


WALLETS = {
    "paypal": Wallet(
        r"[A-Za-z0-9]{1,20}",
        ("paypal.me", "www.paypal.me", "paypal.com/paypalme", "www.paypal.com/paypalme"),
        lambda name, amount, _note: f"https://paypal.me/{name}/{_at_paypal(amount)}{amount.currency}",
    ),
    "venmo": Wallet(
        r"[A-Za-z0-9_-]{1,30}",
        ("venmo.com/u", "www.venmo.com/u", "account.venmo.com/u", "venmo.com", "www.venmo.com"),
        lambda name, amount, note: f"https://venmo.com/{name}?txn=pay&amount={amount}&note={quote(note, safe='')}",
    ),
    "cashapp": Wallet(
        r"(?=[0-9_]{0,19}[A-Za-z])[A-Za-z0-9_]{1,20}",
        ("cash.app", "www.cash.app", "cash.me"),
        lambda name, amount, _note: f"https://cash.app/${name}/{amount}",
    ),
    "revolut": Wallet(
        r"[A-Za-z0-9]{3,32}",
        ("revolut.me", "www.revolut.me"),
        lambda name, _amount, _note: f"https://revolut.me/{name}",  # how an amount is said there changes
    ),
    "monzo": Wallet(
        r"[A-Za-z0-9-]{1,40}",
        ("monzo.me", "www.monzo.me"),
        lambda name, amount, note: f"https://monzo.me/{name}/{amount}?d={quote(note, safe='')}",
    ),
    "wise": Wallet(
        r"[A-Za-z0-9]{3,40}",
        ("wise.com/pay/me", "www.wise.com/pay/me"),
        lambda name, _amount, _note: f"https://wise.com/pay/me/{name}",
    ),
}


def checked_name(wallet: str, text: str) -> str:
    """The name at a wallet, out of a name with @ or $ before it or the wallet's own link. DomainError `account_wrong`."""
    known = WALLETS[wallet]
    name = "".join(text.split())
    bare = re.sub(r"^https?://", "", name, flags=re.IGNORECASE)
    for host in known.hosts:
        if bare.lower().startswith(f"{host}/"):
            name = re.split(r"[/?#]", bare[len(host) + 1 :], maxsplit=1)[0]
            break
    name = name.lstrip("@$")
    if not re.fullmatch(known.name, name, re.ASCII):
        raise DomainError("account_wrong", kind=wallet)
    return name


def wallet_link(wallet: str, name: str, amount: Money, note: str) -> str:
    """Where the payer is to go; the amount is in it where the wallet takes one."""
    return WALLETS[wallet].link(name, amount, note)
