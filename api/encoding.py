"""JSON out: plain decimal strings, one encoder."""

from __future__ import annotations

import msgspec

from data.facts.amounts import plain

# The texts are not remembered: to find a number of fifty digits in a table takes three times as long as to write it.
ENCODER = msgspec.json.Encoder(decimal_format=plain, order="deterministic")


def encode(value: object) -> bytes:
    """Return `value` as JSON: decimals as plain strings, keys of maps in order."""
    return ENCODER.encode(value)
