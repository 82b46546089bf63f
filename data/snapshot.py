"""One release seen on one day: every question the rules ask, answered from memory.

`Snapshot` is what `rules.knowledge.Knowledge` describes. It compiles nothing in advance: each lookup narrows the few
rows of its subject to those that hold on the day, once, and remembers them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from data.facts.coins import Coin
from data.facts.fact import Fact, Source
from data.facts.iso_3166 import names_of
from data.facts.law import LawBook
from data.facts.margin_models import MarginModel, select_model
from data.facts.venues import (
    Access,
    AdlPolicy,
    Enforcement,
    Fee,
    FeeExtra,
    FundingTerms,
    Instrument,
    Ladder,
    LeverageCap,
    LiquidationPolicy,
    Registration,
    Venue,
)
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, Product, Side
from data.ladders import choose_fees, choose_ladder
from data.memory import Memory

if TYPE_CHECKING:
    from data.release_facts import ReleaseFacts

F = TypeVar("F", bound=Fact)
T = TypeVar("T")

ANYWHERE = "*"
ANY_INSTRUMENT = "*"


class _Answers(Memory[Any]):
    """What was looked up, by the question."""

    most = 20_000


def _base_named(symbol: str) -> str | None:
    """Return the coin that a unified symbol names ("ALGO/USD"), whether or not the instrument is on file."""
    base, slash, _ = symbol.partition("/")
    return base if slash else None


class Snapshot:
    """The facts of one release that hold on one day."""

    def __init__(self, facts: ReleaseFacts, day: date) -> None:
        self._facts = facts
        self._day = day
        self._answers = _Answers()
        self._derived: dict[Callable[[Snapshot], Any], Any] = {}
        self._venues = tuple(facts.venues.values())

    @property
    def release(self) -> str:
        """Id of the release."""
        return self._facts.release

    @property
    def as_of(self) -> date:
        """The day asked about."""
        return self._day

    def venue(self, venue: str) -> Venue | None:
        """Return the venue with this id."""
        return self._facts.venues.get(venue)

    def venues(self) -> Sequence[Venue]:
        """Return every venue, by id."""
        return self._venues

    def source(self, source: str) -> Source | None:
        """Return a source by id."""
        return self._facts.sources.get(source)

    def instrument(self, venue: str, symbol: str) -> Instrument | None:
        """Return the instrument a venue lists under a native or unified symbol; a native one comes first."""
        question = ("instrument", venue, symbol)
        try:
            found: Instrument | None = self._answers[question]
        except KeyError:
            found = self._answers.keep(question, self._find_instrument(venue, symbol))
        return found

    def expired(self, venue: str, symbol: str) -> Instrument | None:
        """Return the contract that a venue listed under a symbol and that expired before the day, the last if several
        did.
        """
        for index in (self._facts.instruments, self._facts.instruments_by_unified):
            ended = [one for one in index.get((venue, symbol), ()) if one.expiry is not None and one.expiry < self._day]
            if ended:
                return max(ended, key=lambda one: (one.expiry, one.key))
        return None

    def ever_listed(self) -> Iterable[Instrument]:
        """Return the instruments of all venues, those listed on another day included."""
        return (one for rows in self._facts.instruments.values() for one in rows)

    def symbols(self, venue: str) -> Sequence[str]:
        """Return the native and unified symbols of the instruments a venue lists."""
        return tuple(name for one in self._listed() if one.venue == venue for name in (one.symbol, one.unified) if name)

    def coins(self) -> frozenset[str]:
        """Return the underlyings and currencies of all instruments."""
        return frozenset(name for one in self._listed() for name in (one.base, one.quote, one.settle) if name)

    def listings(self, base: str, product: Product) -> Sequence[Instrument]:
        """Return the instruments of all venues on this underlying as that product, counted in units of `base`."""
        return self._remember(
            ("listings", base, product),
            lambda: self._holding(self._facts.listings.get((self._facts.coin(base), product), ())),
        )

    def listings_in_other_units(self, base: str, product: Product) -> Sequence[Instrument]:
        """Return the instruments on the coin that `base` is which count another number of it as one."""
        coin = self._facts.coin(base)
        return self._remember(
            ("other units", base, product),
            lambda: tuple(
                one
                for other in self._facts.units_of.get(coin.name, ())
                if other != coin
                for one in self._holding(self._facts.listings.get((other, product), ()))
            ),
        )

    def coin(self, base: str) -> Coin:
        """Return which coin a base is, and how many of it one of the base counts."""
        return self._facts.coin(base)

    def ladder(
        self, venue: str, symbol: str, *, client_class: ClientClass | None, residence: str, side: Side
    ) -> Ladder | None:
        """Return the usable ladder for this client and side (see `data.ladders.choose_ladder`)."""
        groups = self.groups_of(residence)
        return self._remember(
            ("ladder", venue, symbol, client_class, groups, side),
            lambda: choose_ladder(
                self._ladders(venue, symbol),
                client_class=client_class,
                groups=groups,
                group_names=self._facts.groups,
                side=side,
                kept_for=self._group_schedules(venue),
            ),
        )

    def leverage_caps(
        self, venue: str, product: Product, symbol: str, margin_mode: MarginMode | None
    ) -> Sequence[LeverageCap]:
        """Return the caps in force that may bind: those of the symbol, of its underlying and of "*".

        Without a mode, those of every mode. Whether a cap with a condition, schedule or session binds is the rule's to
        say.
        """
        return self._remember(
            ("caps", venue, product, symbol, margin_mode),
            lambda: tuple(self._find_caps(venue, product, symbol, margin_mode)),
        )

    def fees(self, venue: str, product: Product, contract_type: ContractType | None, residence: str) -> Sequence[Fee]:
        """Return the schedule for this kind of contract and residence, lowest volume first (see `choose_fees`)."""
        return self._remember(
            ("fees", venue, product, contract_type, residence),
            lambda: choose_fees(
                self._holding(self._facts.fees.get((venue, product), ())),
                contract_type=contract_type,
                residence=residence,
                groups=self.groups_of(residence),
            ),
        )

    def fee_extras(self, venue: str, product: Product) -> Sequence[FeeExtra]:
        """Return the charges beside maker and taker."""
        return self._remember(
            ("extras", venue, product), lambda: self._holding(self._facts.fee_extras.get((venue, product), ()))
        )

    def funding(self, venue: str, symbol: str) -> FundingTerms | None:
        """Return the funding terms of an instrument, its own before the venue's general ones."""
        return self._remember(("funding", venue, symbol), lambda: self._find_funding(venue, symbol))

    def liquidation(
        self,
        venue: str,
        product: Product,
        margin_mode: MarginMode | None,
        contract_type: ContractType | None = None,
    ) -> LiquidationPolicy | None:
        """Return the general liquidation policy that covers this product, mode and kind of contract.

        What is not known is not guessed: without a mode (or kind) the policy is the one that covers every mode (or
        kind), or the only one there is; null when policies differ.
        """
        return self._remember(
            ("liquidation", venue, product, margin_mode, contract_type),
            lambda: _policy_for(
                self._holding(self._facts.liquidation_policies.get((venue, product), ())), margin_mode, contract_type
            ),
        )

    def adl(self, venue: str, product: Product) -> AdlPolicy | None:
        """Return the general auto-deleveraging policy of this product."""
        return self._remember(
            ("adl", venue, product),
            lambda: next(
                (
                    one
                    for one in self._holding(self._facts.adl_policies.get((venue, product), ()))
                    if one.variant is None
                ),
                None,
            ),
        )

    def margin_model(
        self, venue: str, product: Product, contract_type: ContractType, margin_mode: MarginMode | None
    ) -> MarginModel | None:
        """Return the typed margin model a venue uses for this kind of contract."""
        return self._remember(
            ("model", venue, product, contract_type, margin_mode),
            lambda: self._find_model(venue, product, contract_type, margin_mode),
        )

    def access(self, venue: str, residence: str) -> Sequence[Access]:
        """Return the venue's terms for a residence, the narrowest first: its own code, its country, groups, "*"."""
        return self._remember(("access", venue, residence), lambda: self._find_access(venue, residence))

    def terms(self, venue: str) -> Sequence[Access]:
        """Return every row of the venue's terms that holds on the day."""
        return self._remember(("terms", venue), lambda: self._holding(self._facts.access.get(venue, ())))

    def terms_to_come(self, venue: str) -> Sequence[Access]:
        """Return every row of the venue's terms that starts after the day."""
        return tuple(
            row
            for row in self._facts.access.get(venue, ())
            if row.valid_from is not None and row.valid_from > self.as_of
        )

    def registrations(self, venue: str) -> Sequence[Registration]:
        """Return the registrations of the venue's group."""
        return self._remember(("registrations", venue), lambda: self._holding(self._facts.registrations.get(venue, ())))

    def age_days(self, venue: str, family: str) -> int | None:
        """Return how many days before `as_of` the venue's facts of a family were last verified.

        Below zero when they were first verified after that day; null when we do not know that they ever were.
        """
        days = [one.last_verified for one in self._facts.verifications.get((venue, family), ())]
        if not days:
            return None
        return (self._day - max((day for day in days if day <= self._day), default=min(days))).days

    def extrapolated_sources(self, venue: str) -> frozenset[str]:
        """Return the sources of the venue's listings and terms of cost that are extrapolated to the day."""
        return self._remember(
            ("extrapolated", venue),
            lambda: frozenset(one.source for one in self._terms_of_cost(venue) if one.extrapolated_on(self._day)),
        )

    def doubtful_sources(self, venue: str) -> frozenset[str]:
        """Return the sources of the venue's listings and terms of cost that are of low confidence."""
        return self._remember(
            ("doubtful", venue),
            lambda: frozenset(one.source for one in self._terms_of_cost(venue) if one.low_confidence),
        )

    def enforcement_actions(self, venue: str) -> Sequence[Enforcement]:
        """Return the actions of regulators against the venue's group, of every date."""
        return self._facts.enforcement_actions.get(venue, ())

    def law_book(self) -> LawBook:
        """Return the law of the release, rules of every date: an announced one is told, and never bites."""
        return self._facts.law_book

    def derive(self, build: Callable[[Snapshot], T]) -> T:
        """Return `build` of this snapshot, computed once and kept as long as the snapshot is."""
        try:
            derived: T = self._derived[build]
        except KeyError:
            derived = self._derived[build] = build(self)
        return derived

    def derive_of_law(self, build: Callable[[LawBook], T]) -> T:
        """Return `build` of the release's law, computed once for all days."""
        return self._facts.derive_of_law(build)

    def groups_of(self, residence: str) -> frozenset[str]:
        """Return the groups that the country of a residence belongs to on the day."""
        country = names_of(residence)[-1]
        return self._remember(
            ("groups", country),
            lambda: frozenset(one.group for one in self._holding(self._facts.memberships.get(country, ()))),
        )

    def holds(self, row: Fact) -> bool:
        """Say whether a row holds on the day."""
        return row.holds_on(self._day)

    def _holding(self, rows: Iterable[F]) -> tuple[F, ...]:
        return tuple(row for row in rows if self.holds(row))

    def _remember(self, question: Hashable, find: Callable[[], T]) -> T:
        answers = self._answers
        try:
            answer: T = answers[question]
        except KeyError:
            answer = answers.keep(question, find())
        return answer

    def _listed(self) -> tuple[Instrument, ...]:
        return self._holding(one for rows in self._facts.instruments.values() for one in rows)

    def _native(self, venue: str, symbol: str) -> str:
        instrument = self.instrument(venue, symbol)
        return instrument.symbol if instrument is not None else symbol

    def _find_instrument(self, venue: str, symbol: str) -> Instrument | None:
        for index in (self._facts.instruments, self._facts.instruments_by_unified):
            held = self._holding(index.get((venue, symbol), ()))
            if held:
                return held[0]
        return None

    def _ladders(self, venue: str, symbol: str) -> tuple[Ladder, ...]:
        return self._holding(self._facts.ladders.get((venue, self._native(venue, symbol)), ()))

    def _group_schedules(self, venue: str) -> frozenset[str]:
        """Return the groups of countries that the venue keeps margin schedules of their own for."""
        return self._remember(
            ("group schedules", venue),
            lambda: frozenset(one.schedule or "" for one in self._holding(self._facts.group_ladders.get(venue, ()))),
        )

    def _find_funding(self, venue: str, symbol: str) -> FundingTerms | None:
        instrument = self.instrument(venue, symbol)
        native = instrument.symbol if instrument is not None else symbol
        product = instrument.product if instrument is not None else Product.PERPETUAL
        terms = [one for one in self._holding(self._facts.funding_terms.get(venue, ())) if one.variant is None]
        own = (one for one in terms if one.instrument == native)
        general = (one for one in terms if one.instrument == ANY_INSTRUMENT and one.product is product)
        return next(own, None) or next(general, None)

    def _find_caps(
        self, venue: str, product: Product, symbol: str, margin_mode: MarginMode | None
    ) -> Iterator[LeverageCap]:
        instrument = self.instrument(venue, symbol)
        native = instrument.symbol if instrument is not None else symbol
        base = instrument.base if instrument is not None else _base_named(symbol)
        for cap in self._holding(self._facts.leverage_caps.get((venue, product), ())):
            if cap.instrument not in (ANY_INSTRUMENT, native) or not cap.in_force:
                continue
            if cap.base is not None and cap.base != base:
                continue
            if margin_mode is None or cap.margin_mode in (margin_mode, MarginMode.ANY):
                yield cap

    def _terms_of_cost(self, venue: str) -> Iterator[Fact]:
        facts = self._facts
        for families in (facts.fees, facts.fee_extras, facts.adl_policies, facts.instruments):
            yield from self._holding(row for key, some in families.items() if key[0] == venue for row in some)
        yield from self._holding(facts.funding_terms.get(venue, ()))

    def _find_model(
        self, venue: str, product: Product, contract_type: ContractType, margin_mode: MarginMode | None
    ) -> MarginModel | None:
        models = self._holding(self._facts.margin_models.get(venue, ()))
        return select_model(models, product, contract_type, margin_mode)

    def _find_access(self, venue: str, residence: str) -> tuple[Access, ...]:
        names = names_of(residence)
        rank = {name: number for number, name in enumerate(names)}
        rank.update(dict.fromkeys(self.groups_of(residence), len(names)))
        rank[ANYWHERE] = len(names) + 1
        named = [row for row in self._holding(self._facts.access.get(venue, ())) if row.jurisdiction in rank]
        return tuple(sorted(named, key=lambda row: rank[row.jurisdiction]))


def _policy_for(
    policies: Sequence[LiquidationPolicy], mode: MarginMode | None, contract_type: ContractType | None
) -> LiquidationPolicy | None:
    def closeness(one: LiquidationPolicy) -> tuple[bool, bool]:
        """A row for the kind of contract is nearer than one for the mode alone; unknown wants the row for all."""
        return (
            one.contract_type is contract_type,
            one.margin_mode is (MarginMode.ANY if mode is None else mode),
        )

    fitting = [
        one
        for one in policies
        if one.variant is None
        and (mode is None or one.margin_mode in (mode, MarginMode.ANY))
        and (contract_type is None or one.contract_type in (contract_type, None))
    ]
    closest = max(map(closeness, fitting), default=None)
    nearest = [one for one in fitting if closeness(one) == closest]
    return nearest[0] if len(nearest) == 1 else None
