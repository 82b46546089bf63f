"""The closed forms that venues and their clients print, against the one equation that is solved here."""

from __future__ import annotations

from decimal import Decimal

import pytest

from data.facts.margin_models import CloseFee, CloseFeeBasis, MarginModel, PriceRounding, ReportedFee, ValueBasis
from rules.margin.figures import position_figures
from rules.margin.position import LiquidationState
from tests.margin.building import INVERSE, half_of_initial, held, on_entry, tiered

D = Decimal
s = {"long": 1, "short": -1}
SIDES = ("long", "short")
E, Q, L, r, f = D("25000"), D("0.4"), D("8"), D("0.006"), D("0.0006")


def price(model: MarginModel, side: str, **given: object) -> Decimal:
    given = {"size": Q, "entry": E, "leverage": L, "maintenance_margin_rate": r, "taker_fee_rate": f, **given}
    found = position_figures(model, held(side, **given))  # type: ignore[arg-type]
    assert found.liquidation is LiquidationState.PRICE
    assert found.liquidation_price is not None
    return found.liquidation_price


def same(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= D("1e-35") * abs(other)


@pytest.mark.parametrize("side", SIDES)
def test_a_balance_with_deduction(side: str) -> None:
    # Binance: P = (W + d - s*Q*E) / (Q*r - s*Q)
    wallet, d = D("1400"), D("7")
    found = price(tiered(), side, collateral=wallet, maintenance_amount=d)
    assert same(found, (wallet + d - s[side] * Q * E) / (Q * r - s[side] * Q))


@pytest.mark.parametrize("side", SIDES)
def test_the_same_balance_in_coin(side: str) -> None:
    # Binance COIN-M: P = Q*(1 + s*r) / (Q/E + s*(W + d))
    q, wallet, d = D("10000"), D("0.05"), D("0.0002")
    found = price(tiered(), side, size=q, contract_type=INVERSE, collateral=wallet, maintenance_amount=d)
    assert same(found, q * (1 + s[side] * r) / (q / E + s[side] * (wallet + d)))


@pytest.mark.parametrize("side", SIDES)
def test_maintenance_on_entry_value(side: str) -> None:
    # Bybit, MEXC, Delta: P = E*(1 - s/L + s*r)
    assert same(price(on_entry(), side), E * (1 - s[side] / L + s[side] * r))


@pytest.mark.parametrize("side", SIDES)
def test_maintenance_on_entry_value_of_an_inverse_contract(side: str) -> None:
    # Bybit: P = E*L / (L + s - s*r*L)
    found = price(on_entry(), side, size=D("10000"), contract_type=INVERSE)
    assert same(found, E * L / (L + s[side] - s[side] * r * L))


@pytest.mark.parametrize("side", SIDES)
def test_maintenance_and_taker_fee_on_the_value_at_the_price(side: str) -> None:
    # OKX, Gate: P = (E - s*margin/Q) / (1 - s*(r + f))
    margin = D("1300")
    found = price(tiered(close_fee=CloseFee.TAKER), side, collateral=margin)
    assert same(found, (E - s[side] * margin / Q) / (1 - s[side] * (r + f)))


@pytest.mark.parametrize("side", SIDES)
def test_maintenance_and_fee_held_at_todays_mark(side: str) -> None:
    # Bitget cross: P = M - s*(Eq - MM - fee)/Q; the account ends at P = (E - s*W/Q) / (1 - s*(r + f)), which is
    # nearer for a short, whose value grows
    mark, wallet = D("25300"), D("2000")
    model = tiered(
        maintenance_basis=ValueBasis.FROZEN_MARK, close_fee=CloseFee.TAKER, close_fee_basis=CloseFeeBasis.FROZEN_MARK
    )
    equity = wallet + s[side] * Q * (mark - E)
    found = price(model, side, mark=mark, wallet=wallet, cross=True)
    printed = mark - s[side] * (equity - Q * mark * r - Q * mark * f) / Q
    grown = (E - s[side] * wallet / Q) / (1 - s[side] * (r + f))
    assert same(found, max(printed, grown) if side == "long" else min(printed, grown))


@pytest.mark.parametrize("side", SIDES)
def test_a_funding_reserve_for_the_side_that_pays(side: str) -> None:
    # KuCoin, BitMEX: P = B + s*E*(r + fr), fr only for the side that pays it
    rate = D("0.0003")
    found = price(on_entry(funding_reserve=True), side, funding_rate=rate)
    paid = rate if side == "long" else D(0)
    assert same(found, E * (1 - s[side] / L) + s[side] * E * (r + paid))


def test_bybits_inverse_cross_reckons_the_fee_at_the_bankruptcy_price() -> None:
    # B = (1+f)*Q/(Q/E + W); then Q*(1/E - 1/P) = -(W - Q/E*r - Q*f/B)
    q, wallet = D("10000"), D("0.06")
    model = on_entry(close_fee=CloseFee.TAKER, close_fee_basis=CloseFeeBasis.BANKRUPTCY, bankruptcy_bears_fee=True)
    given = {
        "size": q,
        "entry": E,
        "contract_type": INVERSE,
        "wallet": wallet,
        "cross": True,
        "maintenance_margin_rate": r,
        "taker_fee_rate": f,
    }
    found = position_figures(model, held("long", **given))  # type: ignore[arg-type]
    bankruptcy = (1 + f) * q / (q / E + wallet)
    assert found.bankruptcy_price is not None
    assert same(found.bankruptcy_price, bankruptcy)
    lost = wallet - q / E * r - q * f / bankruptcy
    assert found.liquidation_price is not None
    assert same(found.liquidation_price, 1 / (1 / E + lost / q))


@pytest.mark.parametrize("side", SIDES)
def test_phemex_assigns_the_fee_to_the_position_and_leaves_it_in_the_bankruptcy_price(side: str) -> None:
    # long: P = (V - balance - d)/(Q*(1 - f - r)); balance is initial margin and the fee to close; bankruptcy drops r
    model = tiered(close_fee=CloseFee.TAKER, posted_margin_bears_fee=True, bankruptcy_bears_fee=True)
    value = Q * E
    balance = value / L + (value - s[side] * value / L) * f
    found = position_figures(
        model, held(side, size=Q, entry=E, leverage=L, maintenance_margin_rate=r, taker_fee_rate=f)
    )
    assert found.liquidation_price is not None
    assert same(found.liquidation_price, (value - s[side] * balance) / (Q * (1 - s[side] * (f + r))))
    assert found.bankruptcy_price is not None
    assert same(found.bankruptcy_price, E * (1 - s[side] / L))
    stated = held(side, size=Q, entry=E, leverage=L, collateral=value / L, maintenance_margin_rate=r, taker_fee_rate=f)
    posted = position_figures(model, stated)
    assert posted.liquidation_price == found.liquidation_price
    assert any("without the fee to close" in note for note in posted.approximations)
    assert not any("without the fee" in note for note in found.approximations)


@pytest.mark.parametrize("side", SIDES)
def test_half_of_initial_margin_at_the_highest_leverage(side: str) -> None:
    # Hyperliquid: P = E - s*(margin - Q*E*l)/Q/(1 - s*l), l = 1/(2*highest leverage)
    margin, half = D("1500"), 1 / (2 * D(40))
    found = position_figures(
        half_of_initial(), held(side, size=Q, entry=E, leverage=L, collateral=margin, max_leverage=D(40))
    )
    assert found.liquidation_price is not None
    assert same(found.liquidation_price, E - s[side] * (margin - Q * E * half) / Q / (1 - s[side] * half))


@pytest.mark.parametrize("side", SIDES)
def test_prices_are_pushed_to_the_tick_in_the_venues_direction(side: str) -> None:
    model = on_entry(liquidation_rounding=PriceRounding.TOWARD_ENTRY, bankruptcy_rounding=PriceRounding.AWAY_FROM_ENTRY)
    entry, leverage, rate = D("25000.3"), D("9.36"), D("0.006839")
    found = position_figures(
        model, held(side, entry=entry, leverage=leverage, maintenance_margin_rate=rate, tick_size=D("0.5"))
    )
    exact = {name: entry * (1 - s[side] / leverage + k * s[side] * rate) for name, k in (("P", 1), ("B", 0))}
    assert found.liquidation_price is not None
    assert found.bankruptcy_price is not None
    assert 0 <= s[side] * (found.liquidation_price - exact["P"]) < D("0.5")
    assert 0 <= s[side] * (exact["B"] - found.bankruptcy_price) < D("0.5")
    assert found.liquidation_price % D("0.5") == found.bankruptcy_price % D("0.5") == 0


def test_a_reported_margin_contains_the_fee_to_close_at_the_bankruptcy_price() -> None:
    # Bybit: positionIM = V/L + V*(1 - s/L)*f
    model = on_entry(initial_reported_fee=ReportedFee.AT_BANKRUPTCY, maintenance_reported_fee=ReportedFee.AT_BANKRUPTCY)
    found = position_figures(
        model, held("short", size=Q, entry=E, leverage=L, maintenance_margin_rate=r, taker_fee_rate=f, cross=True)
    )
    value = Q * E
    assert found.initial_margin == value / L + value * (1 + 1 / L) * f
    assert found.maintenance_margin == value * r + value * (1 + 1 / L) * f


def test_a_reciprocal_leverage_is_rounded_up_where_the_settlement_currency_asks_for_it() -> None:
    model = on_entry(leverage_reciprocal_places=8, leverage_reciprocal_settle="USDC")
    usdc, usdt = (
        position_figures(model, held(size="100", entry="1", leverage="3", settle=settle)).initial_margin
        for settle in ("USDC", "USDT")
    )
    assert usdc == D("33.333334")
    assert usdt is not None
    assert usdt < D("33.3333334")
