"""A book as files for spreadsheets, for plain-text accounting and for ourselves. Knows no table and no conversation."""
