"""Telegram as a channel: updates in, requests out, its limits and its errors. Imported only where a bot token is set."""
