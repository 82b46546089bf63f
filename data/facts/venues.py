"""Facts about venues. Rates are fractions (0.0005 = 5 basis points), money is in the unit its field names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from msgspec import Struct

from data.facts.dates import Precision
from data.facts.fact import Fact
from data.facts.vocabulary import (
    AccessKind,
    ClientClass,
    ContractType,
    MarginMode,
    NotionalBasis,
    Product,
    TriggerPrice,
    VenueKind,
    VenueState,
)


class StatusPeriod(Struct, frozen=True, kw_only=True):
    """One stretch of a venue's life: from `valid_from` until the next period's start."""

    state: VenueState
    """Whether the venue takes new trades. While `closing`, positions may be reduced and not opened."""
    valid_from: date | None = None
    """The first day of the state; null where its start is not known."""
    valid_from_precision: Precision = Precision.DAY
    successor: str | None = None
    """Id of the venue that took the clients over, when `state` is migrated; else null."""
    source: str | None = None
    """Id of the source of the state; null when it names none."""
    note: str | None = None
    """What else there is to know; null for nothing."""


class Venue(Struct, frozen=True, kw_only=True):
    """A place that takes leveraged crypto orders.

    `home_jurisdiction` is an ISO 3166 code or null when no source names one; `zone` a free zone or centre (DIFC, ADGM)
    in which it is established; `products` what the facts show it listing. Before `home_from` the seat and the zone are
    not known; null where no source dates them.
    """

    id: str
    name: str
    operator: str | None
    parent: str | None
    home_jurisdiction: str | None
    zone: str | None
    website: str | None
    kind: VenueKind
    status: tuple[StatusPeriod, ...]
    products: tuple[Product, ...]
    home_from: date | None = None
    note: str | None = None

    @property
    def brand(self) -> str:
        """The name as a sentence tells it: without what stands in brackets after it."""
        return self.name.partition(" (")[0]

    def has_its_seat_on(self, day: date) -> bool:
        """Say whether the seat on file was already the venue's on `day`."""
        return self.home_from is None or self.home_from <= day

    def status_on(self, day: date) -> StatusPeriod:
        """Return the period that holds on `day` (the first one for earlier days)."""
        current = self.status[0]
        for period in self.status[1:]:
            if period.valid_from is not None and period.valid_from <= day:
                current = period
        return current


class Registration(Fact, frozen=True, kw_only=True):
    """A licence or registration of a venue's group.

    `category` is an id of the controlled list in `data/curated/registrations.toml`, `described_as` the source's words
    shortened; `active` says whether it permits anything on the days it covers.
    """

    venue: str
    regulator: str
    jurisdiction: str
    category: str
    described_as: str
    entity: str
    active: bool
    products: tuple[Product, ...] = ()
    """What the group uses it for at this venue, where the source says so; empty when it does not limit it."""


KindOfEnforcement = Literal["penalty", "settlement", "sentence", "warning", "order", "dismissal", "other"]
KINDS_OF_ENFORCEMENT: tuple[str, ...] = get_args(KindOfEnforcement)


class Enforcement(Fact, frozen=True, kw_only=True):
    """A penalty, settlement, sentence, warning or alert. `date` may be known to the month or year only."""

    venue: str | None
    regulator: str
    jurisdiction: str
    respondent: str
    kind: str
    """One of `KINDS_OF_ENFORCEMENT`."""
    date: date | None
    date_precision: Precision = Precision.DAY
    amount_usd: Decimal | None = None
    matter: str


ONLY_REDUCES = "order_only_reduces"
"""The condition of refusals that leave closing open. The order itself says whether it is met: nobody vouches for it."""

SERVICE_IN_DOUBT = "venue_confirms_it_serves_the_residence"
"""The condition of rows whose sources do not agree that a place is served at all. Its words tell the doubt."""


class Access(Fact, frozen=True, kw_only=True):
    """What a venue's own terms say to clients of a jurisdiction ("*" = everywhere not named)."""

    venue: str
    jurisdiction: str
    products: tuple[Product, ...]
    client_classes: tuple[ClientClass, ...]
    access: AccessKind
    condition: str | None = None
    condition_id: str | None = None
    """What `conditions_met` names to vouch for the condition; null when there is nothing to vouch for. Rows on the same
    clients are ways in, of which one suffices: what must be met together is one condition."""
    open_through: tuple[str, ...] = ()
    """Of a refusal, intermediaries whose clients it does not bind: they reach the venue through that firm, not
    directly. Of other rows, the venues on whose markets an account here trades the products."""
    nationals: bool = False
    """Of a refusal, whether its words name the citizens of the place, who are then refused wherever they live."""
    exempt: tuple[str, ...] = ()
    """Of a refusal, countries and groups whose nationals and residents it leaves out."""
    served_from: str | None = None
    """Where the company sits that serves these clients, where the terms or a source name it: an ISO 3166 code."""

    @property
    def open_to_reduce(self) -> bool:
        """Say whether this is a refusal that leaves open orders which only reduce what these clients hold."""
        return self.access is AccessKind.PROHIBITED and self.condition_id == ONLY_REDUCES

    def speaks_of(self, client_class: ClientClass | None) -> bool:
        """Say whether the row may be about a client of a class; of one whose class is not stated it always may."""
        return client_class is None or client_class in self.client_classes or ClientClass.ANY in self.client_classes


