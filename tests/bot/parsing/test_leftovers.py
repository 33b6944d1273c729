"""Words that no description says are never written down in silence: what was said beyond what was understood is asked about."""

from datetime import datetime

import pytest

from bot.conversation.intents import PROPOSAL, Nothing, ParseContext, RecordExpenses
from bot.conversation.parsing import parse

CONTEXT = ParseContext(
    now=datetime(2025, 3, 14, 12), speaker="me", members=("me", "Anna", "Bob"), currency="EUR", chat="group", default_split="everyone"
)


UNCLEAR = {
    "what nobody understood": [
        "tickets 24, anna's shout",
        "both paid for petrol 24",
        "24 towards the present",
        "pfand zurückbekommen 6,50",
        "erstattung bahnkarte 41",
        "billete 24, lo paga ella",
        "c'est lui qui a payé, pizzas 24",
        "remboursement billet 41",
        "rimborso biglietto 41",
        "reembolso bilhete 41 da loja",
        "biryani 240 usne khilaya",
    ],
    "what each had, and what a share of it was": [
        "anna hatte die suppe für 6, ich die pizza für 11",
        "anna trajo el pan 12 y yo el queso 9",
        "la mia parte dell'hotel è 200",
        "le gîte 600, ma part c'est 200",
        "my share of the boat was 30",
        "bought petrol for 45 anna and bob were in the van",
        "anna bought herself shoes 30",
    ],
    "what is said of somebody behind the amount": [
        "loyer 900, je dois 225",
        "affitto 900, a me toccano 225",
        "a luz 80 esse mês é do bob",
        "pizza 540 anna pehle chali gayi",
        "electricity 80 is anna's turn to pay",
        "meins war 25, bobs 15",
        "lo mío fueron 25 y lo de bob 15",
        "il mio era 25, quello di bob 15",
        "o meu foi 25 e o do bob 15",
        "mera 250 tha bob ka 150",
    ],
    "a part for one person, which leaves open whose the rest is": [
        "einkauf 33, die milch 2 war für anna",
        "ordered anna shoes 15",
    ],
}


@pytest.mark.parametrize(("topic", "text"), [(topic, text) for topic, texts in UNCLEAR.items() for text in texts])
def test_more_was_said_than_was_understood_and_nothing_is_written_unasked(topic: str, text: str) -> None:
    understood = parse(text, CONTEXT)
    assert not isinstance(understood.intent, RecordExpenses) or understood.question is not None, topic


def test_the_question_shows_what_would_be_written() -> None:
    understood = parse("tickets 24, anna's shout", CONTEXT)
    assert understood.question is not None
    assert understood.question.code == PROPOSAL


def test_several_expenses_with_something_left_over_ask_who_shares() -> None:
    understood = parse("salat 9, rest pizza 36", CONTEXT)
    assert understood.question is not None
    assert understood.question.code == "who_shares"


