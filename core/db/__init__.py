"""The only SQL of Tuppence: connections, units of work, and one file for each group of tables with the only queries on them."""
