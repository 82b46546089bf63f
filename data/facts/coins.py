"""Which coin a base is, and how many of it one of the base counts: XBT is BTC, and a kPEPE is a thousand PEPE.

A name does not tell. What counts a multiple is on file as that, and every other base is a coin of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct


class CoinName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A base that is another code of a coin, or counts several of it as one."""

    base: str
    """The code, as instruments name their base."""
    coin: str
    """The coin, by its own code."""
    coins: int
    """How many of the coin one of the base is; 1 where it is but another code."""


class Coin(NamedTuple):
    """What one of a base is. Prices and sizes mean the same where both agree, the underlying where the name does."""

    name: str
    """The coin, by its own code."""
    coins: int = 1
    """How many of it one is."""


def coins_by_base(names: Iterable[CoinName]) -> Mapping[str, Coin]:
    """Return what one of each named base is; a base that is not named is one of the coin of its name."""
    return {one.base: Coin(one.coin, one.coins) for one in names}


def units_by_coin(coins: Iterable[Coin]) -> Mapping[str, tuple[Coin, ...]]:
    """Return every number of a coin that is counted as one, one itself among them, by the coin."""
    found: dict[str, set[Coin]] = {}
    for coin in coins:
        found.setdefault(coin.name, {Coin(coin.name)}).add(coin)
    return {name: tuple(sorted(units)) for name, units in found.items()}
