"""Where exchange rates come from: one file a source."""
