"""Places in a deleveraging queue: the score a venue ranks by, and where a score stands among others.

Which formula a venue uses is a fact (`MarginModel.adl_ranking`); where it publishes none there is no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

from data.facts.margin_models import AdlRanking

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_PRICE_AND_LEVERAGE = AdlRanking.PRICE_AND_LEVERAGE
_PROFIT_AND_LEVERAGE = AdlRanking.PROFIT_AND_LEVERAGE
_RETURN = AdlRanking.RETURN
_RETURN_AND_MAINTENANCE = AdlRanking.RETURN_AND_MAINTENANCE

LIGHTS = 5


class Standing(Struct, frozen=True, kw_only=True):
    """What the formulas read of one position, in settlement currency except the rates.

    `entry_value` and `mark_value` are position values, `unrealized_pnl` their difference for the holder, `margin` what
    backs the position now (isolated: margin and unrealised profit; cross: the account's balance), `maintenance_rate`
    the account's maintenance margin over its equity, `price_ratio` mark over entry for a long, entry over mark for a
    short.
    """

    entry_value: Decimal
    mark_value: Decimal
    unrealized_pnl: Decimal
    margin: Decimal | None = None
    maintenance_rate: Decimal | None = None
    price_ratio: Decimal | None = None


def effective_leverage(mark_value: Decimal, margin: Decimal) -> Decimal | None:
    """Return the position's value at mark over what backs it; null when nothing does.

    BitMEX writes the divisor as mark value less bankruptcy value, which is the same sum.
    """
    return abs(mark_value) / margin if margin > 0 else None


def adl_score(ranking: AdlRanking, standing: Standing) -> Decimal | None:
    """Return the score by which the venue ranks a position, highest first; null when it cannot be computed.

    Profit and leverage (BitMEX, KuCoin, MEXC, Bybit, OKX): return times effective leverage in profit, return over it in
    loss. Return and maintenance (Bitget): return times the account's maintenance rate in profit, over it in loss.
    Price and leverage (Hyperliquid): price ratio times position value over account value.
    """
    if standing.entry_value == 0:
        return None
    returned = standing.unrealized_pnl / abs(standing.entry_value)
    if ranking is _PROFIT_AND_LEVERAGE:
        factor = None if standing.margin is None else effective_leverage(standing.mark_value, standing.margin)
    elif ranking is _RETURN_AND_MAINTENANCE:
        factor = standing.maintenance_rate
    elif ranking is _PRICE_AND_LEVERAGE:
        if standing.margin is None or standing.price_ratio is None:
            return None
        leverage = effective_leverage(standing.mark_value, standing.margin)
        return None if leverage is None else standing.price_ratio * leverage
    elif ranking is _RETURN:
        return returned
    else:
        return None
    if factor is None or factor == 0:
        return None
    return returned * factor if returned > 0 else returned / factor


def lights_of(score: Decimal, others: Sequence[Decimal]) -> int:
    """Return the indicator of 1 to 5 lights: in which fifth of the queue a score stands, 5 the first to be closed."""
    if not others:
        return LIGHTS
    not_above = sum(1 for other in others if other <= score)
    share = Decimal(not_above + 1) / Decimal(len(others) + 1)
    return max(1, int((share * LIGHTS).to_integral_value(rounding=ROUND_CEILING)))


def rank_of(score: Decimal, others: Sequence[Decimal]) -> int:
    """Return the place in the queue, 1 being closed first; of equal scores ours stands first."""
    return 1 + sum(1 for other in others if other > score)
