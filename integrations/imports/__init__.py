"""Files of other programs, and our own, as one kind of value. Tells them apart by what is in them, never by their names; runs nothing in them."""
