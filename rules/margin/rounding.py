"""How venues round what they print: prices to the tick, money to decimals."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Context, Decimal

from data.facts.margin_models import MoneyRounding, PriceRounding
from data.facts.vocabulary import Side

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_EXACT = PriceRounding.NONE
_LONG = Side.LONG
_TOWARD_ENTRY = PriceRounding.TOWARD_ENTRY

_MODES = {
    MoneyRounding.DOWN: ROUND_DOWN,
    MoneyRounding.UP: ROUND_UP,
    MoneyRounding.HALF_UP: ROUND_HALF_UP,
    MoneyRounding.CEILING: ROUND_CEILING,
}
LARGEST_EXPONENT = 30
"""Decimal exponent beyond which an amount is not rounded: 18 decimals below it still fit into 50 digits."""
_STEPS = tuple(Decimal(1).scaleb(-places) for places in range(19))
EDGE = Decimal("1.0000000000000000000000000000000000000000001")
"""A quotient that misses a round number by its fiftieth digit alone reaches it times this: rules take it to be that."""
but_for_division = Context(prec=44).plus
"""Returns an amount without what divisions leave in its fiftieth digit: one that they moved off a round one is that
one, which no venue cuts off."""


def round_price(price: Decimal, rounding: PriceRounding, side: Side, tick: Decimal | None) -> Decimal:
    """Return a price on the venue's tick, pushed in the venue's direction; exact without a tick or a direction.

    A price below one tick is left as it is: the tick under it is no price.
    """
    if tick is None or rounding is _EXACT or tick <= 0:
        return price
    up = (side is _LONG) is (rounding is _TOWARD_ENTRY)
    ticks = but_for_division(price / tick)
    return ticks.to_integral_value(rounding=ROUND_CEILING if up else ROUND_FLOOR) * tick or price


def round_money(amount: Decimal, places: int | None, rounding: MoneyRounding) -> Decimal:
    """Return an amount at `places` decimals; exact without them. `up` is away from zero, `down` towards it,
    `ceiling` towards more.

    An amount so large that its decimals lie beyond the digits computed with is left as it is.
    """
    if places is None or amount.adjusted() > LARGEST_EXPONENT:
        return amount
    return but_for_division(amount).quantize(_STEPS[places], rounding=_MODES[rounding])
