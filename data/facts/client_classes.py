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
    """One test on one stated fact: a yes, one of some words, a number above `more_than` or not under `at_least`."""

    fact: ClientFact
    is_true: bool | None = None
    one_of: tuple[str, ...] = ()
    more_than: Decimal | None = None
    at_least: Decimal | None = None


class ClientClassTest(Fact, frozen=True, kw_only=True):
    """A statute's test for a class of client: every `all_of`, and at least `needed` of `any_of`.

    `maps_to` is the class a request would state; `currency` that of every amount in the test.
    `decidable` is false where the source's test is not one that stated facts settle: then it is only described.
    """

    id: str
    jurisdiction: str
    definition: str
    maps_to: ClientClass | None
    citation: str
    currency: str | None = None
    all_of: tuple[ClassTest, ...] = ()
    any_of: tuple[ClassTest, ...] = ()
    needed: int = 0
    decidable: bool = True
    proposed: bool = False
    remarks: tuple[str, ...] = ()
