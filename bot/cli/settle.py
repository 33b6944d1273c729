"""`tuppence settle`: balances in, the fewest transfers out. Arithmetic is the ledger's own (core.domain.settlement)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bot.cli.amounts import read_amount, read_currency, read_object
from bot.cli.jsonl import Json, answer_lines
from core.domain import settlement

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
        balances[currency] = {name: read_amount(amounts[name], currency, f"the balance of {name}").minor for name in sorted(amounts)}
    return transfers([settlement.plan(row, currency) for currency, row in balances.items()])


def transfers(plans: Sequence[settlement.Plan[str]]) -> Json:
    """`transfers` and `optimal` of the output; where the number is not proven, `least`: no plan has fewer."""
    optimal = all(plan.optimal for plan in plans)
    return {
        "transfers": [
            {"from": transfer.sender, "to": transfer.receiver, "amount": str(transfer.amount), "currency": transfer.amount.currency}
            for plan in plans
            for transfer in plan.transfers
        ],
        "optimal": optimal,
    } | ({} if optimal else {"least": sum(plan.least for plan in plans)})
