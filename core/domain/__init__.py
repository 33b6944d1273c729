"""Pure values and functions: no input or output, no clock, no float."""
