"""How the page about a payment is written: HTML in one language, with the code as a drawing in it. All text of people is escaped, nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bot.conversation.replies import accounts
from bot.conversation.replies.formats import Voice, clean_label
from core.domain.payments.methods import Kind
from core.domain.payments.rails import Offer, Rail
from core.domain.payments.states import State
from core.services.payments import Shown
from integrations.documents.qr import drawing

_TRANSFERS = frozenset({Rail.EPC, Rail.SPD, Rail.QR_BILL, Rail.BANK})
_OVER = {
    State.PAYER_SAYS_PAID: "pay_waiting",
    State.RECEIVER_CONFIRMED: "pay_arrived",
    State.CANCELLED: "pay_cancelled",
}
FRAME = """<!doctype html>
<html lang="{language}">
<head>
  <meta charset="utf-8">
  <title>{title}</title>
  <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex, nofollow">
  <meta name="referrer" content="no-referrer">
  <link rel="icon" href="/chat/static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/chat/static/pay.css">
  <script type="module" src="/chat/static/pay.js"></script>
</head>
<body>
  <main>
    <p class="brand"><img src="/chat/static/icon.svg" alt="" width="30" height="30">Tuppence</p>
{body}
  </main>
</body>
</html>
"""


def payment_page(voice: Voice, shown: Shown) -> str:
    """All of a payment: as long as it may be paid, how; else what became of it."""
    payment = shown.payment
    said = {"sender": clean_label(shown.sender), "receiver": clean_label(shown.receiver), "amount": payment.amount}
    parts = [
        f'    <p class="who" dir="auto">{_say(voice, "pay_line", said)}</p>',
        f'    <h1 dir="ltr">{escape(voice.amount(payment.amount))}</h1>',
    ]
    if payment.state in _OVER:
        parts.append(f'    <p class="state" role="status" dir="auto">{_say(voice, _OVER[payment.state], said)}</p>')
    else:
        parts += _ways(voice, shown, said)
        parts.append(f'    <p class="small" dir="auto">{_say(voice, "pay_cash", said)}</p>')
        parts.append(f'    <p class="small" dir="auto">{_say(voice, "pay_unproven", said)}</p>')
    return FRAME.format(language=escape(voice.language), title=_say(voice, "pay_title", said), body="\n".join(parts))


def gone_page(voice: Voice) -> str:
    """For a link that opens nothing."""
    return FRAME.format(
        language=escape(voice.language), title="Tuppence", body=f'    <p class="state" role="status">{_say(voice, "pay_gone", {})}</p>'
    )


def _ways(voice: Voice, shown: Shown, said: dict[str, object]) -> list[str]:
    """The best way open, the others to be unfolded."""
    if not shown.offers:
        return [f'    <p class="state" role="status" dir="auto">{_say(voice, "pay_nowhere", said)}</p>']
    first, *others = shown.offers
    parts = [f'    <section class="way"><h2>{_name(voice, first)}</h2>{_way(voice, first, shown, said)}</section>']
    if others:
        parts.append(f'    <h2 class="others">{_say(voice, "pay_other", {})}</h2>')
    parts += [f'    <details class="way"><summary>{_name(voice, each)}</summary>{_way(voice, each, shown, said)}</details>' for each in others]
    return parts


def _way(voice: Voice, offer: Offer, shown: Shown, said: dict[str, object]) -> str:
    """One way: the code to scan, the button that opens an app, and what else can be copied."""
    parts = []
    if offer.code:
        parts.append(
            f"<figure>{drawing(offer.code, cross=offer.rail is Rail.QR_BILL)}<figcaption>{_say(voice, 'pay_scan', {})}</figcaption></figure>"
        )
    if offer.link:
        name = {"app": accounts.service(voice, offer.method.kind)}
        parts.append(f'<a class="open" href="{escape(offer.link)}" rel="noopener noreferrer">{_say(voice, "pay_open", name)}</a>')
    rows = [_row(voice, label, value, copied) for label, value, copied in _fields(voice, offer, shown)]
    parts.append(f"<dl>{''.join(rows)}</dl>")
    if offer.rail is not Rail.CASH:
        parts.append(f'<p class="small" dir="auto">{_say(voice, "pay_note", said)}</p>')
    whole = offer.code or offer.text
    if whole:
        parts.append(_button(voice, "pay_copy_code", whole, "copy whole"))
        parts.append(f'<noscript><pre class="code" dir="ltr">{escape(whole)}</pre></noscript>')
    return "".join(parts)


def _fields(voice: Voice, offer: Offer, shown: Shown) -> list[tuple[str, str, str]]:
    """Label, value as it is shown, and as it is copied. The amount is not copied: a point and a comma mean different things to different banks."""
    method, payment = offer.method, shown.payment
    fields = [(voice.say("pay_name"), method.holder, method.holder)]
    if method.kind is not Kind.CASH:
        account = accounts.number(method)
        copied = method.account if method.kind is Kind.IBAN else account
        fields.append((accounts.service(voice, method.kind, method.account), account, copied))
    if method.bic:
        fields.append(("BIC", method.bic, method.bic))
    fields.append((voice.say("pay_amount"), voice.amount(payment.amount), ""))
    return fields if method.kind is Kind.CASH else [*fields, (voice.say("pay_reference"), payment.reference, payment.reference)]


def _row(voice: Voice, label: str, value: str, copied: str) -> str:
    button = _button(voice, "pay_copy", copied, "copy", about=label) if copied else ""
    return f'<div><dt>{escape(label)}</dt><dd dir="auto">{escape(value)}</dd>{button}</div>'


def _button(voice: Voice, code: str, copied: str, kind: str, *, about: str = "") -> str:
    """Hidden until the page's script can serve it. `about`: what is copied, for those who do not see what stands beside."""
    words, done = _say(voice, code, {}), _say(voice, "pay_copied", {})
    label = f' aria-label="{words}: {escape(about)}"' if about else ""
    return f'<button class="{kind}" type="button" data-copy="{_attribute(copied)}" data-done="{done}"{label} hidden>{words}</button>'


def _name(voice: Voice, offer: Offer) -> str:
    if offer.rail in _TRANSFERS:
        return escape(voice.say("pay_transfer"))
    return escape(accounts.service(voice, offer.method.kind, offer.method.account))


def _say(voice: Voice, code: str, said: Mapping[str, object]) -> str:
    """A sentence with what it needs of `said`, escaped."""
    return escape(voice.say(code, **{name: said[name] for name in voice.fields(code)}))


def _attribute(text: str) -> str:
    """With the line ends kept, which an attribute would lose."""
    return escape(text).replace("\n", "&#10;")
