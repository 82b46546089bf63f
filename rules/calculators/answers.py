"""What every calculator's answer says of itself. The answers stand by subject in the modules named `…_answers`.

Money is in the settlement currency (base coin for an inverse contract) unless a field says otherwise.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    """What every answer says about itself."""

    release: str
    as_of: date
    sources: tuple[str, ...] = ()
    approximations: tuple[str, ...] = ()
    """What makes the figures less than exact and which inputs have no part in them, in words; empty where there is
    neither."""
