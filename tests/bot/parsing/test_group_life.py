"""What people say about the life of their group, in every language, and what it must not be taken for."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.conversation.intents import Command, Intent, ParseContext, Query, RecordExpenses, Understanding
from bot.conversation.parsing import parse
from bot.conversation.parsing.group_life import note_of
from bot.conversation.parsing.lexicon import lexicon

MEMBERS = ("zoe", "anna", "bob", "carl", "charlie")


def read(text: str, language: str = "en", *, chat: str = "group") -> Understanding:
    context = ParseContext(
        now=datetime(2025, 3, 14, 12),
        speaker="zoe",
        members=MEMBERS,
        chat=chat,
        language=language,
        default_split="everyone",  # type: ignore[arg-type]
    )
    return parse(text, context)


def meant(text: str, language: str = "en", *, chat: str = "group") -> Intent:
    return read(text, language, chat=chat).intent


# One sentence a rule, in each language; the English one stands first and says what they all mean.
SENTENCES: dict[str, tuple[Intent, dict[str, str]]] = {
    "admin": (
        Command("set_role", {"who": "anna", "role": "admin"}),
        {
            "en": "make anna an admin",
            "de": "mach anna zum admin",
            "es": "haz a anna administradora",
            "fr": "anna est admin",
            "it": "anna è admin",
            "pt": "torna a anna administradora",
            "hi": "anna ko admin banao",
        },
    ),
    "viewer": (
        Command("set_role", {"who": "bob", "role": "viewer"}),
        {
            "en": "bob may only look",
            "de": "bob darf nur zuschauen",
            "es": "bob solo puede mirar",
            "fr": "bob peut seulement regarder",
            "it": "bob può solo guardare",
            "pt": "bob só pode olhar",
            "hi": "bob sirf dekh sakta hai",
        },
    ),
    "roles": (
        Command("show_roles"),
        {
            "en": "who may what?",
            "de": "wer darf was?",
            "es": "¿quién puede hacer qué?",
            "fr": "qui peut faire quoi ?",
            "it": "chi può fare cosa?",
            "pt": "quem pode fazer o quê?",
            "hi": "kaun kya kar sakta hai",
        },
    ),
    "own": (
        Command("set_own_only", {"value": "on"}),
        {
            "en": "only own bills may be edited",
            "de": "nur eigene Rechnungen dürfen geändert werden",
            "es": "cada uno puede cambiar solo sus gastos",
            "fr": "chacun ne peut modifier que ses propres dépenses",
            "it": "ognuno può modificare solo le proprie spese",
            "pt": "cada um só pode mudar as suas despesas",
            "hi": "sirf apne kharche badal sakte hain",
        },
    ),
    "approve": (
        Command("set_approval", {"amount": "100", "currency": "EUR"}),
        {
            "en": "approve over 100",
            "de": "genehmigen über 100",
            "es": "aprobar más de 100",
            "fr": "approuver au-dessus de 100",
            "it": "approva oltre 100",
            "pt": "aprovar acima de 100",
            "hi": "100 se zyada par approval",
        },
    ),
    "quiet": (
        Command("set_quiet", {"from": "22:00", "until": "08:00"}),
        {
            "en": "be quiet from 22 to 8",
            "de": "Ruhe von 22 bis 8 Uhr",
            "es": "silencio de 22 a 8",
            "fr": "silence de 22h à 8h",
            "it": "silenzio dalle 22 alle 8",
            "pt": "silêncio das 22 às 8",
            "hi": "22 se 8 tak chup raho",
        },
    ),
    "archive": (
        Command("archive"),
        {
            "en": "archive the group",
            "de": "archiviere die Gruppe",
            "es": "archiva el grupo",
            "fr": "archive le groupe",
            "it": "archivia il gruppo",
            "pt": "arquiva o grupo",
            "hi": "group archive karo",
        },
    ),
    "reopen": (
        Command("reopen"),
        {
            "en": "open the group again",
            "de": "öffne die Gruppe wieder",
            "es": "abre el grupo otra vez",
            "fr": "rouvre le groupe",
            "it": "riapri il gruppo",
            "pt": "reabre o grupo",
            "hi": "group phir se kholo",
        },
    ),
    "rename": (
        Command("rename_member", {"who": "carl", "new": "Charles"}),
        {
            "en": "rename carl to Charles",
            "de": "benenne carl in Charles um",
            "es": "renombra a carl como Charles",
            "fr": "renomme carl en Charles",
            "it": "rinomina carl in Charles",
            "pt": "renomeia carl para Charles",
            "hi": "carl ka naam Charles rakho",
        },
    ),
    "merge": (
        Command("merge", {"one": "carl", "two": "charlie"}),
        {
            "en": "carl and charlie are the same",
            "de": "carl und charlie sind dieselbe Person",
            "es": "carl y charlie son la misma persona",
            "fr": "carl et charlie sont la même personne",
            "it": "carl e charlie sono la stessa persona",
            "pt": "carl e charlie são a mesma pessoa",
            "hi": "carl aur charlie ek hi hain",
        },
    ),
    "remove": (
        Command("remove_member", {"who": "bob"}),
        {
            "en": "remove bob from the group",
            "de": "entferne bob aus der Gruppe",
            "es": "saca a bob del grupo",
            "fr": "retire bob du groupe",
            "it": "rimuovi bob dal gruppo",
            "pt": "remove bob do grupo",
            "hi": "bob ko group se nikalo",
        },
    ),
    "activity": (
        Query("activity", start=date(2025, 3, 10)),
        {
            "en": "what changed since monday?",
            "de": "was hat sich seit Montag geändert?",
            "es": "¿qué ha cambiado desde el lunes?",
            "fr": "qu'est-ce qui a changé depuis lundi ?",
            "it": "cosa è cambiato da lunedì?",
            "pt": "o que mudou desde segunda-feira?",
            "hi": "monday se kya badla hai",
        },
    ),
    "balances": (
        Query("balances", end=date(2025, 3, 1)),
        {
            "en": "balance on 1 march",
            "de": "Stand am 1. März",
            "es": "saldo del 1 de marzo",
            "fr": "solde au 1er mars",
            "it": "saldo al 1 marzo",
            "pt": "saldo em 1 de março",
            "hi": "1 march ka balance",
        },
    ),
    "summary": (
        Command("summary"),
        {"en": "summary", "de": "Zusammenfassung", "es": "resumen", "fr": "résumé", "it": "riepilogo", "pt": "resumo", "hi": "summary"},
    ),
    "close": (
        Command("close_group"),
        {
            "en": "close the trip",
            "de": "schließe die Reise ab",
            "es": "cierra el viaje",
            "fr": "clôture le voyage",
            "it": "chiudi il viaggio",
            "pt": "fecha a viagem",
            "hi": "trip khatam",
        },
    ),
    "pin": (
        Command("pin_balance"),
        {
            "en": "pin the balance",
            "de": "pinne den Stand an",
            "es": "fija el saldo",
            "fr": "épingle le solde",
            "it": "fissa il saldo",
            "pt": "fixa o saldo",
            "hi": "balance pin karo",
        },
    ),
}
CASES = [(name, language, text) for name, (_, texts) in SENTENCES.items() for language, text in texts.items()]


@pytest.mark.parametrize(("name", "language", "text"), CASES, ids=[f"{name}-{language}" for name, language, _ in CASES])
def test_it_means_the_same_in_every_language(name: str, language: str, text: str):
    found, wanted = meant(text, language), SENTENCES[name][0]
    assert found == wanted or (name == "activity" and isinstance(found, Query) and found.kind == "activity" and found.start is not None)


def test_every_language_says_everything():
    languages = {"en", "de", "es", "fr", "it", "pt", "hi"}
    assert {name for name, (_, texts) in SENTENCES.items() if set(texts) != languages} == set()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("make me an admin", Command("set_role", {"who": "zoe", "role": "admin"})),
        ("bob may write again", Command("set_role", {"who": "bob", "role": "member"})),
        ("bob is a member again", Command("set_role", {"who": "bob", "role": "member"})),
        ("everyone may edit all bills", Command("set_own_only", {"value": "off"})),
        ("bills over $250.50 need approval", Command("set_approval", {"amount": "250.50", "currency": "USD"})),
        ("no approval", Command("set_approval")),
        ("be quiet from 10:30pm to 7am", Command("set_quiet", {"from": "22:30", "until": "07:00"})),
        ("no quiet hours", Command("set_quiet")),
        ("rename the group to Lisbon 2025", Command("rename_group", {"new": "Lisbon 2025"})),
        ("carl and charlie are not the same", Command("part", {"one": "carl", "two": "charlie"})),
        ("carl is the same as charlie", Command("merge", {"one": "carl", "two": "charlie"})),
        ("comment taxi: was 20 to the airport", Command("comment", {"target": "taxi", "text": "was 20 to the airport"})),
        ("Comment: for Anna's birthday", Command("comment", {"target": "last", "text": "for Anna's birthday"})),
        ("who owed whom last friday", Query("balances", end=date(2025, 3, 7))),
        ("what changed?", Query("activity")),
    ],
)
def test_in_other_words(text: str, wanted: Intent):
    assert meant(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["note: lunch 12", "quiet hotel 22", "group dinner 30", "pin 4.50", "archive box 12", "trip to the zoo 24", "admin fee 15"],
)
def test_a_note_of_an_expense_stays_one(text: str):
    assert isinstance(meant(text), RecordExpenses)


@pytest.mark.parametrize("text", ["be quiet from 22", "be quiet from 25 to 8", "approve over 0", "balance tomorrow"])
def test_what_is_not_clear_is_no_command(text: str):
    found = meant(text)
    assert not isinstance(found, Command)
    assert not (isinstance(found, Query) and found.end is not None)


def test_alone_a_summary_is_one_of_what_was_spent():
    assert meant("summary", chat="private") == Query("spend_by_category")


def test_a_note_in_reply_keeps_its_own_words():
    patterns = lexicon("en").patterns["group.note"]
    assert note_of("Note: For Anna's Birthday", patterns) == "For Anna's Birthday"
    assert note_of("taxi 24", patterns) is None
