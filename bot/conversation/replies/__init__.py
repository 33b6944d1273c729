"""Facts to words: one renderer, one message catalogue a language."""
