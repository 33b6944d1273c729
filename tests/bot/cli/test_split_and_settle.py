"""`tuppence split` and `tuppence settle`: the contract's examples, and what is refused without stopping the rest."""

from __future__ import annotations

import io
import json
from collections import Counter
from decimal import Decimal

import pytest

from bot.cli import settle, split
from bot.cli.jsonl import DEPTH, LINE_BYTES, answer_lines

BALANCED = '{"id": "ok", "balances": {"EUR": {"a": "1.00", "b": "-1.00"}}}\n'


def run(answer, keys: set[str], text: str | bytes) -> tuple[int, list[dict], str]:
    output, errors = io.StringIO(), io.StringIO()
    lines = io.BytesIO(text.encode() if isinstance(text, str) else text)
    status = answer_lines(answer, keys=frozenset(keys), lines=lines, output=output, errors=errors)
    return status, [json.loads(line) for line in output.getvalue().splitlines()], errors.getvalue()


def run_settle(text: str | bytes) -> tuple[int, list[dict], str]:
    return run(settle.answer, {"balances"}, text)


def bill(**given: object) -> dict:
    return {"payers": {"A": "30.00"}, "amount": "30.00", "currency": "EUR", "split_type": "equal", "weights": None, "shares": None} | given


def test_the_example_of_the_contract():
    record = {
        "currency": "EUR",
        "members": ["A", "B", "C"],
        "bills": [bill(split_type="shares", weights={"A": "1", "B": "2"}, date="2025-03-14")],
        "settlements": [{"from": "B", "to": "A", "amount": "5.00", "currency": "EUR"}],
    }
    assert split.answer(record) == {
        "balances": {"EUR": {"A": "15.00", "B": "-15.00", "C": "0.00"}},
        "transfers": [{"from": "B", "to": "A", "amount": "15.00", "currency": "EUR"}],
        "optimal": True,
    }


def test_the_leftover_cent_is_carried_from_bill_to_bill():
    record = {"members": ["A", "B", "C"], "bills": [bill(amount="10.00", payers={"A": "10.00"})] * 3}
    assert split.answer(record)["balances"] == {"EUR": {"A": "20.00", "B": "-10.00", "C": "-10.00"}}


def test_currencies_are_kept_apart_with_their_own_decimals():
    record = {"members": ["A", "B"], "bills": [bill(), bill(payers={"B": "901"}, amount="901", currency="JPY")]}
    assert split.answer(record)["balances"] == {"EUR": {"A": "15.00", "B": "-15.00"}, "JPY": {"A": "-450", "B": "450"}}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"split_type": "percent", "weights": {"A": "60", "B": "20"}}, "percentages do not add up (total 80, difference 20)"),
        ({"split_type": "exact", "shares": {"A": "10.00", "B": "10.00"}}, "split does not add up (difference 10.00)"),
        ({"split_type": "items", "items": [{"amount": "20.00", "members": ["A"]}], "tip": "5.00"}, "split does not add up (difference 5.00)"),
        ({"payers": {"A": "29.00"}}, "payments do not add up (difference 1.00)"),
        ({"payers": {"Z": "30.00"}}, 'payers of bill 1: "Z" not among the members'),
        ({"amount": "30.001", "payers": {"A": "30.001"}}, "too many decimals"),
        ({"amount": 30.0}, "must be a decimal string"),
        ({"amount": "1e3"}, "must be a decimal string"),
        ({"amount": "0.00", "payers": {"A": "0.00"}}, "zero amount"),
        ({"currency": "eur"}, "must be an ISO currency code"),
        ({"weights": {"A": "1", "B": "-1"}}, "weights of bill 1 must not be negative"),
        ({"weights": {"A": "0"}}, "nobody shares"),
        ({"split_type": "fair"}, "split_type of bill 1 must be one of"),
        ({"weights": {"A": "1"}, "split_type": "exact", "shares": {"A": "30.00"}}, "weights have no place"),
        ({"split_type": "adjusted", "shares": {"A": "31.00"}}, "adjustments too large"),
        ({"households": [["A", "B"], ["B"]]}, "households of bill 1: somebody is in two of them"),
        ({"note": "x"}, 'unknown key "note" in bill 1'),
        ({"date": "2025-02-30"}, "date of bill 1 must be a day"),
    ],
)
def test_a_bill_that_makes_no_sense_is_refused_with_the_reason(given, reason):
    record = {"id": "1", "members": ["A", "B"], "bills": [bill(**given)]}
    status, answers, errors = run(split.answer, {"members", "bills"}, json.dumps(record))
    assert status == 1
    assert set(answers[0]) == {"id", "error"}
    assert reason in answers[0]["error"]
    assert errors.startswith('line 1 (id "1"): ')
    assert "Traceback" not in errors


