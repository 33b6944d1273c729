"""Talks: takes messages in, understands them, answers and delivers."""
