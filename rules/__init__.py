"""Consequences: pure functions from facts and a proposed trade to findings and figures."""
