"""The rows of lists about law and about the record itself, as they go over the wire."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from api.representations.list_pages import FactRow
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
    """A rule of law: whom it binds, when it applies, what it does, and what only the caller can answer."""

    id: str
    """Id of the rule, never reused; `exception_to` names rules by it."""
    rule: str
    """The name a decision's findings use."""
    jurisdiction: str
    title: str
    """What the rule says, in a line."""
    regulator: str
    citation: str
    applies_to: AppliesTo
    """Whom it binds: the venue, the client, or the firm in between."""
    products: tuple[LawProduct, ...]
    """The products it is about; `etn` are notes, which no venue on file lists."""
    effect: str
    """What it does: the `kind` of `effect_terms`."""
    effect_terms: LawEffect
    """What it does, with the numbers and names of that kind of effect."""
    condition: Condition
    """When it applies: every predicate must hold, and one that is absent asks nothing."""
    questions: tuple[LawQuestion, ...]
    """What only the caller can answer, through `conditions_met`; empty where nothing is left to ask."""
    exception_to: tuple[str, ...]
    """Ids of the rules that it excepts; empty unless `effect` is `allow`."""
    legal_force: LegalForce
    """What kind of text it rests on; `unstated` where the sources do not say."""
    confidence: Confidence
    """How well it is sourced. Where that is `low`, a fail asks for a look and does not deny."""
    in_force: InForce
    """Whether it has legal effect on the days it covers. A rule that is `announced` or `not_verified` is shown and
    never applied."""
    announced: dt.date | None
    """Day on which a rule that is, or then was, not in force became public; null where none is on file."""
    screening: bool
    """True where it asks what onboarding settles about the client: a decision that is not told skips the rule, and
    leaves it unknown only where the policy requires it."""
    staff_level_only: bool
    """True where it rests on a position of a regulator's staff alone."""
    litigation_risk: bool
    """True where it is, or may be, contested in court."""
    inference: bool
    """True where it is inferred from the texts read, which do not say so in these words."""
    remarks: tuple[str, ...]
    """What was not read or found, and what condition and effect leave out, in words."""
    does: str
    """What the rule does, in words; the title, for an announced rule on a day before it was announced."""
    asks: tuple[str, ...]
    """Each predicate and question, in words; empty for an announced rule on a day before it was announced."""
    venues: tuple[str, ...]
    """Venues on file that the rule may concern, whoever the client is."""


class JurisdictionRow(Struct, frozen=True, kw_only=True):
    """A jurisdiction with a file of law."""

    id: str
    """Id of the jurisdiction: a code of ISO 3166 (`AE`), one of several countries (`EU`, `GG-JE-IM`), or `INTL` for
    sanctions and lists that no one country keeps."""
    name: str
    """Name of the jurisdiction; its id for a place without a file of its own."""
    regulators: tuple[str, ...]
    """Who supervises there, by their short names."""
    residences: tuple[str, ...]
    """Codes or groups whose residents it covers."""
    summary: str
    """What its law says about crypto trading, in words."""
    sources: tuple[str, ...]
    """Ids of the sources of the file as a whole, each at `/v1/sources/{id}`; mostly empty, for rules name their own. Of
    a place without a file of its own, the sources of its rules."""
    scope: str
    """What the ids of the file's sources begin with."""
    law_rules: int
    """How many rules of the file hold on the day or were announced by then, as `/v1/law` lists them."""


class ClientClassRow(FactRow, frozen=True, kw_only=True):
    """A statute's test for a class of client: every `all_of`, and at least `needed` of `any_of`."""

    id: str
    """Id of the test."""
    jurisdiction: str
    definition: str
    """Who meets it, in words."""
    maps_to: ClientClass | None
    """The class that a request states for a client who meets it; null where it leads to none."""
    citation: str
    currency: str | None
    """Currency of every amount in the test; null where it has none."""
    all_of: tuple[ClassTest, ...]
    """What must be met, each of them."""
    any_of: tuple[ClassTest, ...]
    """What must be met beside that, `needed` of them at least."""
    needed: int
    """How many of `any_of` must be met at least; 0 where there are none."""
    decidable: bool
    """False where stated facts do not settle the test: it is described and never met."""
    proposed: bool
    """True where it is proposed and not in force: it is described and never met."""
    remarks: tuple[str, ...]
    """What the typed tests leave out, in words."""