class LeverageCap(Fact, frozen=True, kw_only=True):
    """The highest leverage a venue grants. `instrument` is a native symbol or "*".

    A cap with a `condition` binds only where the condition holds, one with a `schedule` only accounts or markets on
    that schedule, one with a `session` only in that session: none of them is the general cap.
    """

    venue: str
    product: Product
    instrument: str
    margin_mode: MarginMode
    client_class: ClientClass
    jurisdiction: str
    max_leverage: Decimal
    base: str | None = None
    """Underlying the cap is limited to when `instrument` is "*"; null covers all."""
    schedule: str | None = None
    """Named schedule, programme or market group the cap belongs to; null for the general one."""
    session: str | None = None
    """intraday | overnight, where the cap changes with the session."""
    condition: str | None = None
    condition_id: str | None = None
    """What `conditions_met` names to say that the condition holds."""
    in_force: bool = True
    """False for a cap that is announced for a product not live yet: shown, never binding."""


class MarginTier(Struct, frozen=True, kw_only=True):
    """One rung of a ladder of margin tiers."""

    tier: int
    """Number of the rung; venues count from 1 for the lowest."""
    floor: Decimal
    """Sizes above it are in the rung, counted in the ladder's unit; the lowest rung holds its floor too."""
    cap: Decimal | None
    """The largest size in the rung, counted in the ladder's unit; null where there is no bound."""
    initial_margin_rate: Decimal | None
    """Initial margin as a fraction of the position's value; null where the ladder gives none."""
    maintenance_margin_rate: Decimal | None
    """Maintenance margin as a fraction of the position's value; null where the ladder gives none."""
    maintenance_amount: Decimal | None
    """The deduction that makes a marginal ladder's maintenance margin continuous from rung to rung, in the ladder's
    unit; null where there is none."""
    max_leverage: Decimal
    """The highest leverage that the rung grants, times."""


class Ladder(Fact, frozen=True, kw_only=True):
    """The margin tiers of one instrument for one kind of client and session, lowest first.

    `unit` is what floors and caps count: a quote currency ("USDT"), "contracts", or a base coin.
    `observed`: its dates are those of recordings. A change happened at or before the day of the first that shows it.
    """

    venue: str
    instrument: str
    product: Product
    contract_type: ContractType
    settle: str
    unit: str
    client_class: ClientClass = ClientClass.ANY
    schedule: str | None = None
    """Named schedule the venue keeps for part of its clients or accounts (EEA, DLT, UTA)."""
    session: str | None = None
    """intraday | overnight, where margin changes with the session."""
    side: str | None = None
    """long | short, where margin differs by side."""
    observed: bool = False
    usable: bool = True
    """False for rows that are shown but never decide (trimmed fixtures)."""
    complete: bool = True
    """False when the recording stops below the venue's last rung: sizes above it are unknown, not refused."""
    last_seen: date | None = None
    """Day of the recording or announcement that shows it, where the page itself does not stand to be compared: a
    ladder still open is that old. Null where the source states what is in force."""
    tiers: tuple[MarginTier, ...]


class Fee(Fact, frozen=True, kw_only=True):
    """One row of a fee schedule. Negative `maker` is a rebate; null means that the source gives none.

    A place's row without any rate says that the venue charges its residents by a schedule that was not read: their fee
    is unknown, and not that of the general schedule.
    """

    venue: str
    product: Product
    tier: str
    min_volume_30d_usd: Decimal | None
    min_holding: str | None
    maker: Decimal | None
    taker: Decimal | None
    schedule: str | None = None
    """Name of a special schedule (a pair group, region or promotion); null for the venue's general one. One named like
    a place or a group of countries is for those who live there, one named like a kind of contract for that kind."""
    holding_required: bool = False
    """True when `min_holding` must be met beside the volume; else it is another way in, or a remark."""


