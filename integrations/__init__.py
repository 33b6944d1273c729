"""Reaches outside services, each behind a port of the core. Knows no conversation and no tables."""
