"""A language model as a second reader of messages that no rule understood."""
