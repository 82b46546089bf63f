"""The rows of lists about law and about the record itself, as they go over the wire."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from api.representations.venue_rows import FactRow
from data.facts.dates import Precision
from data.facts.law import (
    AppliesTo,
    ClaimVerdict,
    ClassTest,
    Condition,
    Confidence,
    InForce,
    LawEffect,
    LawProduct,
    LawQuestion,
    LegalForce,
)
from data.facts.vocabulary import ClientClass, Evidence


class LawRow(FactRow, frozen=True, kw_only=True):
    """A rule of law: whom it binds, when it applies, what it does, and what only the caller can answer.

    A rule that is not `in_force` is shown and never applied.
    """

    id: str
    rule: str
    """The name a decision's findings use."""
    jurisdiction: str
    title: str
    regulator: str
    citation: str
    applies_to: AppliesTo
    products: tuple[LawProduct, ...]
    effect: str
    effect_terms: LawEffect
    condition: Condition
    questions: tuple[LawQuestion, ...]
    exception_to: tuple[str, ...]
    legal_force: LegalForce
    confidence: Confidence
    in_force: InForce
    announced: dt.date | None
    screening: bool
    staff_level_only: bool
    litigation_risk: bool
    inference: bool
    remarks: tuple[str, ...]
    does: str
    """What the rule does, in words."""
    asks: tuple[str, ...]
    """Each predicate and question, in words."""
    venues: tuple[str, ...]
    """Venues on file that the rule may concern, whoever the client is."""


class JurisdictionRow(Struct, frozen=True, kw_only=True):
    """A jurisdiction with a file of law; `law_rules` counts those that hold on the day."""

    id: str
    name: str
    regulators: tuple[str, ...]
    residences: tuple[str, ...]
    """Codes or groups whose residents it covers."""
    summary: str
    sources: tuple[str, ...]
    scope: str
    """What the ids of the file's sources begin with."""
    law_rules: int


class ClientClassRow(FactRow, frozen=True, kw_only=True):
    """A statute's test for a class of client: every `all_of`, and at least `needed` of `any_of`."""

    id: str
    jurisdiction: str
    definition: str
    maps_to: ClientClass | None
    citation: str
    currency: str | None
    all_of: tuple[ClassTest, ...]
    any_of: tuple[ClassTest, ...]
    needed: int
    decidable: bool
    proposed: bool
    remarks: tuple[str, ...]


class ClaimRow(FactRow, frozen=True, kw_only=True):
    """A popular claim, and what checking it found."""

    id: str
    article: str
    claim: str
    verdict: ClaimVerdict
    correction: str


class RegistrationCategoryRow(Struct, frozen=True, kw_only=True):
    """A kind of registration: who grants it and what it permits."""

    id: str
    name: str
    regulator: str
    jurisdiction: str
    permits: tuple[LawProduct, ...]
    client_classes: tuple[ClientClass, ...]
    implies: tuple[str, ...]
    may_include: tuple[str, ...]
    market: bool
    reached_through: tuple[str, ...]
    available: bool
    note: str | None


class FirmRow(FactRow, frozen=True, kw_only=True):
    """A firm that is no venue on file, such as a broker, and one registration it holds."""

    id: str
    name: str
    regulator: str
    jurisdiction: str
    category: str
    """Id of `/v1/registration-categories`."""
    described_as: str | None


class MembershipRow(FactRow, frozen=True, kw_only=True):
    """A country's membership of a group of countries."""

    group: str
    member: str
    treated_as: bool
    """True where the country was no member and was treated as one (a transition period)."""


class SourceRow(Struct, frozen=True, kw_only=True):
    """A page, statute, API response or package that was read. `published` is null where it bears no date."""

    id: str
    title: str
    publisher: str
    url: str
    evidence: Evidence
    published: dt.date | None
    published_precision: Precision
    seen: dt.date
    sha256: str | None
    note: str | None


class ConflictRow(Struct, frozen=True, kw_only=True):
    """Two sources that disagree: which value was kept, which was not, and why."""

    key: str
    subject: str
    """Id of the venue or jurisdiction."""
    family: str | None
    """Family of facts it is about, as `/v1/coverage` names them; null for the subject as a whole."""
    fact: str
    kept: str
    other: str
    kept_source: str
    other_source: str
    why: str
