"""Thresholds a firm sets, and which rules they switch on.

What each threshold means, its unit and its bounds stand in `rules.policies.thresholds`; the built-in policies are TOML
in `rules/policies/`, read by `api.policies` (this package reads no files).
"""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec
from msgspec import Struct

from data.facts.amounts import Amount, plain
from rules.decision import Family


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, eq=False):
    """A named set of thresholds.

    A null threshold turns its rule off, and so does false for a switch (true for `adl_accepted`).
    """

    # Compared and hashed by identity: plans are cached per policy, and `digest` tells whether two say the same.

    name: str
    """Name by which requests ask for it."""
    title: str = ""
    """What people call it."""
    families: tuple[Family, ...] = tuple(Family)
    """Families whose rules run, each named once. `jurisdiction`, `access` and `limits` must be among them."""
    requires: tuple[str, ...] = ()
    """Inputs (dotted paths of the request, as rules name them under `needs` and questions of findings under `field`) or
    ids of rules, those of law included: what cannot be evaluated for want of them is unknown rather than skipped. At
    most 200."""

    # Age of the facts
    stale_after_days: int | None = None
    refuse_after_days: int | None = None

    # Limits
    max_price_deviation: Amount | None = None

    # Liquidation
    min_liquidation_distance: Amount | None = None
    min_liquidation_atr: Amount | None = None
    min_liquidation_daily_ranges: Amount | None = None
    min_stop_room: Amount | None = None
    max_maintenance_share: Amount | None = None
    max_account_margin_ratio: Amount | None = None
    partial_liquidation_wanted: bool = False

    # Risk
    max_loss_per_trade: Amount | None = None
    stop_required: bool = False
    min_stop_atr: Amount | None = None
    min_reward_to_risk: Amount | None = None
    shock_move: Amount | None = None
    max_shock_loss: Amount | None = None
    max_leverage: Amount | None = None
    max_leverage_ranging: Amount | None = None
    max_leverage_trending: Amount | None = None
    max_leverage_high_volatility: Amount | None = None
    max_leverage_post_liquidation: Amount | None = None
    post_liquidation_confirmed: bool = False
    max_aggregate_leverage: Amount | None = None
    max_directional_leverage: Amount | None = None
    max_underlying_leverage: Amount | None = None
    max_venue_share: Amount | None = None
    max_margin_per_trade: Amount | None = None
    min_free_collateral: Amount | None = None
    isolated_for_speculation: bool = False
    max_hedge_excess: Amount | None = None
    reason_for_adding_to_loser: bool = False
    max_open_positions: int | None = None
    max_index_basis: Amount | None = None

    # Cost
    max_fees_on_margin: Amount | None = None
    max_slippage_on_margin: Amount | None = None
    max_funding_on_margin: Amount | None = None
    max_funding_annualised: Amount | None = None
    max_borrow_on_margin: Amount | None = None
    max_liquidation_fee_on_margin: Amount | None = None
    max_cost_on_margin: Amount | None = None
    max_cost_of_stop_loss: Amount | None = None
    max_cost_of_target: Amount | None = None

    # Depth of market
    depth_band: Amount | None = None
    max_slippage: Amount | None = None
    max_spread: Amount | None = None
    max_depth_taken: Amount | None = None
    max_adverse_imbalance: Amount | None = None
    wall_multiple: Amount | None = None
    thin_multiple: Amount | None = None
    min_cluster_cushion: Amount | None = None
    vanished_share: Amount | None = None

    # Auto-deleveraging
    max_adl_score: Amount | None = None
    adl_accepted: bool = True
    insurance_fund_wanted: bool = False

    basis: dict[str, str] = {}
    """By the name of a threshold or switch, or `families` or `requires`: where it comes from, in words."""


def canonical(policy: Policy) -> bytes:
    """Return the policy as JSON that is the same for policies that say the same: keys sorted, decimals normalised."""
    return msgspec.json.encode(
        {name: _canonical_value(getattr(policy, name)) for name in policy.__struct_fields__}, order="deterministic"
    )


def digest(policy: Policy) -> str:
    """Return `sha256:` and the SHA-256 of the canonical JSON."""
    return "sha256:" + hashlib.sha256(canonical(policy)).hexdigest()


def _canonical_value(value: object) -> object:
    return plain(value) if isinstance(value, Decimal) else value
