"""JSON out: plain decimal strings, one encoder."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from data.facts.amounts import plain

_MOST_TEXTS = 16_384


class PlainTexts(dict[Decimal, str]):
    """The plain texts of numbers written lately: facts and thresholds stand in every answer, figures often twice.

    Numbers that are equal have the same plain text, however many zeros they came with.
    """

    def __missing__(self, value: Decimal) -> str:
        """Return the text of a number that has not been written lately."""
        if len(self) >= _MOST_TEXTS:
            self.clear()
        text = self[value] = plain(value)
        return text


ENCODER = msgspec.json.Encoder(decimal_format=PlainTexts().__getitem__, order="deterministic")


def encode(value: object) -> bytes:
    """Return `value` as JSON: decimals as plain strings, keys of maps in order."""
    return ENCODER.encode(value)
