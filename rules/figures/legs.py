"""What is held of the trade's instrument, as the margin formulas read it beside the trade."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, MarginMode
from rules.margin.position import HeldPosition, PositionTerms
from rules.trade import Position

_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE

_ONE = Decimal(1)


def cross_position(row: Position, terms: PositionTerms) -> HeldPosition:
    """Return what is held in an instrument as a cross position on the terms of that instrument."""
    return HeldPosition(
        side=row.side,
        size=_size(row, terms),
        entry_price=row.entry_price,
        terms=terms,
        mark_price=row.mark_price,
        leverage=row.leverage,
        margin_mode=_CROSS,
    )


def leg_of(position: Position, own: HeldPosition, rate: Decimal | None, *, cross: bool) -> HeldPosition:
    """Return a held position on the trade's terms and at its mark price as it opens; one that does not state its margin
    mode has the trade's in a cross account. Its margin is not known where the account's currency does not turn into the
    settlement currency.
    """
    leverage, collateral = position.leverage, position.collateral
    if collateral is not None:
        leverage, collateral = (leverage, collateral / rate) if rate else (None, None)
    return HeldPosition(
        side=position.side,
        size=_size(position, own.terms),
        entry_price=position.entry_price,
        terms=own.terms,
        mark_price=own.mark_price if own.mark_price is not None else position.mark_price,
        leverage=leverage,
        margin_mode=position.margin_mode or (_CROSS if cross else None),
        collateral=collateral,
        wallet_balance=own.wallet_balance,
    )


def _size(row: Position, terms: PositionTerms) -> Decimal:
    """Return a size as the formulas count it: in coins; an inverse one, held in contracts, in quote units."""
    if terms.contract_type is _INVERSE:
        return row.quantity * (terms.contract_size or _ONE)
    return row.quantity
