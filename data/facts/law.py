"""Law as dated data: rules with closed, typed conditions and effects, decided by the interpreter in `rules.law`.

A rule states its general case in `when` (every predicate must hold), what follows in `effect`, and what only the caller
can confirm in `questions`. An exception is a rule of its own with effect `allow` that names in `exception_to` what it
excepts. Nothing here is an expression: a key outside this vocabulary is refused when the curated text is read.

Its words stand in `law_vocabulary`, its effects in `law_effects`, the tests of client classes in `client_classes`; all
of them can be imported from here.
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
from data.facts.vocabulary import ClientClass, VenueKind

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


class LawQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the caller can confirm. `id` is what `conditions_met` names.

    `known_at` are venues and `known_for` underlyings for which the rule's source itself says yes; `open_at` venues for
    which nothing is assumed, because what is on file of them leaves it open.
    """

    id: str
    ask: str
    role: Role = Role.CONDITION
    assume: Answer = Answer.UNKNOWN
    known_at: tuple[str, ...] = ()
    known_for: tuple[str, ...] = ()
    open_at: tuple[str, ...] = ()


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Predicates that must all hold; an absent one asks nothing. Each is true, false or unknown.

    `residence` holds ISO 3166 codes, groups ("EU", "EEA", "GCC") or "*"; a code covers its subdivisions, and `ties`
    says whether the client's location or nationality counts beside the residence. A client known only by country is
    unknown to a rule of one subdivision, unless `country_suffices`.
    Market registrations (DCM, FBOT, …) are those of the market that lists the contract. `party_has_registration` is
    for rules that bind whoever serves the client: the venue, or the firm that carries the account there.
    """

    residence: tuple[str, ...] = ()
    residence_not: tuple[str, ...] = ()
    ties: tuple[Tie, ...] = (Tie.RESIDENCE,)
    country_suffices: bool = False
    nationality: tuple[str, ...] = ()
    client_class: tuple[ClientClass, ...] = ()
    client_class_not: tuple[ClientClass, ...] = ()
    ecp: bool | None = None
    eligible_commercial_entity: bool | None = None
    on_sanctions_list: bool | None = None
    natural_person: bool | None = None
    underlying: tuple[str, ...] = ()
    underlying_not: tuple[str, ...] = ()
    underlying_kind: tuple[UnderlyingKind, ...] = ()
    asset_class: AssetClass | None = None
    asset_class_not: AssetClass | None = None
    quote: tuple[str, ...] = ()
    quote_not: tuple[str, ...] = ()
    collateral: tuple[str, ...] = ()
    has_expiry: bool | None = None
    financed: bool | None = None
    venue: tuple[str, ...] = ()
    venue_kind: tuple[VenueKind, ...] = ()
    venue_home: tuple[str, ...] = ()
    venue_zone: tuple[str, ...] = ()
    venue_reach: VenueReach = VenueReach.SERVES
    venue_nexus: tuple[str, ...] = ()
    nexus_assumed: bool = False
    venue_multilateral: bool | None = None
    foreign_board_of_trade: bool | None = None
    venue_has_registration: tuple[str, ...] = ()
    venue_lacks_registration: tuple[str, ...] = ()
    intermediary: tuple[str, ...] = ()
    intermediary_has_registration: tuple[str, ...] = ()
    party_has_registration: tuple[str, ...] = ()
    access_mode: AccessMode | None = None
    hedging: bool | None = None
    reduce_only: bool | None = None


class LawRule(Fact, frozen=True, kw_only=True):
    """One rule of one jurisdiction.

    `id` is never reused; a finding names the rule `<first word>.<rest>` of it ("us.cea_4a_futures_on_dcm").
    `announced` is the day an announced rule became public. `needs_no_answer` marks screening that onboarding settles
    before any order: without the client's attribute the rule is skipped, not unknown.
    """

    id: str
    jurisdiction: str
    title: str
    regulator: str
    citation: str
    applies_to: AppliesTo
    products: tuple[LawProduct, ...]
    effect: LawEffect
    when: Condition = Condition()
    questions: tuple[LawQuestion, ...] = ()
    exception_to: tuple[str, ...] = ()
    legal_force: LegalForce = LegalForce.UNSTATED
    confidence: Confidence = Confidence.HIGH
    in_force: InForce = InForce.IN_FORCE
    announced: dt.date | None = None
    screening: bool = False
    staff_level_only: bool = False
    litigation_risk: bool = False
    inference: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def rule(self) -> str:
        """Return the name findings give this rule."""
        return self.id.replace("_", ".", 1)


class Jurisdiction(Struct, frozen=True, kw_only=True):
    """A jurisdiction with a file of law. `residences` are the codes or groups whose residents it covers.

    `scope` is the file's name, with which the ids of its sources begin.
    """

    id: str
    name: str
    regulators: tuple[str, ...]
    residences: tuple[str, ...]
    summary: str
    sources: tuple[str, ...] = ()
    scope: str = ""


class ClaimVerdict(StrEnum):
    """What checking a popular claim found."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"
    OUTDATED = "outdated"
    UNVERIFIABLE = "unverifiable"


class Claim(Fact, frozen=True, kw_only=True):
    """A claim of popular articles, in our words, checked. `article` tells articles apart."""

    id: str
    article: str
    claim: str
    verdict: ClaimVerdict
    correction: str


class RegistrationCategory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the controlled list of registrations.

    `implies` are categories a holder is taken to hold too; `may_include` those it may hold, because what was read does
    not say which. `market` marks a category of the market that lists a contract; a broker that holds one of
    `reached_through` may carry orders there. Nobody can hold a category with `available` false.
    """

    id: str
    name: str
    regulator: str
    jurisdiction: str
    permits: tuple[LawProduct, ...] = ()
    client_classes: tuple[ClientClass, ...] = (ClientClass.ANY,)
    implies: tuple[str, ...] = ()
    may_include: tuple[str, ...] = ()
    market: bool = False
    reached_through: tuple[str, ...] = ()
    available: bool = True
    note: str | None = None


class Firm(Fact, frozen=True, kw_only=True):
    """A firm or market that is no venue on file, such as a broker, and one registration it holds."""

    id: str
    name: str
    regulator: str
    jurisdiction: str
    category: str
    described_as: str | None = None


class Underlying(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a traded underlying is."""

    base: str
    kind: UnderlyingKind


class LawBook(Struct, frozen=True, kw_only=True):
    """Everything of law in one release, of every date."""

    rules: tuple[LawRule, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    client_classes: tuple[ClientClassTest, ...] = ()
    claims: tuple[Claim, ...] = ()
    categories: tuple[RegistrationCategory, ...] = ()
    firms: tuple[Firm, ...] = ()
    underlyings: tuple[Underlying, ...] = ()
