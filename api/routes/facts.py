"""Lists of facts about venues."""

from __future__ import annotations

from api.representations.ccxt import CCXT_TIERS
from api.representations.list_pages import list_of
from api.representations.terms_rows import (
    AdlPolicyRow,
    FeeExtraRow,
    FeeRow,
    FundingTermsRow,
    LeverageCapRow,
    LiquidationPolicyRow,
    MarginModelRow,
    MarginRuleRow,
    MarginTierRow,
)
from api.representations.venue_rows import (
    AccessRow,
    EnforcementActionRow,
    InstrumentRow,
    RegistrationRow,
    VenueRow,
)
from api.routes import facts_filters as by
from api.routes.facts_listing import Listing
from api.routes.facts_tiers import PARAMETERS, ccxt_view, narrow_tiers

_DATED = (
    "Rows hold from `valid_from` up to, not including, `valid_to`; `as_of` picks the day, `release` what was known. "
    "A row whose start is unknown is answered for earlier days too, with `extrapolated` true."
)

VENUES = Listing(
    path="/v1/venues",
    query="venues",
    operation_id="listVenues",
    summary="Venues",
    description="Every venue on file, with the state it is in on the day: operating, closing, closed or migrated.",
    row=VenueRow,
    page=list_of(VenueRow, "VenueList", "venues"),
    filters=(by.VENUE, by.KIND_OF_VENUE, by.STATUS, by.HOME, by.PRODUCT),
)

INSTRUMENTS = Listing(
    path="/v1/instruments",
    query="instruments",
    operation_id="listInstruments",
    summary="Instruments",
    description=f"Contracts and pairs under their native and unified symbols. {_DATED}",
    row=InstrumentRow,
    page=list_of(InstrumentRow, "InstrumentList", "instruments"),
    filters=(by.VENUE, by.INSTRUMENT, by.BASE, by.QUOTE, by.SETTLE, by.PRODUCT, by.CONTRACT_TYPE),
)

MARGIN_TIERS = Listing(
    path="/v1/margin-tiers",
    query="margin_tiers",
    operation_id="listMarginTiers",
    summary="Margin tiers",
    description="Which margin a venue asks at which size, rung by rung. A rung holds the sizes above its floor, up to "
    f"and including its cap, counted in its `unit`; the first one holds zero too. {_DATED} Dates of `observed` "
    "ladders come from dated snapshots: a change happened on or before the first day it was seen.",
    row=MarginTierRow,
    page=list_of(MarginTierRow, "MarginTierList", "margin tiers"),
    filters=(
        by.VENUE,
        by.INSTRUMENT,
        by.BASE,
        by.SETTLE,
        by.PRODUCT,
        by.CONTRACT_TYPE,
        by.CLIENT_CLASS,
        by.SCHEDULE,
        by.SESSION,
        by.SIDE,
    ),
    extra=PARAMETERS,
    other_answers=(CCXT_TIERS,),
    narrow=narrow_tiers,
    special=ccxt_view,
)

LEVERAGE_CAPS = Listing(
    path="/v1/leverage-caps",
    query="leverage_caps",
    operation_id="listLeverageCaps",
    summary="Leverage caps",
    description=f"The highest leverage a venue grants, by product, instrument, client class and place. {_DATED}",
    row=LeverageCapRow,
    page=list_of(LeverageCapRow, "LeverageCapList", "leverage caps"),
    filters=(
        by.VENUE,
        by.INSTRUMENT_OR_ITS_COIN,
        by.BASE_OR_ALL,
        by.PRODUCT,
        by.MARGIN_MODE,
        by.CLIENT_CLASS,
        by.JURISDICTION_OR_ALL,
        by.RESIDENCE,
    ),
)

FEES = Listing(
    path="/v1/fees",
    query="fees",
    operation_id="listFees",
    summary="Fee schedules",
    description=f"Maker and taker fees as fractions of notional; a negative maker fee is a rebate. {_DATED}",
    row=FeeRow,
    page=list_of(FeeRow, "FeeList", "fees"),
    filters=(by.VENUE, by.PRODUCT, by.FEE_SCHEDULE, by.RESIDENCE_OF_FEES),
)

FEE_EXTRAS = Listing(
    path="/v1/fee-extras",
    query="fee_extras",
    operation_id="listFeeExtras",
    summary="Charges beside maker and taker fees",
    description=f"Liquidation, settlement, clearing and borrowing charges. {_DATED}",
    row=FeeExtraRow,
    page=list_of(FeeExtraRow, "FeeExtraList", "charges"),
    filters=(by.VENUE, by.PRODUCT, by.CHARGE_KIND),
)

