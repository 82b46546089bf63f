"""How a rule says what it found. A pass says so in one fixed sentence; words are built for a fail alone."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from rules.check import Result
from rules.decision import Outcome, Question, Reason, Remedy
from rules.figures.money import DOLLARS

_FAIL = Outcome.FAIL
_UNKNOWN = Outcome.UNKNOWN
_NOT_KNOWN = Reason.UNKNOWN
_HUNDRED = Decimal(100)
_ROUNDING = Decimal("1e-40")
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")
Seen = Decimal | str | None


passed = Result
"""A pass: its sentence, then as far as there are any what was observed, the limit, their unit, sources and flags.

Most findings are passes, so a pass is made without a call into Python.
"""


def failed(
    message: str,
    observed: Seen = None,
    limit: Seen = None,
    unit: str | None = None,
    *,
    sources: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    remedy: Remedy | None = None,
    reason: Reason | None = None,
) -> Result:
    """Return a fail, with the nearest change that would pass."""
    return Result(
        outcome=_FAIL,
        message=message,
        observed=observed,
        limit=limit,
        unit=unit,
        sources=sources,
        flags=flags,
        remedy=remedy,
        reason=reason,
    )


def unknown(
    message: str,
    ask: str,
    *,
    field: str | None = None,
    condition: str | None = None,
    sources: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> Result:
    """Return an unknown, with the question that would settle it.

    `field` is where the request would carry the answer, `condition` what `conditions_met` would name.
    """
    return Result(
        outcome=_UNKNOWN,
        message=message,
        reason=_NOT_KNOWN,
        question=Question(ask=ask, field=field, id=condition),
        sources=sources,
        flags=flags,
    )


def but_for_rounding(seen: Decimal, most: Decimal) -> bool:
    """Say whether a value above its limit equals it but for what divisions, rounded in the fiftieth digit, leave in it:
    less than one part in 10^40.
    """
    return seen - most <= abs(most) * _ROUNDING


def percent(fraction: Decimal, limit: Decimal | None = None) -> str:
    """Return a fraction as a percentage of at most four decimals; more where these show too little of it, or of what
    tells it from its `limit`.
    """
    return apart(fraction * _HUNDRED, None if limit is None else limit * _HUNDRED, 4) + "%"


def times(leverage: Decimal, limit: Decimal | None = None) -> str:
    """Return a leverage as "5x", apart from its `limit`."""
    return apart(leverage, limit, 2) + "x"


def apart(value: Decimal, limit: Decimal | None, places: int) -> str:
    """Return a number rounded for a sentence, with as many more places as tell it from a limit that it is not."""
    told = short(value, places)
    if limit is None or value == limit:
        return told
    while told == short(limit, places) and places < _MOST_PLACES:
        places += 1
        told = short(value, places)
    return told


_MOST_PLACES = 40
"""Beyond them two numbers are taken to be one (`but_for_rounding`)."""


def short(value: Decimal, places: int | None = None) -> str:
    """Return a number rounded for a sentence; the exact one stands in the finding.

    To so many places, eight unless said, or to as many as show its first digits: of what is told to eight, a price or a
    size, seven of them, else two.
    """
    most, digits = (8, 7) if places is None else (places, 2)
    if value:
        most = max(most, min(digits - 1 - value.adjusted(), _MOST_PLACES))
    text = f"{value:.{most}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded_up(amount: Decimal, currency: str) -> str:
    """Return an amount that is never less than itself: to the cent of dollars and stablecoins, else to eight places."""
    step = _CENT if currency.upper() in DOLLARS else _COIN_STEP
    return short(amount.quantize(step, rounding=ROUND_UP))


def counted(value: Decimal, unit: str) -> str:
    """Return a number with the plural of what it counts, in the singular for one."""
    return f"{short(value)} {unit.removesuffix('s') if value == 1 else unit}"
