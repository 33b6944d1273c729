"""The one thing that must be asked before anything is written: how it is put, and with which buttons."""

from __future__ import annotations

from typing import Any

from bot.conversation.codec import pack
from bot.conversation.intents import Command, Correct, Intent, Question, RecordExpenses, RecordIncome, RecordSettlement, SetBudget, Understanding
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.domain.money import Money

OTHER_CURRENCY = "other_currency"  # a payment in one in which nothing is owed: counted in others, and as it is
UNRATED = "unrated"  # such a payment that no rate is known for: as it is, or as much of the debt as is said


def taken(scene: Scene) -> dict[str, Any] | None:
    """What the sender was asked last, which is over with this message; None where it was somebody else, or nothing."""
    pending: dict[str, Any] | None = scene.state.get("pending")
    if pending is None or pending.get("asker") != str(scene.person.person_id):
        return None
    del scene.state["pending"]
    return pending


def ask(scene: Scene, understood: Understanding, **told: str) -> None:
    """One question, a button an answer; nothing is written yet. `told`: words of ours that stand in it, as its parameters are people's."""
    question = understood.question
    assert question is not None
    mine = (scene.person.person_id,)
    shown = {name: scene.voice.name(value) for name, value in question.params.items()} | told
    if {"difference", "currency"} <= question.params.keys():
        shown["difference"] = scene.voice.amount(Money.of(question.params["difference"], question.params["currency"]))
    labels = labels_of(scene, question)
    if len(labels) == 1:
        shown["amount"] = labels[0]  # with its currency, as people write it
    elif labels:
        shown["options"] = scene.voice.listing(labels, last="or")
    books = [str(book) for book in question.books or [scene.book_id] * len(labels)]
    choices = [
        Button(label, {"do": "choose", "book": book, "intent": pack(intent)}, mine)
        for book, label, (_, intent) in zip(books, labels, question.options, strict=True)
    ]
    scene.state["pending"] = {
        "kind": "question",
        "code": question.code,
        "text": scene.said[:1000],
        "book": str(scene.book_id),
        "books": books if question.books else [],
        "options": [[label, pack(intent)] for label, (_, intent) in zip(labels, question.options, strict=True)],
        "asker": str(scene.person.person_id),
    }
    scene.reply(question_text(scene, question, shown), *choices)


def question_text(scene: Scene, question: Question, shown: dict[str, str]) -> str:
    for code in (f"ask_{question.code}", question.code):
        if scene.voice.has(code) and scene.voice.fields(code) <= set(shown):
            return scene.say(code, **shown)
    labels = labels_of(scene, question)
    return scene.say("ask_which_of", options=scene.voice.listing(labels, last="or")) if labels else scene.say("ask_other")


def labels_of(scene: Scene, question: Question) -> list[str]:
    """What tells the options apart: their amounts where these differ, else what the parser calls them."""
    if question.books:
        return [scene.voice.name(label) for label, _ in question.options]
    amounts = [amount_in(intent) for _, intent in question.options]
    if question.code in (OTHER_CURRENCY, UNRATED):
        *counted, own = [scene.voice.amount(amount) for amount in amounts if amount is not None]
        return [*(scene.say("button_count_as", amount=each) for each in counted), scene.say("button_keep_as", amount=own)]
    if None not in amounts and len(set(amounts)) == len(amounts):
        return [scene.voice.amount(amount) for amount in amounts if amount is not None]
    return [scene.say(f"button_{label}") if scene.voice.has(f"button_{label}") else scene.voice.name(label) for label, _ in question.options]


def amount_in(intent: Intent) -> Money | None:
    """The one amount that an intent is about."""
    match intent:
        case RecordExpenses(expenses=(only,)):
            return only.amount
        case RecordSettlement(amount=amount) | RecordIncome(amount=amount) | SetBudget(amount=amount):
            return amount
        case Correct(value=Money() as amount):
            return amount
        case Command(slots={"amount": amount, "currency": currency}):
            return Money.of(amount, currency)
    return None
