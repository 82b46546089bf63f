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
    """An account after a share of every position was closed at its mark price."""

    share: Decimal
    """The part of every position that was closed, as a fraction."""
    realized_pnl: Decimal
    """Profit of the closed parts, negative for a loss, in settlement currency."""
    penalty: Decimal
    """What the venue took, in settlement currency: its share of the maintenance margin of the closed parts."""
    wallet_balance: Decimal
    """Balance after that, the realised profit in it and the penalty taken off, in settlement currency."""
    equity: Decimal
    """The balance with the profit of what is still held, in settlement currency."""
    maintenance_margin: Decimal
    """What the parts still held must keep as margin, in settlement currency."""
    margin_ratio: Decimal | None
    """Maintenance margin over equity, whichever way up the venue prints it; null where no equity is left."""
    sizes: tuple[Decimal, ...]
    """What is left of each cross position, in their order: coins of a linear, quote units of an inverse contract,
    contracts times their size of a quanto."""


class PartialLiquidation(Struct, frozen=True, kw_only=True):
    """The share of every position that a venue would close, and the account after each share it could close."""

    share: Decimal
    """What the venue would close, as a fraction: the smallest step that brings maintenance margin over equity below the
    target, 1 where none does. Zero where maintenance margin is not above equity now."""
    terms: PartialLiquidationTerms
    """Step, target and penalty that were applied: the request's, else the venue's."""
    after: PartialStep | None
    """The account after that share was closed; null where nothing is."""
    steps: tuple[PartialStep, ...]
    """The account after each share that could be closed, the smallest first; the last closes everything."""


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
