"""The bounds that the description tells are those that requests are held to."""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest

from api.openapi.bounds import KEYWORDS, WORDS
from tests.openapi.test_document import DOCUMENT

BTC: dict[str, Any] = {"venue": "binance", "instrument": "BTCUSDT"}
SIZED: dict[str, Any] = {"side": "long", "size": "1", "entry_price": "60000", "leverage": "5"}
LEG: dict[str, Any] = {**BTC, **SIZED}
DECISION: dict[str, Any] = {**BTC, "side": "long", "client": {"residence": "AE"}}
HELD: dict[str, Any] = {**BTC, "side": "long", "quantity": "1", "entry_price": "60000"}
BOOK: dict[str, Any] = {"bids": [["1", "1"]], "asks": [["2", "1"]]}
RUNG: dict[str, Any] = {"floor": "0", "maintenance_margin_rate": "0.01"}
CLUSTER: dict[str, Any] = {"price": "1", "notional": "1"}

Place = tuple[str, dict[str, Any], tuple[str | int, ...]]
PLACES: dict[str, Place] = {
    "Account": ("decisions", {**DECISION, "account": {"currency": "USD"}}, ("account",)),
    "AccountInput": ("calculators/account", {"equity": "1"}, ()),
    "AdlInput": ("calculators/adl-score", LEG, ()),
    "BorrowInput": ("calculators/borrow-interest", {"principal": "1", "hours": "1"}, ()),
    "BreakEvenInput": (
        "calculators/break-even",
        {**BTC, "side": "long", "entry_price": "1", "hours": "1", "funding_rate": "0"},
        (),
    ),
    "Client": ("decisions", DECISION, ("client",)),
    "ClientFacts": ("calculators/client-class", {"residence": "US"}, ()),
    "ComparisonRequest": (
        "comparisons",
        {"base": "BTC", "product": "perpetual", "side": "long", "client": {"residence": "AE"}},
        (),
    ),
    "DecisionRequest": ("decisions", DECISION, ()),
    "FeesInput": ("calculators/fees", {**BTC, "price": "1", "size": "1"}, ()),
    "FundingInput": ("calculators/funding", {**BTC, "side": "long", "position_value": "1"}, ()),
    "ImpactFilter": ("impact", {"filter": {}}, ("filter",)),
    "ImpactRequest": ("impact", {}, ()),
    "LegInput": ("calculators/position", {"wallet_balance": "1", "positions": [SIZED]}, ("positions", 0)),
    "LiquidationCluster": (
        "decisions",
        {**DECISION, "market": {"liquidation_clusters": [CLUSTER]}},
        ("market", "liquidation_clusters", 0),
    ),
    "Market": ("decisions", {**DECISION, "market": {}}, ("market",)),
    "OrderBook": ("decisions", {**DECISION, "market": {"order_book": BOOK}}, ("market", "order_book")),
    "OrderBookInput": ("calculators/order-book", BOOK, ()),
    "Policy": ("decisions", {**DECISION, "policy": {"name": "our_desk"}}, ("policy",)),
    "Position": ("decisions", {**DECISION, "account": {"positions": [HELD]}}, ("account", "positions", 0)),
    "PositionInput": ("calculators/position", LEG, ()),
    "ReplayRequest": ("decisions/{decision_id}/replay", {}, ()),
    "SizingInput": (
        "calculators/position-size",
        {"side": "long", "equity": "1", "entry_price": "2", "stop_price": "1", "risk_fraction": "0.01"},
        (),
    ),
    "TermsInput": ("calculators/position", {**LEG, "terms": {}}, ("terms",)),
    "TierInput": ("calculators/position", {**LEG, "terms": {"ladder": [RUNG]}}, ("terms", "ladder", 0)),
}
"""Where a component stands: the path below `/v1`, a body, and the way to it in there."""

OUTSIDE = {
    "Above 0.": ("0",),
    "Not below 0.": ("-1",),
    "Above 0, at most 1000.": ("0", "1001"),
    "A fraction above -1 and below 1.": ("-1", "1"),
    "A fraction from 0 to 1.": ("-0.1", "1.1"),
    "A fraction from 0, below 1.": ("-0.1", "1"),
    "Above 0, at most 8760.": ("0", "8761"),
    "Above 0, at most 87600.": ("0", "87601"),
    "From 0 to 87600.": ("-1", "87601"),
    "Above `floor`.": ("0",),
}


