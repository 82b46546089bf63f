"""Law as dated data: rules with closed, typed conditions and effects, decided by the interpreter in `rules.law`.

A rule states its general case in `when` (every predicate must hold), what follows in `effect`, and what only the caller
can confirm in `questions`. An exception is a rule of its own with effect `allow` that names in `exception_to` what it
excepts. Nothing here is an expression: a key outside this vocabulary is refused when the curated text is read.

Its words stand in `law_vocabulary`, its conditions and questions in `law_conditions`, its effects in `law_effects`, the
tests of client classes in `client_classes`; all of them can be imported from here.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct

from data.facts.client_classes import (
    ClassTest,
    ClientClassTest,
    ClientFact,
)
from data.facts.fact import Fact
from data.facts.law_conditions import Condition, LawQuestion
from data.facts.law_effects import (
    Allow,
    Classify,
    Effect,
    LawEffect,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RegistrationHolder,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
)
from data.facts.law_vocabulary import (
    AccessMode,
    Answer,
    AppliesTo,
    AssetClass,
    Confidence,
    InForce,
    LawProduct,
    LegalForce,
    Role,
    Tie,
    UnderlyingKind,
    VenueReach,
)
from data.facts.vocabulary import ClientClass

__all__ = (
    "AccessMode",
    "Allow",
    "Answer",
    "AppliesTo",
    "AssetClass",
    "Claim",
    "ClaimVerdict",
    "ClassTest",
    "Classify",
    "ClientClassTest",
    "ClientFact",
    "Condition",
    "Confidence",
    "Effect",
    "Firm",
    "InForce",
    "Jurisdiction",
    "LawBook",
    "LawEffect",
    "LawProduct",
    "LawQuestion",
    "LawRule",
    "LegalForce",
    "LeverageCap",
    "PositionLimit",
    "Prohibit",
    "RegistrationCategory",
    "RegistrationHolder",
    "RequireClientClass",
    "RequireDisclosure",
    "RequireMarginCloseout",
    "RequireNegativeBalanceProtection",
    "RequireRegistration",
    "Role",
    "Tie",
    "Underlying",
    "UnderlyingKind",
    "VenueReach",
)


class LawRule(Fact, frozen=True, kw_only=True):
    """One rule of one jurisdiction."""

    id: str
    """Never reused; a finding names the rule `<first word>.<rest>` of it (`us.cea_4a_futures_on_dcm`)."""
    jurisdiction: str
    title: str
    """What it says, in one clause."""
    regulator: str
    citation: str
    applies_to: AppliesTo
    """Whom it binds."""
    products: tuple[LawProduct, ...]
    effect: LawEffect
    """What it does when its condition holds."""
    when: Condition = Condition()
    """When it holds: every predicate must."""
    questions: tuple[LawQuestion, ...] = ()
    """What only the caller can confirm."""
    exception_to: tuple[str, ...] = ()
    """Ids of the rules that do not bite where this one, which allows, holds; empty where it excepts none."""
    legal_force: LegalForce = LegalForce.UNSTATED
    """What kind of text it rests on; `venue_terms` is a venue's own term and no law."""
    confidence: Confidence = Confidence.HIGH
    """How well it is sourced; what a rule of low confidence would deny is for review."""
    in_force: InForce = InForce.IN_FORCE
    """Whether it has legal effect on the days it covers."""
    announced: dt.date | None = None
    """The day on which it became public: from then until it starts it is shown and does not bite; null where no source
    gives the day."""
    screening: bool = False
    """Whether onboarding settles the client's attribute that it asks about: where that is not stated, the rule is
    skipped, and unknown only where the policy requires it."""
    staff_level_only: bool = False
    """Whether it rests on words of a regulator's staff alone; its findings are flagged so."""
    litigation_risk: bool = False
    """Whether a court may yet undo it; its findings are flagged so."""
    inference: bool = False
    """Whether it is inferred from its sources, which do not state it; its findings are flagged so."""
    remarks: tuple[str, ...] = ()
    """What else there is to know, in words; shown and never evaluated."""

    @property
    def rule(self) -> str:
        """Return the name findings give this rule."""
        return self.id.replace("_", ".", 1)


