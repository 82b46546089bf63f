"""What must hold of every ladder; what real data breaks must be listed as an oddity of the venue's file."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

from data.curation.oddities import Oddities
from data.facts.impossible import impossible_values
from data.facts.venues import Ladder, MarginTier

Report = Callable[[str], None]


def check_ladder(report: Report, ladder: Ladder, oddities: Oddities) -> None:
    """Report a ladder with gaps, overlaps, falling rates, wrong deductions or leverage at odds with its margin."""
    name = ladder.instrument if ladder.instrument != "*" else ladder.schedule or "*"
    for rung in ladder.tiers:
        for message in impossible_values(rung):
            report(f"{name}: tier {rung.tier} {message}")
    _check_rungs(report, name, ladder.tiers)
    for check, messages in _consistency(ladder.tiers).items():
        if messages and not oddities.excuse(check, name):
            report(f"{name}: {messages[0]} ({len(messages)} rungs; excuse it with an [[oddity]] of check {check!r})")


def _check_rungs(report: Report, name: str, rungs: tuple[MarginTier, ...]) -> None:
    if [rung.tier for rung in rungs] != list(range(1, len(rungs) + 1)):
        report(f"{name}: tiers must be numbered 1, 2, 3 … in order")
    if rungs[0].floor != 0:
        report(f"{name}: the first floor must be 0, not {rungs[0].floor}")
    for rung in rungs:
        if rung.cap is not None and rung.cap < rung.floor:
            report(f"{name}: tier {rung.tier} ends at {rung.cap}, below its floor {rung.floor}")
    for lower, upper in pairwise(rungs):
        if lower.cap is None:
            report(f"{name}: tier {lower.tier} has no cap, but another follows")
        elif upper.floor != lower.cap:
            kind = "a gap" if upper.floor > lower.cap else "an overlap"
            report(f"{name}: {kind} between tier {lower.tier} ending at {lower.cap} and tier {upper.tier}")


def _consistency(rungs: tuple[MarginTier, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {
        "empty_tier": [],
        "rates_rise": [],
        "leverage_falls": [],
        "deduction": [],
        "leverage_margin": [],
        "initial_above_maintenance": [],
    }
    for rung in rungs:
        if rung.cap == rung.floor:
            found["empty_tier"].append(f"tier {rung.tier} ends where it begins, at {rung.floor}")
        initial, maintenance = rung.initial_margin_rate, rung.maintenance_margin_rate
        if initial is not None and not leverage_agrees(initial, rung.max_leverage):
            found["leverage_margin"].append(
                f"tier {rung.tier} grants {rung.max_leverage}x at an initial margin rate of {initial}"
            )
        if initial is not None and maintenance is not None and initial < maintenance:
            found["initial_above_maintenance"].append(f"tier {rung.tier} asks less initial than maintenance margin")
    if rungs[0].maintenance_amount:
        found["deduction"].append("tier 1 has a maintenance amount, which must be 0 at a notional of 0")
    for lower, upper in pairwise(rungs):
        _check_pair(lower, upper, found)
    return found


def _check_pair(lower: MarginTier, upper: MarginTier, found: dict[str, list[str]]) -> None:
    for what in ("initial_margin_rate", "maintenance_margin_rate"):
        before, after = getattr(lower, what), getattr(upper, what)
        if before is not None and after is not None and after < before:
            found["rates_rise"].append(f"tier {upper.tier} has a lower {what} than the one below")
    if upper.max_leverage > lower.max_leverage:
        found["leverage_falls"].append(f"tier {upper.tier} grants more leverage than the one below")
    if (lower.maintenance_amount is None) != (upper.maintenance_amount is None):
        found["deduction"].append(f"tiers {lower.tier} and {upper.tier}: only one has a maintenance amount")
    elif lower.maintenance_amount is not None and upper.maintenance_amount is not None:
        expected = next_deduction(lower, upper)
        if expected is not None and expected != upper.maintenance_amount:
            found["deduction"].append(
                f"tier {upper.tier} has a maintenance amount of {upper.maintenance_amount}, "
                f"a continuous margin needs {expected}"
            )


def next_deduction(lower: MarginTier, upper: MarginTier) -> Decimal | None:
    """Return the deduction that makes maintenance margin continuous at the floor of `upper`.

    deduction(n) = deduction(n-1) + floor(n) * (rate(n) - rate(n-1)), the identity of marginal brackets.
    """
    low, high, amount = lower.maintenance_margin_rate, upper.maintenance_margin_rate, lower.maintenance_amount
    if low is None or high is None or amount is None:
        return None
    return amount + upper.floor * (high - low)


def leverage_agrees(initial_margin_rate: Decimal, max_leverage: Decimal) -> bool:
    """Say whether a rate and a leverage are each other's inverse to the digits that one of them is printed with."""
    if initial_margin_rate <= 0 or max_leverage <= 0:
        return False
    return abs(1 / max_leverage - initial_margin_rate) < _last_digit(initial_margin_rate) or abs(
        1 / initial_margin_rate - max_leverage
    ) < _last_digit(max_leverage)


def _last_digit(number: Decimal) -> Decimal:
    """Return the weight of the last printed digit, counting at least two significant ones."""
    exponent = number.as_tuple().exponent
    printed = exponent if isinstance(exponent, int) else 0
    return Decimal(1).scaleb(min(printed, number.adjusted() - 1))
