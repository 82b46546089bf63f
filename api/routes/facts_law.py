"""Lists of law, and of the record itself: sources, conflicts, checked claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.reading import Reading
from api.representations.law_rows import (
    ClaimRow,
    ClientClassRow,
    ConflictRow,
    FirmRow,
    JurisdictionRow,
    LawRow,
    MembershipRow,
    RegistrationCategoryRow,
    SourceRow,
)
from api.representations.list_pages import list_of
from api.routes import facts_filters as by
from api.routes.facts_listing import Listing
from rules.law.index import law_index
from rules.law.rules_in_words import rule_in_words


def _in_words(reading: Reading, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule does and asks, in words, and the venues it may concern."""
    told = rule_in_words(law_index(reading.release.facts.on(reading.as_of)), row["rule"])
    if told is None:
        return {"does": row["title"], "asks": (), "venues": ()}
    return {"does": told.does, "asks": told.asks, "venues": told.venues}


LAW = Listing(
    path="/v1/law",
    query="law",
    operation_id="listLaw",
    summary="Rules of law",
    description="What the law of a jurisdiction says about leveraged crypto trading: when a rule applies (`condition`, "
    "every predicate must hold), what it does (`effect_terms`), what only the caller can answer (`questions`), and "
    "which rules it excepts; `does` and `asks` put it in words, `venues` are those it may concern. Rules that "
    "are not `in_force`, and those announced by the day that start later, are shown and never applied.",
    row=LawRow,
    page=list_of(LawRow, "LawList", "rules of law"),
    filters=(
        by.RULE,
        by.JURISDICTION_OF_LAW,
        by.RESIDENCE_OF_LAW,
        by.PRODUCT_OF_LAW,
        by.CLIENT_CLASS,
        by.EFFECT,
        by.IN_FORCE,
        by.CONFIDENCE,
        by.REGULATOR,
        by.APPLIES_TO,
    ),
    json=frozenset({"effect_terms", "condition", "questions"}),
    added=("does", "asks", "venues"),
    add=_in_words,
)

JURISDICTIONS = Listing(
    path="/v1/jurisdictions",
    query="jurisdictions",
    dated=False,
    operation_id="listJurisdictions",
    summary="Jurisdictions",
    description="Jurisdictions with a file of law, whom each covers, and how many of its rules hold on the day.",
    row=JurisdictionRow,
    page=list_of(JurisdictionRow, "JurisdictionList", "jurisdictions"),
    filters=(by.JURISDICTION,),
    expandable=False,
)

CLIENT_CLASSES = Listing(
    path="/v1/client-classes",
    query="client_classes",
    operation_id="listClientClasses",
    summary="Client classes",
    description="The tests that statutes set for a class of client.",
    row=ClientClassRow,
    page=list_of(ClientClassRow, "ClientClassList", "client classes"),
    filters=(by.JURISDICTION, by.CLASS_OF_TEST),
    json=frozenset({"all_of", "any_of"}),
)

REGISTRATION_CATEGORIES = Listing(
    path="/v1/registration-categories",
    query="registration_categories",
    dated=False,
    operation_id="listRegistrationCategories",
    summary="Kinds of registration",
    description="The controlled list of registrations: who grants them and what they permit.",
    row=RegistrationCategoryRow,
    page=list_of(RegistrationCategoryRow, "RegistrationCategoryList", "kinds of registration"),
    filters=(by.JURISDICTION, by.REGULATOR, by.PERMITTED),
    expandable=False,
)

FIRMS = Listing(
    path="/v1/firms",
    query="firms",
    operation_id="listFirms",
    summary="Firms in between",
    description="Brokers and other firms that are no venue on file, with the registrations they hold; `intermediary` "
    "of a decision names one.",
    row=FirmRow,
    page=list_of(FirmRow, "FirmList", "firms"),
    filters=(by.ID, by.JURISDICTION, by.REGULATOR, by.CATEGORY),
)

GROUPS = Listing(
    path="/v1/groups",
    query="memberships",
    operation_id="listGroups",
    summary="Groups of countries",
    description="Which countries belong to each group on file, such as the EU or the GCC, on the day.",
    row=MembershipRow,
    page=list_of(MembershipRow, "MembershipList", "memberships"),
    filters=(by.GROUP, by.MEMBER),
)

CLAIMS = Listing(
    path="/v1/myths",
    query="claims",
    operation_id="listMyths",
    summary="Popular claims, checked",
    description="What popular articles say about law and venues, and what checking found.",
    row=ClaimRow,
    page=list_of(ClaimRow, "ClaimList", "claims"),
    filters=(by.ARTICLE, by.VERDICT),
)

SOURCES = Listing(
    path="/v1/sources",
    query="sources",
    dated=False,
    operation_id="listSources",
    summary="Sources",
    description="Who says so: pages, statutes, API responses and packages that were read, with their evidence grade. "
    "The `sources` of findings and figures and the `source` of every fact are ids of this list.",
    row=SourceRow,
    page=list_of(SourceRow, "SourceList", "sources"),
    filters=(by.ID, by.EVIDENCE, by.PUBLISHER),
    expandable=False,
)

CONFLICTS = Listing(
    path="/v1/conflicts",
    query="conflicts",
    dated=False,
    operation_id="listConflicts",
    summary="Conflicts between sources",
    description="Where two sources disagree: which value was kept, which was not, and why. A subject is a venue or a "
    "jurisdiction: with both asked for, conflicts of either are answered.",
    row=ConflictRow,
    page=list_of(ConflictRow, "ConflictList", "conflicts"),
    filters=(by.VENUE, by.JURISDICTION, by.FAMILY_OR_WHOLE),
    expandable=False,
)

LISTINGS = (
    LAW,
    JURISDICTIONS,
    CLIENT_CLASSES,
    REGISTRATION_CATEGORIES,
    FIRMS,
    GROUPS,
    CLAIMS,
    SOURCES,
    CONFLICTS,
)
