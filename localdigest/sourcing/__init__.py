"""The parts of `collect`: folders, lists of addresses, and what to take of them."""
