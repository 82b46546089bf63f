"""What each threshold of a policy means, its unit and the values it may take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from data.facts.law import LawBook
from rules.check import CATALOGUE
from rules.decision import Family
from rules.law.coverage import TITLES
from rules.law.needs import LAW_INPUTS
from rules.policies.policy import Policy


class Threshold(Struct, frozen=True, kw_only=True):
    """A number a policy may set. `lowest` and `highest` are inclusive."""

    name: str
    unit: str
    meaning: str
    lowest: Decimal
    highest: Decimal


class Switch(Struct, frozen=True, kw_only=True):
    """A demand a policy may make."""

    name: str
    meaning: str


def _number(name: str, unit: str, lowest: str, highest: str, meaning: str) -> Threshold:
    return Threshold(name=name, unit=unit, meaning=meaning, lowest=Decimal(lowest), highest=Decimal(highest))


_THRESHOLDS = (
    _number("stale_after_days", "days", "1", "36500", "facts verified longer ago than this count as not known"),
    _number("refuse_after_days", "days", "1", "36500", "facts verified longer ago than this fail"),
    _number(
        "max_price_deviation",
        "fraction of mark price",
        "0",
        "1",
        "how far the entry price may lie from the mark, and of a market order from the middle of the book",
    ),
    _number(
        "min_liquidation_distance",
        "fraction of mark price",
        "0",
        "1",
        "least distance from the mark price as the order opens (its entry price where none is given) to liquidation",
    ),
    _number(
        "min_liquidation_atr", "ATRs", "0", "100", "least distance to the liquidation price in average true ranges"
    ),
    _number(
        "min_liquidation_daily_ranges", "daily ranges", "0", "100", "least distance to liquidation in daily ranges"
    ),
    _number("min_stop_room", "fraction of entry price", "0", "1", "least room between stop and liquidation price"),
    _number("max_maintenance_share", "fraction of initial margin", "0", "1", "maintenance margin as the trade opens"),
    _number(
        "max_account_margin_ratio", "fraction of equity", "0", "1", "maintenance margin of the whole cross account"
    ),
    _number("max_loss_per_trade", "fraction of equity", "0", "1", "loss at the stop, from price alone"),
    _number("min_stop_atr", "ATRs", "0", "100", "least distance of the stop in average true ranges"),
    _number("min_reward_to_risk", "ratio", "0", "1000", "gain at the target over loss at the stop"),
    _number("shock_move", "fraction of entry price", "0", "1", "adverse move that jumps over the stop"),
    _number("max_shock_loss", "fraction of equity", "0", "1", "loss in such a move"),
    _number("max_leverage", "x", "0", "1000", "leverage of one trade whatever the market does"),
    _number("max_leverage_ranging", "x", "0", "1000", "leverage while the market ranges"),
    _number("max_leverage_trending", "x", "0", "1000", "leverage while the market trends"),
    _number("max_leverage_high_volatility", "x", "0", "1000", "leverage while volatility is high"),
    _number("max_leverage_post_liquidation", "x", "0", "1000", "leverage after a liquidation cascade"),
    _number("max_aggregate_leverage", "times equity", "0", "1000", "notional of all positions, this trade included"),
    _number("max_directional_leverage", "times equity", "0", "1000", "net exposure, all coins taken to move together"),
    _number("max_underlying_leverage", "times equity", "0", "1000", "net exposure to one underlying"),
    _number("max_venue_share", "fraction of equity", "0", "10", "margin posted at one venue"),
    _number("max_margin_per_trade", "fraction of equity", "0", "1", "initial margin of one trade"),
    _number("min_free_collateral", "fraction of equity", "0", "1", "collateral left free once the trade is open"),
    _number(
        "max_hedge_excess", "fraction of the hedged exposure", "0", "10", "how far a hedge may exceed what it hedges"
    ),
    _number("max_open_positions", "positions", "1", "1000", "open positions, this trade included"),
    _number("max_index_basis", "fraction of index price", "0", "1", "how far the mark price may lie from the index"),
    _number("max_fees_on_margin", "fraction of initial margin", "0", "10", "fees of entry and exit"),
    _number("max_slippage_on_margin", "fraction of initial margin", "0", "10", "slippage of the entry"),
    _number("max_funding_on_margin", "fraction of initial margin", "0", "10", "funding paid over the holding time"),
    _number(
        "max_funding_annualised", "fraction a year", "0", "100", "funding rate paid, annualised without compounding"
    ),
    _number("max_borrow_on_margin", "fraction of initial margin", "0", "10", "interest on what is borrowed"),
    _number(
        "max_liquidation_fee_on_margin", "fraction of initial margin", "0", "10", "fee if the position is liquidated"
    ),
    _number("max_cost_on_margin", "fraction of initial margin", "0", "10", "all costs together"),
    _number("max_cost_of_stop_loss", "fraction of the price loss at the stop", "0", "10", "all costs together"),
    _number("max_cost_of_target", "fraction of the price gain at the target", "0", "10", "all costs together"),
    _number("depth_band", "fraction of mid price", "0.0001", "0.5", "how far from mid the book is looked at"),
    _number("max_slippage", "fraction of mid price", "0", "1", "slippage of filling the size from the book"),
    _number("max_spread", "fraction of mid price", "0", "1", "gap between best bid and best ask"),
    _number(
        "max_depth_taken", "fraction of resting size", "0", "1", "share of the band's resting orders the size takes"
    ),
    _number(
        "max_adverse_imbalance", "fraction", "0", "1", "excess of resting orders against the trade within the band"
    ),
    _number("wall_multiple", "times the median level", "1", "10000", "size from which one level is a wall"),
    _number(
        "thin_multiple", "times the median gap", "1", "10000", "width from which a gap between levels is a thin zone"
    ),
    _number(
        "min_cluster_cushion", "fraction of cluster notional", "0", "100", "orders resting before a liquidation cluster"
    ),
    _number(
        "vanished_share", "fraction of a wall's size", "0", "1", "loss between snapshots that makes a wall suspect"
    ),
    _number("max_adl_score", "score", "0", "1000", "rank in the queue for auto-deleveraging at the target price"),
)

THRESHOLDS: dict[str, Threshold] = {threshold.name: threshold for threshold in _THRESHOLDS}
"""Every numeric threshold of a policy by name."""

_SWITCHES = (
    Switch(name="partial_liquidation_wanted", meaning="the venue closes a position step by step, not at once"),
    Switch(name="stop_required", meaning="a speculative trade names its stop"),
    Switch(name="post_liquidation_confirmed", meaning="a trade after a liquidation cascade waits for confirmation"),
    Switch(name="isolated_for_speculation", meaning="a speculative trade has margin of its own"),
    Switch(name="reason_for_adding_to_loser", meaning="adding to a losing position states a reason"),
    Switch(name="adl_accepted", meaning="a venue that may close a winning position is acceptable"),
    Switch(name="insurance_fund_wanted", meaning="the venue keeps an insurance fund"),
)

SWITCHES: dict[str, Switch] = {switch.name: switch for switch in _SWITCHES}
"""Every demand of a policy by name."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}").fullmatch
MAX_TITLE = 200
MAX_REQUIRES = 200

