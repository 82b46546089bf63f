"""The tests that statutes set for a class of client, and what a client may state for them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.vocabulary import ClientClass


class ClientFact(StrEnum):
    """What a client may state about itself for the tests of the client classes. Money is in the test's currency."""

    NATURAL_PERSON = "natural_person"
    HEDGING = "hedging"
    CONDUCT_OF_BUSINESS = "conduct_of_business"
    DISCRETIONARY_INVESTMENTS = "discretionary_investments"
    TOTAL_ASSETS = "total_assets"
    GROSS_ASSETS = "gross_assets"
    NET_ASSETS = "net_assets"
    NET_WORTH = "net_worth"
    NET_FINANCIAL_ASSETS = "net_financial_assets"
    ANNUAL_INCOME = "annual_income"
    PORTFOLIO = "portfolio"
    BALANCE_SHEET = "balance_sheet"
    NET_TURNOVER = "net_turnover"
    OWN_FUNDS = "own_funds"
    TRADES_PER_QUARTER = "trades_per_quarter"
    FINANCE_SECTOR_YEARS = "finance_sector_years"
    PRODUCT_VALUE = "product_value"
    ENTITY_TYPE = "entity_type"
    REGULATED_STATUS = "regulated_status"
    GUARANTEED_BY_ELIGIBLE_PERSON = "guaranteed_by_eligible_person"
    OPERATOR_REGULATED = "operator_regulated"
    DECISIONS_BY_REGULATED_PERSON = "decisions_by_regulated_person"
    PRINCIPAL_IS_ELIGIBLE = "principal_is_eligible"
    COMMISSION_DETERMINATION = "commission_determination"
    COMPETENCE_ASSESSED = "competence_assessed"
    OPTED_IN = "opted_in"
    KNOWLEDGE_OR_EXPERIENCE = "knowledge_or_experience"
    ADVISER_CONFIRMED = "adviser_confirmed"
    DEALS_IN_CAPITAL_MARKETS_PRODUCTS = "deals_in_capital_markets_products"


class ClassTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test on one stated fact: a yes or no, a word, or a number."""

    fact: ClientFact
    """The fact that it reads, by its name in the request."""
    is_true: bool | None = None
    """What a fact that is yes or no must be; null where it is another kind of fact."""
    one_of: tuple[str, ...] = ()
    """Words one of which the fact must be; empty where it is another kind of fact, or `none_of` names words."""
    none_of: tuple[str, ...] = ()
    """Words none of which the fact may be: the term leaves out who is one of these."""
    more_than: Decimal | None = None
    """What a number must be above, in the currency of the whole test where it is an amount; null is no such bound."""
    at_least: Decimal | None = None
    """What a number must not be under, in the currency of the whole test where it is an amount; null is no such
    bound."""


class ClientClassTest(Fact, frozen=True, kw_only=True):
    """A statute's test for a class of client: every `all_of`, and at least `needed` of `any_of`."""

    id: str
    """Id of the test."""
    jurisdiction: str
    definition: str
    """Whom the statute puts in the class, in our words."""
    maps_to: ClientClass | None
    """The class that a request states of a client who meets it; null where it makes out none of them."""
    citation: str
    currency: str | None = None
    """Currency of every amount in the test, ISO 4217; null where it has none."""
    all_of: tuple[ClassTest, ...] = ()
    """Tests that must all be met."""
    any_of: tuple[ClassTest, ...] = ()
    """Tests of which some must be met."""
    needed: int = 0
    """How many of `any_of` must be met."""
    decidable: bool = True
    """Whether stated facts settle it; otherwise it is only described."""
    proposed: bool = False
    """Whether it is proposed and not in force: then it is only described."""
    remarks: tuple[str, ...] = ()
    """What else there is to know, in words; shown and never evaluated."""
