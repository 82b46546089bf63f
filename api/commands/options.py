"""Values of options that several commands take."""

from __future__ import annotations

import argparse

_SHORTEST, _LONGEST = 0.1, 604_800.0


def pause(text: str) -> float:
    """Return the seconds between two looks at a place that is followed: at least a tenth, at most a week.

    Raises:
        ArgumentTypeError: it is no such number.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not _SHORTEST <= seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from {_SHORTEST:g} to {_LONGEST:.0f}")
    return seconds
