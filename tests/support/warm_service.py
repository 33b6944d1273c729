"""What a service has read by the time it is ready and has answered once: processes that are forked from here need not read it again."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.data import load_data
from bot.conversation.intents import ParseContext
from bot.conversation.parsing import parse
from integrations.receipts.extraction.lexicon import check_tables
from tests.support import service

__all__ = ["service"]

load_data()
check_tables()
parse("paid 2 EUR for tea", ParseContext(now=datetime(2025, 3, 14, 12)))
