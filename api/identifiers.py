"""Ids of decisions: sortable by time, unguessable, never reused."""

from __future__ import annotations

import os
import time


def new_decision_id() -> str:
    """Return `dec_` and 32 hexadecimal digits: 48 bits of milliseconds, then 80 random bits."""
    return f"dec_{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
