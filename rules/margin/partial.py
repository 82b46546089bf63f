"""A liquidation that closes the same share of every position of an account, and what it leaves.

    penalty       = share * penalty share * maintenance margin
    equity after  = equity - penalty          maintenance after = maintenance * (1 - share)

The share is the smallest multiple of a step that brings maintenance over equity below a target. Source: Paradex,
liquidations.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

from data.facts.margin_models import PartialLiquidationTerms

_ZERO = Decimal(0)
_ONE = Decimal(1)


class PartialStep(Struct, frozen=True, kw_only=True):
    """An account after a share of every position was closed at its mark price.

    `realized_pnl` is the profit of the closed parts, `margin_ratio` maintenance over equity (null without equity);
    `sizes` are those of the positions, in their order.
    """

    share: Decimal
    realized_pnl: Decimal
    penalty: Decimal
    wallet_balance: Decimal
    equity: Decimal
    maintenance_margin: Decimal
    margin_ratio: Decimal | None
    sizes: tuple[Decimal, ...]


class PartialLiquidation(Struct, frozen=True, kw_only=True):
    """The share a venue would close (zero: the account is sound) and the account after each share it could close."""

    share: Decimal
    terms: PartialLiquidationTerms
    after: PartialStep | None
    steps: tuple[PartialStep, ...]


def partial_liquidation(
    terms: PartialLiquidationTerms,
    *,
    wallet_balance: Decimal,
    unrealized_pnl: Decimal,
    maintenance_margin: Decimal,
    sizes: Sequence[Decimal],
) -> PartialLiquidation:
    """Return what a partial liquidation closes and leaves. The last step closes everything."""
    count = int((_ONE / terms.share_step).to_integral_value(rounding=ROUND_CEILING))
    steps = []
    for number in range(1, count + 1):
        share = min(_ONE, terms.share_step * number)
        penalty = share * terms.penalty_share * maintenance_margin
        left = maintenance_margin * (_ONE - share)
        equity = wallet_balance + unrealized_pnl - penalty
        steps.append(
            PartialStep(
                share=share,
                realized_pnl=share * unrealized_pnl,
                penalty=penalty,
                wallet_balance=wallet_balance + share * unrealized_pnl - penalty,
                equity=equity,
                maintenance_margin=left,
                margin_ratio=left / equity if equity > 0 else None,
                sizes=tuple(size * (_ONE - share) for size in sizes),
            )
        )
    chosen = None
    if maintenance_margin > wallet_balance + unrealized_pnl:
        chosen = next((step for step in steps if _restores(step, terms)), steps[-1])
    return PartialLiquidation(
        share=_ZERO if chosen is None else chosen.share, terms=terms, after=chosen, steps=tuple(steps)
    )


def _restores(step: PartialStep, terms: PartialLiquidationTerms) -> bool:
    return step.margin_ratio is not None and step.margin_ratio < terms.target_margin_ratio
