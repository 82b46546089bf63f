"""Law as dated data: rules with closed, typed conditions and effects, decided by the interpreter in `rules.law`.

A rule states its general case in `when` (every predicate must hold), what follows in `effect`, and what only the caller
can confirm in `questions`. An exception is a rule of its own with effect `allow` that names in `exception_to` what it
excepts. Nothing here is an expression: a key outside this vocabulary is refused when the curated text is read.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.vocabulary import ClientClass, VenueKind


class LawProduct(StrEnum):
    """What law speaks of: the products of `vocabulary.Product`, and notes that no venue on file lists."""

    SPOT = "spot"
    SPOT_MARGIN = "spot_margin"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    CFD = "cfd"
    LEVERAGED_TOKEN = "leveraged_token"
    PREDICTION = "prediction"
    ETN = "etn"


class AppliesTo(StrEnum):
    """Whom a rule binds."""

    VENUE = "venue"
    CLIENT = "client"
    INTERMEDIARY = "intermediary"


class LegalForce(StrEnum):
    """What kind of text a rule rests on; `unstated` when the sources read do not say."""

    STATUTE = "statute"
    REGULATION = "regulation"
    ORDER = "order"
    DECISION = "decision"
    DIRECTIVE = "directive"
    CIRCULAR = "circular"
    GUIDELINE = "guideline"
    INTERPRETATION = "interpretation"
    STATEMENT = "statement"
    STAFF_LETTER = "staff_letter"
    UNDERTAKING = "undertaking"
    SELF_REGULATION = "self_regulation"
    EXCHANGE_RULE = "exchange_rule"
    WARNING = "warning"
    ENFORCEMENT_PRACTICE = "enforcement_practice"
    SANCTIONS_LIST = "sanctions_list"
    PROPOSAL = "proposal"
    VENUE_TERMS = "venue_terms"
    UNSTATED = "unstated"


class Confidence(StrEnum):
    """How well a row is sourced."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class InForce(StrEnum):
    """Whether a rule has legal effect on the days it covers. Only `in_force` bites.

    `announced` is a proposal, a bill or an act without a start: shown, never applied. `not_verified` is a text whose
    force on those days was not confirmed: shown as unknown, never applied.
    """

    IN_FORCE = "in_force"
    ANNOUNCED = "announced"
    NOT_VERIFIED = "not_verified"


class AssetClass(StrEnum):
    """What an underlying is in the eyes of US law."""

    COMMODITY = "commodity"
    SECURITY = "security"


class UnderlyingKind(StrEnum):
    """What an underlying is in the market."""

    CRYPTO = "crypto"
    STABLECOIN = "stablecoin"
    FIAT = "fiat"
    METAL = "metal"
    ENERGY = "energy"
    EQUITY = "equity"
    INDEX = "index"


class Tie(StrEnum):
    """What links a client to a place."""

    RESIDENCE = "residence"
    LOCATION = "location"
    NATIONALITY = "nationality"


class AccessMode(StrEnum):
    """How the order reaches the venue: straight, through a firm that carries the account, or by the web interface."""

    DIRECT = "direct"
    INTERMEDIATED = "intermediated"
    INTERFACE = "interface"


class VenueReach(StrEnum):
    """Which venues a country's law reaches.

    `serves` any venue that takes the resident's order, from anywhere; `solicits` one that turns to the country's
    residents (seat, registration, terms or an action of its regulators show it).
    """

    SERVES = "serves"
    SOLICITS = "solicits"


class Answer(StrEnum):
    """What to take for true when the caller does not say."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a "yes" does: a `condition` must be met for the rule to hold; an `exempts` question switches it off."""

    CONDITION = "condition"
    EXEMPTS = "exempts"


class LawQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the caller can confirm. `id` is what `conditions_met` names.

    `known_at` are venues and `known_for` underlyings for which the rule's source itself says yes.
    """

    id: str
    ask: str
    role: Role = Role.CONDITION
    assume: Answer = Answer.UNKNOWN
    known_at: tuple[str, ...] = ()
    known_for: tuple[str, ...] = ()


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Predicates that must all hold; an absent one asks nothing. Each is true, false or unknown.

    `residence` holds ISO 3166 codes, groups ("EU", "EEA", "GCC") or "*"; a code covers its subdivisions, and `ties`
    says whether the client's location or nationality counts beside the residence. A client known only by country is
    unknown to a rule of one subdivision, unless `country_suffices`.
    Market registrations (DCM, FBOT, …) are those of the market that lists the contract.
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
    access_mode: AccessMode | None = None
    hedging: bool | None = None
    reduce_only: bool | None = None


class Effect(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of what a rule does when its condition holds."""