def refused(client: httpx.Client, component: str, field: str, value: object) -> set[str]:
    """Return the pointers, below the component, of what is refused with a value in a field."""
    path, body, way = PLACES[component]
    body = copy.deepcopy(body)
    if "{" in path:
        path = path.format(**client.post("/v1/decisions", json=DECISION).json())
    inner: Any = body
    for step in way:
        inner = inner[step]
    inner[field] = value
    reply = client.post(f"/v1/{path}", params={"record": "false"} if path == "decisions" else {}, json=body)
    assert reply.status_code in (200, 422), reply.text
    start = "".join(f"/{step}" for step in way)
    return {one["pointer"].removeprefix(start) for one in reply.json().get("errors", ())}


@pytest.mark.parametrize(
    ("component", "field", "value"),
    [
        pytest.param(component, field, value, id=f"{component}.{field}: {value}")
        for component, fields in WORDS.items()
        for field, words in fields.items()
        for value in OUTSIDE[words]
    ],
)
def test_a_number_outside_its_words_is_refused(client: httpx.Client, component: str, field: str, value: str) -> None:
    assert f"/{field}" in refused(client, component, field, value)


SIGNED = {
    "Account": {"free_collateral", "wallet_balance"},
    "AccountInput": {"equity", "margin_balance", "risk_rate", "unrealized_pnl", "unsettled_pnl", "wallet_balance"},
    "AdlInput": {"cash_balance", "unrealized_pnl"},
    "BreakEvenInput": {"funding_rate"},
    "ClientFacts": {"annual_income", "net_assets", "net_financial_assets", "net_worth", "own_funds"},
    "FundingInput": {"funding_rate", "interest_rate", "premium"},
    "Market": {"funding_rate"},
    "PositionInput": {"cash_balance", "unrealized_pnl"},
    "TermsInput": {"fee_rate", "funding_rate", "maker_fee_rate", "taker_fee_rate"},
}
"""What may lie below zero: balances that owe, profits that are losses, rates that pay."""
AMOUNT = {"$ref": "#/components/schemas/Amount"}
AMOUNTS = [
    (component, field)
    for component in PLACES
    for field, schema in DOCUMENT["components"]["schemas"][component]["properties"].items()
    if AMOUNT in (schema, *schema.get("anyOf", ())) and field not in SIGNED.get(component, ())
]


@pytest.mark.parametrize(("component", "field"), AMOUNTS)
def test_a_number_below_zero_is_refused(client: httpx.Client, component: str, field: str) -> None:
    assert f"/{field}" in refused(client, component, field, "-0.000000000000000001")


TOO_LONG: dict[str, Any] = {
    "bids": [["1", "1"]],
    "asks": [["2", "1"]],
    "collateral": [{"value": "1"}],
    "conditions_met": ["a"],
    "ladder": [RUNG],
    "liquidation_clusters": [CLUSTER],
    "other_positions": [SIZED],
    "positions": [SIZED],
    "requires": ["leverage"],
    "venues": ["binance"],
}


@pytest.mark.parametrize(
    ("component", "field"), [(component, field) for component, fields in KEYWORDS.items() for field in fields]
)
def test_a_list_or_word_beyond_its_keywords_is_refused(client: httpx.Client, component: str, field: str) -> None:
    told = KEYWORDS[component][field]
    if "maxItems" in told:
        one = [HELD] if (component, field) == ("Account", "positions") else TOO_LONG.get(field, ["deny"])
        assert f"/{field}" in refused(client, component, field, one * (told["maxItems"] + 1))
    if "maxLength" in told:
        assert f"/{field}" in refused(client, component, field, "x" * (told["maxLength"] + 1))
    if "pattern" in told:
        assert f"/{field}" in refused(client, component, field, "-" * 130)
    if "minimum" in told:
        assert f"/{field}" in refused(client, component, field, told["minimum"] - 1)
    if "minItems" in told or "minLength" in told:
        empty: object = [] if "minItems" in told else ""
        assert {one for one in refused(client, component, field, empty) if one.startswith(f"/{field}")}


def test_bounds_stand_in_the_description_of_requests_alone() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["OrderBook"]["properties"]["bids"]["maxItems"] == 5000
    assert "maxItems" not in schemas["AnsweredOrderBook"]["properties"]["bids"]
    assert schemas["DecisionRequest"]["properties"]["leverage"]["description"].endswith("Above 0, at most 1000.")
    assert KEYWORDS.keys() | WORDS.keys() <= schemas.keys()
