"""What each intent does: one file a subject."""