class ClaimRow(FactRow, frozen=True, kw_only=True):
    """A popular claim, and what checking it found."""

    id: str
    """Id of the claim."""
    article: str
    """Number of the article that makes the claim, such as `000`; it tells articles apart."""
    claim: str
    """What the article says, in our words."""
    verdict: ClaimVerdict
    """What checking found."""
    correction: str
    """What is so instead, or what bears the claim out, in words."""


class RegistrationCategoryRow(Struct, frozen=True, kw_only=True):
    """A kind of registration: who grants it and what it permits."""

    id: str
    """Id of the category, which registrations, firms and rules of law name."""
    name: str
    """Name of the category."""
    regulator: str
    """Who grants it, by its short name."""
    jurisdiction: str
    """Where it is granted: a country, a part of one or a group of countries."""
    permits: tuple[LawProduct, ...]
    """Products that it permits; empty where it permits none by itself or none is on file. No rule reads it: rules of
    law name the categories that they ask for."""
    client_classes: tuple[ClientClass, ...]
    """Classes of client for which it permits them; `any` for everybody. No rule reads it."""
    implies: tuple[str, ...]
    """Ids of categories that a holder is taken to hold too."""
    may_include: tuple[str, ...]
    """Ids of categories that a holder may hold too: what was read does not say which."""
    market: bool
    """Whether it is that of a market which lists contracts."""
    reached_through: tuple[str, ...]
    """Ids of the categories with which a broker may carry orders to such a market."""
    available: bool
    """False where nobody can hold it."""
    note: str | None
    """What else there is to know; null for nothing."""


class FirmRow(FactRow, frozen=True, kw_only=True):
    """A firm that is no venue on file, such as a broker, and one registration it holds."""

    id: str
    """Id of the firm, which `intermediary` of a request names; a firm with several registrations has a row for each."""
    name: str
    """Name of the firm."""
    regulator: str
    jurisdiction: str
    category: str
    """Id of `/v1/registration-categories`."""
    described_as: str | None
    """What the source calls the registration, shortened; null where it says no more than the category."""


class MembershipRow(FactRow, frozen=True, kw_only=True):
    """A country's membership of a group of countries."""

    group: str
    """Id of the group, such as `EU`, `EEA` or `GCC`."""
    member: str
    """ISO 3166-1 alpha-2 code of the country."""
    treated_as: bool
    """True where the country was no member and was treated as one (a transition period)."""


class SourceRow(Struct, frozen=True, kw_only=True):
    """A page, statute, API response or package that was read."""

    id: str
    """Id of the source, such as `binance.faq_leverage`: the file that names it, and its id there."""
    title: str
    """What it is, in words."""
    publisher: str
    """Who published it, and who copied or recorded it where that was read."""
    url: str
    """Where it stands: an address, or the name of a package or stored copy."""
    evidence: Evidence
    """How near it stands to the facts: the venue's, regulator's or statute's own text or recorded answer (`primary`),
    what others say of it (`secondary`), or an article whose claims `/v1/myths` checks (`seed`)."""
    published: dt.date | None
    """Date that it bears; null where it bears none."""
    published_precision: Precision
    """How exactly it states that date."""
    seen: dt.date
    """Day on which it was read."""
    sha256: str | None
    """SHA-256 of what was read, in hexadecimal; null where it was not kept."""
    note: str | None
    """What else there is to know; null for nothing."""


class ConflictRow(Struct, frozen=True, kw_only=True):
    """Two sources that disagree: which value was kept, which was not, and why."""

    key: str
    subject: str
    """Id of the venue or jurisdiction."""
    family: str | None
    """Family of facts it is about, as `/v1/coverage` names them; null for the subject as a whole."""
    fact: str
    """What they disagree about, in words."""
    kept: str
    """The value that was kept."""
    other: str
    """The value that was not."""
    kept_source: str
    """Id of the source of the value kept, at `/v1/sources/{id}`."""
    other_source: str
    """Id of the source of the other value, at `/v1/sources/{id}`."""
    why: str
    """Why it was decided so, in words."""
