"""The terms of a contract as the margin formulas read them, put together from the facts on file."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.venues import Fee, FeeExtra, Instrument, Ladder, LiquidationPolicy
from data.facts.vocabulary import ContractType, Product
from rules.costs.fees import liquidation_rate
from rules.margin.position import LadderUnit, PositionTerms, ladder_unit_of

_LINEAR = ContractType.LINEAR
_NO_FUNDING = Decimal(0)
_PERPETUAL = Product.PERPETUAL


def position_terms_of(
    symbol: str,
    contract_type: ContractType | None,
    instrument: Instrument | None,
    ladder: Ladder | None,
    fee: Fee | None,
    liquidation: LiquidationPolicy | None,
    extras: Sequence[FeeExtra],
) -> PositionTerms:
    """Return the terms of positions in a contract; a kind that is not known is taken as linear.

    What only a request tells is not in them: open interest, and the funding rate of a contract that pays funding.
    """
    return PositionTerms(
        contract_type=contract_type or _LINEAR,
        symbol=symbol,
        base=instrument.base if instrument is not None else None,
        settle=settled_in(instrument, ladder),
        contract_size=instrument.contract_size if instrument is not None else None,
        tiers=ladder.tiers if ladder is not None else (),
        ladder_unit=ladder_unit_of(ladder, instrument) if ladder is not None else LadderUnit.VALUE,
        taker_fee_rate=fee.taker if fee is not None else None,
        maker_fee_rate=fee.maker if fee is not None else None,
        liquidation_fee_rate=liquidation_rate(liquidation, extras, symbol),
        tick_size=instrument.tick_size if instrument is not None else None,
        funding_rate=_NO_FUNDING if instrument is not None and instrument.product is not _PERPETUAL else None,
        takeover_at_bankruptcy=liquidation is not None and liquidation.takes_over,
    )


def settled_in(instrument: Instrument | None, ladder: Ladder | None) -> str | None:
    """Return the currency in which a position's profit and margin are counted."""
    if instrument is not None:
        return instrument.settles_in
    return ladder.settle if ladder is not None else None
