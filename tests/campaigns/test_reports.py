"""The short form of the campaign of reports, and proof that it finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.conversation.replies.formats import Voice
from bot.conversation.reporting import Reader
from bot.report_files import FORMS
from core.db.session import Database
from core.domain.money import Money
from core.domain.sheets import Bar, Block, Line, Sheet
from tests.campaigns import reports

WORDS = {name: name for name in ("day", "what", "category", "group", "amount", "currency", "total", "bills")}
LINE = Line(date(2025, 3, 14), "14 Mar", "dinner", "Eating out", "", Money(1250, "EUR"), "€12.50")
BAR = Bar("14 Mar", "€12.50", Money(1250, "EUR"))
RIGHT = Sheet("en", "March", "", "€12.50", (), Block("When", (BAR,)), (Block("On what", (BAR,)),), (LINE,), ((Money(1250, "EUR"), "€12.50"),), WORDS)


async def test_all_forms_of_some_ledgers_say_the_same(database: Database) -> None:
    findings = await reports.campaign(database, ledgers=12, seed=3)
    assert findings.faults == []
    assert findings.bills > 20 and findings.foreign > 1  # else the ledgers are too easy


def faults(sheet: Sheet, text: str = "March: €12.50.") -> list[str]:
    reader, sheets = Reader(Voice("en"), date(2025, 3, 14)), dict.fromkeys(FORMS, sheet)
    told = reports.told({"EUR": 1250}, text=text, sheets=sheets, reader=reader, findings=reports.Findings())
    return [fault.partition(":")[0] for fault in told]


def test_a_form_that_says_something_else_is_found() -> None:
    other = Money(1251, "EUR")
    assert faults(RIGHT) == []
    assert faults(RIGHT, "March: €12.51.") == ["text"]
    assert faults(replace(RIGHT, times=Block("When", (replace(BAR, amount=other),)))) == ["chart"]
    assert faults(replace(RIGHT, figure="€12.51")) == [*FORMS]
    assert faults(replace(RIGHT, blocks=(Block("On what", (BAR, BAR)),))) == [*FORMS]
    assert faults(replace(RIGHT, lines=(replace(LINE, amount=other),))) == ["csv", "xlsx"]
    assert faults(replace(RIGHT, totals=((other, "€12.51"),), figure="€12.50", lines=())) == ["csv", "xlsx"]
