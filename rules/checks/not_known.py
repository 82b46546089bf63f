"""Why what a rule compares is not known: the unknowns that rules of several families share, by their cause."""

from __future__ import annotations

from msgspec import structs

from data.facts.vocabulary import ContractType, Product
from rules.case import Case
from rules.check import Result
from rules.checks.left_out import (
    NO_PRODUCT,
    left_out,
    left_out_of_liquidation,
    left_out_of_margin,
    left_out_of_size,
    unvalued_positions,
    without_equity,
)
from rules.checks.outcomes import unknown
from rules.decision import Outcome
from rules.figures.margins import margin_follows_leverage

_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO

NO_FEE = unknown("The venue's fee for this order is not known.", "What are maker and taker fee?")
_LIQUIDATION_UNKNOWN = unknown(
    "The liquidation price cannot be computed from what is known.", "What is the liquidation price the venue shows?"
)
_NO_MARGIN = unknown("The initial margin is not known.", "What margin does the venue ask for?")
_UNCOUNTED = unknown(
    "What the trade is worth in the account's currency is not known.",
    "In which currency is the contract quoted, and what is it worth?",
)
_OPTION_EXPOSURE = unknown(
    "How far an option's worth follows its underlying is not told by its premium.",
    "What is the option's delta, and what does it lose when the underlying jumps?",
)
_NO_LEVERAGE = unknown(
    "No leverage is given: the margin is only known to be no less than at the highest leverage granted.",
    "At what leverage is it opened?",
    field="leverage",
)
_LEVERAGE_LEFT_OUT = structs.replace(_NO_LEVERAGE, outcome=Outcome.SKIPPED, reason=None)
_NO_KIND = unknown(
    "Whether the contract is linear or inverse is not known, so what it gains or loses is not known either.",
    "Is the contract linear?",
)
_BEYOND_TIERS = unknown(
    "The size is beyond the margin tiers on file: its margin is only known to be no less than its leverage says.",
    "What margin does the venue ask for at this size?",
)


def unvalued(case: Case) -> Result:
    """Return the unknown of an exposure that cannot be added up: what the request leaves out, or the positions that
    nobody can value.
    """
    otherwise = left_out_of_size(case) or of_an_option(case) or unconverted(case)
    if otherwise is not None:
        return otherwise
    positions = case.exposure.positions
    if positions is not None and positions.unvalued:
        return unvalued_positions(positions.unvalued)
    return without_equity(case) or _UNCOUNTED


def loss_unknown(case: Case) -> Result:
    """Return the unknown of a loss that is compared with equity, by what is missing of it."""
    return left_out_of_size(case) or unconverted(case) or of_no_known_kind(case) or without_equity(case) or _UNCOUNTED


def margin_unknown(case: Case) -> Result:
    """Return the unknown of an initial margin that has no value, by what is missing of it."""
    return left_out_of_margin(case) or _NO_MARGIN


def margin_uncounted(case: Case) -> Result:
    """Return the unknown of an initial margin without a value in the account's currency, by what is missing of it."""
    return left_out_of_margin(case) or unconverted(case) or without_equity(case) or _NO_MARGIN


def fee_unknown(case: Case) -> Result:
    """Return the unknown of an order whose fee has no value, by what is missing of it."""
    return left_out(case) or NO_FEE


def liquidation_unknown(case: Case) -> Result:
    """Return the unknown of a position of which nobody can say where it is liquidated, by what is missing of it."""
    return left_out_of_liquidation(case) or _LIQUIDATION_UNKNOWN


def of_an_option(case: Case) -> Result | None:
    """Return the unknown of an option, whose premium is not what it is exposed to; null of anything else."""
    return _OPTION_EXPOSURE if case.terms.product is _OPTION else None


def unconverted(case: Case) -> Result | None:
    """Return the unknown of an account in a currency that the trade's price does not convert into; null where that is
    not what is missing, or not all.
    """
    account, terms = case.trade.account, case.terms
    if account is None or terms.instrument is None or case.exposure.settle_rate is not None:
        return None
    if terms.contract_type is _QUANTO or case.figures.notional is None or case.figures.entry_price is None:
        return None
    return unknown(
        f"What the trade is worth in {account.currency}, the account's currency, is not known.",
        "What are the account's figures in the settlement currency?",
        field="account.currency",
    )


def of_no_known_kind(case: Case) -> Result | None:
    """Return the unknown of a contract of which nobody knows whether it is linear or inverse; null of any other."""
    if not case.terms.kind_is_open:
        return None
    return NO_PRODUCT if case.terms.product is None else _NO_KIND


def beyond_tiers(case: Case) -> Result | None:
    """Return the unknown of a size beyond the margin tiers on file, whose margin is no less than its leverage says."""
    terms = case.terms
    if terms.tier is not None or terms.ladder is None or terms.size_in_ladder_unit is None:
        return None
    return _BEYOND_TIERS


def without_leverage(case: Case) -> Result | None:
    """Return what is to be said of a trade that states no leverage where its margin hangs on one: it is reckoned at the
    highest granted, and no less. Like any input that is left out it is unknown where the policy requires it.
    """
    if case.trade.leverage is not None or not margin_follows_leverage(case.terms.margin_model):
        return None
    return _NO_LEVERAGE if "leverage" in case.policy.requires else _LEVERAGE_LEFT_OUT


def margin_at_least(case: Case) -> Result | None:
    """Return the unknown of a margin that is only known to be no less than what it is reckoned at; null elsewhere."""
    return without_leverage(case) or beyond_tiers(case)
