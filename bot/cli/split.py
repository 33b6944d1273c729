"""`tuppence split`: bills in, balances and transfers out. Arithmetic is core.domain.splits, leftovers carried from bill to bill."""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from bot.cli.amounts import check_day, check_members, read_amount, read_currency, read_decimal, read_list, read_names, read_object
from bot.cli.jsonl import Json, Refused, answer_lines, check_keys, words_of
from bot.cli.settle import transfers
from core.domain import settlement, splits
from core.domain.debts import Acquaintance
from core.domain.money import Money
from core.errors import DomainError

HELP = "JSON Lines: bills in, balances and transfers out"
_KEYS = frozenset({"currency", "members", "bills", "settlements"})
_BILL = frozenset(
    {
        "payers",
        "amount",
        "currency",
        "split_type",
        "weights",
        "shares",
        "items",
        "tax",
        "tip",
        "service",
        "discount",
        "households",
        "date",
        "description",
    }
)
_SETTLEMENT = frozenset({"from", "to", "amount", "currency", "date"})
_EXTRAS = ("tax", "tip", "service", "discount")  # of an itemised bill; the discount is positive and takes away
_BELONGS = {
    "equal": {"weights", "households"},
    "exact": {"shares"},
    "percent": {"weights"},
    "shares": {"weights"},
    "adjusted": {"weights", "shares"},
    "items": {"items", *_EXTRAS},
}


