"""Counts money. Knows no channel, no vendor and no HTTP."""