def test_a_settlement_to_oneself_or_of_nothing_is_refused():
    for paid in ({"from": "A", "to": "A", "amount": "1.00"}, {"from": "A", "to": "B", "amount": "-1.00"}):
        record = {"id": "1", "members": ["A", "B"], "settlements": [paid]}
        assert run(split.answer, {"members", "settlements"}, json.dumps(record))[0] == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "1", "balances": {"EUR": {"a": "1.00"}}}', "balances do not sum to zero (difference 1.00)"),
        ('{"id": "1", "balances": {}, "extra": 1}', 'unknown key "extra"'),
        ('{"id": "1", "balances": {"EUR": {"a": "0", "a": "0"}}}', 'key "a" appears twice'),
        ('{"id": "1", "balances": NaN}', "NaN is not JSON"),
        ('{"id": "1", "balances": ' + "9" * 5000 + "}", "beyond reason"),
        ('{"id": "1", "balances": ' + "[" * 100_000 + "]" * 100_000 + "}", "beyond reason"),
        ('{"id": "1", "balances": ' + "[" * DEPTH + "]" * DEPTH + "}", "nested deeper"),
        ('{"id": "1", "balances": {"\\ud800": {}}}', "surrogate"),
        ('{"id": 1, "balances": {}}', '"id" is missing or not a string'),
        ("[]", "not a JSON object"),
        ("{", "not JSON"),
        (b'{"id": "\xff"}', "not UTF-8"),
        ('{"id": "' + "x" * LINE_BYTES + '"}', "longer than"),
    ],
)
def test_a_refused_line_does_not_stop_the_others(line, reason):
    raw = line.encode() if isinstance(line, str) else line
    status, answers, errors = run_settle(BALANCED.encode() + raw + b"\n\n" + BALANCED.encode())
    assert status == 1
    assert [answer.get("optimal") for answer in answers] == [True, None, True]
    assert reason in answers[1]["error"]
    assert errors.startswith("line 2")


def test_a_defect_costs_one_line_and_says_so():
    def answer(record):
        if record["balances"] == {}:
            raise KeyError("x")
        return {"fine": True}

    status, answers, errors = run(answer, {"balances"}, '{"id": "1", "balances": {}}\n' + BALANCED)
    assert (status, answers[0]["error"], answers[1]) == (1, "could not be handled (KeyError): this is a defect", {"id": "ok", "fine": True})
    assert "Traceback" in errors


def test_paying_some_of_the_plan_leaves_the_others_also_among_strangers():
    members = ["anna", "bob", "cleo", "dan", "eva", "fred"]

    def shared(payer: str, others: list[str], amount: str) -> dict:
        return bill(payers={payer: amount}, amount=amount, weights=dict.fromkeys(others, "1"))

    bills = [shared("anna", ["dan", "eva"], "70.00"), shared("bob", ["eva", "fred"], "36.00"), shared("cleo", ["fred", "dan"], "50.00")]
    made = split.answer({"members": members, "bills": bills})
    met = {("dan", "anna"), ("eva", "anna"), ("eva", "bob"), ("fred", "bob"), ("fred", "cleo"), ("dan", "cleo")}
    assert {(move["from"], move["to"]) for move in made["transfers"]} <= met
    for first in range(len(made["transfers"])):
        paid, others = made["transfers"][first], made["transfers"][:first] + made["transfers"][first + 1 :]
        assert split.answer({"members": members[::-1], "bills": bills, "settlements": [paid]})["transfers"] == others
    beside = {"from": "dan", "to": "bob", "amount": "1.00"}
    assert split.answer({"members": members, "bills": bills, "settlements": [beside]})["optimal"]


def test_where_the_fewest_are_not_proven_it_is_said_how_few_there_must_be():
    balances = {f"m{place}": f"{1000 + place * place}.00" for place in range(28)} | {"x": "-10000.00"}
    balances["y"] = f"{10_000 - sum(1000 + place * place for place in range(28))}.00"
    answer = settle.answer({"balances": {"EUR": balances}})
    assert not answer["optimal"]
    assert 20 <= answer["least"] < len(answer["transfers"]) == 29


def balances(**given: object) -> dict[str, str]:
    return split.answer({"members": ["A", "B", "C"], "bills": [bill(**given)]})["balances"]["EUR"]


def test_more_for_some_a_couple_as_one_and_what_comes_on_top():
    assert balances(split_type="adjusted", shares={"C": "3.00"}) == {"A": "21.00", "B": "-9.00", "C": "-12.00"}
    assert balances(households=[["B", "C"]]) == {"A": "15.00", "B": "-7.50", "C": "-7.50"}
    items = [{"amount": "20.00", "members": ["B"]}, {"amount": "10.00", "members": ["C"]}]
    on_top = {"tax": "2.00", "service": "3.00", "tip": "1.00", "discount": "6.00"}
    assert balances(split_type="items", items=items, **on_top) == {"A": "30.00", "B": "-20.00", "C": "-10.00"}


def test_a_thousand_members_are_answered():
    people = [f"m{number}" for number in range(1000)]
    bills = [bill(amount="1000.01", payers={people[number]: "1000.01"}) for number in range(30)]
    answer = split.answer({"members": people, "bills": bills})
    assert len(answer["transfers"]) <= 999
    assert answer["optimal"] or answer["least"] < len(answer["transfers"])
    paid = Counter[str]()
    for move in answer["transfers"]:
        paid[move["from"]] -= Decimal(move["amount"])
        paid[move["to"]] += Decimal(move["amount"])
    assert {name: str(paid[name]) for name in people if paid[name]} == {name: own for name, own in answer["balances"]["EUR"].items() if Decimal(own)}
