"""The funding rate of a request: as given, or from a premium; within the venue's bounds or those given."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import MarginModel
from data.facts.venues import FundingTerms
from rules.calculators.contract import Contract
from rules.calculators.cost_inputs import FundingInput
from rules.calculators.refusal import Problem
from rules.costs.funding import (
    QUOTED_HOURS,
    cap_from_margin_fractions,
    clamped_premium,
    clip_rate,
    damped_premium,
)

_ZERO = Decimal(0)
_ONE = Decimal(1)

NO_RATE = "must be given, or premium in its place"
NOT_BOTH = "stands in place of funding_rate; leave one of them out"
OF_PREMIUM = "belongs to a premium; funding_rate is taken as it is"
ONE_FORM = "give clamp or damper: a venue has one of them"
NO_INTEREST = "belongs to a clamp; a damper is applied to the premium alone"
FRACTION = "must be a fraction between 0 and 1 (0.0005 is five basis points)"
SIGNED_FRACTION = "must be a fraction between -1 and 1 (0.0001 is one basis point)"


UNBOUNDED = "{bounds} of the funding rate is on file for what is named: the rate is not held within one"


NO_INTEREST_RATE = "no interest rate is given, and none is on file: the rate is that of the premium alone"


class RateInForce(Struct, frozen=True, kw_only=True):
    """The rate of one interval, its bounds, whether they bind, and how it came about in words."""

    rate: Decimal
    cap: Decimal | None
    floor: Decimal | None
    cap_8h: Decimal | None
    clipped: bool
    words: str


def rate_problems(asked: FundingInput) -> Iterator[Problem]:
    """Yield what is wrong with the rate of a request."""
    if asked.funding_rate is None and asked.premium is None:
        yield "/funding_rate", NO_RATE
    if asked.funding_rate is not None and asked.premium is not None:
        yield "/premium", NOT_BOTH
    for name in ("funding_rate", "premium", "interest_rate"):
        rate = getattr(asked, name)
        if rate is not None and not -_ONE < rate < _ONE:
            yield f"/{name}", SIGNED_FRACTION
    for name in ("clamp", "damper", "cap"):
        rate = getattr(asked, name)
        if rate is not None and not 0 <= rate < _ONE:
            yield f"/{name}", FRACTION
    if asked.premium is None:
        for name in ("interest_rate", "clamp", "damper"):
            if getattr(asked, name) is not None:
                yield f"/{name}", OF_PREMIUM
    if asked.clamp is not None and asked.damper is not None:
        yield "/damper", ONE_FORM
    if asked.damper is not None and asked.interest_rate is not None:
        yield "/interest_rate", NO_INTEREST


def rate_of(
    asked: FundingInput,
    contract: Contract,
    model: MarginModel | None,
    terms: FundingTerms | None,
    interval: Decimal | None,
) -> RateInForce:
    """Return the rate in force for a request whose rate has no problems."""
    raw, words = _raw(asked, terms, interval)
    cap, floor = _bounds(terms, interval)
    if asked.cap is not None:
        cap, floor = asked.cap, -asked.cap
    cap_8h = _cap_8h(contract, model)
    if cap_8h is not None and interval is not None:
        share = cap_8h * (interval or QUOTED_HOURS) / QUOTED_HOURS
        # A venue that derives its cap does so for the cap of its row as well, from fractions that may be older.
        cap = share if asked.cap is None else min(asked.cap, share)
        floor = -cap
    rate = clip_rate(raw, cap, floor)
    return RateInForce(rate=rate, cap=cap, floor=floor, cap_8h=cap_8h, clipped=rate != raw, words=words)


def unbounded(terms: FundingTerms | None) -> tuple[str, ...]:
    """Return what is to be said of a rate that no bound on file holds, or one alone; null terms: none are on file."""
    cap, floor = (None, None) if terms is None else (terms.cap, terms.floor)
    if cap is None and floor is None:
        return (UNBOUNDED.format(bounds="neither cap nor floor"),)
    if cap is None or floor is None:
        return (UNBOUNDED.format(bounds="no cap" if cap is None else "no floor"),)
    return ()


def without_interest(asked: FundingInput, terms: FundingTerms | None) -> bool:
    """Say whether a premium has interest added to it that neither the request nor the facts tell."""
    told = asked.interest_rate is not None or (terms is not None and terms.interest_rate_8h is not None)
    return asked.premium is not None and asked.damper is None and not told


def _bounds(terms: FundingTerms | None, interval: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the venue's cap and floor for the interval reckoned with, which may not be the one they are stated for."""
    if terms is None:
        return None, None
    if interval is None or terms.interval_hours is None or interval == terms.interval_hours:
        return terms.cap, terms.floor
    share = (interval or QUOTED_HOURS) / (terms.interval_hours or QUOTED_HOURS)
    return (
        None if terms.cap is None else terms.cap * share,
        None if terms.floor is None else terms.floor * share,
    )


def _raw(asked: FundingInput, terms: FundingTerms | None, interval: Decimal | None) -> tuple[Decimal, str]:
    if asked.premium is None:
        return asked.funding_rate or _ZERO, "rate as given"
    if asked.damper is not None:
        return damped_premium(asked.premium, asked.damper), "rate = max(damper, premium) + min(-damper, premium)"
    interest = asked.interest_rate
    if interest is None and terms is not None and terms.interest_rate_8h is not None:
        interest = terms.interest_rate_8h * (interval or QUOTED_HOURS) / QUOTED_HOURS
    interest = interest or _ZERO
    if asked.clamp is not None:
        words = "rate = premium + (interest - premium, held between -clamp and clamp)"
        return clamped_premium(asked.premium, interest, asked.clamp), words
    return asked.premium + interest, "rate = premium + interest"


def _cap_8h(contract: Contract, model: MarginModel | None) -> Decimal | None:
    """Return the cap on eight hours of funding that a venue derives from margin rates; null where it does not."""
    initial, maintenance = contract.terms.initial_margin_rate, contract.terms.maintenance_margin_rate
    if model is None or model.funding_cap_multiplier is None or initial is None or maintenance is None:
        return None
    return cap_from_margin_fractions(initial, maintenance, model.funding_cap_multiplier)
