"""How a trade fits what is already held: margin mode, hedges, losers, and orders that only reduce."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.case import Case
from rules.check import AT_THE_UNDERLYING, MARGINED, NOT_APPLICABLE, Result, check
from rules.checks.left_out import left_out_of_size
from rules.checks.not_known import unvalued
from rules.checks.outcomes import but_for_rounding, counted, failed, passed, percent, short, unknown
from rules.checks.risk.hedging import matching_size, unmatched_share
from rules.checks.size_units import unit_of
from rules.decision import Effect, Family, Remedy
from rules.figures.held_values import held_value
from rules.inputs import given
from rules.remedies.nearest_change import either, reducing, size_times
from rules.terms.margin_modes import named_for
from rules.trade import Intent

_HEDGE = Intent.HEDGE
_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION

_ZERO = Decimal(0)
_ONE = Decimal(1)
_OWN_MARGIN = passed("The trade has margin of its own.", "isolated", "isolated")
_SPECULATION = Remedy(field="intent", value="speculative")


@check(
    "risk.isolated_margin",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A speculative trade has margin of its own; cross is for hedges whose legs offset",
    needs=("margin_mode",),
    parameters=("isolated_for_speculation", "max_hedge_excess"),
    asked_by=("isolated_for_speculation",),
    basis=(
        "the policy; isolated margin bounds the loss to what was posted",
        "what exceeds the hedged exposure is speculation",
    ),
    venue_free=True,
    spares_reducing=True,
    products=MARGINED,
)
def isolated_margin(case: Case) -> Result:
    """Ask for isolated margin unless the trade hedges what is held, and no more than the policy lets it."""
    trade = case.trade
    if trade.margin_mode is _ISOLATED:
        return _OWN_MARGIN
    if trade.intent is not _HEDGE:
        return failed("Speculation wants isolated margin.", "cross", "isolated", remedy=_to_isolated(case))
    share = unmatched_share(case)
    if isinstance(share, Result):
        return share
    if not share:
        return passed("Cross margin lets the legs of the hedge offset.", "cross", None)
    if share == _ONE:
        return failed("Nothing held offsets this hedge.", "cross", "isolated", remedy=_to_isolated(case))
    return failed(
        f"{percent(share)} of this hedge exceeds what it hedges, and speculation wants isolated margin.",
        "cross",
        "isolated",
        remedy=either(matching_size(case), _to_isolated(case)),
    )


def _to_isolated(case: Case) -> Remedy | None:
    """Return the remedy "isolated", where the venue is known to offer that mode for the instrument."""
    return None if named_for(case, _ISOLATED) is None else Remedy(field="margin_mode", values=("isolated",))


@check(
    "risk.hedge_offsets",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A hedge is no larger than the opposite net exposure it hedges",
    needs=("account.positions",),
    parameters=("max_hedge_excess",),
    basis=("the policy; what exceeds the hedged exposure is speculation",),
    venue_free=True,
    spares_reducing=True,
)
def hedge_offsets(case: Case) -> Result:
    """Compare the excess of a hedge over the opposite net exposure to the same underlying with the policy's."""
    most = given(case.policy.max_hedge_excess)
    if case.trade.intent is not _HEDGE:
        return NOT_APPLICABLE
    positions, worth = case.exposure.positions, case.exposed
    if positions is None or positions.hedgeable is None or worth is None:
        return unvalued(case)
    held = positions.hedgeable
    if held <= 0:
        return failed(
            f"What it would hedge may expire before it ends: {', '.join(positions.ending)}."
            if positions.ending
            else "Nothing held in this underlying is left to hedge.",
            worth,
            _ZERO,
            given(case.trade.account).currency,
            remedy=_SPECULATION if case.trade.stop_price is not None or not case.policy.stop_required else None,
        )
    seen = worth / held - _ONE
    if seen <= most or but_for_rounding(seen, most):
        more = f"exceeds what it hedges by {percent(seen, most)}, which the policy allows"
        message = f"The hedge {more if seen > 0 else 'does not exceed what it hedges'}."
        return passed(message, seen, most, "fraction of the hedged exposure")
    return failed(
        f"The hedge exceeds what it hedges by {percent(seen, most)}.",
        seen,
        most,
        "fraction of the hedged exposure",
        remedy=matching_size(case),
    )


@check(
    "risk.adding_to_loser",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A losing position is not added to without a stated reason",
    needs=("account.positions",),
    parameters=("reason_for_adding_to_loser",),
    basis=("the policy",),
    venue_free=True,
    spares_reducing=True,
)
def adding_to_loser(case: Case) -> Result:
    """Look for positions in the same underlying and direction that are under water.

    The side of an option is not its direction, and whether it is a call or a put is not on file: beside a losing
    position it is open whether it adds to it or protects it.
    """
    positions = given(case.exposure.positions)
    if positions.losing:
        held, reason = ", ".join(positions.losing), case.trade.adding_reason
        if reason is not None and any(map(str.isalnum, reason)):
            return passed("A reason for adding is stated.", held, None, None, (), ("reason_stated",))
        if case.terms.product is _OPTION:
            return unknown(
                f"Whether the option adds to a losing position ({held}) or protects it its side does not tell.",
                "Does the option gain where that position gains? If so, why is it added to?",
                field="adding_reason",
            )
        what = "a losing position" if len(positions.losing) == 1 else "losing positions"
        return failed(
            f"The trade adds to {what} ({held}) and states no reason.",
            held,
            remedy=Remedy(field="adding_reason"),
        )
    if positions.unmarked:
        held, one = ", ".join(positions.unmarked), len(positions.unmarked) == 1
        return unknown(
            f"Whether {held} {'is' if one else 'are'} losing is not known.",
            f"What {'is the mark price' if one else 'are the mark prices'} of {held}?",
            field="account.positions",
        )
    if positions.unvalued:
        return unvalued(case)
    if positions.count and case.terms.instrument is None and case.terms.spot_pair is None:
        return _UNDERLYING_NOT_ON_FILE
    return passed("No losing position is added to.")


