"""Tips: what could be saved, by the ledger alone."""
