"""The HTTP side: app, web chat, health."""
