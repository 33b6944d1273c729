"""How people pay each other back: where money can be sent, what a payer's app is handed, and how far a payment is. Moves no money, books nothing."""
