"""The channels, one file a provider, each an implementation of the channel port."""
