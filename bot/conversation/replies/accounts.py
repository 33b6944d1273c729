"""How places to be paid at are called and shown: whole to their owner and to who owes them, else by their last characters. Looks nothing up."""

from __future__ import annotations

from bot.conversation.replies.formats import Voice, clean_label
from core.domain.payments.methods import Kind, PaymentMethod

# Names that are the same in every language.
NAMES = {
    Kind.IBAN: "IBAN",
    Kind.PIX: "Pix",
    Kind.UPI: "UPI",
    Kind.SWISH: "Swish",
    Kind.PROMPTPAY: "PromptPay",
    Kind.PAYNOW: "PayNow",
    Kind.VIETQR: "VietQR",
    Kind.PAYPAL: "PayPal",
    Kind.VENMO: "Venmo",
    Kind.CASHAPP: "Cash App",
    Kind.REVOLUT: "Revolut",
    Kind.MONZO: "Monzo",
    Kind.WISE: "Wise",
}
_SHOWN = 4  # characters of a masked account, and never more than half of it


def service(voice: Voice, kind: Kind, account: str = "") -> str:
    """What a kind of account is called; elsewhere by the service that the account names."""
    if kind is Kind.CASH:
        return voice.say("pay_cash_name")
    return NAMES.get(kind) or clean_label(account.partition("/")[0].capitalize())


def number(method: PaymentMethod) -> str:
    """The account as people write it, without the service's name."""
    if method.kind is Kind.IBAN:
        return " ".join(method.account[at : at + 4] for at in range(0, len(method.account), 4))
    return method.account.partition("/")[2] if method.kind is Kind.ELSEWHERE else method.account


def whole(voice: Voice, method: PaymentMethod) -> str:
    """ "IBAN DE71 1102 2033 0123 4567 89"."""
    name = service(voice, method.kind, method.account)
    return name if method.kind is Kind.CASH else f"{name} {clean_label(number(method), limit=100)}"


def masked(voice: Voice, method: PaymentMethod) -> str:
    """ "IBAN …6789", for where others read it."""
    name, account = service(voice, method.kind, method.account), number(method).replace(" ", "")
    return name if method.kind is Kind.CASH else f"{name} …{clean_label(account[-min(_SHOWN, len(account) // 2 or 1) :])}"
