"""What the rules on exits call a price."""

from __future__ import annotations

from decimal import Decimal

from rules.case import Case
from rules.checks.outcomes import short
from rules.figures.sizes import stated_price_of


def opening_price(case: Case, opens: Decimal) -> str:
    """Return in words the price that a stop or target must lie beyond: the entry, the fill or the mark price."""
    if opens == stated_price_of(case.trade):
        return f"the entry at {short(opens)}"
    if opens != case.opening_mark:
        return f"the average fill at {short(opens)}"
    return f"the mark price at {short(opens)}, at which the order opens: it would fill at once"
