"""What the rules on exits call a price."""

from __future__ import annotations

from decimal import Decimal

from rules.checks.outcomes import short


def opening_price(opens: Decimal, entry: Decimal) -> str:
    """Return in words the price that a stop or target must lie beyond: the entry, or else the mark price."""
    if opens == entry:
        return f"the entry at {short(entry)}"
    return f"the mark price at {short(opens)}, at which the order opens: it would fill at once"
