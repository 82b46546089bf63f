"""JSON out: plain decimal strings, one encoder."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from data.facts.amounts import plain


def encode_hook(value: object) -> object:
    """Encode what JSON lacks: a bounded amount is a decimal like any other."""
    if isinstance(value, Decimal):
        return plain(value)
    raise NotImplementedError(type(value))


ENCODER = msgspec.json.Encoder(decimal_format=plain, enc_hook=encode_hook, order="deterministic")


def encode(value: object) -> bytes:
    """Return `value` as JSON: decimals as plain strings, keys of maps in order."""
    return ENCODER.encode(value)
