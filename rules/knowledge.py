"""What the rules may ask about the world: one release seen on one day. `data.snapshot` answers, from memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Protocol, TypeVar

from data.facts.coins import Coin
from data.facts.fact import Source
from data.facts.law import LawBook
from data.facts.margin_models import MarginModel
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

T = TypeVar("T")


class Knowledge(Protocol):
    """Facts that hold on `as_of` in `release`. Every method is a lookup in memory; an absent fact is null or empty."""

    @property
    def release(self) -> str:
        """Id of the release."""

    @property
    def as_of(self) -> date:
        """The day asked about."""

    def venue(self, venue: str) -> Venue | None:
        """Return the venue with this id."""

    def venues(self) -> Sequence[Venue]:
        """Return every venue, by id."""

    def instrument(self, venue: str, symbol: str) -> Instrument | None:
        """Return the instrument a venue lists under a native or unified symbol."""

    def expired(self, venue: str, symbol: str) -> Instrument | None:
        """Return the contract that a venue listed under a symbol and that expired before the day."""

    def ever_listed(self) -> Iterable[Instrument]:
        """Return the instruments of all venues, those listed on another day included."""

    def symbols(self, venue: str) -> Sequence[str]:
        """Return the native and unified symbols of the instruments a venue lists."""

    def coins(self) -> frozenset[str]:
        """Return the underlyings and currencies of all instruments."""

    def listings(self, base: str, product: Product) -> Sequence[Instrument]:
        """Return the instruments of all venues on this underlying as that product, counted in units of `base`.

        A price or a size of one means the same of the others: of 1000PEPE so are those on kPEPE, of PEPE neither is.
        """

    def listings_in_other_units(self, base: str, product: Product) -> Sequence[Instrument]:
        """Return the instruments on the coin that `base` is which count another number of it as one."""

    def coin(self, base: str) -> Coin:
        """Return which coin a base is, and how many of it one of the base counts."""

    def ladder(
        self,
        venue: str,
        symbol: str,
        *,
        client_class: ClientClass | None,
        residence: str,
        side: Side,
    ) -> Ladder | None:
        """Return the usable ladder for this client and side (the tighter session where sessions differ)."""

    def leverage_caps(
        self, venue: str, product: Product, symbol: str, margin_mode: MarginMode | None
    ) -> Sequence[LeverageCap]:
        """Return the caps that may bind: those of the symbol and those of "*"."""

    def fees(self, venue: str, product: Product, contract_type: ContractType | None, residence: str) -> Sequence[Fee]:
        """Return the schedule for this kind of contract and residence, else the general one, lowest volume first."""

    def fee_extras(self, venue: str, product: Product) -> Sequence[FeeExtra]:
        """Return the charges beside maker and taker."""

    def funding(self, venue: str, symbol: str) -> FundingTerms | None:
        """Return the funding terms of an instrument, its own before the venue's general ones."""

    def liquidation(
        self,
        venue: str,
        product: Product,
        margin_mode: MarginMode | None,
        contract_type: ContractType | None = None,
    ) -> LiquidationPolicy | None:
        """Return the general liquidation policy that covers this product, mode and kind of contract.

        Null when what is not given would decide between several.
        """

    def adl(self, venue: str, product: Product) -> AdlPolicy | None:
        """Return the auto-deleveraging policy that covers this product."""

    def margin_model(
        self, venue: str, product: Product, contract_type: ContractType, margin_mode: MarginMode | None
    ) -> MarginModel | None:
        """Return the typed margin model a venue uses for this kind of contract."""

    def access(self, venue: str, residence: str) -> Sequence[Access]:
        """Return the venue's terms that name the residence, a group it belongs to, its country, or "*"."""

    def terms(self, venue: str) -> Sequence[Access]:
        """Return every row of the venue's terms that holds on the day, whomever it names."""

    def terms_to_come(self, venue: str) -> Sequence[Access]:
        """Return every row of the venue's terms that starts after the day, whomever it names."""

    def registrations(self, venue: str) -> Sequence[Registration]:
        """Return the registrations of the venue's group."""

    def enforcement_actions(self, venue: str) -> Sequence[Enforcement]:
        """Return the actions of regulators against the venue's group, of every date."""

    def groups_of(self, residence: str) -> frozenset[str]:
        """Return the groups that the country of a residence belongs to on the day."""

    def law_book(self) -> LawBook:
        """Return the law of the release, rules of every date."""

    def derive(self, build: Callable[[Knowledge], T]) -> T:
        """Return `build` of this knowledge, computed once and kept as long as the snapshot is (the index of law)."""

    def derive_of_law(self, build: Callable[[LawBook], T]) -> T:
        """Return `build` of the release's law, computed once for all days."""

    def source(self, source: str) -> Source | None:
        """Return a source by id."""

    def age_days(self, venue: str, family: str) -> int | None:
        """Return how many days before `as_of` the venue's facts of a family were last verified.

        Below zero when they were first verified after that day; null when it is not known that they ever were.
        """
