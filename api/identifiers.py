"""Ids of decisions: sortable by time, unguessable, never reused."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_decision_id() -> str:
    """Return `dec_` and 26 characters: 48 bits of milliseconds, then 80 random bits, in Crockford's base 32."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "dec_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def instant_now() -> str:
    """Return the current instant, RFC 3339 in UTC with six fraction digits."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
