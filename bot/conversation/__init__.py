"""From a message to intents to replies."""
