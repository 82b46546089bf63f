"""What a rule that lacks inputs asks for: each field of a request in the words of a question."""

from __future__ import annotations

from collections.abc import Sequence

_IN_WORDS = {
    "account.equity": "the account's equity, unrealised profit included",
    "account.free_collateral": "the collateral that is free to post as margin",
    "account.positions": "the positions that the account holds",
    "client.residence": "the client's residence",
    "entry_price": "the price at which it would be entered",
    "holding_hours": "the number of hours for which the position is to be held",
    "leverage": "the leverage at which it is opened",
    "margin_mode": "the margin mode, isolated or cross",
    "market.atr": "the average true range",
    "market.daily_range": "the range of the prices of a day",
    "market.funding_rate": "the funding rate per interval",
    "market.index_price": "the index price",
    "market.liquidation_clusters": "the prices and sizes at which others' liquidations are expected",
    "market.mark_price": "the mark price",
    "market.order_book": "the order book at the venue now",
    "market.previous_order_book": "the order book at the venue before",
    "market.regime": "the state of the market",
    "product": "the product",
    "stop_price": "the price of the stop",
    "take_profit_price": "the price of the target",
}
"""By the path of every field that some rule needs."""

_PLURAL = frozenset({"account.positions", "market.liquidation_clusters"})


def question_for(paths: Sequence[str]) -> str:
    """Return the question that asks for the fields of a request at `paths`."""
    named = " and ".join(_IN_WORDS[path] for path in paths)
    plural = len(paths) > 1 or paths[0] in _PLURAL
    return f"What {'are' if plural else 'is'} {named}?"
