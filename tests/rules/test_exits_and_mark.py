"""What a trade gains, loses, pays and posts at other prices than its entry, for any prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.facts.vocabulary import Side
from rules.costs.funding import funding_over
from rules.decision import Conclusion, Finding, Outcome, Remedy
from rules.engine import decide
from rules.margin.position import value_of
from rules.remedies.price_steps import step_at
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True, database=None)
LISTED = (("binance", "BTCUSDT"), ("binance", "BTCUSD_PERP"), ("bybit", "BTCUSD"))
SIDES = st.sampled_from(("long", "short"))
CLOSE = Decimal("1e-20")
CUT_OFF = Decimal("1e-8")
"""Binance cuts a margin in coins off at the eighth place."""


def prices(lowest: int, highest: int) -> st.SearchStrategy[Decimal]:
    return st.integers(lowest * 10, highest * 10).map(lambda tenths: Decimal(tenths) / 10)


def concluded(changes: dict[str, Any]) -> Conclusion:
    trade = {
        "side": "long",
        "notional": "31000",
        "entry_price": "62000",
        "leverage": "5",
        "margin_mode": "isolated",
        "client": {"residence": "AE", "client_class": "professional"},
        **{name: str(value) if isinstance(value, Decimal) else value for name, value in changes.items()},
    }
    return decide(trade_of(trade), on(DAY), policy_of("standard"))[1]


def found(conclusion: Conclusion, rule: str) -> Finding:
    return next(one for one in conclusion.findings if one.rule == rule)


def nearest(remedy: Remedy | None) -> Decimal:
    assert remedy is not None
    assert remedy.smallest_passing is None or remedy.largest_passing is None
    bound = remedy.smallest_passing if remedy.smallest_passing is not None else remedy.largest_passing
    assert bound is not None
    return bound


@SETTINGS
@given(listed=st.sampled_from(LISTED), side=SIDES, stop=prices(20000, 61999), target=prices(62001, 200000))
def test_reward_to_risk_is_the_gain_over_the_loss_in_the_settlement_currency(
    listed: tuple[str, str], side: str, stop: Decimal, target: Decimal
) -> None:
    venue, instrument = listed
    if side == "short":
        stop, target = target, stop
    asked = {"venue": venue, "instrument": instrument, "side": side}
    seen = concluded({**asked, "stop_price": stop, "take_profit_price": target}).figures
    there = concluded({**asked, "stop_price": target}).figures
    assert seen.reward_to_risk is not None
    assert seen.loss_at_stop is not None
    assert there.loss_at_stop is not None
    assert abs(seen.reward_to_risk + there.loss_at_stop / seen.loss_at_stop) < CLOSE * seen.reward_to_risk


@SETTINGS
@given(listed=st.sampled_from(LISTED), side=SIDES, stop=prices(45000, 61999), share=st.integers(1, 9))
def test_the_target_that_is_named_is_worth_the_risk_and_one_before_it_is_not(
    listed: tuple[str, str], side: str, stop: Decimal, share: int
) -> None:
    venue, instrument = listed
    stop = stop if side == "long" else 124000 - stop
    short_of = 62000 + (62000 - stop) * share / 10
    asked = {"venue": venue, "instrument": instrument, "side": side, "stop_price": stop}
    finding = found(concluded({**asked, "take_profit_price": short_of}), "risk.reward_to_risk")
    assume(finding.outcome is Outcome.FAIL)
    target = nearest(finding.remedy)
    assert found(concluded({**asked, "take_profit_price": target}), "risk.reward_to_risk").outcome is Outcome.PASS
    step = 2 * step_at(target, on(DAY).instrument(venue, instrument).tick_size)
    nearer = target - step if side == "long" else target + step
    assert found(concluded({**asked, "take_profit_price": nearer}), "risk.reward_to_risk").outcome is Outcome.FAIL


@SETTINGS
@given(side=SIDES, stop=prices(40000, 61000), equity=st.integers(500, 5000))
def test_the_largest_size_whose_stop_loses_the_share_passes_and_a_cent_more_does_not(
    side: str, stop: Decimal, equity: int
) -> None:
    stop = stop if side == "long" else 124000 - stop
    asked = {"venue": "binance", "instrument": "BTCUSDT", "side": side, "stop_price": stop}
    asked["account"] = {"equity": str(equity), "currency": "USDT"}
    finding = found(concluded(asked), "risk.loss_at_stop")
    assume(finding.outcome is Outcome.FAIL)
    largest = nearest(finding.remedy)
    assert found(concluded({**asked, "notional": largest}), "risk.loss_at_stop").outcome is Outcome.PASS
    more = largest + Decimal("0.01")
    assert found(concluded({**asked, "notional": more}), "risk.loss_at_stop").outcome is Outcome.FAIL


@SETTINGS
@given(listed=st.sampled_from(LISTED), side=SIDES, mark=prices(50000, 74000), rate=st.integers(-20, 20))
def test_funding_is_paid_on_the_value_at_the_mark_price(
    listed: tuple[str, str], side: str, mark: Decimal, rate: int
) -> None:
    venue, instrument = listed
    stated = Decimal(rate) / 100000
    market = {"mark_price": str(mark), "funding_rate": str(stated)}
    asked = {"venue": venue, "instrument": instrument, "side": side, "holding_hours": "24", "market": market}
    instrument_on_file = on(DAY).instrument(venue, instrument)
    assert instrument_on_file is not None
    kind = instrument_on_file.contract_type
    size = Decimal(31000)
    if kind != "inverse":
        size = Decimal("0.5")
        asked.update(notional=None, quantity=size)
    terms = on(DAY).funding(venue, instrument)
    assert terms is not None
    paid = -funding_over(Side(side), value_of(size, mark, kind), stated, Decimal(24), terms.interval_hours)
    seen = concluded(asked).figures.funding_cost
    assert seen is not None
    assert abs(seen - paid) <= CLOSE


@SETTINGS
@given(
    listed=st.sampled_from(LISTED),
    side=SIDES,
    mode=st.sampled_from(("isolated", "cross", None)),
    mark=prices(50000, 74000),
)
def test_opening_takes_no_less_than_initial_margin_nor_than_what_an_isolated_position_has_posted(
    listed: tuple[str, str], side: str, mode: str | None, mark: Decimal
) -> None:
    venue, instrument = listed
    currency = "BTC" if instrument != "BTCUSDT" else "USDT"
    conclusion = concluded(
        {
            "venue": venue,
            "instrument": instrument,
            "side": side,
            "margin_mode": mode,
            "market": {"mark_price": str(mark)},
            "account": {"equity": "100000", "free_collateral": "100000", "currency": currency},
        }
    )
    figures, needed = conclusion.figures, found(conclusion, "risk.margin_available").observed
    assert figures.initial_margin is not None
    assert figures.entry_fee is not None
    assert isinstance(needed, Decimal)
    entry = max(Decimal(62000), mark) if side == "long" else min(Decimal(62000), mark)
    open_loss = Decimal(0)
    if (venue, currency) == ("binance", "USDT"):  # which asks for what the order's price is worse than the mark price
        open_loss = Decimal(31000) / entry * abs(entry - mark)
    margin = needed - figures.entry_fee - open_loss
    assert margin >= figures.initial_margin - CLOSE
    at_entry = Decimal(6200) / entry if currency == "BTC" else Decimal(6200)
    if mode != "cross":
        assert margin >= at_entry - CUT_OFF
    at_better = Decimal(6200) / min(entry, mark) if currency == "BTC" else at_entry  # it may fill at the mark price
    assert margin <= max(figures.initial_margin, at_entry, at_better) + CLOSE


@pytest.mark.parametrize(
    ("venue", "volume", "note"),
    [
        ("binance", "30000000", "asks for more than the 30-day volume"),  # VIP 2 asks for BNB as well
        ("hyperliquid", "900000000", "asks for more than the 30-day volume"),  # tiers by another measure of volume
        ("mexc", "900000000", "no fee tier by volume is on file"),
        ("kraken_futures", "900000000", None),
        ("binance", "0", None),
        ("binance", None, None),
    ],
)
def test_a_fee_that_leaves_the_stated_volume_out_says_so(venue: str, volume: str | None, note: str | None) -> None:
    listed = {"binance": "BTCUSDT", "hyperliquid": "BTC", "mexc": "BTC_USDT", "kraken_futures": "PF_XBTUSD"}
    account = {"equity": "50000", "currency": "USD", "volume_30d_usd": volume}
    conclusion = concluded({"venue": venue, "instrument": listed[venue], "account": account})
    assert any("fee tier" in one for one in conclusion.figures.cost_notes) is (note is not None)
    assert note is None or any(note in one for one in conclusion.figures.cost_notes)


@pytest.mark.parametrize(
    ("instrument", "mode"), [("BTCUSDT", "isolated"), ("BTCUSDT", "cross"), ("BTCUSDT", None), ("BTCUSD", "isolated")]
)
def test_bybits_newer_text_on_margin_is_told_where_the_engine_follows_the_older(
    instrument: str, mode: str | None
) -> None:
    figures = concluded({"venue": "bybit", "instrument": instrument, "margin_mode": mode}).figures
    (told,) = (one for one in figures.approximations if "2026" in one)
    assert "entry value used here" in told


@pytest.mark.parametrize(("of_class", "told"), [(None, True), ("professional", False), ("retail", False)])
def test_a_ladder_of_one_class_of_clients_is_named_where_no_class_is_stated(
    of_class: str | None, *, told: bool
) -> None:
    client = {"residence": "BR", "client_class": of_class}
    changes = {"venue": "kraken_futures", "instrument": "PI_XBTUSD", "margin_mode": "cross", "client": client}
    figures = concluded(changes).figures
    assert any("of retail clients are used" in one for one in figures.approximations) is told


@SETTINGS
@given(
    listed=st.sampled_from(LISTED),
    side=SIDES,
    mode=st.sampled_from(("isolated", "cross")),
    away=st.integers(1, 200000),
)
def test_a_limit_order_that_waits_has_the_figures_it_has_when_the_mark_is_at_its_price(
    listed: tuple[str, str], side: str, mode: str, away: int
) -> None:
    venue, instrument = listed
    mark = Decimal(62000) + (away if side == "long" else -Decimal(away) / 10)
    asked = {"venue": venue, "instrument": instrument, "side": side, "margin_mode": mode, "order_type": "limit"}
    asked["account"] = {"equity": "20000", "currency": "USDT", "positions": []}
    there = concluded({**asked, "market": {"mark_price": "62000", "funding_rate": "0.0001"}})
    assert concluded({**asked, "market": {"mark_price": str(mark), "funding_rate": "0.0001"}}).figures == there.figures


@SETTINGS
@given(
    side=SIDES,
    order_type=st.sampled_from(("limit", "market")),
    entry=prices(40000, 80000),
    size=st.integers(1, 50),
    balance=st.integers(700, 1300),
)
def test_no_larger_order_leaves_a_cross_account_better_backed(
    side: str, order_type: str, entry: Decimal, size: int, balance: int
) -> None:
    held = {"venue": "binance", "side": "long", "entry_price": "3000", "mark_price": "3000", "margin_mode": "cross"}
    asked = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": side,
        "order_type": order_type,
        "entry_price": entry,
        "notional": None,
        "margin_mode": "cross",
        "market": {"mark_price": "62000"},
        "account": {
            "equity": str(balance),
            "currency": "USDT",
            "positions": [{**held, "instrument": "ETHUSDT", "quantity": "100"}],
        },
    }
    rule = "liquidation.existing_positions"
    small, large = (
        found(concluded({**asked, "quantity": Decimal(size) * times / 1000}), rule).outcome for times in (1, 2)
    )
    assert not (small is Outcome.FAIL and large is Outcome.PASS)


AROUND_ONE = (
    ("kraken_futures", "PI_XRPUSD", "USD"),
    ("kraken_futures", "PI_XRPUSD", "XRP"),
    ("binance", "XRPUSDT", "USD"),
    ("binance", "XRPUSDT", "XRP"),
)


@pytest.mark.parametrize(("venue", "instrument", "currency"), AROUND_ONE)
@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("mode", ["isolated", "cross"])
def test_a_price_of_one_is_a_price_like_those_beside_it(
    venue: str, instrument: str, currency: str, side: str, mode: str
) -> None:
    losing = -1 if side == "long" else 1

    def at(price: Decimal, **changes: Any) -> Conclusion:
        return concluded(
            {
                "venue": venue,
                "instrument": instrument,
                "side": side,
                "margin_mode": mode,
                "notional": "10000",
                "entry_price": price,
                "stop_price": price * (1 + losing * Decimal("0.2")),
                "account": {"equity": "5000", "currency": currency, "positions": []},
                **changes,
            }
        )

    below, one, above = (at(Decimal(price)) for price in ("0.9999", "1", "1.0001"))
    for shares in (
        [each.figures.risk_fraction for each in (below, one, above)],
        [found(each, "risk.shock_loss").observed for each in (below, one, above)],
        [nearest(found(each, "risk.loss_at_stop").remedy) for each in (below, one, above)],
    ):
        low, middle, high = (Decimal(share or 0) for share in shares)
        assert low > 0
        assert min(low, high) * Decimal("0.99999") <= middle <= max(low, high) * Decimal("1.00001")
    unstopped = [
        nearest(found(at(Decimal(price), stop_price=None), "risk.stop_present").remedy)
        for price in ("0.9999", "1", "1.0001")
    ]
    assert abs(unstopped[1] - unstopped[0]) <= Decimal("0.0003")
    assert abs(unstopped[2] - unstopped[1]) <= Decimal("0.0003")


@pytest.mark.parametrize("currency", ["USD", "BTC"])
@pytest.mark.parametrize(("venue", "instrument"), [("binance", "BTCUSDT"), ("bybit", "BTCUSD")])
@pytest.mark.parametrize(("side", "far"), [("long", "50000"), ("short", "75000")])
def test_the_stop_that_is_named_loses_the_share_of_equity_and_one_a_little_farther_more(
    venue: str, instrument: str, side: str, far: str, currency: str
) -> None:
    account = {"equity": "20000" if currency == "USD" else "0.3", "currency": currency, "positions": []}
    trade: dict[str, Any] = {"venue": venue, "instrument": instrument, "side": side, "account": account}
    loses = found(concluded({**trade, "stop_price": far}), "risk.loss_at_stop")
    assert loses.remedy is not None
    instead = next(one for one in loses.remedy.alternatives if one.field == "stop_price")
    for named in (found(concluded(trade), "risk.stop_present").remedy, instead):
        stop = nearest(named)
        farther = stop * (Decimal("0.9999") if side == "long" else Decimal("1.0001"))
        assert found(concluded({**trade, "stop_price": stop}), "risk.loss_at_stop").outcome is Outcome.PASS
        assert found(concluded({**trade, "stop_price": farther}), "risk.loss_at_stop").outcome is Outcome.FAIL


@pytest.mark.parametrize(("venue", "instrument"), [("bybit", "BTCUSDT"), ("kucoin", "XBTUSDTM")])
@pytest.mark.parametrize(("side", "far"), [("long", "50000"), ("short", "75000")])
def test_the_stop_named_before_a_liquidation_price_on_the_tick_is_the_next_one(
    venue: str, instrument: str, side: str, far: str
) -> None:
    trade = {"venue": venue, "instrument": instrument, "side": side, "stop_price": far, "leverage": "10"}
    conclusion = concluded(trade)
    remedy, price = (
        found(conclusion, "liquidation.stop_before_liquidation").remedy,
        conclusion.figures.liquidation_price,
    )
    assert price is not None
    assert nearest(remedy) == price + (Decimal("0.1") if side == "long" else Decimal("-0.1"))
