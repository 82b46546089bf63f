"""Net exposure to what moves together. Coins are taken to; any other underlying moves by itself.

A short of gold, a share, a currency or a stablecoin is no hedge of a long of coins, nor is one of a token of gold, of
an index of coins (bitcoin against other coins is one) or of what is not known to be a coin.
"""

from __future__ import annotations

from decimal import Decimal

from data.facts.law import UnderlyingKind
from data.facts.vocabulary import Side
from rules.knowledge import Knowledge

_LONG = Side.LONG
_ZERO = Decimal(0)


class Directions:
    """Adds up exposure by what moves together; lives for one call."""

    def __init__(self, knowledge: Knowledge, underlying: str | None, side: Side) -> None:
        self.coins = knowledge.derive(_coins)
        self.ours = None if underlying is None else self._group(underlying)
        self.side = side
        self.net = _ZERO
        """Net exposure to what moves with the trade's underlying."""
        self.ending: list[str] = []
        """Positions whose expiry before the trade ends may raise net exposure."""
        self.ending_notional = _ZERO
        """What those of them are worth that run against the trade in what moves with its underlying."""
        self.others: dict[str, _Other] = {}

    def add(self, underlying: str, side: Side, notional: Decimal, ends_first: str | None) -> None:
        """Add a position; `ends_first` is its name where it may expire before the trade ends."""
        group = self._group(underlying)
        signed = notional if side is _LONG else -notional
        if group == self.ours:
            self.net += signed
            if ends_first is not None and side is not self.side:
                self.ending_notional += notional
                self.ending.append(ends_first)
            return
        other = self.others.setdefault(group, _Other())
        other.net += signed
        if ends_first is not None:
            self.ending.append(ends_first)
            if side is _LONG:
                other.long_ending += notional
            else:
                other.short_ending += notional

    @property
    def beside(self) -> Decimal:
        """The size of net exposure to all else, group by group."""
        return sum((abs(other.net) for other in self.others.values()), _ZERO) if self.others else _ZERO

    @property
    def beside_once_expired(self) -> Decimal:
        """The most that may be once contracts on either side have expired."""
        return sum((other.once_expired for other in self.others.values()), _ZERO) if self.others else _ZERO

    def _group(self, underlying: str) -> str:
        return _COINS if underlying in self.coins else underlying


_COINS = "*"
"""The group of all coins; no underlying has that name."""


class _Other:
    """Exposure to what does not move with the trade's underlying."""

    __slots__ = ("long_ending", "net", "short_ending")

    def __init__(self) -> None:
        self.net = self.long_ending = self.short_ending = _ZERO

    @property
    def once_expired(self) -> Decimal:
        """The most its size may be once contracts on either side have expired, or on neither."""
        return max(self.net + self.short_ending, self.long_ending - self.net)


def _coins(knowledge: Knowledge) -> frozenset[str]:
    """Return the coins on file; stablecoins and tokens whose price follows something else are left out."""
    book = knowledge.law_book().underlyings
    listed = (one.base for one in book if one.kind is UnderlyingKind.CRYPTO and one.tracks is None)
    return frozenset(name for base in listed for name in (base, knowledge.coin(base).name))