class Prohibit(Effect, frozen=True, kw_only=True, tag="prohibit"):
    """The trade may not be made.

    `gate` names registrations without which the trade is prohibited outright. For the products in `needs_permission`
    a registration of the gate is not enough: a rule that excepts this one must hold too, else nothing we know permits
    the trade. For other products a registration of the gate satisfies the rule.
    """

    gate: tuple[str, ...] = ()
    needs_permission: tuple[LawProduct, ...] = ()


class LeverageCap(Effect, frozen=True, kw_only=True, tag="leverage_cap"):
    """Leverage is limited to `max`; null when the number was not read or follows from `formula` over `inputs`.

    `by_asset` gives the caps of other underlyings in words of the source; `safeguards` must be in place too;
    `advisory` marks a cap that only repeats what the venue's own margin enforces.
    """

    max: Decimal | None = None
    by_asset: dict[str, Decimal] = {}
    formula: str | None = None
    inputs: tuple[str, ...] = ()
    safeguards: tuple[str, ...] = ()
    advisory: bool = False


class RegistrationHolder(StrEnum):
    """Who must be registered."""

    VENUE = "venue"
    INTERMEDIARY = "intermediary"
    ISSUER = "issuer"
    CONTRACT = "contract"


class RequireRegistration(Effect, frozen=True, kw_only=True, tag="require_registration"):
    """One of `any_of` (ids of the registration list) must be held.

    `insufficient` are registrations that look alike and do not count. `if_not_on_file` says what the absence of a row
    means: `no` where the registration facts would show it, `unknown` where they do not cover such registrations.
    """

    any_of: tuple[str, ...]
    insufficient: tuple[str, ...] = ()
    holder: RegistrationHolder = RegistrationHolder.VENUE
    if_not_on_file: Answer = Answer.NO


class RequireClientClass(Effect, frozen=True, kw_only=True, tag="require_client_class"):
    """Only clients of these classes may trade."""

    any_of: tuple[ClientClass, ...]


class RequireMarginCloseout(Effect, frozen=True, kw_only=True, tag="require_margin_closeout"):
    """Positions must be closed when equity falls to `ratio` of `basis`; null where the ratio was not read."""

    ratio: Decimal | None
    basis: str | None = None
    negative_balance_protection: bool = False


class RequireNegativeBalanceProtection(Effect, frozen=True, kw_only=True, tag="require_negative_balance_protection"):
    """The client cannot lose more than `limit` (account_funds, deposited_funds)."""

    limit: str
    closeout_required: bool = False


class RequireDisclosure(Effect, frozen=True, kw_only=True, tag="require_disclosure"):
    """Duties of the venue or firm towards the client: `duties` to do, `forbids` not to do.

    `holds_trade` marks a duty that must be done before the order; `informs` a fact that telling the caller fulfils.
    """

    duties: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    holds_trade: bool = False
    informs: bool = False


class PositionLimit(Effect, frozen=True, kw_only=True, tag="position_limit"):
    """A limit on size: `amount` of `unit`, null where the number was not read; `aggregation` says what counts.

    `contract_size` is in base coins when `unit` is contracts. `advisory` marks a limit kept by the exchange itself.
    """

    amount: Decimal | None
    unit: str | None = None
    contract_size: Decimal | None = None
    aggregation: str | None = None
    advisory: bool = False


class Classify(Effect, frozen=True, kw_only=True, tag="classify"):
    """The underlyings named in the condition are of this class for every rule that asks.

    `others_unclassified` says that crypto outside the list needs a look at its class before it is traded.
    """

    asset_class: AssetClass
    others_unclassified: bool = False


class Allow(Effect, frozen=True, kw_only=True, tag="allow"):
    """The trade may be made as far as this rule goes; with `exception_to`, the rules named there do not bite.

    `must_hold` marks a permission on whose conditions the client's standing rests: where it concerns a trade its open
    questions hold the trade, unless another exception to the same rules holds.
    """

    must_hold: bool = False


LawEffect = (
    Prohibit
    | LeverageCap
    | RequireRegistration
    | RequireClientClass
    | RequireMarginCloseout
    | RequireNegativeBalanceProtection
    | RequireDisclosure
    | PositionLimit
    | Classify
    | Allow
)


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