_UNDERLYING_NOT_ON_FILE = unknown(
    "The instrument is not on file, and whether a losing position in its underlying is held cannot be told.",
    "Is a losing position in the same underlying and direction held?",
)


@check(
    "risk.own_opposite",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The trade does not stand against the account's own position in the same instrument",
    needs=("account.positions",),
    basis=("two opposite positions in one instrument pay fees and funding for nothing",),
    spares_reducing=True,
)
def own_opposite(case: Case) -> Result:
    """Look for a position in the same instrument on the other side."""
    positions = case.exposure.positions
    if positions is None or (case.trade.intent is _HEDGE and positions.hedgeable):
        return NOT_APPLICABLE
    if not positions.opposite_size:
        return passed("Nothing opposite is held in this instrument.")
    unit = _unit_held(case)
    return failed(
        f"{counted(positions.opposite_size, unit)} of this instrument"
        f" {'is' if positions.opposite_size == 1 else 'are'} held on the other side.",
        positions.opposite_size,
        _ZERO,
        unit,
        remedy=reducing(case),
    )


def _unit_held(case: Case) -> str:
    """Return what the sizes of positions in the trade's instrument count."""
    return "contracts" if case.terms.contract_type is _INVERSE else unit_of(case)


@check(
    "risk.reduce_only_reduces",
    family=Family.RISK,
    effect=Effect.DENY,
    title="A reduce-only trade is no larger than the position it reduces",
    needs=("account.positions",),
    basis=("a reduce-only order that finds nothing to reduce is refused",),
)
def reduce_only_reduces(case: Case) -> Result:
    """Compare the size with what is held of the instrument on the other side.

    A trade that closes one leg of a hedge passes: what reduces a position is kept from nobody. That it leaves the
    account with more net exposure is said.
    """
    if not case.trade.reduce_only:
        return NOT_APPLICABLE
    if case.terms.instrument is None:
        return _NOT_ON_FILE
    positions = case.exposure.positions
    size = case.size_as_held
    unit = _unit_held(case)
    if positions is not None and not positions.opposite_size:
        return failed("Nothing of this instrument is held to reduce.", size, _ZERO, unit)
    if positions is None or size is None:
        return left_out_of_size(case) or unknown(
            f"The size of the order is not known in {unit}.", "What is the size of a contract?"
        )
    held = positions.opposite_size
    if size <= held:
        return _raises_exposure(case, size, held, unit) or passed("The trade only reduces.", size, held, unit)
    return failed(
        f"Only {counted(held, unit)} {'is' if held == 1 else 'are'} held to reduce.",
        size,
        held,
        unit,
        remedy=size_times(case, held / size),
    )


def _raises_exposure(case: Case, size: Decimal, held: Decimal, unit: str) -> Result | None:
    """Return the pass of a trade that takes a hedge away; null where net exposure falls, or is not known.

    What it closes is worth what it counts for among the positions, whatever the price of the order.
    """
    positions, instrument = given(case.exposure.positions), given(case.terms.instrument)
    before, currency = positions.underlying_net, given(case.trade.account).currency
    if before is None:
        return None
    closed = sum(
        given(held_value(one, instrument, currency))
        for one in positions.same_instrument
        if one.side is not case.trade.side
    )
    after = before + closed * size / held * (_ONE if case.trade.side is _LONG else -_ONE)
    if abs(after) <= abs(before):
        return None
    return passed(
        f"The trade only reduces this position, and raises the account's net exposure to the underlying from "
        f"{short(abs(before), 2)} to {short(abs(after), 2)} {currency}.",
        size,
        held,
        unit,
        (),
        ("raises_exposure",),
    )


_NOT_ON_FILE = unknown(
    "The instrument is not on file, and what is held of it cannot be told.", "How much of it is held to reduce?"
)


@check(
    "risk.mark_near_index",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="The mark price is near the index price",
    needs=("market.mark_price", "market.index_price"),
    parameters=("max_index_basis",),
    basis=("the policy; a mark price far from the index liquidates positions that the market does not",),
    venue_free=True,
    spares_reducing=True,
    products=AT_THE_UNDERLYING,
)
def mark_near_index(case: Case) -> Result:
    """Compare the distance of mark from index, a fraction of the index, with the policy's."""
    most = given(case.policy.max_index_basis)
    market = given(case.trade.market)
    mark, index = given(market.mark_price), given(market.index_price)
    seen = abs(mark - index) / index
    if seen <= most or but_for_rounding(seen, most):
        return passed("Mark and index agree.", seen, most, "fraction of index price")
    return failed(
        f"The mark price is {percent(seen, most)} away from the index.",
        seen,
        most,
        "fraction of index price",
        remedy=reducing(case),
    )
