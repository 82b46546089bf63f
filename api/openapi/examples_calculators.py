"""Example requests of the calculators: shown in the documentation, sent by the tests."""

from __future__ import annotations

from typing import Any

_ISOLATED_LONG: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "62000",
    "mark_price": "62010",
    "size": "0.5",
    "leverage": "10",
}

_PUBLISHED_CROSS: dict[str, Any] = {
    "venue": "binance",
    "instrument": "ETHUSDT",
    "side": "long",
    "margin_mode": "cross",
    "entry_price": "1456.84",
    "mark_price": "1335.18",
    "size": "3683.979",
    "size_unit": "base",
    "wallet_balance": "1535443.01",
    "terms": {"maintenance_margin_rate": "0.10", "maintenance_amount": "135365"},
    "other_positions": [
        {
            "instrument": "BTCUSDT",
            "side": "long",
            "size": "109.488",
            "size_unit": "base",
            "entry_price": "32481.98",
            "mark_price": "31967.27",
            "terms": {"maintenance_margin_rate": "0.025", "maintenance_amount": "16300"},
        }
    ],
}

_INVERSE_SHORT: dict[str, Any] = {
    "side": "short",
    "margin_mode": "isolated",
    "entry_price": "60000",
    "size": "10000",
    "leverage": "5",
    "terms": {"contract_type": "inverse", "maintenance_margin_rate": "0.005"},
}

