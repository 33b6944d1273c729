"""A book as journals of plain-text accounting, Beancount's and hledger's. Each ends with the balances, which those programs check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from core.domain.imports import FileRow, GroupFile, RowKind, distinct
from core.domain.money import Money

Leg = tuple[str, int]
_NO_COMMENT = str.maketrans({";": ",", "|": "/", "\n": " ", "\r": " ", "\t": " "})


def as_beancount(file: GroupFile, *, title: str) -> str:
    """Every member is an account: above zero, the group owes them. Source of the syntax: the Beancount language documents."""
    components = distinct((_component(name) for name in file.people), numbered="{}--{}")
    accounts = {name: f"Assets:Group:{component}" for name, component in zip(file.people, components, strict=True)}
    lines = [f'option "title" {_quoted(title)}', ""]
    if file.rows:
        first = min(row.on for row in file.rows)
        lines += [f"{first} open {account}" for account in accounts.values()] + [""]
    for row in file.rows:
        lines.append(f"{row.on} * {_quoted(row.description)}")
        lines += [f"  category: {_quoted(row.category)}"] if row.category else []
        lines += [f"  {accounts[name]}  {Money(minor, row.currency)} {row.currency}" for name, minor in legs(row)]
        lines.append("")
    lines += [f"{day} balance {accounts[name]}  {money} {money.currency}" for day, name, money in _final(file)]
    return "\n".join(lines).rstrip() + "\n"


def as_hledger(file: GroupFile, *, title: str) -> str:
    """The same for hledger. Source of the syntax: the hledger journal manual."""
    words = distinct((_account(name) for name in file.people), numbered="{}--{}")
    accounts = {name: f"group:{account}" for name, account in zip(file.people, words, strict=True)}
    lines = ["decimal-mark .", f"; {_line(title)}", ""]
    for row in file.rows:
        tag = f"  ; category:{_line(row.category).replace(',', ' ')}" if row.category else ""
        lines.append(f"{row.on} * {_line(row.description)}{tag}".rstrip())
        lines += [f"    {accounts[name]}  {Money(minor, row.currency)} {row.currency}" for name, minor in legs(row)]
        lines.append("")
    final = list(_final(file))
    if final:
        lines.append(f"{final[0][0]} * balances")
        lines += [f"    {accounts[name]}  0 {money.currency} = {money} {money.currency}" for _, name, money in final]
    return "\n".join(lines).rstrip() + "\n"


def legs(row: FileRow) -> list[Leg]:
    """Who moves by how much; what somebody both paid and owes stays two legs."""
    sign = -1 if row.kind is RowKind.INCOME else 1
    return [*((name, sign * minor) for name, minor in row.paid), *((name, -sign * minor) for name, minor in row.shares if minor)]


def _final(file: GroupFile) -> Iterable[tuple[date, str, Money]]:
    if not file.rows:
        return
    after = max(row.on for row in file.rows) + timedelta(days=1)
    for (name, currency), minor in sorted(file.checks.items(), key=lambda each: (each[0][1], file.people.index(each[0][0]))):
        yield after, name, Money(minor, currency)


def _component(name: str) -> str:
    """Of a Beancount account: letters, digits and hyphens, beginning with a capital or a digit."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    kept = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
    kept = kept[:1].upper() + kept[1:]
    return kept or "M" + "-".join(f"{ord(character):X}" for character in name[:8])


def _account(name: str) -> str:
    """Of hledger: any words, single spaces between them, nothing that means something else in front."""
    kept = " ".join(re.sub(r'[:;()\[\]"*!=~]', " ", _line(name)).split())
    return kept or "somebody"


def _line(text: str) -> str:
    """One line of a description, without what begins a comment or parts a payee."""
    return " ".join(text.translate(_NO_COMMENT).split()).lstrip("*!(")


def _quoted(text: str | None) -> str:
    said = " ".join((text or "").split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{said}"'