Problem = tuple[str, str]
"""JSON pointer into the policy, and what is wrong there."""


ALWAYS_ON = frozenset({Family.JURISDICTION, Family.ACCESS, Family.LIMITS})
"""Families that every policy runs: a firm sets its appetite for risk, not whether it asks what is permitted."""


def problems_of_policy(policy: Policy, law: LawBook) -> tuple[Problem, ...]:
    """Return every value a policy may not have, as (JSON pointer, detail); empty when there is none.

    `law` holds the rules of law that `requires` may name.
    """
    return tuple(_problems(policy, law))


def needed_inputs() -> frozenset[str]:
    """Return the dotted paths of the request that some declared rule, or some rule of law, needs."""
    return LAW_INPUTS.union(*(rule.needs for rule in CATALOGUE.values()))


def _problems(policy: Policy, law: LawBook) -> Iterator[Problem]:
    if _NAME(policy.name) is None:
        yield "/name", "must be lower-case letters, digits and underscores, starting with a letter, at most 64"
    if len(policy.title) > MAX_TITLE:
        yield "/title", f"must have at most {MAX_TITLE} characters"
    if not policy.families:
        yield "/families", "must name at least one family"
    elif len(set(policy.families)) != len(policy.families):
        yield "/families", "must name each family once"
    elif not set(policy.families) >= ALWAYS_ON:
        yield "/families", "must include jurisdiction, access and limits, which no policy switches off"
    yield from _requires_problems(policy, law)
    for name, threshold in THRESHOLDS.items():
        value = getattr(policy, name)
        if value is not None and not threshold.lowest <= value <= threshold.highest:
            yield f"/{name}", f"must be between {threshold.lowest} and {threshold.highest} ({threshold.unit})"
    stale, refused = policy.stale_after_days, policy.refuse_after_days
    if stale is not None and refused is not None and refused < stale:
        yield "/refuse_after_days", "must not be less than stale_after_days"
    if (policy.shock_move is None) != (policy.max_shock_loss is None):
        yield "/max_shock_loss", "goes with shock_move: give both or neither"
    if policy.vanished_share is not None and policy.wall_multiple is None:
        yield "/vanished_share", "goes with wall_multiple, which says what a wall is: give that too"
    for name in ("max_depth_taken", "max_adverse_imbalance"):
        if getattr(policy, name) is not None and policy.depth_band is None:
            yield f"/{name}", "goes with depth_band, which says how far from mid the book counts: give that too"
    for name in policy.basis:
        if name not in THRESHOLDS and name not in SWITCHES and name not in _DOCUMENTED:
            yield f"/basis/{name[:64]}", "is not a threshold"


_DOCUMENTED = frozenset({"families", "requires"})


def _requires_problems(policy: Policy, law: LawBook) -> Iterator[Problem]:
    if len(policy.requires) > MAX_REQUIRES:
        yield "/requires", f"must name at most {MAX_REQUIRES} inputs and rules"
        return
    inputs = needed_inputs() if policy.requires else frozenset()
    for index, name in enumerate(policy.requires):
        if name not in inputs and not _is_rule(name, law):
            yield f"/requires/{index}", "is neither an input that a rule needs nor the id of a rule"
        elif policy.families and (off := _families_off(name, policy)):
            what = "is a rule" if name in CATALOGUE else "is an input of rules"
            yield f"/requires/{index}", f"{what} of {', '.join(off)} alone, which families leaves out"


def _is_rule(name: str, law: LawBook) -> bool:
    return name in CATALOGUE or name in TITLES or any(one.rule == name for one in law.rules)


def _families_off(name: str, policy: Policy) -> list[Family]:
    """Return the families of the rules that are so named, or need an input so named; none where the policy runs one.

    A family that a policy leaves out is off, whatever of it the policy requires.
    """
    asking = {rule.family for rule in CATALOGUE.values() if name == rule.id or name in rule.needs}
    return [family for family in Family if family in asking] if asking.isdisjoint(policy.families) else []