CALCULATOR_REQUESTS: dict[str, dict[str, Any]] = {
    "position": {
        "an isolated long under the release's ladder": _ISOLATED_LONG,
        "a published cross example": _PUBLISHED_CROSS,
        "an inverse short without a venue": _INVERSE_SHORT,
        "an account closed in part": {
            "venue": "paradex",
            "wallet_balance": "1000",
            "partial_liquidation": {"penalty_share": "0.5"},
            "positions": [
                {
                    "instrument": "BTC-USD-PERP",
                    "side": "long",
                    "size": "0.1",
                    "entry_price": "60000",
                    "mark_price": "54800",
                    "terms": {"maintenance_margin_rate": "0.01"},
                },
                {
                    "instrument": "ETH-USD-PERP",
                    "side": "short",
                    "size": "1",
                    "entry_price": "3000",
                    "mark_price": "3400",
                    "terms": {"maintenance_margin_rate": "0.01"},
                },
            ],
        },
        "a cross account": {
            "venue": "okx",
            "wallet_balance": "25000",
            "positions": [
                {
                    "instrument": "BTC-USDT-SWAP",
                    "side": "long",
                    "size": "0.5",
                    "size_unit": "base",
                    "entry_price": "62000",
                    "mark_price": "61500",
                    "leverage": "10",
                },
                {
                    "instrument": "ETH-USDT-SWAP",
                    "side": "short",
                    "size": "4",
                    "size_unit": "base",
                    "entry_price": "3000",
                    "mark_price": "2950",
                    "leverage": "5",
                },
            ],
        },
    },
    "account": {
        "a unified account by its totals": {
            "venue": "bybit",
            "wallet_balance": "18070.43799271",
            "unrealized_pnl": "-0.11001349",
            "initial_margin": "182.60183684",
            "maintenance_margin": "0.38106773",
        },
        "collateral with weights": {
            "collateral": [
                {"asset": "BTC", "amount": "0.05", "price": "40000", "weight": "0.9"},
                {"asset": "USDC", "value": "500"},
            ],
            "unrealized_pnl": "120",
            "initial_margin": "800",
            "maintenance_margin": "400",
            "notional": "8000",
        },
    },
    "margin": {"an isolated long": _ISOLATED_LONG},
    "liquidation-price": {"an isolated long": _ISOLATED_LONG, "a published cross example": _PUBLISHED_CROSS},
    "position-size": {
        "one percent of equity at risk": {
            "equity": "50000",
            "risk_fraction": "0.01",
            "entry_price": "62000",
            "stop_price": "60500",
            "side": "long",
            "leverage": "5",
            "fee_rate": "0.0005",
            "slippage": "0.001",
            "venue": "binance",
            "instrument": "BTCUSDT",
        },
        "equity in coin, on an inverse contract": {
            "equity": "2",
            "currency": "BTC",
            "risk_fraction": "0.01",
            "entry_price": "62000",
            "stop_price": "60500",
            "side": "long",
            "fee_rate": "0.0005",
            "venue": "deribit",
            "instrument": "BTC-PERPETUAL",
        },
        "the stop of a size": {
            "equity": "50000",
            "risk_fraction": "0.01",
            "entry_price": "62000",
            "side": "long",
            "notional": "20000",
            "fee_rate": "0.0005",
        },
    },
    "fees": {
        "a taker fill at an explicit rate": {
            "price": "123498",
            "size": "0.001",
            "liquidity": "taker",
            "terms": {"contract_type": "linear", "fee_rate": "0.00055"},
        },
        "a maker fill by the venue's schedule": {
            "venue": "binance",
            "instrument": "BTCUSDT",
            "price": "62000",
            "size": "0.5",
            "size_unit": "base",
            "liquidity": "maker",
            "leverage": "10",
        },
    },
    "funding": {
        "three days of a positive rate": {
            "venue": "binance",
            "instrument": "BTCUSDT",
            "side": "long",
            "size": "0.5",
            "size_unit": "base",
            "mark_price": "62000",
            "funding_rate": "0.0001",
            "hours": "72",
        },
        "a minute of continuous accrual from a premium": {
            "side": "long",
            "size": "0.5",
            "mark_price": "60000",
            "premium": "0.0008",
            "interest_rate": "0.0001",
            "clamp": "0.0005",
            "cap": "0.02",
            "seconds": "60",
            "interval_hours": "0",
        },
    },
    "borrow-interest": {
        "an hour by the day's rate": {
            "venue": "binance",
            "asset": "BNB",
            "principal": "36.22",
            "hours": "1",
            "terms": {"daily_rate": "0.016"},
        }
    },
    "break-even": {
        "a taker on both sides, held for a day": {
            "venue": "binance",
            "instrument": "BTCUSDT",
            "side": "long",
            "entry_price": "62000",
            "size": "0.5",
            "size_unit": "base",
            "funding_rate": "0.0001",
            "hours": "24",
        }
    },
    "adl-score": {
        "a winner among others": {
            "venue": "okx",
            "instrument": "BTC-USDT-SWAP",
            "side": "long",
            "margin_mode": "isolated",
            "entry_price": "60000",
            "mark_price": "66000",
            "size": "0.5",
            "size_unit": "base",
            "leverage": "10",
            "other_scores": ["0.1", "0.4", "1.2"],
        }
    },
    "order-book": {
        "buying through the asks": {
            "bids": [["61990", "12.5"], ["61980", "4"], ["61950", "2"]],
            "asks": [["62010", "3.1"], ["62020", "1.5"], ["62060", "8"]],
            "side": "long",
            "quantity": "4",
            "price_band": "0.001",
        },
        "what surrounds a long": {
            "bids": [["61990", "12.5"], ["61980", "4"], ["61970", "6"], ["61960", "4"], ["61200", "3"], ["60100", "5"]],
            "asks": [["62010", "3.1"], ["62020", "1.5"], ["62060", "8"]],
            "previous_order_book": {
                "bids": [["61990", "12.5"], ["61980", "90"], ["61970", "6"], ["61960", "4"], ["61200", "3"]],
                "asks": [["62010", "3.1"], ["62020", "1.5"], ["62060", "8"]],
            },
            "side": "long",
            "entry_price": "62000",
            "stop_price": "60500",
            "liquidation_price": "56000",
            "liquidation_clusters": [
                {"price": "61000", "notional": "5000000"},
                {"price": "60140", "notional": "200000000"},
            ],
            "wall_multiple": "5",
            "thin_multiple": "10",
        },
    },
}
"""Example bodies by calculator and name."""