@pytest.mark.parametrize(
    "text", ["taxi zurück zum hotel 22", "taxi de vuelta al hotel 22", "táxi de volta pro hotel 22", "paid parking 4", "5 Trinkgeld gegeben"]
)
def test_a_description_that_holds_such_a_word_is_written(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert understood.question is None
    assert isinstance(understood.intent, RecordExpenses)


@pytest.mark.parametrize("text", ["mañana pago los 40 de la luz", "demain je paie le loyer 400", "domani pago la luce 40", "amanhã pago a luz 40"])
def test_a_verb_of_the_present_beside_a_day_to_come_is_a_plan(text: str) -> None:
    assert isinstance(parse(text, CONTEXT).intent, Nothing)


def test_a_bill_on_one_person_leaves_open_who_paid_it() -> None:
    understood = parse("taxi 18 auf Bob", CONTEXT)
    assert understood.question is not None


@pytest.mark.parametrize(
    "text", ["anna me tiene que dar 25", "anna tem que me dar 25", "anna doit me rendre 25", "anna mi deve dare 25", "anna owes me 25"]
)
def test_what_somebody_has_to_give_is_a_debt(text: str) -> None:
    intent = parse(text, CONTEXT).intent
    assert isinstance(intent, RecordExpenses)
    (draft,) = intent.expenses
    assert [payment.person for payment in draft.payments] == ["me"]
    assert draft.split.people == ("Anna",)


def test_days_strung_together_are_no_part_of_what_it_was() -> None:
    intent = parse("drinks monday and tuesday 30", CONTEXT).intent
    assert isinstance(intent, RecordExpenses)
    assert intent.expenses[0].description == "drinks"


@pytest.mark.parametrize(
    "text", ["j'ai oublié d'ajouter le pain 2,80", "mi sono scordato il pane 2,80", "se me olvidó poner el pan 2,80", "parking 280 likhna bhool gaya"]
)
def test_that_it_was_forgotten_before_says_nothing(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert understood.question is None
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.intent.expenses[0].description in ("pain", "pane", "pan", "parking")


@pytest.mark.parametrize(
    "text",
    [
        "petrol 50, everyone throws in a fiver",
        "uber 20, o bob saiu antes",
        "the boys had wings for 36",
        "juice 48, 10 of which was beer",
        "grillzeug 48, 10 davon bier für bob",
        "bob me invitó a cenar, 15",
        "sabne 100 diye petrol ke liye",
        "stasera saranno 40 di pizze",
    ],
)
def test_whoever_is_left_over_and_whatever_is_a_part_is_asked_about(text: str) -> None:
    understood = parse(text, CONTEXT)
    assert isinstance(understood.intent, Nothing) or understood.question is not None


def test_tickets_of_something_at_a_price_each_are_multiplied_or_asked_about() -> None:
    understood = parse("5 tickets de métro à 2,10", CONTEXT)
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.question is not None or str(understood.intent.expenses[0].amount.decimal) == "10.50"


def test_things_of_a_kind_at_a_price_are_no_clock_time() -> None:
    understood = parse("4 rounds of mini golf at 7", CONTEXT)
    assert isinstance(understood.intent, RecordExpenses)
    assert understood.intent.expenses[0].amount.decimal == 28 or understood.question is not None


TRIP = ParseContext(
    now=datetime(2025, 3, 14, 12), speaker="Anna", members=("Anna", "Bob", "Cleo"), currency="EUR", chat="group", default_split="everyone"
)


@pytest.mark.parametrize(
    "text",
    [
        "bob and i paid 90 for the boat, 60 me and 30 bob",
        "bob und ich haben 90 fürs boot bezahlt, ich 60 und bob 30",
        "bob y yo pagamos 90 del barco, yo 60 y bob 30",
        "bob et moi avons payé 90 pour le bateau, moi 60 et bob 30",
        "bob e eu pagamos 90 no barco, eu 60 e bob 30",
        "io e bob abbiamo pagato 90 per la barca, io 60 e bob 30",
    ],
)
def test_parts_of_who_paid_may_be_what_each_put_in_or_has_to_bear(text: str) -> None:
    """Two readings, two ledgers: nothing is booked unasked."""
    understood = parse(text, TRIP)
    assert understood.question is not None and understood.question.code == "paid_or_owed"
    (paid, put_in), (owed, has_to_bear) = understood.question.options
    assert (paid, owed) == ("paid_so", "owe_so")
    assert isinstance(put_in, RecordExpenses) and isinstance(has_to_bear, RecordExpenses)
    assert {each.person: each.amount and each.amount.minor for each in put_in.expenses[0].payments} == {"Anna": 6000, "Bob": 3000}
    assert put_in.expenses[0].split.type == "equal" and set(put_in.expenses[0].split.people) == {"Anna", "Bob", "Cleo"}
    assert {name: part.minor for name, part in has_to_bear.expenses[0].split.exact} == {"Anna": 6000, "Bob": 3000}


@pytest.mark.parametrize(
    "text", ["bob and i paid 90 for the boat, split equally", "bob and i paid 90 for the boat, anna 40 bob 30 cleo 20", "boat 90, anna 60 bob 30"]
)
def test_parts_of_others_than_who_paid_are_clear(text: str) -> None:
    assert parse(text, TRIP).question is None