class Jurisdiction(Struct, frozen=True, kw_only=True):
    """A jurisdiction with a file of law."""

    id: str
    """An ISO 3166 code, several joined, or the name of a group; `INTL` is for law that is of no one place."""
    name: str
    """Its name in English."""
    regulators: tuple[str, ...]
    """Who supervises there, by short names."""
    residences: tuple[str, ...]
    """Codes or groups whose residents it covers."""
    summary: str
    """What its law says about leveraged crypto trading, in a few sentences."""
    sources: tuple[str, ...] = ()
    """Ids of the sources of the summary."""
    scope: str = ""
    """The file's name, with which the ids of its sources begin."""


class ClaimVerdict(StrEnum):
    """What checking a popular claim found."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    OUTDATED = "outdated"
    UNVERIFIABLE = "unverifiable"


class Claim(Fact, frozen=True, kw_only=True):
    """A claim of popular articles, in our words, checked."""

    id: str
    """Id of the claim."""
    article: str
    """Tells articles apart: claims of one article have it in common."""
    claim: str
    """What the article says, in our words."""
    verdict: ClaimVerdict
    """What checking it found."""
    correction: str
    """What is so, in our words."""


class RegistrationCategory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the controlled list of registrations."""

    id: str
    """What rules and registrations call it."""
    name: str
    """Its name in English."""
    regulator: str
    jurisdiction: str
    permits: tuple[LawProduct, ...] = ()
    """Products that a holder may offer, for readers; empty where it permits none by itself or none was read."""
    client_classes: tuple[ClientClass, ...] = (ClientClass.ANY,)
    """Classes of clients to whom a holder may offer them, for readers."""
    implies: tuple[str, ...] = ()
    """Categories that a holder is taken to hold too."""
    may_include: tuple[str, ...] = ()
    """Categories that a holder may hold too, because what was read does not say which of them it is."""
    market: bool = False
    """Whether it is held by the market that lists a contract."""
    reached_through: tuple[str, ...] = ()
    """Categories, holding one of which a broker may carry orders to such a market."""
    available: bool = True
    """Whether anybody can hold it on the days it is on file."""
    note: str | None = None
    """What else there is to know; null where there is nothing."""


class Firm(Fact, frozen=True, kw_only=True):
    """A firm or market that is no venue on file, such as a broker, and one registration it holds."""

    id: str
    """What an `intermediary` is named by."""
    name: str
    """Its name."""
    regulator: str
    jurisdiction: str
    category: str
    """Id of the registration category."""
    described_as: str | None = None
    """The source's words for the registration, shortened; null where none were taken down."""


class Underlying(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a traded underlying is."""

    base: str
    """The underlying, as instruments name their base."""
    kind: UnderlyingKind
    """What it is in the market."""
    tracks: UnderlyingKind | None = None
    """What the price of a token follows where that is no coin; null where it moves with coins, or is none."""


class LawBook(Struct, frozen=True, kw_only=True):
    """Everything of law in one release, of every date."""

    rules: tuple[LawRule, ...] = ()
    """Rules, those announced and those that no longer hold among them."""
    jurisdictions: tuple[Jurisdiction, ...] = ()
    """Jurisdictions with a file of law."""
    client_classes: tuple[ClientClassTest, ...] = ()
    """Tests that statutes set for classes of clients."""
    claims: tuple[Claim, ...] = ()
    """Popular claims, checked."""
    categories: tuple[RegistrationCategory, ...] = ()
    """The controlled list of registrations."""
    firms: tuple[Firm, ...] = ()
    """Registrations of firms that are no venues on file."""
    underlyings: tuple[Underlying, ...] = ()
    """Underlyings whose kind is known."""
