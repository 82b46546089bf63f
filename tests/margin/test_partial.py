"""Closing a share of every position: what is paid, what is left, and how much must go."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from data.facts.margin_models import PartialLiquidationTerms
from rules.margin.partial import PartialLiquidation, partial_liquidation

D = Decimal

money = st.decimals("1", "100000", places=2, allow_nan=False)
losses = st.decimals("-90000", "1000", places=2, allow_nan=False)
shares = st.sampled_from([D("0.1"), D("0.2"), D("0.25"), D("0.3"), D(1)])


def closed(wallet: Decimal, pnl: Decimal, maintenance: Decimal, *, step: str | Decimal = "0.2") -> PartialLiquidation:
    terms = PartialLiquidationTerms(share_step=D(step), target_margin_ratio=D("0.9"), penalty_share=D("0.5"))
    return partial_liquidation(
        terms, wallet_balance=wallet, unrealized_pnl=pnl, maintenance_margin=maintenance, sizes=[D(3), D(5)]
    )


@given(money, losses, money, shares)
def test_each_step_pays_its_penalty_and_nothing_else_is_lost(
    wallet: Decimal, pnl: Decimal, maintenance: Decimal, step: Decimal
) -> None:
    found = closed(wallet, pnl, maintenance, step=step)
    assert found.steps[-1].share == 1
    for one in found.steps:
        assert one.equity == wallet + pnl - one.penalty
        assert one.wallet_balance + (1 - one.share) * pnl == one.equity
        assert one.maintenance_margin == maintenance * (1 - one.share)
        assert one.sizes == (3 * (1 - one.share), 5 * (1 - one.share))
        assert (one.margin_ratio is None) is (one.equity <= 0)


@given(money, losses, money, shares)
def test_the_smallest_share_that_restores_the_account_is_closed(
    wallet: Decimal, pnl: Decimal, maintenance: Decimal, step: Decimal
) -> None:
    found = closed(wallet, pnl, maintenance, step=step)
    if wallet + pnl >= maintenance:
        assert (found.share, found.after) == (0, None)
        return
    assert found.after is not None
    assert found.share == found.after.share
    for one in found.steps:
        restored = one.margin_ratio is not None and one.margin_ratio < D("0.9")
        if one.share < found.share:
            assert not restored
        elif one.share == found.share:
            assert restored or found.share == 1


def test_an_account_that_no_share_restores_is_closed_whole() -> None:
    found = closed(D(100), D(-99), D(50))
    assert found.share == 1
    assert found.after is not None
    assert found.after.margin_ratio is None
    assert found.after.equity == -24
