"""All facts of one release, indexed once: what every day's snapshot looks things up in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeVar

from data.facts.coins import Coin, coins_by_base, units_by_coin
from data.facts.corpus import Corpus
from data.facts.impossible import without_impossible_sizes
from data.facts.law import LawBook
from data.facts.venues import Ladder
from data.snapshot import ANYWHERE, Snapshot

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

DAYS_KEPT = 16
"""How many days' snapshots of one release stay compiled: each holds some thousand objects that are in the way."""


def grouped(rows: Iterable[T], key: Callable[[T], K]) -> Mapping[K, Sequence[T]]:
    """Return the rows by key, each key's rows in their order."""
    groups: dict[K, list[T]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: tuple(group) for name, group in groups.items()}


class ReleaseFacts:
    """One release in memory, on no particular day. `on` gives it a day."""

    def __init__(self, release: str, corpus: Corpus) -> None:
        self.release = release
        self.corpus = corpus
        self.sources = {one.id: one for one in corpus.sources}
        self.venues = {one.id: one for one in sorted(corpus.venues, key=lambda venue: venue.id)}
        # Releases from before such values were refused may hold them, and nothing can be divided by them.
        instruments = [without_impossible_sizes(one) for one in corpus.instruments]
        self.instruments = grouped(instruments, lambda one: (one.venue, one.symbol))
        self.instruments_by_unified = grouped(
            (one for one in instruments if one.unified), lambda one: (one.venue, one.unified or "")
        )
        named = coins_by_base(corpus.coin_names)
        self._coins = {**{one.base: Coin(one.base) for one in instruments}, **named}
        self.units_of = units_by_coin(named.values())
        """Every number of a coin that bases on file count as one, by the coin."""
        self.listings = grouped(instruments, lambda one: (self.coin(one.base), one.product))
        self.ladders = grouped((one for one in corpus.ladders if one.usable), lambda one: (one.venue, one.instrument))
        first_rungs = accumulate((len(one.tiers) for one in corpus.ladders), initial=0)
        placed = grouped(zip(first_rungs, corpus.ladders, strict=False), lambda pair: pair[1].venue)
        self._placed: Mapping[str, Sequence[tuple[int, Ladder]]] = placed
        self.leverage_caps = grouped(corpus.leverage_caps, lambda one: (one.venue, one.product))
        self.fees = grouped(corpus.fees, lambda one: (one.venue, one.product))
        self.fee_extras = grouped(corpus.fee_extras, lambda one: (one.venue, one.product))
        self.funding_terms = grouped(corpus.funding_terms, lambda one: one.venue)
        self.margin_models = grouped(corpus.margin_models, lambda one: one.venue)
        self.liquidation_policies = grouped(corpus.liquidation_policies, lambda one: (one.venue, one.product))
        self.adl_policies = grouped(corpus.adl_policies, lambda one: (one.venue, one.product))
        self.registrations = grouped(corpus.registrations, lambda one: one.venue)
        self.access = grouped(corpus.access, lambda one: one.venue)
        self.memberships = grouped(corpus.memberships, lambda one: one.member)
        self.enforcement_actions = grouped(
            (one for one in corpus.enforcement_actions if one.venue), lambda one: one.venue or ""
        )
        self.law_book = corpus.law_book()
        self._of_law: dict[object, Any] = {}
        self.places = _places_of(corpus)
        """Every name of a place that the facts use."""
        self.groups = frozenset(one.group for one in corpus.memberships)
        self.group_ladders = grouped(
            (one for one in corpus.ladders if one.schedule in self.groups), lambda one: one.venue
        )
        """The ladders on schedules of groups of countries, by venue."""
        self.verifications = grouped(corpus.verifications, lambda one: (one.venue, one.family))
        self.on = lru_cache(maxsize=DAYS_KEPT)(self._on)

    def coin(self, base: str) -> Coin:
        """Return which coin a base is, and how many of it one of the base counts."""
        named = self._coins.get(base)
        return Coin(base) if named is None else named

    def placed_ladders(self, venues: Sequence[str] | None) -> Iterator[tuple[int, Ladder]]:
        """Yield the ladders of some venues (of all, when null), each with the position of its first rung."""
        for venue in self._placed if venues is None else venues:
            yield from self._placed.get(venue, ())

    def derive_of_law(self, build: Callable[[LawBook], T]) -> T:
        """Return `build` of the law, computed once and kept as long as the release is."""
        if build not in self._of_law:
            self._of_law[build] = build(self.law_book)
        derived: T = self._of_law[build]
        return derived

    def _on(self, day: date) -> Snapshot:
        return Snapshot(self, day)


def _places_of(corpus: Corpus) -> frozenset[str]:
    return frozenset(
        [
            ANYWHERE,
            *(one.jurisdiction for one in corpus.access),
            *(one.jurisdiction for one in corpus.registrations),
            *(one.jurisdiction for one in corpus.registration_categories),
            *(one.jurisdiction for one in corpus.leverage_caps),
            *(one.jurisdiction for one in corpus.enforcement_actions),
            *(one.id for one in corpus.jurisdictions),
            *(one.group for one in corpus.memberships),
        ]
    )
