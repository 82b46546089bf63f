"""One currency into another, with nothing but what the trade itself says."""

from __future__ import annotations

from decimal import Decimal

DOLLARS: frozenset[str] = frozenset(
    {"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PYUSD", "USDE", "USD1", "USDD", "DAI", "RLUSD", "USDG"}
)
"""The dollar and coins that promise a dollar. They count as equal: a depeg is not among what these rules judge."""

_ONE = Decimal(1)


def same_money(left: str | None, right: str | None) -> bool:
    """Say whether amounts in two currencies may be added: equal codes, or two kinds of dollar."""
    if left is None or right is None:
        return False
    left, right = left.upper(), right.upper()
    return left == right or (left in DOLLARS and right in DOLLARS)


def rate_between(
    amount_in: str | None, wanted: str, base: str | None, quote: str | None, price: Decimal | None
) -> Decimal | None:
    """Return what one unit of `amount_in` is in `wanted`; null when the price of `base` in `quote` does not tell.

    The one price a trade knows is its own: it turns the base coin into the quote currency and back.
    """
    if same_money(amount_in, wanted):
        return _ONE
    if price is None or price <= 0:
        return None
    if same_money(amount_in, base) and same_money(quote, wanted):
        return price
    if same_money(amount_in, quote) and same_money(base, wanted):
        return _ONE / price
    return None
