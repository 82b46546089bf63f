"""Everything the curated text says, typed: what a release is built from."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from data.facts.coins import CoinName
from data.facts.dates import Precision
from data.facts.fact import Conflict, Fact, Source
from data.facts.law import (
    Claim,
    ClientClassTest,
    Firm,
    Jurisdiction,
    LawBook,
    LawRule,
    RegistrationCategory,
    Underlying,
)
from data.facts.margin_models import AnyMarginModel
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
    MarginRule,
    Registration,
    Venue,
)


class Membership(Fact, frozen=True, kw_only=True):
    """One country's membership of a group of countries (EU, EEA, GCC) over a stretch of time."""

    group: str
    member: str
    treated_as: bool = False
    """True for a stretch in which the country was no member but was treated as one (a transition period)."""


class Gap(Struct, frozen=True, kw_only=True):
    """Something we know that we do not know, in words: served with the coverage."""

    subject: str
    """Venue or jurisdiction id."""
    family: str
    text: str


class Verification(Struct, frozen=True, kw_only=True):
    """The last day on which a family of one venue's facts was compared with its sources."""

    venue: str
    family: str
    last_verified: date
    precision: Precision = Precision.DAY


class Corpus(Struct, frozen=True, kw_only=True):
    """All facts, each family in a stable order. Families that a set of curated files lacks are empty."""

    sources: tuple[Source, ...] = ()
    venues: tuple[Venue, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    leverage_caps: tuple[LeverageCap, ...] = ()
    fees: tuple[Fee, ...] = ()
    fee_extras: tuple[FeeExtra, ...] = ()
    funding_terms: tuple[FundingTerms, ...] = ()
    margin_rules: tuple[MarginRule, ...] = ()
    margin_models: tuple[AnyMarginModel, ...] = ()
    liquidation_policies: tuple[LiquidationPolicy, ...] = ()
    adl_policies: tuple[AdlPolicy, ...] = ()
    registrations: tuple[Registration, ...] = ()
    access: tuple[Access, ...] = ()
    enforcement_actions: tuple[Enforcement, ...] = ()
    memberships: tuple[Membership, ...] = ()
    law: tuple[LawRule, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    client_classes: tuple[ClientClassTest, ...] = ()
    claims: tuple[Claim, ...] = ()
    registration_categories: tuple[RegistrationCategory, ...] = ()
    firms: tuple[Firm, ...] = ()
    underlyings: tuple[Underlying, ...] = ()
    coin_names: tuple[CoinName, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    gaps: tuple[Gap, ...] = ()
    verifications: tuple[Verification, ...] = ()

    def law_book(self) -> LawBook:
        """Return what `rules.law` reads, together."""
        return LawBook(
            rules=self.law,
            jurisdictions=self.jurisdictions,
            client_classes=self.client_classes,
            claims=self.claims,
            categories=self.registration_categories,
            firms=self.firms,
            underlyings=self.underlyings,
        )
