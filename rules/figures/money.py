"""One currency into another, with nothing but what the trade itself says."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

DOLLARS: frozenset[str] = frozenset(
    {"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PYUSD", "USDE", "USD1", "USDD", "DAI", "RLUSD", "USDG"}
)
"""The dollar and coins that promise a dollar. They count as equal: a depeg is not among what these rules judge."""

_ONE = Decimal(1)


class Conversion(StrEnum):
    """What turns one currency into another."""

    SAME = "same"
    """Nothing: it is the same money, whatever the price."""
    BASE_TO_QUOTE = "base_to_quote"
    """The price: an amount of coins is worth more of the quote currency the higher it is."""
    QUOTE_TO_BASE = "quote_to_base"
    """The reciprocal of the price."""


# An enum's member is looked up through its metaclass, far slower than a name.
_SAME = Conversion.SAME
_BASE_TO_QUOTE = Conversion.BASE_TO_QUOTE
_QUOTE_TO_BASE = Conversion.QUOTE_TO_BASE


class Rate(Struct, frozen=True, gc=False):
    """What one unit of a currency is in another, and why: a price may be one as well."""

    per_unit: Decimal
    conversion: Conversion


_UNCHANGED = Rate(_ONE, _SAME)


def same_money(left: str | None, right: str | None) -> bool:
    """Say whether amounts in two currencies may be added: equal codes, or two kinds of dollar."""
    if left is None or right is None:
        return False
    if left == right or (left in DOLLARS and right in DOLLARS):
        return True
    left, right = left.upper(), right.upper()
    return left == right or (left in DOLLARS and right in DOLLARS)


def rate_between(
    amount_in: str | None, wanted: str, base: str | None, quote: str | None, price: Decimal | None
) -> Rate | None:
    """Return what one unit of `amount_in` is in `wanted`; null when the price of `base` in `quote` does not tell.

    The one price a trade knows is its own: it turns the base coin into the quote currency and back.
    """
    if same_money(amount_in, wanted):
        return _UNCHANGED
    if price is None or price <= 0:
        return None
    if same_money(amount_in, base) and same_money(quote, wanted):
        return Rate(price, _BASE_TO_QUOTE)
    if same_money(amount_in, quote) and same_money(base, wanted):
        return Rate(_ONE / price, _QUOTE_TO_BASE)
    return None
