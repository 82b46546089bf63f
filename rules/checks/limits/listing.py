"""Whether the venue lists the instrument, as that product, in that margin mode, for as long as it is held."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from data.facts.venues import Instrument
from data.facts.vocabulary import MarginMode, Product
from rules.case import Case
from rules.check import Result, check
from rules.checks.outcomes import failed, passed, unknown
from rules.condition_ids import still_trades_id
from rules.decision import Effect, Family, Reason, Remedy
from rules.inputs import given
from rules.remedies.nearest_change import either
from rules.spoken import spoken
from rules.terms.margin_modes import named_for
from rules.trade import denial_of

_CROSS = MarginMode.CROSS
_ISOLATED = MarginMode.ISOLATED
_EXPIRING = frozenset({Product.FUTURE, Product.OPTION})
_OPTION = Product.OPTION
_UNCOUNTED = frozenset({Product.SPOT, Product.SPOT_MARGIN})
"""Products of which nobody says "a"."""
_SPOT_ALONE = frozenset({Product.SPOT})

_ONE = Decimal(1)
_HOURS = Decimal(24)
_MARGINED = frozenset({Product.SPOT_MARGIN, Product.PERPETUAL, Product.FUTURE, Product.CFD})
_UNLISTED = unknown("The venue is not known to list this instrument.", "Does the venue list it?", field="instrument")


@check(
    "limits.instrument_listed",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="The venue lists the instrument, and it does not expire on the day or before",
    basis=("the venue's instrument list",),
    of_terms=True,
)
def instrument_listed(case: Case) -> Result:
    """Compare the instrument's expiry with the day; an instrument that no fact lists is unknown, not refused.

    On its day of expiry a contract settles, at an hour the facts do not give: nothing is opened in it, and what is held
    can be reduced until then.
    """
    instrument = case.terms.instrument
    if instrument is None and case.terms.spot_pair is None:
        instrument = case.knowledge.expired(case.trade.venue, case.trade.instrument)
    if instrument is None:
        return _UNLISTED if case.terms.spot_pair is None else _listed_otherwise(case)
    expiry = instrument.expiry
    if expiry is not None and expiry <= case.as_of:
        if case.trade.reduce_only:
            return _reduced_at_its_end(case, instrument, expiry)
        return failed(
            f"{instrument.symbol} {'expires' if expiry == case.as_of else 'expired'} on {expiry}.",
            case.as_of.isoformat(),
            expiry.isoformat(),
            "date",
            sources=(instrument.source,),
            remedy=either(_later_contract(case, instrument), _venues_later(case, instrument)),
        )
    return passed("The venue lists the instrument.", instrument.symbol, None, None, (instrument.source,))


def _reduced_at_its_end(case: Case, instrument: Instrument, expiry: date) -> Result:
    """Return whether a position can still be reduced in a contract that expires on the day, or did before.

    It can until the contract settles, which the caller knows. There is no other contract or venue to reduce it at.
    """
    still_trades = still_trades_id(instrument.venue, instrument.symbol)
    seen, limit, sources = case.as_of.isoformat(), expiry.isoformat(), (instrument.source,)
    if expiry < case.as_of:
        return failed(f"{instrument.symbol} expired on {expiry}.", seen, limit, "date", sources=sources)
    if still_trades in case.trade.conditions_met:
        told = f"{instrument.symbol} expires on {expiry} and still trades, as the caller vouches."
        return passed(told, seen, limit, "date", sources)
    if denial_of(still_trades) in case.trade.conditions_met:
        told = f"{instrument.symbol} expires on {expiry} and has settled, as the caller says."
        return failed(told, seen, limit, "date", sources=sources)
    return unknown(
        f"{instrument.symbol} expires on {expiry}, and whether it has settled already is not on file.",
        f"Does {instrument.symbol} still trade?",
        condition=still_trades,
        sources=sources,
    )


def _listed_otherwise(case: Case) -> Result:
    """Return what the facts say of a name under which they show another product than spot."""
    other = case.knowledge.instrument(case.trade.venue, case.trade.instrument)
    assert other is not None  # noqa: S101 - the spot pair has its name from it
    return unknown(
        f"{other.symbol} is on file as {_a(other.product)}; a spot pair of that name is not.",
        "Does the venue list it as a spot pair?",
        field="product",
        sources=(other.source,),
    )


def _later_contract(case: Case, expired: Instrument) -> Remedy | None:
    """Return the contracts of the same kind that the venue lists beyond the day, the next to expire first."""
    later = [
        one
        for one in _listed_later(case, expired)
        if one.venue == expired.venue and one.expiry and _alike(one, expired)
    ]
    later.sort(key=lambda one: (one.expiry or case.as_of, one.symbol))
    return Remedy(field="instrument", values=tuple(one.symbol for one in later)) if later else None


def _venues_later(case: Case, expired: Instrument) -> Remedy | None:
    """Return the other venues that list the underlying as the same product beyond the day."""
    venues = sorted({one.venue for one in _listed_later(case, expired)} - {case.trade.venue})
    return Remedy(field="venue", values=tuple(venues)) if venues else None


def _listed_later(case: Case, expired: Instrument) -> list[Instrument]:
    listed = case.knowledge.listings(expired.base, expired.product)
    return [one for one in listed if one.expiry is None or one.expiry > case.as_of]


def _alike(one: Instrument, other: Instrument) -> bool:
    return (one.quote, one.settle, one.contract_type) == (other.quote, other.settle, other.contract_type)


def _a(product: Product) -> str:
    """Return a product with its article, where it has one."""
    one = spoken(product)
    return one if product in _UNCOUNTED else f"{'an' if product is _OPTION else 'a'} {one.removesuffix('s')}"


@check(
    "limits.product_matches",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="The instrument is the product the request names",
    needs=("product",),
    basis=("the venue's instrument list",),
    of_terms=True,
)
def product_matches(case: Case) -> Result:
    """Compare the requested product with the one the instrument is, which stands where the request names none."""
    instrument, product = case.terms.instrument, case.trade.product
    if instrument is None:
        return _UNLISTED if case.terms.spot_pair is None else _listed_otherwise(case)
    if not case.names_product:
        told = f"The request names no product; {instrument.symbol} is {_a(instrument.product)}."
        if _PRODUCT_REQUIRED.isdisjoint(case.policy.requires):
            return passed(told, None, instrument.product, None, (instrument.source,))
        return unknown(f"The policy requires product. {told}", _WHICH_PRODUCT, field="product")
    if product is instrument.product:
        return passed("The instrument is the product named.", product, instrument.product, None, (instrument.source,))
    return failed(
        f"{instrument.symbol} is {_a(instrument.product)}, not {_a(given(product))}.",
        product,
        instrument.product,
        sources=(instrument.source,),
        remedy=Remedy(field="product", values=(instrument.product,)),
    )


_PRODUCT_REQUIRED = frozenset({"product", "limits.product_matches"})
_WHICH_PRODUCT = "What is the product?"


@check(
    "limits.margin_mode_offered",
    family=Family.LIMITS,
    effect=Effect.REVIEW,
    title="The venue is known to offer the margin mode for this product",
    needs=("margin_mode",),
    basis=("the venue's margin models, liquidation policies and leverage caps",),
    of_terms=True,
    products=_MARGINED,
)
def margin_mode_offered(case: Case) -> Result:
    """Look for a fact that names this mode; that one names the other alone is a refusal, and neither is unknown."""
    mode = given(case.trade.margin_mode)
    known = named_for(case, mode)
    if known is not None:
        return passed("The venue offers this margin mode.", mode, None, None, (known.source,))
    other = _CROSS if mode is _ISOLATED else _ISOLATED
    offered = named_for(case, other)
    if offered is None:
        return unknown("No margin mode of this venue and instrument is known.", f"Does the venue offer {mode} margin?")
    return failed(
        f"The venue is known to offer {other} margin for this instrument, not {mode}.",
        mode,
        other,
        sources=(offered.source,),
        reason=Reason.NOT_PERMITTED,
        remedy=Remedy(field="margin_mode", values=(other,)),
    )


@check(
    "limits.spot_unleveraged",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="Spot is bought without leverage",
    needs=("leverage",),
    basis=("what spot means: leverage makes it spot margin",),
    products=_SPOT_ALONE,
)
def spot_unleveraged(case: Case) -> Result:
    """Compare the leverage of a spot trade with one."""
    leverage = given(case.trade.leverage)
    if leverage <= _ONE:
        return passed("Spot without leverage.", leverage, _ONE, "x")
    return failed(
        "Spot cannot be leveraged; borrowing against it is spot margin.",
        leverage,
        _ONE,
        "x",
        remedy=Remedy(field="leverage", largest_passing=_ONE),
    )


@check(
    "limits.held_before_expiry",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="The contract outlives the holding time",
    needs=("holding_hours",),
    basis=("the contract's expiry",),
    products=_EXPIRING,
)
def held_before_expiry(case: Case) -> Result:
    """Compare the holding time with the hours that are left for certain: the whole days between the day asked about
    and that of expiry (UTC).

    At which hour the order is placed and at which the contract expires is not known: what ends within either day is
    open.
    """
    instrument, hours = case.terms.instrument, given(case.trade.holding_hours)
    if instrument is None or instrument.expiry is None:
        return unknown("The contract's expiry is not known.", "When does the contract expire?")
    days = (instrument.expiry - case.as_of).days
    left = max(days - 1, 0) * _HOURS
    if hours <= left:
        return passed("The contract outlives the holding time.", hours, left, "hours", (instrument.source,))
    if hours <= (days + 1) * _HOURS:
        return unknown(
            f"{instrument.symbol} expires on {instrument.expiry}; whether the holding time ends before it hangs on the"
            " hours at which the order is placed and the contract expires.",
            "Does the position end before the contract expires?",
            sources=(instrument.source,),
        )
    return failed(
        f"{instrument.symbol} expires on {instrument.expiry}, before the holding time ends.",
        hours,
        left,
        "hours",
        sources=(instrument.source,),
        remedy=Remedy(field="holding_hours", largest_passing=left) if left > 0 else None,
    )
