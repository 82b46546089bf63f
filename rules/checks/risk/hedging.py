"""How much of a trade hedges: what is held against it exempts its own worth, no more, from rules on speculation."""

from __future__ import annotations

from decimal import Decimal

from rules.case import Case
from rules.check import Result
from rules.checks.not_known import unvalued
from rules.checks.outcomes import but_for_rounding, unknown
from rules.decision import Remedy
from rules.inputs import given
from rules.remedies.nearest_change import ROOM, size_times
from rules.trade import Intent

_HEDGE = Intent.HEDGE

_ZERO = Decimal(0)
_ONE = Decimal(1)
_HELD_UNKNOWN = unknown(
    "Whether the trade offsets anything is not known: the request does not say what is held.",
    "What positions does the trade hedge?",
    field="account.positions",
)


def speculative_share(case: Case) -> Decimal | Result:
    """Return what part of the trade's value hedges nothing; the unknown where what is held or the size does not tell.

    All of a speculative trade. Of a hedge what exceeds the opposite net exposure to its underlying.
    """
    if case.trade.intent is not _HEDGE:
        return _ONE
    positions, value = case.exposure.positions, case.exposed
    if positions is None:
        return _HELD_UNKNOWN
    held = positions.hedgeable
    if held is not None and held <= 0:
        return _ONE
    if held is None or value is None:
        return unvalued(case)
    return _ZERO if value <= held else (value - held) / value


def unmatched_share(case: Case) -> Decimal | Result:
    """Return the speculative share of a trade, none of a hedge that exceeds what it hedges by no more than the policy
    lets it.
    """
    share, most = speculative_share(case), case.policy.max_hedge_excess
    if isinstance(share, Result) or share == _ONE or most is None:
        return share
    excess = share / (_ONE - share)
    return _ZERO if excess <= most or but_for_rounding(excess, most) else share


def matching_size(case: Case) -> Remedy | None:
    """Return the largest size that hedges what is held, with what the policy lets a hedge exceed it by.

    Of a hedge of which a share is matched, so that what is held is valued and more than nothing.
    """
    held, value = given(given(case.exposure.positions).hedgeable), given(case.exposed)
    return size_times(case, held * (_ONE + (case.policy.max_hedge_excess or _ZERO)) / value * ROOM)
