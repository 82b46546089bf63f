"""Liquidation: how far away it is, what reaches it first, and what it would do to the rest of the account."""
