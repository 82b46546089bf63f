"""How far the liquidation price lies from the entry: in price, in ranges, and in maintenance used up at the start."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.check import MARGINED, Result, check
from rules.checks.left_out import left_out
from rules.checks.liquidation.geometry import (
    ACCOUNT_AT_ONCE,
    NEVER_LIQUIDATED,
    at_once,
    backing_and_requirement,
    distance_in_price,
    end_of,
    kept_until,
    more_distance,
    reference_price,
)
from rules.checks.not_known import liquidation_unknown
from rules.checks.outcomes import apart, but_for_rounding, failed, passed, percent, short, unknown
from rules.checks.trying import holds_more, leverage_that_fits
from rules.decision import Effect, Family, Remedy
from rules.inputs import given
from rules.remedies.less_margin import leverage_for_maintenance

_CROSS = MarginMode.CROSS

_ALREADY = "already"
_COVERS = "What backs the position covers maintenance as it opens."
_COVERED = passed(_COVERS)
_EXCEEDS = "Maintenance margin exceeds what backs the position as it opens"
_REACHED = (
    "Maintenance is covered, but the venue's liquidation price, printed on its tick and with all that it reserves, "
    "is reached as the position opens."
)


@check(
    "liquidation.not_at_entry",
    family=Family.LIQUIDATION,
    effect=Effect.DENY,
    title="The position is not liquidated as it opens",
    basis=("the venue's margin model",),
    spares_reducing=True,
    products=MARGINED,
)
def not_at_entry(case: Case) -> Result:
    """Ask whether what backs the position exceeds maintenance at the mark price as it opens, or else at entry."""
    figures = case.figures
    end = end_of(case)
    state = end.state
    if state is None:
        return liquidation_unknown(case)
    if state != _ALREADY:
        mark, entry = case.opening_mark, figures.entry_price
        moved = mark is not None and entry is not None and mark != entry
        # Where more is held it is the whole that is liquidated, and the figures are those of the trade.
        if moved or case.trade.margin_mode is _CROSS or holds_more(case):
            return _COVERED
        return passed(_COVERS, figures.initial_margin, figures.maintenance_margin, figures.currency)
    remedy, backed = _covering_maintenance(case), backing_and_requirement(case)
    if end.of_account:
        return failed(ACCOUNT_AT_ONCE, remedy=remedy)
    if backed is None:
        return failed(f"{_EXCEEDS}.", remedy=remedy)
    backing, required = backed
    if backing > required:
        return failed(_REACHED, remedy=remedy)
    told = f"{short(required)} {figures.currency}, against {short(backing)} {figures.currency}"
    return failed(f"{_EXCEEDS}: {told}.", backing, required, figures.currency, remedy=remedy)


def _covering_maintenance(case: Case) -> Remedy | None:
    """Return the change with which margin covers the loss between entry and mark and what the venue requires there.

    In a cross account no leverage changes what backs the position: there it is the size that fits the equity which the
    maintenance of what is held leaves.
    """

    def opens(changed: Case) -> bool:
        return end_of(changed).state in ("price", "never")

    return kept_until(case, given(reference_price(case)), opens)


@check(
    "liquidation.distance",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="The liquidation price is at least the policy's distance away",
    parameters=("min_liquidation_distance",),
    basis=("the policy",),
    spares_reducing=True,
    products=MARGINED,
)
def distance(case: Case) -> Result:
    """Compare the distance to liquidation, a fraction of the mark (or entry) price, with the policy's."""
    least = given(case.policy.min_liquidation_distance)
    early = _nothing_to_measure(case, least, "fraction of price")
    if early is not None:
        return early
    seen = given(end_of(case).distance)
    if seen >= least or but_for_rounding(least, seen):
        return passed("Liquidation is far enough away.", seen, least, "fraction of price")
    return failed(
        f"A move of {percent(seen, least)} liquidates the position.",
        seen,
        least,
        "fraction of price",
        remedy=more_distance(case, least * given(reference_price(case))),
    )


