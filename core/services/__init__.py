"""Use cases: load, call the domain, store. Plain async functions over one unit of work."""
