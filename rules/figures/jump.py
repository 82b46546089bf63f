"""What an adverse jump of the price costs a trade."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import Side
from rules.figures.exposure import Exposure
from rules.figures.money import Conversion

_LONG = Side.LONG
_SAME_MONEY = Conversion.SAME

_ONE = Decimal(1)
_NEARLY_NOTHING = Decimal("0.000001")
"""Of the price, where a move takes all of it: a long counted in coins loses without bound."""


def lost_share(side: Side, exposure: Exposure, move: Decimal) -> Decimal:
    """Return what an adverse move loses over the value at entry, in the account's currency at the price after it.

    In quote currency that is the move itself. An account that is kept in coins loses `m / (1 - m)` of them on the way
    down and `m / (1 + m)` on the way up, whichever of both the contract settles in.
    """
    return move if exposure.quote_conversion is _SAME_MONEY else move / left_of_price(side, move)


def left_of_price(side: Side, move: Decimal) -> Decimal:
    """Return the price after an adverse move over the price before it."""
    return max(_ONE - move if side is _LONG else _ONE + move, _NEARLY_NOTHING)