@check(
    "liquidation.distance_in_atr",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="The liquidation price is at least the policy's number of average true ranges away",
    needs=("market.atr",),
    parameters=("min_liquidation_atr",),
    basis=("the policy; the average true range is the caller's",),
    spares_reducing=True,
    products=MARGINED,
)
def distance_in_atr(case: Case) -> Result:
    """Compare the distance to liquidation, in average true ranges, with the policy's."""
    least = given(case.policy.min_liquidation_atr)
    return _in_ranges(case, given(given(case.trade.market).atr), least, "ATRs", "average true ranges")


@check(
    "liquidation.distance_in_daily_ranges",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="The liquidation price is at least the policy's number of the regime's daily ranges away",
    needs=("market.daily_range",),
    parameters=("min_liquidation_daily_ranges",),
    basis=("the policy; the regime's daily range is the caller's",),
    spares_reducing=True,
    products=MARGINED,
)
def distance_in_daily_ranges(case: Case) -> Result:
    """Compare the distance to liquidation, in daily ranges of the present regime, with the policy's."""
    least = given(case.policy.min_liquidation_daily_ranges)
    return _in_ranges(case, given(given(case.trade.market).daily_range), least, "daily ranges", "daily ranges")


def _in_ranges(case: Case, measure: Decimal, least: Decimal, unit: str, words: str) -> Result:
    early = _nothing_to_measure(case, least, unit, measure)
    if early is not None:
        return early
    seen = given(distance_in_price(case)) / measure
    if seen >= least or but_for_rounding(least, seen):
        return passed("Liquidation is far enough away.", seen, least, unit)
    return failed(
        f"Liquidation is {apart(seen, least, 2)} {words} away.",
        seen,
        least,
        unit,
        remedy=more_distance(case, least * measure),
    )


@check(
    "liquidation.maintenance_share",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="Maintenance margin takes no more than the policy's share of initial margin",
    needs=("leverage",),
    parameters=("max_maintenance_share",),
    basis=("the policy; the share is what a loss need not use up before liquidation",),
    spares_reducing=True,
    products=MARGINED,
)
def maintenance_share(case: Case) -> Result:
    """Compare maintenance over initial margin with the policy's share."""
    most = given(case.policy.max_maintenance_share)
    initial, maintenance = case.figures.initial_margin, case.figures.maintenance_margin
    if initial is None or maintenance is None or initial <= 0:
        return left_out(case) or unknown(
            "Initial or maintenance margin cannot be computed.", "What maintenance margin does it need?"
        )
    seen = maintenance / initial
    if seen <= most or but_for_rounding(seen, most):
        return passed("Maintenance leaves room below initial margin.", seen, most, "fraction of initial margin")
    return failed(
        f"Maintenance is {percent(seen, most)} of initial margin as the trade opens.",
        seen,
        most,
        "fraction of initial margin",
        remedy=_with_more_margin(case, most),
    )


def _with_more_margin(case: Case, most: Decimal) -> Remedy | None:
    """Return the highest leverage whose maintenance fits; where more is held, what a fee adds to it is no line."""

    def share(changed: Case) -> Decimal | None:
        initial, maintenance = changed.figures.initial_margin, changed.figures.maintenance_margin
        return maintenance / (initial * most) if initial and maintenance is not None else None

    return leverage_that_fits(case, share) if holds_more(case) and most else leverage_for_maintenance(case, most)


def _nothing_to_measure(case: Case, least: Decimal, unit: str, measure: Decimal | None = None) -> Result | None:
    """Return the result of a distance rule where there is no distance to measure.

    `measure` is the price difference in which `least` is counted; null for the price itself.
    """
    end = end_of(case)
    if end.distance is not None:
        return None
    if end.state == "never":
        return NEVER_LIQUIDATED
    if end.state != _ALREADY:
        return liquidation_unknown(case)
    counted, said = given(reference_price(case)) if measure is None else measure, at_once(end)
    return failed(said, None, least, unit, remedy=more_distance(case, least * counted))
