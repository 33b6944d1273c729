"""How far a payment is, and who may say so. A link never proves a payment: only its receiver, or their bank, confirms."""

from __future__ import annotations

from enum import StrEnum

from core.errors import DomainError


class State(StrEnum):
    PROPOSED = "proposed"
    LINK_SENT = "link_sent"
    PAYER_SAYS_PAID = "payer_says_paid"
    RECEIVER_CONFIRMED = "receiver_confirmed"
    DECLINED = "declined"  # it did not arrive, says the receiver; it may still come
    CANCELLED = "cancelled"


class Step(StrEnum):
    SEND_LINK = "send_link"
    SAY_PAID = "say_paid"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    LAPSE = "lapse"


class Party(StrEnum):
    PAYER = "payer"
    RECEIVER = "receiver"
    BANK = "bank"  # a line of the receiver's bank that was matched to the payment
    TIME = "time"  # nobody has said a word of it for long


_EITHER = frozenset({Party.PAYER, Party.RECEIVER})
_PAYER, _RECEIVER = frozenset({Party.PAYER}), frozenset({Party.RECEIVER})
_WHO = {
    Step.SEND_LINK: _EITHER,
    Step.SAY_PAID: _PAYER,
    Step.CONFIRM: _RECEIVER | {Party.BANK},
    Step.DECLINE: _RECEIVER,
    Step.CANCEL: _EITHER,
    Step.LAPSE: frozenset({Party.TIME}),
}
_TO = {
    State.PROPOSED: {
        Step.SEND_LINK: State.LINK_SENT,
        Step.SAY_PAID: State.PAYER_SAYS_PAID,  # in cash, or without looking at the link
        Step.CONFIRM: State.RECEIVER_CONFIRMED,
        Step.CANCEL: State.CANCELLED,
        Step.LAPSE: State.CANCELLED,
    },
    State.LINK_SENT: {
        Step.SEND_LINK: State.LINK_SENT,
        Step.SAY_PAID: State.PAYER_SAYS_PAID,
        Step.CONFIRM: State.RECEIVER_CONFIRMED,
        Step.CANCEL: State.CANCELLED,
        Step.LAPSE: State.CANCELLED,
    },
    State.PAYER_SAYS_PAID: {Step.CONFIRM: State.RECEIVER_CONFIRMED, Step.DECLINE: State.DECLINED, Step.LAPSE: State.CANCELLED},
    State.DECLINED: {
        Step.SEND_LINK: State.LINK_SENT,
        Step.SAY_PAID: State.PAYER_SAYS_PAID,
        Step.CONFIRM: State.RECEIVER_CONFIRMED,
        Step.CANCEL: State.CANCELLED,
        Step.LAPSE: State.CANCELLED,
    },
    State.RECEIVER_CONFIRMED: {},
    State.CANCELLED: {},
}
OPEN = frozenset(state for state, steps in _TO.items() if steps)


def after(state: State, step: Step, *, by: Party) -> State:
    """Where a payment is after the step. DomainError `payment_not_yours` for who may not take it, `payment_not_so` where it does not lead on."""
    if by not in _WHO[step]:
        raise DomainError("payment_not_yours", step=step.value)
    if step not in _TO[state]:
        raise DomainError("payment_not_so", step=step.value, state=state.value)
    return _TO[state][step]
