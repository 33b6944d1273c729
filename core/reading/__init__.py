"""Pure text to amounts, currencies and dates, driven by language data files."""
