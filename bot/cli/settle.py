"""`tuppence settle`: balances in, the fewest transfers out. Arithmetic is the ledger's own (core.domain.settlement)."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from bot.cli.amounts import read_amount, read_currency, read_object
from bot.cli.jsonl import Json, answer_lines
from core.domain import settlement
from core.domain.money import Money

HELP = "JSON Lines: balances in, transfers out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: the input says all."""


def run(options: argparse.Namespace) -> int:
    return answer_lines(answer, keys=frozenset({"balances"}))


def answer(record: Json) -> Json:
    """`{"balances": {currency: {name: amount}}}` to `transfers` and `optimal`."""
    balances = {}
    for currency, row in read_object(record.get("balances"), "balances").items():
        read_currency(currency, "balances")
        amounts = read_object(row, f"balances in {currency}")
        balances[currency] = {name: read_amount(amount, currency, f"the balance of {name}") for name, amount in amounts.items()}
    return transfers(balances)


def transfers(balances: Mapping[str, Mapping[str, Money]]) -> Json:
    """Currency to member to balance, as `transfers` and `optimal` of the output."""
    plans = [settlement.plan({name: balance.minor for name, balance in row.items()}, currency) for currency, row in balances.items()]
    return {
        "transfers": [
            {"from": transfer.sender, "to": transfer.receiver, "amount": str(transfer.amount), "currency": transfer.amount.currency}
            for plan in plans
            for transfer in plan.transfers
        ],
        "optimal": all(plan.optimal for plan in plans),
    }
