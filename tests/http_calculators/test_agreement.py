"""No input is dropped silently: what contradicts another is refused, what has no part in an answer is told of."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import EXPLICIT, ask, refused

BTC: dict[str, Any] = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "entry_price": "62000", "size": "1"}
ISOLATED = {**BTC, "margin_mode": "isolated"}
CROSS = {**BTC, "margin_mode": "cross"}
LEG = {name: BTC[name] for name in ("instrument", "side", "entry_price", "size")}
LOAN: dict[str, Any] = {"venue": "binance", "principal": "10000", "hours": "24"}
FUNDING: dict[str, Any] = {"venue": "bybit", "instrument": "BTCUSDT", "side": "long", "funding_rate": "0.0001"}
FILL: dict[str, Any] = {"venue": "binance", "instrument": "BTCUSDT", "price": "62000", "size": "1"}
TOTALS: dict[str, Any] = {"wallet_balance": "900", "unrealized_pnl": "100", "maintenance_margin": "50"}
HTX: dict[str, Any] = {"venue": "htx", "equity": "1000", "initial_margin": "400"}
RUNGS = [{"floor": "0", "maintenance_margin_rate": "0.01"}]


@pytest.mark.parametrize("shown", [{"equity": "7200"}, {"margin_ratio": "0.05"}])
@pytest.mark.parametrize("base", [ISOLATED, {**ISOLATED, "leverage": "10"}, CROSS])
def test_equity_and_ratio_tell_nothing_without_a_mark_price(
    client: httpx.Client, base: dict[str, Any], shown: dict[str, str]
) -> None:
    words = refused(client, "liquidation-price", {**base, **shown})
    assert set(words) == {"/mark_price"}
    assert "unrealized_pnl in its place" in words["/mark_price"]
    for price in ({"mark_price": "63000"}, {"unrealized_pnl": "1000"}):
        assert ask(client, "liquidation-price", {**base, **shown, **price})["liquidation_price"] is not None


def test_equity_of_an_example_without_a_market_is_taken_at_the_entry_price_and_said_to_be(client: httpx.Client) -> None:
    cross = {**EXPLICIT, "margin_mode": "cross", "equity": "100"}
    assert "equity is taken to be that at the entry price" in " ".join(ask(client, "position", cross)["approximations"])
    assert "/mark_price" in refused(client, "position", {**cross, "margin_mode": "isolated"})


def test_equity_that_says_nothing_does_not_bring_back_the_wallet(client: httpx.Client) -> None:
    body = {**ISOLATED, "leverage": "10", "wallet_balance": "20000", "equity": "5000"}
    assert set(refused(client, "position", body)) == {"/mark_price"}


def test_beside_the_ratio_of_an_isolated_position_the_wallet_says_nothing(client: httpx.Client) -> None:
    shown = {**ISOLATED, "mark_price": "63000", "margin_ratio": "0.05"}
    alone = ask(client, "position", shown)
    beside = ask(client, "position", {**shown, "wallet_balance": "20000"})
    assert beside["liquidation_price"] == alone["liquidation_price"]
    said = set(beside["approximations"]) - set(alone["approximations"])
    assert said == {"margin_ratio says what backs the isolated position; wallet_balance is left aside"}


RATE_OF_ONE_PERCENT = {"/terms/maintenance_margin_rate": "terms.ladder, by which it is 0.01"}


@pytest.mark.parametrize(
    ("terms", "ladder", "problems"),
    [
        ({"ladder_unit": "size"}, RUNGS, RATE_OF_ONE_PERCENT),
        ({"ladder_unit": "contracts", "contract_size": "0.1"}, RUNGS, RATE_OF_ONE_PERCENT),
        ({"ladder_unit": "contracts"}, RUNGS, {}),
        ({"ladder_unit": "value"}, [{"floor": "0", "maintenance_margin_rate": "0.005"}], {}),
        ({"ladder_unit": "size"}, [{**RUNGS[0], "cap": "5"}], {"/size": "must be at most 5 of size"}),
    ],
    ids=["size", "contracts", "contracts of no known size", "the same rate", "beyond its end"],
)
def test_a_ladder_is_held_to_a_rate_beside_it_at_the_rung_that_holds_the_position(
    client: httpx.Client, terms: dict[str, Any], ladder: list[dict[str, str]], problems: dict[str, str]
) -> None:
    """Which rung that is contracts of no known size do not tell: nothing is compared, and the rate is used."""
    body = {**EXPLICIT, "terms": {**EXPLICIT["terms"], "ladder": ladder, **terms}}
    if not problems:
        assert (
            "left aside, for this answer does not depend on it: terms.ladder"
            in ask(client, "position", body)["approximations"]
        )
        return
    words = refused(client, "position", body)
    assert words.keys() == problems.keys()
    for pointer, told in problems.items():
        assert told in words[pointer]


def test_a_term_that_is_not_read_and_stands_in_place_of_those_on_file_is_said_to(client: httpx.Client) -> None:
    body = {**ISOLATED, "mark_price": "61000", "leverage": "10", "terms": {"base_rate": "0.01"}}
    (said,) = [one for one in ask(client, "position", body)["approximations"] if "terms.base_rate" in one]
    assert said.startswith("terms that state a margin stand in place of those on file")


def test_equity_of_an_account_needs_every_mark_price(client: httpx.Client) -> None:
    other = {**LEG, "instrument": "ETHUSDT", "entry_price": "3000"}
    account = {"venue": "binance", "equity": "20000", "positions": [{**LEG, "mark_price": "62500"}, other]}
    assert set(refused(client, "position", account)) == {"/positions/1/mark_price"}
    # one mark price is that of every position in the instrument
    hedge = {**LEG, "side": "short", "size": "0.4"}
    found = ask(client, "position", {**account, "positions": [{**LEG, "mark_price": "62500"}, hedge]})
    assert found["account"]["equity"] == "20000"
    assert found["account"]["wallet_balance"] == "19700"


def test_the_wallet_of_the_account_is_not_the_margin_of_an_isolated_position(client: httpx.Client) -> None:
    body = {**ISOLATED, "mark_price": "61000", "leverage": "10"}
    alone, beside = (ask(client, "position", one) for one in (body, {**body, "wallet_balance": "10000"}))
    assert (beside["margin"], beside["liquidation_price"]) == (alone["margin"], alone["liquidation_price"])
    assert alone["margin"] == "6200"
    assert "leverage says what backs the isolated position; wallet_balance is left aside" in beside["approximations"]
    leg = {**LEG, "margin_mode": "isolated", "leverage": "10", "wallet_balance": "10000"}
    (position,) = ask(client, "position", {"venue": "binance", "wallet_balance": "10000", "positions": [leg]})[
        "positions"
    ]
    assert position["margin"] == "6200"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wallet_balance": "10000"}, "taken for the isolated position's margin"),
        ({"wallet_balance": "10000", "leverage": "10", "margin_mode": None}, "its margin at leverage is not used"),
        ({"wallet_balance": "10000", "leverage": "10", "equity": "9000"}, "its margin at leverage is not used"),
    ],
)
def test_a_wallet_that_is_taken_for_margin_is_said_to_be(
    client: httpx.Client, given: dict[str, Any], said: str
) -> None:
    found = ask(client, "position", {**ISOLATED, "mark_price": "61000", **given})
    assert found["margin"] == "10000"
    assert said in " ".join(found["approximations"])


@pytest.mark.parametrize("own", [{"cash_balance": "-55000"}, {"bankruptcy_price": "55000"}, {"collateral": "7000"}])
def test_what_leaves_a_wallet_aside_is_what_backs_the_position(client: httpx.Client, own: dict[str, str]) -> None:
    body = {**ISOLATED, "mark_price": "61000", "leverage": "10", "wallet_balance": "10000", **own}
    found = ask(client, "position", body)
    assert found["margin"] == "7000"
    (name,) = own
    assert [one for one in found["approximations"] if "wallet_balance" in one] == [
        f"{name} says what backs the isolated position; wallet_balance is left aside"
    ]


def test_a_wallet_does_not_hide_a_fee_reserve_in_the_collateral(client: httpx.Client) -> None:
    position = {
        "venue": "bybit",
        "side": "long",
        "margin_mode": "isolated",
        "entry_price": "100",
        "mark_price": "100",
        "size": "10",
        "size_unit": "base",
        "leverage": "10",
        "collateral": "100.54",
        "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.005", "taker_fee_rate": "0.0006"},
    }
    alone, beside = (ask(client, "position", one) for one in (position, {**position, "wallet_balance": "5000"}))
    assert alone["margin"] == beside["margin"] == "100"


@pytest.mark.parametrize(
    ("calculator", "body", "pointer", "other"),
    [
        ("account", {**TOTALS, "equity": "1200"}, "/equity", "wallet_balance and unrealized_pnl"),
        ("account", {"equity": "1200", "margin_balance": "5000"}, "/margin_balance", "equity"),
        ("account", {**TOTALS, "margin_balance": "5000"}, "/margin_balance", "equity"),
        ("account", {"venue": "htx", "risk_rate": "1", "margin_balance": "5"}, "/risk_rate", "totals"),
        ("account", {"venue": "htx", "risk_rate": "1", "collateral": [{"value": "5"}]}, "/risk_rate", "totals"),
        (
            "account",
            {**HTX, "maintenance_margin": "50", "adjustment_factor": "0.1"},
            "/maintenance_margin",
            "initial_margin times adjustment_factor",
        ),
        (
            "borrow-interest",
            {**LOAN, "terms": {"hourly_rate": "0.00001", "daily_rate": "0.1"}},
            "/terms/daily_rate",
            "terms.hourly_rate",
        ),
        (
            "borrow-interest",
            {**LOAN, "venue": "kraken", "terms": {"hourly_rate": "0.00001", "opening_fee_rate": "0.0002"}},
            "/terms/hourly_rate",
            "terms.opening_fee_rate",
        ),
        (
            "borrow-interest",
            {**LOAN, "venue": "kraken", "terms": {"daily_rate": "0.00001", "rollover_fee_rate": "0.0002"}},
            "/terms/daily_rate",
            "terms.rollover_fee_rate",
        ),
        (
            "funding",
            {**FUNDING, "position_value": "62000", "size": "2", "mark_price": "50000"},
            "/position_value",
            "size at mark_price",
        ),
        (
            "funding",
            {**FUNDING, "position_value": "62000", "terms": {"funding_rate": "0.0002"}},
            "/terms/funding_rate",
            "funding_rate",
        ),
        (
            "fees",
            {**FILL, "terms": {"fee_rate": "0.001", "taker_fee_rate": "0.0005"}},
            "/terms/taker_fee_rate",
            "terms.fee_rate",
        ),
        ("fees", {**FILL, "product": "option"}, "/product", "perpetual"),
        ("break-even", {**BTC, "product": "future"}, "/product", "perpetual"),
        (
            "break-even",
            {**BTC, "terms": {"fee_rate": "0.001", "taker_fee_rate": "0.0005"}},
            "/terms/fee_rate",
            "terms.taker_fee_rate",
        ),
        (
            "break-even",
            {**BTC, "funding_rate": "0.0001", "hours": "8", "terms": {"funding_rate": "0.0002"}},
            "/terms/funding_rate",
            "funding_rate",
        ),
        (
            "position",
            {**EXPLICIT, "terms": {**EXPLICIT["terms"], "fee_rate": "0.001", "taker_fee_rate": "0.0005"}},
            "/terms/fee_rate",
            "terms.taker_fee_rate",
        ),
        (
            "position",
            {**ISOLATED, "leverage": "10", "mark_price": "61000", "unrealized_pnl": "50", "index_price": "61000"},
            "/unrealized_pnl",
            "mark_price",
        ),
        (
            "position",
            {**EXPLICIT, "terms": {**EXPLICIT["terms"], "ladder": RUNGS}},
            "/terms/maintenance_margin_rate",
            "terms.ladder",
        ),
        (
            "position",
            {**EXPLICIT, "venue": "deribit", "terms": {**EXPLICIT["terms"], "base_rate": "0.02"}},
            "/terms/maintenance_margin_rate",
            "terms.base_rate",
        ),
        (
            "position",
            {**EXPLICIT, "venue": "hyperliquid", "terms": {**EXPLICIT["terms"], "max_leverage": "50"}},
            "/terms/maintenance_margin_rate",
            "terms.max_leverage",
        ),
        (
            "position",
            {**EXPLICIT, "venue": "htx", "terms": {**EXPLICIT["terms"], "adjustment_factor": "0.1"}},
            "/terms/maintenance_margin_rate",
            "terms.adjustment_factor over leverage",
        ),
        (
            "position",
            {**CROSS, "wallet_balance": "9000", "other_positions": [{**LEG, "wallet_balance": "5"}]},
            "/other_positions/0/wallet_balance",
            "wallet_balance beside the positions",
        ),
        (
            "position",
            {"venue": "binance", "wallet_balance": "9000", "positions": [{**LEG, "added_margin": "5"}]},
            "/positions/0/added_margin",
            "wallet_balance",
        ),
        (
            "position",
            {"venue": "binance", "wallet_balance": "9000", "positions": [LEG], "terms": {}},
            "/terms",
            "one of positions",
        ),
        (
            "position",
            {"venue": "binance", "wallet_balance": "9000", "positions": [LEG], "margin_mode": "isolated"},
            "/margin_mode",
            "one of positions",
        ),
    ],
)
def test_what_contradicts_another_input_is_refused_and_names_it(
    client: httpx.Client, calculator: str, body: dict[str, Any], pointer: str, other: str
) -> None:
    found = refused(client, calculator, body)
    assert list(found) == [pointer]
    assert other in found[pointer]


@pytest.mark.parametrize(
    ("calculator", "body", "beside", "said"),
    [
        ("account", {**TOTALS, "equity": "1000"}, {}, "the sum of wallet_balance and unrealized_pnl agrees"),
        ("account", {"equity": "1200", "wallet_balance": "900"}, {}, "without unrealized_pnl it tells no equity"),
        ("account", {"wallet_balance": "900"}, {}, "reckoned without profit or loss"),
        ("account", {"margin_balance": "900"}, {}, "margin_balance stands for it"),
        ("account", {**HTX, "maintenance_margin": "40"}, {"adjustment_factor": "0.1"}, "maintenance_margin is used"),
        (
            "account",
            {"equity": "900"},
            {"order_margin": "5", "adjustment_factor": "2"},
            "order_margin, adjustment_factor",
        ),
        ("account", {"equity": "900"}, {"unrealized_pnl": "5"}, "unrealized_pnl"),
        ("account", {"venue": "htx", "risk_rate": "1"}, {"debts": "5"}, "debts"),
        (
            "account",
            {
                "equity": "50",
                "unrealized_pnl": "0",
                "collateral": [{"value": "100"}, {"value": "-50", "weight": "0.9"}],
            },
            {},
            "its weight or haircut is left aside",
        ),
        (
            "borrow-interest",
            {**LOAN, "terms": {"hourly_rate": "0.00001", "daily_rate": "0.00024", "base_rate": "0.1"}},
            {},
            "terms.daily_rate agrees with it",
        ),
        (
            "funding",
            {**FUNDING, "position_value": "100000"},
            {"size": "2", "mark_price": "50000"},
            "size at mark_price agrees",
        ),
        ("funding", {**FUNDING, "position_value": "100000"}, {"size": "2", "size_unit": "base"}, "size, size_unit"),
        (
            "funding",
            {"side": "long", "funding_rate": "0.0001", "position_value": "100000"},
            {"size": "2", "size_unit": "contracts", "mark_price": "1"},
            "size, size_unit",
        ),
        ("fees", {**FILL, "terms": {"taker_fee_rate": "0.0005"}}, {"volume_30d_usd": "5"}, "volume_30d_usd"),
        ("fees", {**FILL, "terms": {"taker_fee_rate": "0.0005", "maker_fee_rate": "0"}}, {}, "terms.maker_fee_rate"),
        ("fees", {"price": "1", "size": "1", "terms": {"fee_rate": "0.1"}}, {"instrument": "XUSDT"}, "a name alone"),
        ("break-even", BTC, {"leverage": "5", "mark_price": "61000"}, "leverage, mark_price"),
        ("position-size", CALCULATOR_REQUESTS["position-size"]["the stop of a size"], {"venue": "okx"}, "venue"),
        ("order-book", CALCULATOR_REQUESTS["order-book"]["buying through the asks"], {"stop_price": "1"}, "stop_price"),
        ("borrow-interest", {**LOAN, "terms": {"daily_rate": "0.001"}}, {"asset": "BTC"}, "asset"),
        ("position", {**ISOLATED, "leverage": "10"}, {"index_price": "61000"}, "index_price"),
        (
            "position",
            {**ISOLATED, "leverage": "10", "terms": {"taker_fee_rate": "0.0004"}},
            {"volume_30d_usd": "5"},
            "volume_30d_usd",
        ),
        ("position", EXPLICIT, {"residence": "DE", "open_interest": "5"}, "residence, open_interest"),
        (
            "position",
            {**EXPLICIT, "terms": {**EXPLICIT["terms"], "initial_margin_rate": "0.2", "hourly_rate": "0.1"}},
            {},
            "terms.initial_margin_rate, terms.hourly_rate",
        ),
        (
            "position",
            {**EXPLICIT, "margin_mode": "cross", "wallet_balance": "100", "mark_price": "100"},
            {"other_positions": [{**EXPLICIT, "collateral": "5"}, {**EXPLICIT, "margin_mode": "isolated"}]},
            "other_positions.0.collateral",
        ),
        ("margin", {**ISOLATED, "leverage": "10"}, {"fill_price": "50000"}, "fill_price"),
        ("liquidation-price", {**ISOLATED, "leverage": "10"}, {"buy_orders": "1"}, "buy_orders"),
        ("adl-score", {**ISOLATED, "leverage": "10", "mark_price": "63000"}, {"atr": "100"}, "atr"),
    ],
)
def test_what_agrees_or_has_no_part_in_the_answer_is_told_of(
    client: httpx.Client, calculator: str, body: dict[str, Any], beside: dict[str, Any], said: str
) -> None:
    assert said in " ".join(ask(client, calculator, {**body, **beside})["approximations"])


CHOOSING = {"product", "side", "client_class", "residence", "volume_30d_usd", "margin_mode", "contract_type", "asset"}
"""What chooses among facts and describes the contract: it may choose the same, and nothing is said."""
READ_BY_OTHER_FIGURES = {
    "close_fee_reserve",
    "size_unit",
    "settlement_price",
    "contract_size",
    "fee_rate",
    "taker_fee_rate",
    "liquidation_fee_rate",
    "leverage",
    "initial_margin_rate",
    "max_leverage",
}
"""What a position is reckoned with, and a view of it, or one at some price, need not show."""
AMOUNTS = ("0.00037", "0.3", "7", "61500")


@pytest.mark.parametrize(
    ("calculator", "name"), [(calculator, name) for calculator, some in CALCULATOR_REQUESTS.items() for name in some]
)
def test_every_amount_added_changes_the_answer_or_is_told_of_or_refused(
    in_process: httpx.Client, calculator: str, name: str
) -> None:
    body = CALCULATOR_REQUESTS[calculator][name]
    document = in_process.get("/openapi.json").json()
    schema = document["components"]["schemas"]
    (media,) = document["paths"][f"/v1/calculators/{calculator}"]["post"]["requestBody"]["content"].values()
    fields = schema[media["schema"]["$ref"].rpartition("/")[2]]["properties"]
    asked = [((field,), spec) for field, spec in fields.items()]
    if "terms" in fields:
        asked += [(("terms", field), spec) for field, spec in schema["TermsInput"]["properties"].items()]
    plain = ask(in_process, calculator, body)
    silent = []
    for path, spec in asked:
        field = path[-1]
        given = (body.get("terms") or {}) if len(path) > 1 else body
        if given.get(field) is not None or field in CHOOSING | READ_BY_OTHER_FIGURES or "decimal" not in str(spec):
            continue
        replies = []
        for amount in AMOUNTS:
            added = {**given, field: amount}
            asking = {**body, "terms": added} if len(path) > 1 else added
            replies.append(in_process.post(f"/v1/calculators/{calculator}", json=asking))
        accepted = [reply.json() for reply in replies if reply.status_code == 200]
        if accepted and all(answer == plain for answer in accepted):
            silent.append(".".join(path))
    assert silent == []
