"""What people say of mail: an address, reports that go there, no more of it; in seven languages, and nothing else that names a mail."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, Intent, ParseContext
from bot.conversation.parsing import parse

SAID = {
    "en": {
        "set_mail": [
            "my email is anna@example.org",
            "my new e-mail address: anna@example.org",
            "anna@example.org is my email",
            "send reports to anna@example.org",
        ],
        "mail_reports": ["email me reports", "send my reports by mail please"],
        "stop_mail": ["no more mail", "stop emails", "unsubscribe from mails"],
        "forget_mail": ["remove my email", "delete my email address"],
        "show_mail": ["my email", "what is my email address?"],
        "report": ["pdf may by mail", "email me the report for march"],
        "schedule_report": ["every monday 9:00 report by mail", "every monday at 9 email me a pdf report"],
    },
    "de": {
        "set_mail": ["meine E-Mail ist anna@example.org", "Mailadresse: anna@example.org"],
        "mail_reports": ["Berichte per Mail"],
        "stop_mail": ["keine Mails mehr"],
        "forget_mail": ["lösche meine E-Mail-Adresse"],
        "report": ["Bericht März per Mail"],
        "schedule_report": ["jeden Montag um 9 Bericht per Mail"],
    },
    "es": {
        "set_mail": ["mi correo es anna@example.org"],
        "mail_reports": ["informes por correo"],
        "stop_mail": ["no más correos"],
        "forget_mail": ["borra mi correo"],
        "report": ["pdf de mayo por correo"],
        "schedule_report": ["cada lunes a las 9 informe por correo"],
    },
    "fr": {
        "set_mail": ["mon mail est anna@example.org"],
        "mail_reports": ["rapports par mail"],
        "stop_mail": ["plus de mails"],
        "forget_mail": ["supprime mon adresse mail"],
        "report": ["pdf mai par mail"],
        "schedule_report": ["rapport chaque lundi à 9h par mail"],
    },
    "it": {
        "set_mail": ["il mio indirizzo mail è anna@example.org"],
        "mail_reports": ["resoconti via mail"],
        "stop_mail": ["niente più mail"],
        "forget_mail": ["elimina la mia mail"],
        "report": ["pdf di maggio via mail"],
        "schedule_report": ["resoconto ogni lunedì alle 9 via mail"],
    },
    "pt": {
        "set_mail": ["meu email é anna@example.org"],
        "mail_reports": ["relatórios por email"],
        "stop_mail": ["chega de emails"],
        "forget_mail": ["apaga meu email"],
        "report": ["pdf de maio por email"],
        "schedule_report": ["relatório toda segunda às 9 por email"],
    },
    "hi": {
        "set_mail": ["mera email anna@example.org hai"],
        "mail_reports": ["reports email par bhejo"],
        "stop_mail": ["email band karo"],
        "forget_mail": ["mera email hatao"],
        "report": ["may ki pdf email par bhejo"],
        "schedule_report": ["har somvar 9 baje report email par bhejo"],
    },
}
CASES = [(language, name, text) for language, names in SAID.items() for name, texts in names.items() for text in texts]


def read(text: str, *, language: str = "en", chat: str = "private") -> Intent:
    context = ParseContext(now=datetime(2025, 6, 14, 12), speaker="Zoe", members=("Zoe", "Anna"), language=language, chat=chat)  # type: ignore[arg-type]
    return parse(text, context).intent


@pytest.mark.parametrize(("language", "name", "text"), CASES)
def test_what_is_said_of_mail(language: str, name: str, text: str) -> None:
    found = read(text, language=language)
    assert isinstance(found, Command) and found.name == name
    assert found.slots.get("address") == ("anna@example.org" if name == "set_mail" else None)
    assert ("mail" in found.slots) is (name in ("report", "schedule_report"))


@pytest.mark.parametrize(
    "text", ["mail 5", "paid 12 for email hosting", "email anna about the bill", "anna@example.org", "ask bob@example.org about mail"]
)
def test_what_only_names_a_mail_is_something_else(text: str) -> None:
    found = read(text)
    assert not (isinstance(found, Command) and "mail" in found.name)


def test_a_report_without_mail_does_not_go_there() -> None:
    found = read("pdf may")
    assert isinstance(found, Command) and "mail" not in found.slots


@pytest.mark.parametrize("text", ["no more mail", "email me reports", "my email"])
def test_in_a_group_nobodys_mail_is_meant(text: str) -> None:
    found = read(text, chat="group")
    assert not (isinstance(found, Command) and "mail" in found.name)


@pytest.mark.parametrize("text", ["forget the mail", "no more emails", "remove my email", "stop emailing me", "no report today", "no report"])
def test_talk_of_mail_stops_no_reports_of_a_group(text: str) -> None:
    found = read(text, chat="group")
    assert not (isinstance(found, Command) and found.name == "stop_reports")


@pytest.mark.parametrize("text", ["stop reports", "no more reports", "cancel the report", "stop the reports by mail"])
def test_a_group_stops_its_reports_by_their_name(text: str) -> None:
    assert read(text, chat="group") == Command("stop_reports")
