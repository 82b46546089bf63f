"""What requests are held to, for their schemas: the same constants refuse what lies outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.replays.recorded import MAX_VALUES
from rules.calculators import checks as calculators
from rules.law.client_classes import MAX_WORD, NEVER_NEGATIVE
from rules.policies.thresholds import MAX_REQUIRES, MAX_TITLE
from rules.validation import (
    MAX_CLUSTERS,
    MAX_CONDITIONS,
    MAX_FUNDING_HOURS,
    MAX_HOLDING_HOURS,
    MAX_LEVELS,
    MAX_LEVERAGE,
    MAX_POSITIONS,
    MAX_VENUES,
)

Keywords = Mapping[str, Any]

_ID = {"pattern": "^[a-z0-9_]{1,64}$"}
_SYMBOL = {"minLength": 1, "maxLength": 64}
_PLACE = {"pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"}
_CONDITIONS = {"maxItems": MAX_CONDITIONS}
_LEVELS = {"maxItems": MAX_LEVELS}
_LEGS = {"maxItems": calculators.MAX_LEGS}
_VALUES = {"maxItems": MAX_VALUES}
_WORD = {"maxLength": MAX_WORD}
_READ: Mapping[str, Keywords] = {"release": _ID}
_OF_A_TRADE: Mapping[str, Keywords] = {"conditions_met": _CONDITIONS, "intermediary": _ID}

KEYWORDS: Mapping[str, Mapping[str, Keywords]] = {
    "Account": {"currency": {"pattern": "^[A-Za-z0-9]{1,12}$"}, "positions": {"maxItems": MAX_POSITIONS}},
    "AccountInput": {"collateral": _LEGS, **_READ},
    "AdlInput": {"positions": {"minItems": 1, **_LEGS}, "other_positions": _LEGS, **_READ},
    "BorrowInput": _READ,
    "BreakEvenInput": _READ,
    "Client": {"residence": _PLACE, "location": _PLACE, "nationality": {"pattern": "^[A-Z]{2}$"}},
    "ClientFacts": {
        "residence": _PLACE,
        "currency": {"pattern": "^[A-Z]{3}$"},
        "entity_type": _WORD,
        "regulated_status": _WORD,
        **_READ,
    },
    "ComparisonRequest": {"venues": {"maxItems": MAX_VENUES}, **_OF_A_TRADE, **_READ},
    "DecisionRequest": {"venue": _ID, "instrument": _SYMBOL, **_OF_A_TRADE, **_READ},
    "FeesInput": _READ,
    "FundingInput": _READ,
    "ImpactFilter": dict.fromkeys(("key", "residence", "rule", "venue", "verdict"), _VALUES),
    "ImpactRequest": _READ,
    "Market": {"liquidation_clusters": {"maxItems": MAX_CLUSTERS}},
    "OrderBook": {"bids": _LEVELS, "asks": _LEVELS},
    "OrderBookInput": {"bids": _LEVELS, "asks": _LEVELS, "liquidation_clusters": {"maxItems": MAX_CLUSTERS}, **_READ},
    "Policy": {
        "name": {"pattern": "^[a-z][a-z0-9_]{0,63}$"},
        "title": {"maxLength": MAX_TITLE},
        "requires": {"maxItems": MAX_REQUIRES},
    },
    "Position": {"venue": _ID, "instrument": _SYMBOL},
    "PositionInput": {"positions": {"minItems": 1, **_LEGS}, "other_positions": _LEGS, **_READ},
    "ReplayRequest": _READ,
    "SizingInput": _READ,
    "TermsInput": {"ladder": {"minItems": 1, "maxItems": calculators.MAX_TIERS}},
    "TierInput": {"tier": {"minimum": 0}},
}
"""Keywords of JSON Schema, by component and field. The patterns of ids are those of `rules.validation`."""

_POSITIVE = "Above 0."
_NOT_NEGATIVE = "Not below 0."
_LEVERAGE = f"Above 0, at most {MAX_LEVERAGE}."
_SIGNED_RATE = "A fraction above -1 and below 1."
_RATE = "A fraction from 0 to 1."
_CHARGE = "A fraction from 0, below 1."
_PRICES = dict.fromkeys(("entry_price", "mark_price", "index_price", "settlement_price"), _POSITIVE)
_TRADE = {
    **dict.fromkeys(("notional", "quantity", "entry_price", "stop_price", "take_profit_price"), _POSITIVE),
    "leverage": _LEVERAGE,
    "added_margin": _NOT_NEGATIVE,
    "holding_hours": f"From 0 to {MAX_HOLDING_HOURS}.",
}
_LEG = {
    **_PRICES,
    **dict.fromkeys(("size", "collateral", "wallet_balance"), _POSITIVE),
    "leverage": _LEVERAGE,
    **dict.fromkeys(("added_margin", "close_fee_reserve"), _NOT_NEGATIVE),
}
_OF_MARGIN = {name: _LEG[name] for name in ("mark_price", "leverage", "collateral", "added_margin", "wallet_balance")}
_POSITION = {
    **_LEG,
    **dict.fromkeys(("equity", "margin_ratio", "atr", "bankruptcy_price", "fill_price"), _POSITIVE),
    **dict.fromkeys(("buy_orders", "sell_orders", "open_interest", "volume_30d_usd"), _NOT_NEGATIVE),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "Account": dict.fromkeys(("equity", "volume_30d_usd"), _NOT_NEGATIVE),
    "AdlInput": _POSITION,
    "BorrowInput": {"hours": f"Above 0, at most {MAX_HOLDING_HOURS}."},
    "BreakEvenInput": {"hours": f"From 0 to {MAX_HOLDING_HOURS}.", "funding_rate": _SIGNED_RATE, **_OF_MARGIN},
    "ClientFacts": dict.fromkeys(NEVER_NEGATIVE, _NOT_NEGATIVE),
    "ComparisonRequest": _TRADE,
    "DecisionRequest": _TRADE,
    "FeesInput": {"leverage": _LEVERAGE},
    "FundingInput": {"hours": f"From 0 to {MAX_HOLDING_HOURS}.", "interval_hours": _NOT_NEGATIVE},
    "LegInput": _LEG,
    "LiquidationCluster": dict.fromkeys(("price", "notional"), _POSITIVE),
    "Market": {
        **dict.fromkeys(("mark_price", "index_price", "atr", "daily_range"), _POSITIVE),
        "open_interest": _NOT_NEGATIVE,
        "funding_rate": _SIGNED_RATE,
        "funding_interval_hours": f"Above 0, at most {MAX_FUNDING_HOURS}.",
        "borrow_rate": _CHARGE,
    },
    "Position": {
        **dict.fromkeys(("quantity", "entry_price", "mark_price"), _POSITIVE),
        "leverage": _LEVERAGE,
        "collateral": _NOT_NEGATIVE,
    },
    "PositionInput": _POSITION,
    "SizingInput": {"leverage": _LEVERAGE},
    "TermsInput": {
        **dict.fromkeys(("contract_size", "max_leverage", "tick_size", "adjustment_factor"), _POSITIVE),
        **dict.fromkeys(calculators.FRACTIONS, _RATE),
        **dict.fromkeys(calculators.SIGNED_FRACTIONS, _SIGNED_RATE),
        **dict.fromkeys(calculators.CHARGES, _CHARGE),
        "maintenance_amount": _NOT_NEGATIVE,
    },
    "TierInput": {
        **dict.fromkeys(("floor", "maintenance_amount"), _NOT_NEGATIVE),
        "cap": "Above `floor`.",
        "max_leverage": _POSITIVE,
        **dict.fromkeys(("maintenance_margin_rate", "initial_margin_rate"), _RATE),
    },
}
"""What a number has to be, in words, by component and field: `Amount` is text as well, which no keyword bounds."""


def bounded(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the components with the bounds of requests in them; those of answers have names of their own."""
    out = dict(schemas)
    for name in (KEYWORDS.keys() | WORDS.keys()) & out.keys():
        properties = dict(out[name]["properties"])
        for field, keywords in KEYWORDS.get(name, {}).items():
            properties[field] = _with(properties[field], keywords)
        for field, words in WORDS.get(name, {}).items():
            properties[field] = {**properties[field], "description": f"{properties[field]['description']} {words}"}
        out[name] = {**out[name], "properties": properties}
    return out


def _with(schema: Mapping[str, Any], keywords: Keywords) -> dict[str, Any]:
    """Return a schema with keywords at what is no null in it."""
    if "anyOf" in schema:
        return {
            **schema,
            "anyOf": [one if one == {"type": "null"} else _with(one, keywords) for one in schema["anyOf"]],
        }
    return {**schema, **keywords}
