"""Facts as canonical JSON: one text per family, the same on any machine, and back into the Structs without loss.

The canonical texts are what a release id is derived from, and what the engine's snapshot is decoded from.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from data.facts.amounts import MAX_FRACTION_DIGITS, MAX_INTEGER_DIGITS, Amount, parse_amount, plain
from data.facts.corpus import Corpus

SCHEMA_VERSION = 10
"""Goes up when the tables of a release change, or older code could no longer read it."""
READABLE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
"""Recorded decisions name their releases for ever, so newer code reads older ones: 1 has no family of conflicts,
2 no last day on which a ladder was seen, 3 no venues at which a question of law is open,
4 no refusals of citizens wherever they live, no exemptions from refusals, and neither the day a seat is known from nor
where the company sits that serves a client, 5 no law that reaches venues by their marketing alone,
6 no steps of sizes and no names of coins, 7 an interval in all terms of funding, be it that of other contracts,
8 no places whose residents alone bear a charge, 9 no tokens whose price follows what is no coin."""


class LostDigitsError(ValueError):
    """A number has more digits than a release stores (20 before the point, 18 after it)."""

    def __init__(self, value: Decimal) -> None:
        super().__init__(
            f"{value} has more than {MAX_INTEGER_DIGITS} integer or {MAX_FRACTION_DIGITS} fraction digits: "
            "it would be stored as another number"
        )


def exact(value: Decimal) -> str:
    """Return `value` in plain notation.

    Raises:
        LostDigitsError: the release could not store it exactly.
    """
    text = plain(value)
    if not value.is_finite() or Decimal(text) != value or len(text.lstrip("-").partition(".")[0]) > MAX_INTEGER_DIGITS:
        raise LostDigitsError(value)
    return text


def _decode_hook(kind: type, value: object) -> object:
    if kind is Amount:
        return parse_amount(value)
    raise NotImplementedError(f"{kind.__name__} is not a type of facts")


_ENCODER = msgspec.json.Encoder(decimal_format=exact, order="deterministic")


@cache
def families() -> Mapping[str, Any]:
    """Return the families of a corpus, each with the type of its tuple of rows."""
    hints = typing.get_type_hints(Corpus)
    return {name: hints[name] for name in Corpus.__struct_fields__}


@cache
def _decoder(family: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(families()[family], dec_hook=_decode_hook)


def encode_families(corpus: Corpus) -> dict[str, bytes]:
    """Return the canonical text of every family.

    Raises:
        LostDigitsError: a number cannot be stored exactly.
    """
    return {name: _ENCODER.encode(getattr(corpus, name)) for name in families()}


def encode_row(row: object) -> str:
    """Return the canonical text of one row."""
    return _ENCODER.encode(row).decode()


def decode_families(texts: Mapping[str, bytes]) -> Corpus:
    """Return the corpus that `encode_families` encoded. A family that the texts lack is empty.

    Raises:
        msgspec.ValidationError: the texts were written by code with other types of facts.
    """
    return Corpus(**{name: _decoder(name).decode(text) for name, text in texts.items() if name in families()})


def digest_of(texts: Mapping[str, bytes], schema: int = SCHEMA_VERSION) -> str:
    """Return the SHA-256 (hexadecimal) of all families' texts in a release of this schema; it identifies the facts."""
    digest = hashlib.sha256(f"preclear facts {schema}\n".encode())
    for name in sorted(texts):
        digest.update(f"{name} {len(texts[name])}\n".encode())
        digest.update(texts[name])
    return digest.hexdigest()
