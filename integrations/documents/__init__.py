"""Documents and pictures that are made for people: one file a kind."""
