"""Named rules from text to intents. Touches no database."""
