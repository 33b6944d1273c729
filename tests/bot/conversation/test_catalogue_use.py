"""Every sentence that the code says exists, and with the parameters that the code gives."""

import ast
from pathlib import Path

import pytest

from bot.conversation.replies.catalogue import catalogue, languages

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "bot" / "conversation").rglob("*.py"))


# Refused before a message is stored, or only reachable through the files of `tuppence split`: no chat ever says them.
NOT_FROM_A_CHAT = {"bad_identifier", "bad_number", "message_too_long", "too_many_parts", "balances_do_not_sum_to_zero"}


def said(tree):
    """(code, parameter names or None where they are not literal) of every `say("code", ...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say" and node.args:
            first = node.args[0]
            for option in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(option, ast.Constant):
                    names = {keyword.arg for keyword in node.keywords}
                    yield option.value, None if None in names else names


def test_every_sentence_said_is_in_the_catalogue():
    uses = [(path.name, code, names) for path in SOURCES for code, names in said(ast.parse(path.read_text()))]
    assert len(uses) > 60, "the scan finds the code"
    english = catalogue("en")
    missing = [(name, code) for name, code, _ in uses if not english.has(code)]
    assert missing == []
    unfilled = [(name, code) for name, code, given in uses if given is not None and english.fields(code) - given]
    assert unfilled == []


@pytest.mark.parametrize("language", languages())
def test_a_catalogue_loads(language):
    assert catalogue(language).sentence("undone")


def test_domain_errors_have_sentences():
    """Codes of DomainErrors that a person can cause from the chat."""
    codes = set()
    for path in [*SOURCES, *sorted((ROOT / "core" / "services").glob("*.py")), *sorted((ROOT / "core" / "domain").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "DomainError"
                and isinstance(node.args[0], ast.Constant)
            ):
                codes.add(node.args[0].value)
    assert len(codes) > 12
    assert sorted(code for code in codes - NOT_FROM_A_CHAT if not catalogue("en").has(code)) == []
