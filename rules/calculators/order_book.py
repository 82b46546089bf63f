"""What an order book says about itself, and about filling an order from it."""

from __future__ import annotations

from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from rules.calculators.answers import OrderBookAnswer
from rules.calculators.checks import book_problems, positive
from rules.calculators.inputs import OrderBookInput
from rules.calculators.refusal import refuse_if_any
from rules.depth.book import fill, imbalance, mid_price, thin_zones, walls
from rules.knowledge import Knowledge

_ONE = Decimal(1)

TOO_SHALLOW = "the book given does not hold the whole quantity; the average is of what it holds"


def order_book(asked: OrderBookInput, knowledge: Knowledge) -> OrderBookAnswer:
    """Return imbalance, walls and thin zones, and what filling `quantity` would do.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = [*book_problems(asked.bids, asked.asks), *positive((("/quantity", asked.quantity),))]
    if asked.price_band is not None and not 0 < asked.price_band <= _ONE:
        problems.append(("/price_band", "must be a fraction above 0 and at most 1 (0.01 is one percent)"))
    if asked.quantity is not None and asked.side is None:
        problems.append(("/side", "must be given with a quantity: long takes asks, short takes bids"))
    refuse_if_any(problems)
    with localcontext(ARITHMETIC):
        filled = None
        if asked.side is not None and asked.quantity is not None:
            filled = fill(asked.side, asked.quantity, asked.bids, asked.asks, asked.price_band)
        return OrderBookAnswer(
            release=knowledge.release,
            as_of=knowledge.as_of,
            approximations=(TOO_SHALLOW,) if filled is not None and filled.unfilled > 0 else (),
            mid_price=mid_price(asked.bids, asked.asks),
            imbalance=imbalance(asked.bids, asked.asks, asked.price_band),
            average_price=None if filled is None else filled.average_price,
            worst_price=None if filled is None else filled.worst_price,
            slippage=None if filled is None else filled.slippage,
            depth_taken=None if filled is None else filled.depth_taken,
            filled=None if filled is None else filled.filled,
            unfilled=None if filled is None else filled.unfilled,
            walls=walls("bids", asked.bids) + walls("asks", asked.asks),
            thin_zones=thin_zones("bids", asked.bids) + thin_zones("asks", asked.asks),
        )
