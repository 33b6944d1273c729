"""Connections and the unit of work: the only commit. SKELETON: see the brief."""