@dataclass
class _Tab:
    """Balances and remainders (in millionths) of one input line while its bills are booked, by currency and member.

    `met`: who shares a bill with whom; `payments` (sender, receiver, amount) of the settlements, by currency.
    """

    members: tuple[str, ...]
    currency: str
    balances: dict[str, dict[str, Money]] = field(default_factory=dict)
    behind: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    met: Acquaintance[str] = field(default_factory=Acquaintance)
    payments: dict[str, list[tuple[str, str, Money]]] = field(default_factory=lambda: defaultdict(list))

    def row(self, currency: str) -> dict[str, Money]:
        return self.balances.setdefault(currency, dict.fromkeys(self.members, Money(0, currency)))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: the input says all."""


def run(options: argparse.Namespace) -> int:
    return answer_lines(answer, keys=_KEYS)


def answer(record: Json) -> Json:
    """`members`, `bills` and `settlements` to `balances`, `transfers` and `optimal`."""
    tab = _Tab(read_names(record.get("members"), "members"), read_currency(record.get("currency", "EUR"), "currency"))
    tab.row(tab.currency)
    for number, bill in enumerate(read_list(record.get("bills") or [], "bills"), start=1):
        _add_bill(tab, read_object(bill, f"bill {number}"), f"bill {number}")
    for number, paid in enumerate(read_list(record.get("settlements") or [], "settlements"), start=1):
        _add_settlement(tab, read_object(paid, f"settlement {number}"), f"settlement {number}")
    shown = {currency: {name: str(balance) for name, balance in row.items()} for currency, row in tab.balances.items()}
    return {"balances": shown} | transfers([_plan(tab, currency) for currency in tab.balances])


def _plan(tab: _Tab, currency: str) -> settlement.Plan[str]:
    """What the bills lead to, less what was paid of it; where something else was paid, or fewer transfers do now, what the balances lead to."""
    row = {name: tab.balances[currency][name] for name in sorted(tab.members)}

    def made(balances: dict[str, Money]) -> settlement.Plan[str]:
        minors = {name: balance.minor for name, balance in balances.items()}
        return settlement.plan(minors, currency, rank=lambda sender, receiver: int(not tab.met.met(sender, receiver)))

    before = dict(row)
    for sender, receiver, paid in tab.payments[currency]:
        before[sender] -= paid
        before[receiver] += paid
    payments = [(sender, receiver, paid.minor) for sender, receiver, paid in tab.payments[currency]]
    kept = settlement.remaining(made(before), payments)
    return kept if kept is not None and kept.optimal else made(row)


def _add_bill(tab: _Tab, bill: Json, where: str) -> None:
    check_keys(bill, _BILL, where)
    check_day(bill.get("date"), f"date of {where}")
    currency = read_currency(bill.get("currency") or tab.currency, f"currency of {where}")
    amount = read_amount(bill.get("amount"), currency, f"amount of {where}")
    paid = _amounts(tab, bill.get("payers"), currency, f"payers of {where}")
    try:
        payments = splits.split_payments(amount, given=paid)
        shares = _shares(tab, bill, amount, tuple(paid), where)
    except DomainError as problem:
        raise Refused(f"{where}: {words_of(problem)}") from problem
    row, behind = tab.row(currency), tab.behind[currency]
    for member, money in payments.items():
        row[member] += money
    tab.met.add({*payments, *(share.member for share in shares)})
    for share in shares:
        row[share.member] -= share.amount
        behind[share.member] = behind.get(share.member, 0) + share.remainder


def _shares(tab: _Tab, bill: Json, amount: Money, payers: tuple[str, ...], where: str) -> tuple[splits.Share[str], ...]:
    split_type, behind = bill.get("split_type"), tab.behind[amount.currency]
    if not isinstance(split_type, str) or split_type not in _BELONGS:
        raise Refused(f"split_type of {where} must be one of {', '.join(_BELONGS)}")
    for key in sorted(set().union(*_BELONGS.values()) - _BELONGS[split_type]):
        if bill.get(key):
            raise Refused(f"{where}: {key} have no place in a split of type {split_type}")
    if split_type == "items":
        return _itemised(tab, bill, amount, payers, where)
    if split_type == "exact":
        return splits.split(amount, type="exact", exact=_amounts(tab, bill.get("shares"), amount.currency, f"shares of {where}"))
    if split_type in ("equal", "adjusted"):
        weights = _weights(tab, bill.get("weights") or dict.fromkeys(tab.members, "1"), where)
        people = [name for name, weight in weights.items() if weight]
        more = _amounts(tab, bill.get("shares") or {}, amount.currency, f"shares of {where}")
        if split_type == "adjusted":
            return splits.split(amount, type="adjusted", people=people, weights=weights, exact=more, payers=payers, behind=behind)
        by_unit = splits.weights_by_unit(people, _households(tab, bill.get("households") or [], where))
        return splits.split(amount, type="shares" if by_unit else "equal", people=people, weights=by_unit, payers=payers, behind=behind)
    return splits.split(amount, type=split_type, weights=_weights(tab, bill.get("weights"), where), payers=payers, behind=behind)


def _households(tab: _Tab, value: object, where: str) -> list[tuple[str, ...]]:
    """Lists of members who count as one; nobody is in two of them."""
    units = [read_names(unit, f"households of {where}") for unit in read_list(value, f"households of {where}")]
    check_members([name for unit in units for name in unit], tab.members, f"households of {where}")
    if sum(map(len, units)) > len({name for unit in units for name in unit}):
        raise Refused(f"households of {where}: somebody is in two of them")
    return units


def _itemised(tab: _Tab, bill: Json, amount: Money, payers: tuple[str, ...], where: str) -> tuple[splits.Share[str], ...]:
    items = []
    for number, value in enumerate(read_list(bill.get("items"), f"items of {where}"), start=1):
        here = f"item {number} of {where}"
        item = read_object(value, here)
        check_keys(item, {"amount", "members", "description"}, here)
        people = read_names(item.get("members"), f"members of {here}")
        check_members(people, tab.members, here)
        items.append(splits.Item(read_amount(item.get("amount"), amount.currency, f"amount of {here}"), people))
    extras = {key: read_amount(bill.get(key) or "0", amount.currency, f"{key} of {where}") for key in _EXTRAS}
    on_top = extras["tax"] + extras["tip"] + extras["service"] - extras["discount"]
    return splits.split_items(amount, items=items, on_top=on_top, payers=payers, behind=tab.behind[amount.currency])


def _add_settlement(tab: _Tab, paid: Json, where: str) -> None:
    check_keys(paid, _SETTLEMENT, where)
    check_day(paid.get("date"), f"date of {where}")
    currency = read_currency(paid.get("currency") or tab.currency, f"currency of {where}")
    amount = read_amount(paid.get("amount"), currency, f"amount of {where}")
    sender, receiver = read_names([paid.get("from"), paid.get("to")], f"from and to of {where}")
    check_members((sender, receiver), tab.members, where)
    if amount.minor <= 0:
        raise Refused(f"amount of {where} must be above zero")
    row = tab.row(currency)
    row[sender] += amount
    row[receiver] -= amount
    tab.payments[currency].append((sender, receiver, amount))


def _amounts(tab: _Tab, value: object, currency: str, where: str) -> dict[str, Money]:
    amounts = {name: read_amount(amount, currency, where) for name, amount in read_object(value, where).items()}
    check_members(amounts, tab.members, where)
    return amounts


def _weights(tab: _Tab, value: object, where: str) -> dict[str, Decimal]:
    weights = {name: read_decimal(weight, f"weights of {where}") for name, weight in read_object(value, f"weights of {where}").items()}
    if any(weight < 0 for weight in weights.values()):
        raise Refused(f"weights of {where} must not be negative")
    check_members(weights, tab.members, f"weights of {where}")
    return weights
