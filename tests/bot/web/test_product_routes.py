"""Every route that the product serves beyond the web chat: a new one without a line here, and a test that keeps strangers out, fails."""

from __future__ import annotations

from pathlib import Path

from bot.clock import SystemClock
from bot.web.app import create_app
from bot.wiring import Telegram, TelegramWebhook, assemble
from core.db.session import Database
from tests.bot.web.test_walls import ROUTES, routes_of

HERE = Path(__file__).parent
# route -> the file and the test that tries it with what is nobody's, or somebody else's
ELSEWHERE = {
    "GET /healthz": ("../test_health.py", "health"),
    "GET /readyz": ("../test_health.py", "ready"),
    "GET /metrics": ("../test_health.py", "metrics"),
    "POST /webhooks/telegram": ("test_telegram_webhook.py", "test_no_forgery_has_an_effect"),
    "POST /webhooks/twilio/sms": ("test_twilio.py", "await forge(stage"),
    "POST /webhooks/twilio/whatsapp": ("test_twilio.py", "await forge(stage"),
    "POST /webhooks/twilio/status": ("test_twilio.py", "await forge(stage"),
    "GET /receipts/{token}": ("test_receipt_links.py", "test_no_other_token_opens_anything"),
    "GET /summaries/{token}.png": ("test_summary_links.py", "test_no_other_token_opens_anything"),
    "GET /reports/{token}": ("test_report_links.py", "test_no_other_token_opens_anything"),
    "GET /mail/stop/{token}": ("test_mail_stop.py", "test_no_other_token_opens_anything"),
    "POST /mail/stop/{token}": ("test_mail_stop.py", "test_no_other_token_opens_anything"),
    "GET /pay/{token}": ("test_pay_page.py", "test_no_other_token_opens_anything"),
    "GET /pay/{token}/{rail}.png": ("test_pay_page.py", "test_no_other_token_opens_anything"),
    "GET /chat/receipts/{message}": ("test_receipt_cards.py", "test_whoever_is_not_of_the_chat_sees_nothing"),
    "GET /chat/receipts/{message}/{number}": ("test_receipt_cards.py", "test_whoever_is_not_of_the_chat_sees_nothing"),
    "POST /webhooks/sms-forward": ("test_forwarding.py", "test_without_a_token_of_today_nothing_is_taken"),
}


async def test_every_route_of_the_product_is_tried_by_a_stranger(database: Database) -> None:
    webhook = TelegramWebhook("telegram", "secret", reader=None)  # type: ignore[arg-type]
    telegram = Telegram(channel=None, sizes=None, webhook=webhook, introduction=None, polling=None, files=None)  # type: ignore[arg-type]
    runtime = assemble(database, clock=SystemClock(), channels={}, roles=frozenset({"web"}), telegram=telegram)
    assert routes_of(list(create_app(runtime).routes)) == {*ROUTES, *ELSEWHERE}
    for route, (file, tried) in ELSEWHERE.items():
        assert tried in (HERE / file).read_text("utf-8"), f"{route}: {file} has no {tried}"