COMMISSION = "commission"
"""Kind of a per-contract charge that the broker takes."""
ITEMISED = (COMMISSION, "exchange_and_clearing", "nfa")
"""Kinds of per-contract charges that add up to what one side of a cleared trade costs."""
ALL_IN = "all_in"
"""Kind of a per-contract charge that already is the sum."""
TAXES_ON_FEES = ("goods_and_services_tax", "value_added_tax")
"""Kinds of a charge that is a rate of the fee itself, from residents of one place."""


class FeeExtra(Fact, frozen=True, kw_only=True):
    """A charge beside maker and taker: either a rate per `per`, an amount in `currency` per `per`, or words."""

    venue: str
    product: Product
    kind: str
    rate: Decimal | None
    amount: Decimal | None
    currency: str | None
    per: str
    described_as: str | None = None
    """The rate in words, where the venue ties it to something else (the user's taker rate, say)."""
    instrument: str | None = None
    """Native symbol the charge is limited to; null for all of the product."""
    asset: str | None = None
    """Asset borrowed or settled that the charge is limited to; null for all."""
    residence: str | None = None
    """Place whose residents alone bear a tax on fees; null for any other charge, which all bear."""


class FundingTerms(Fact, frozen=True, kw_only=True):
    """Funding of a perpetual. `cap` and `floor` bound one interval's rate."""

    venue: str
    product: Product
    instrument: str
    interval_hours: Decimal | None = None
    """0 is continuous accrual; null where it differs from contract to contract, and none was read for these."""
    cap: Decimal | None
    floor: Decimal | None
    interest_rate_8h: Decimal | None
    formula: str
    variant: str | None = None
    """What the row covers where a venue has several (a market group, an older rule); null for the general terms."""


class MarginRule(Fact, frozen=True, kw_only=True):
    """How a venue computes margin, in words and formulas; the typed model stands in `data.facts.margin_models`."""

    venue: str
    product: Product
    contract_type: ContractType
    initial_margin_formula: str
    maintenance_margin_formula: str
    notional_basis: NotionalBasis
    variant: str | None = None
    """Account mode or aspect the row covers where a venue has several; null for the general rule."""


class LiquidationPolicy(Fact, frozen=True, kw_only=True):
    """When and how a venue closes a position by force. `liquidation_fee` is a rate of notional when it is a number."""

    venue: str
    product: Product
    margin_mode: MarginMode
    trigger_price: TriggerPrice
    trigger: str
    method: str | None
    """full | partial | tiered | takeover_at_bankruptcy, or null when not stated."""
    liquidation_fee: Decimal | None
    liquidation_fee_words: str | None
    margin_call_level: Decimal | None
    margin_call_words: str | None
    insurance_fund: bool | None
    liquidation_price_formula: str | None
    contract_type: ContractType | None = None
    """Kind of contract the row is limited to; null for all."""
    variant: str | None = None
    """Step, account type or older rule the row covers where a venue has several; null for the general policy."""

    @property
    def takes_over(self) -> bool:
        """Whether the venue takes a liquidated position over whole, at its bankruptcy price."""
        return self.method == "takeover_at_bankruptcy"


class AdlPolicy(Fact, frozen=True, kw_only=True):
    """Auto-deleveraging: whether a venue may close a winner, in which order and at what price."""

    venue: str
    product: Product
    exists: bool
    trigger: str
    ranking: str
    indicator: str
    counterparty_price: str
    variant: str | None = None
    """Kind of contract, account or aspect the row covers where a venue has several; null for the general policy."""


class Instrument(Fact, frozen=True, kw_only=True):
    """A contract or pair as the venue lists it.

    `contract_size` is in `contract_size_unit` per contract: the base coin for linear, the quote currency for inverse.
    `tick_size` is in quote currency per coin, also where the venue prices a whole contract.
    `min_size`, `max_size` and `size_step` (what a size must be a multiple of) are in contracts; in base coins where
    `contract_size` is null.
    `unified` is the symbol in the notation many bots share, `BTC/USDT:USDT`. Fields no source gives are null.
    """

    venue: str
    symbol: str
    unified: str | None
    product: Product
    base: str
    quote: str
    settle: str | None
    contract_type: ContractType
    contract_size: Decimal | None
    contract_size_unit: str | None
    tick_size: Decimal | None
    min_size: Decimal | None
    max_size: Decimal | None
    expiry: date | None = None
    size_step: Decimal | None = None
    derived: bool = False
    """True when the row was derived from a ladder's symbol, not read in an instrument list."""

    @property
    def settles_in(self) -> str:
        """Currency in which profit and margin are counted: what it settles in, else the quote currency."""
        return self.settle or self.quote