FUNDING_TERMS = Listing(
    path="/v1/funding-terms",
    query="funding_terms",
    operation_id="listFundingTerms",
    summary="Funding terms",
    description=f"How often funding is exchanged, within which bounds and by which formula. {_DATED}",
    row=FundingTermsRow,
    page=list_of(FundingTermsRow, "FundingTermsList", "funding terms"),
    filters=(by.VENUE, by.INSTRUMENT_OR_ALL, by.BASE_OR_ALL, by.PRODUCT),
)

MARGIN_RULES = Listing(
    path="/v1/margin-rules",
    query="margin_rules",
    operation_id="listMarginRules",
    summary="Margin rules in words",
    description=f"How a venue computes initial and maintenance margin, in words and formulas. {_DATED}",
    row=MarginRuleRow,
    page=list_of(MarginRuleRow, "MarginRuleList", "margin rules"),
    filters=(by.VENUE, by.PRODUCT, by.CONTRACT_TYPE),
)

MARGIN_MODELS = Listing(
    path="/v1/margin-models",
    query="margin_models",
    operation_id="listMarginModels",
    summary="Margin models",
    description=f"The typed models that reckon margin and liquidation here, with their parameters. {_DATED}",
    row=MarginModelRow,
    page=list_of(MarginModelRow, "MarginModelList", "margin models"),
    filters=(by.VENUE_OF_MODEL, by.MODEL, by.PRODUCT, by.CONTRACT_TYPE, by.MARGIN_MODE),
    json=frozenset({"parameters"}),
)

LIQUIDATION_POLICIES = Listing(
    path="/v1/liquidation-policies",
    query="liquidation_policies",
    operation_id="listLiquidationPolicies",
    summary="Liquidation policies",
    description=f"When and how a venue closes a position by force. {_DATED}",
    row=LiquidationPolicyRow,
    page=list_of(LiquidationPolicyRow, "LiquidationPolicyList", "liquidation policies"),
    filters=(by.VENUE, by.PRODUCT, by.MARGIN_MODE, by.CONTRACT_TYPE_OR_ALL),
)

ADL_POLICIES = Listing(
    path="/v1/adl-policies",
    query="adl_policies",
    operation_id="listAdlPolicies",
    summary="Auto-deleveraging policies",
    description=f"Whether a venue may close a winner, in which order and at what price. {_DATED}",
    row=AdlPolicyRow,
    page=list_of(AdlPolicyRow, "AdlPolicyList", "auto-deleveraging policies"),
    filters=(by.VENUE, by.PRODUCT),
)

REGISTRATIONS = Listing(
    path="/v1/registrations",
    query="registrations",
    operation_id="listRegistrations",
    summary="Registrations",
    description=f"Licences and registrations of a venue's group. {_DATED}",
    row=RegistrationRow,
    page=list_of(RegistrationRow, "RegistrationList", "registrations"),
    filters=(by.VENUE, by.JURISDICTION, by.REGULATOR, by.CATEGORY, by.ACTIVE, by.PRODUCT_OR_ALL),
)

ACCESS = Listing(
    path="/v1/access",
    query="access",
    operation_id="listAccess",
    summary="Venue terms by place",
    description=f"What a venue's own terms say to clients of a place. {_DATED}",
    row=AccessRow,
    page=list_of(AccessRow, "AccessList", "access terms"),
    filters=(by.VENUE, by.JURISDICTION, by.RESIDENCE, by.PRODUCT, by.CLIENT_CLASS, by.ACCESS),
)

ENFORCEMENT_ACTIONS = Listing(
    path="/v1/enforcement-actions",
    query="enforcement_actions",
    operation_id="listEnforcementActions",
    summary="Enforcement actions",
    description="Penalties, settlements, sentences, warnings and orders of regulators, up to the day asked about.",
    row=EnforcementActionRow,
    page=list_of(EnforcementActionRow, "EnforcementActionList", "enforcement actions"),
    filters=(by.VENUE, by.JURISDICTION, by.REGULATOR, by.ACTION_KIND),
)

LISTINGS = (
    VENUES,
    INSTRUMENTS,
    MARGIN_TIERS,
    LEVERAGE_CAPS,
    FEES,
    FEE_EXTRAS,
    FUNDING_TERMS,
    MARGIN_RULES,
    MARGIN_MODELS,
    LIQUIDATION_POLICIES,
    ADL_POLICIES,
    REGISTRATIONS,
    ACCESS,
    ENFORCEMENT_ACTIONS,
)
