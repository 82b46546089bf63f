"""The facts behind figures, limits and costs: each row with its source and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from msgspec import structs

from data.facts.venues import Fee
from data.facts.vocabulary import ContractType, Product
from rules.decision import FactUsed
from rules.engine import decide
from rules.inputs import given
from tests.rules.world import Altered, facts, on, policy_of, trade_of

DAY = date(2026, 11, 21)
TRADE = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "30000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "client": {"residence": "AE", "client_class": "professional"},
    "account": {"equity": "50000", "currency": "USD"},
}


class TwoSchedules(Altered):
    """Facts in which a maker pays by another row, of another source, than a taker."""

    def fees(self, *asked: Any) -> Sequence[Fee]:
        [row] = [one for one in super().fees(*asked) if not one.min_volume_30d_usd]
        return row, structs.replace(row, source="for makers", maker=given(row.maker) * 2, taker=given(row.taker) / 2)


def facts_of(fields: dict[str, Any]) -> dict[str, list[FactUsed]]:
    """Return the facts that a decision names, by kind."""
    found: dict[str, list[FactUsed]] = {}
    for one in decide(trade_of(fields), on(DAY), policy_of("standard"))[1].facts:
        found.setdefault(one.kind, []).append(one)
    return found


def test_every_row_behind_a_perpetual_is_named_with_its_source():
    found = facts_of(TRADE)
    assert found.keys() == {
        "instrument",
        "margin_tiers",
        "margin_model",
        "leverage_cap",
        "fee",
        "fee_extra",
        "funding_terms",
        "liquidation_policy",
        "adl_policy",
    }
    sources = {one.id for one in facts().corpus.sources}
    assert {one.source for some in found.values() for one in some} <= sources
    (ladder,), (charged,) = found["margin_tiers"], found["fee_extra"]
    assert ladder.last_seen is not None
    assert ladder.last_seen >= ladder.certain_from
    assert "liquidation|BTCUSDT" in charged.key  # discounts and charges of other contracts are not read


def test_the_fee_is_that_of_the_stated_volume():
    fields = {**TRADE, "venue": "okx", "instrument": "BTC-USDT-SWAP", "client": {"residence": "CH"}}
    (first,) = facts_of(fields)["fee"]
    account = {"equity": "50000", "currency": "USD", "volume_30d_usd": "900000000"}
    (charged,) = facts_of({**fields, "account": account})["fee"]
    assert first.key != charged.key


def test_each_row_that_a_fee_is_from_is_named_once():
    account = {"equity": "50000", "currency": "USD", "volume_30d_usd": "1600000000"}
    fields = {**TRADE, "venue": "okx", "instrument": "BTC-USDT-SWAP", "account": account, "client": {"residence": "CH"}}
    taker, maker = facts_of(fields)["fee"]
    assert (taker.key, maker.key) == ("okx|perpetual||VIP 7 (group 2)", "okx|perpetual||VIP 7 (group 1)")
    assert len(facts_of({**fields, "venue": "binance", "instrument": "BTCUSDT"})["fee"]) == 1


def test_what_is_not_on_file_is_not_named():
    unlisted = facts_of({**TRADE, "instrument": "NOSUCHUSDT", "product": "perpetual"})
    assert unlisted.keys().isdisjoint({"instrument", "margin_tiers"})
    assert "fee" in unlisted
    assert facts_of({**TRADE, "venue": "nowhere"}) == {}


def test_fees_of_a_limit_order_name_the_schedule_it_opens_by_beside_the_one_it_closes_by():
    asked = {**TRADE, "order_type": "limit", "market": {"mark_price": "63000"}}
    taking = on(DAY).fees("binance", Product.PERPETUAL, ContractType.LINEAR, "")[0].source

    def sources_of(fields: dict[str, Any]) -> tuple[str, ...]:
        _, conclusion = decide(trade_of(fields), TwoSchedules(on(DAY), {}), policy_of("standard"))
        return next(one.sources for one in conclusion.findings if one.rule == "cost.fees_on_margin")

    assert sources_of(asked) == (taking, "for makers")
    assert sources_of({**asked, "order_type": "market"}) == (taking,)


def test_charges_of_other_contracts_and_of_other_places_are_behind_no_figure():
    future = {
        **TRADE,
        "venue": "kraken_derivatives_us",
        "instrument": "MBT",
        "client": {"residence": "US-TX", "client_class": "retail"},
    }
    assert not [one for one in facts_of(future).get("fee_extra", []) if "commission" in one.key]
    bybit = {**TRADE, "venue": "bybit"}
    assert [one for one in facts_of(bybit)["fee_extra"] if "value_added_tax" in one.key]
    assert not [one for one in facts_of(bybit)["fee_extra"] if "goods_and_services_tax" in one.key]


def test_the_charges_of_a_broker_are_among_the_facts_of_a_trade_through_it():
    direct = {
        **TRADE,
        "venue": "bitnomial",
        "instrument": "PBUC",
        "client": {"residence": "US-TX", "client_class": "retail"},
    }
    through = facts_of({**direct, "intermediary": "kraken_derivatives_us"})["fee_extra"]
    assert {one for one in through if "kraken_derivatives_us" in one.key and "commission" in one.key}
    assert not [one for one in facts_of(direct)["fee_extra"] if "commission" in one.key]
