"""How the venue goes about a liquidation: what sets it off, how much it closes, and how exactly we can tell."""

from __future__ import annotations

from collections.abc import Callable

from data.facts.margin_models import MarginModel
from data.facts.venues import LiquidationPolicy
from data.facts.vocabulary import MarginMode, TriggerPrice
from rules.case import Case
from rules.check import MARGINED, Result, check
from rules.checks.left_out import NO_PRODUCT, left_out_of_liquidation
from rules.checks.outcomes import failed, passed, unknown
from rules.decision import Effect, Family, Outcome, Question, Reason, Remedy
from rules.figures.margins import stops
from rules.remedies.nearest_change import venues_where
from rules.terms.margin_modes import named_for

_LAST = TriggerPrice.LAST
_UNSPECIFIED = TriggerPrice.UNSPECIFIED

_NO_POLICY = unknown("How the venue liquidates this product is not known.", "How does the venue liquidate?")
_NO_MODE = unknown(
    "The venue liquidates isolated and cross positions differently, and no margin mode is given.",
    "Is the margin isolated or cross?",
    field="margin_mode",
)
_NO_MODEL = unknown("How the venue computes margin is not known.", "How does the venue compute margin?")
_NOTHING_HELD = (
    "Computed as the venue does, for a position by itself: the request does not say what is held, and more of the "
    "instrument would be one position with this trade, with one liquidation price."
)
_WHAT_MARGIN = Question(ask="What margin does the venue ask for?")
_STEPWISE = frozenset({"partial", "tiered"})


@check(
    "liquidation.model_exact",
    family=Family.LIQUIDATION,
    effect=Effect.WARN,
    title="Margin and liquidation are computed as the venue computes them, without approximation",
    basis=("the venue's margin model",),
    spares_reducing=True,
    products=MARGINED,
)
def model_exact(case: Case) -> Result:
    """Ask whether a margin model of the venue is known, and whether every figure is exact under it."""
    model = case.terms.margin_model
    if model is None:
        return NO_PRODUCT if case.terms.product is None else _NO_MODEL
    notes = case.figures.approximations
    if case.figures.maintenance_margin is None or case.figures.liquidation is None:
        return _not_computed(case, model)
    mode = case.trade.margin_mode
    if mode is not None and named_for(case, mode) is None:
        return unknown(
            f"Computed for {mode} margin, which the venue is not known to offer for this instrument.",
            f"Does the venue offer {mode} margin?",
            sources=(model.source,),
        )
    if not notes:
        return _exact(case, model)
    return failed(f"Approximate: {notes[0]}.", model.title, None, sources=(model.source,), flags=("approximate",))


def _exact(case: Case, model: MarginModel) -> Result:
    """Return the pass of exact figures: of a trade that may be more of a position held they are so by an assumption."""
    if case.exposure.positions is not None:
        return passed("Computed as the venue does.", model.title, None, None, (model.source,))
    return passed(_NOTHING_HELD, model.title, None, None, (model.source,), ("assumed",))


def _not_computed(case: Case, model: MarginModel) -> Result:
    """Return the unknown of figures that have no value, with the note that says why."""
    missing = left_out_of_liquidation(case)
    told = next((note for note in case.figures.approximations if stops(note)), "a figure of the venue is not known")
    return Result(
        outcome=Outcome.UNKNOWN,
        message=f"Not all is computed: {told}.",
        reason=Reason.UNKNOWN,
        question=_WHAT_MARGIN if missing is None else missing.question,
        sources=(model.source,),
    )


@check(
    "liquidation.trigger_price",
    family=Family.LIQUIDATION,
    effect=Effect.WARN,
    title="Liquidation is set off by a mark, index or oracle price, not by the last trade",
    basis=("the venue's liquidation policy; one trade can move the last price",),
    of_terms=True,
    products=MARGINED,
)
def trigger_price(case: Case) -> Result:
    """Ask which price sets off liquidation."""
    policy = case.terms.liquidation
    if policy is None:
        return _no_policy(case)
    price = policy.trigger_price
    if price is _UNSPECIFIED:
        return unknown(
            "The venue does not say which price sets off liquidation.",
            "Which price sets off liquidation?",
            sources=(policy.source,),
        )
    if price is _LAST:
        return failed(
            "The last traded price sets off liquidation.",
            price,
            "mark",
            sources=(policy.source,),
            remedy=_venues_whose(case, lambda other: other.trigger_price not in (_LAST, _UNSPECIFIED)),
        )
    return passed("Liquidation does not hang on one trade.", price, None, None, (policy.source,))


@check(
    "liquidation.stepwise",
    family=Family.LIQUIDATION,
    effect=Effect.WARN,
    title="The venue closes a position step by step before it takes all of it",
    parameters=("partial_liquidation_wanted",),
    basis=("the venue's liquidation policy",),
    of_terms=True,
    products=MARGINED,
)
def stepwise(case: Case) -> Result:
    """Ask whether the venue liquidates in parts."""
    policy = case.terms.liquidation
    if policy is None or policy.method is None:
        return _no_policy(case)
    if policy.method in _STEPWISE:
        return passed("The venue liquidates in parts.", policy.method, None, None, (policy.source,))
    return failed(
        "The venue takes the whole position at once.",
        policy.method,
        "partial",
        sources=(policy.source,),
        remedy=_venues_whose(case, lambda other: other.method in _STEPWISE),
    )


def _no_policy(case: Case) -> Result:
    """Say that nothing is on file, or that what is differs by a margin mode that the trade does not state."""
    trade, terms = case.trade, case.terms
    if terms.product is None:
        return NO_PRODUCT
    if trade.margin_mode is None:
        for mode in (MarginMode.ISOLATED, MarginMode.CROSS):
            if case.knowledge.liquidation(trade.venue, terms.product, mode, terms.contract_type) is not None:
                return _NO_MODE
    return _NO_POLICY


def _venues_whose(case: Case, holds: Callable[[LiquidationPolicy], bool]) -> Remedy | None:
    """Return the venues whose liquidation policy for this product and margin mode `holds`, as a remedy."""
    product, mode = case.terms.product, case.trade.margin_mode

    def fits(venue: str) -> bool:
        policy = None if product is None else case.knowledge.liquidation(venue, product, mode)
        return policy is not None and holds(policy)

    return venues_where(case, fits)
