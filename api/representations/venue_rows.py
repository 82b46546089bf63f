"""The rows of lists about venues, as they go over the wire."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import msgspec
from msgspec import Struct

from data.facts.dates import Precision
from data.facts.fact import Source
from data.facts.margin_models import AnyMarginModel
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


class FactRow(Struct, frozen=True, kw_only=True):
    """What every row has: when it holds, and who says so.

    The row holds from `valid_from` up to, not including, `valid_to`; null is unknown start and still in force.
    `extrapolated` is true where `as_of` lies before `certain_from`: the start is unknown, and the source is younger.
    """

    key: str
    """Identifies the row's subject within its list, stable between releases."""
    valid_from: dt.date | None
    """The first day the row holds; null is an unknown start."""
    valid_from_precision: Precision
    """How exactly the source states the start."""
    valid_to: dt.date | None
    """The first day it no longer holds; null is still in force."""
    valid_to_precision: Precision
    """How exactly the source states the end."""
    certain_from: dt.date
    """`valid_from`, else the date of the source."""
    extrapolated: bool
    """True where `as_of` lies before `certain_from`: the row is taken to have held then already."""
    low_confidence: bool
    """Whether the source leaves doubt."""
    source: str | Source
    """Id of `/v1/sources`; with `expand=source` the source itself."""
    also_sources: tuple[str, ...]
    """Ids of further sources that say the same."""
    note: str | None
    """What else there is to know."""


class VenueRow(Struct, frozen=True, kw_only=True):
    """A venue, with the state it is in on the day."""

    id: str
    name: str
    operator: str | None
    parent: str | None
    home_jurisdiction: str | None
    zone: str | None
    website: str | None
    kind: VenueKind
    products: tuple[Product, ...]
    status: VenueState
    status_from: dt.date | None
    status_from_precision: Precision
    successor: str | None
    """Id of the venue that took the clients over, when `status` is migrated."""
    valid_from: dt.date | None
    valid_to: dt.date | None
    """The first day of the next state; both dates are those of the state, `valid_from` null for the first one."""
    certain_from: dt.date | None
    """`valid_from`, else the date of the source; null when the state names no source."""
    extrapolated: bool
    """True where `as_of` lies before `certain_from`: the state is taken to have held then already."""
    source: str | Source | None
    status_note: str | None
    note: str | None


class InstrumentRow(FactRow, frozen=True, kw_only=True):
    """A contract or pair as the venue lists it. A contract is `contract_size` of `contract_size_unit`."""

    venue: str
    symbol: str
    instrument: str
    """The symbol again, under the name that other lists give it."""
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
    expiry: dt.date | None
    derived: bool
    """True when the row follows from a ladder's symbol and was not read in a list of instruments."""


class MarginTierRow(FactRow, frozen=True, kw_only=True):
    """One rung of a ladder. It holds sizes above `floor` up to and including `cap` (null = no bound), in `unit`.

    `observed` dates come from dated snapshots: the change happened on or before the first day it was seen.
    """

    venue: str
    instrument: str
    unified: str | None
    base: str | None
    product: Product
    contract_type: ContractType
    settle: str
    client_class: ClientClass
    schedule: str | None
    session: str | None
    side: str | None
    tier: int
    floor: Decimal
    cap: Decimal | None
    unit: str
    """What floor and cap count: a quote currency, "contracts", or a base coin."""
    initial_margin_rate: Decimal | None
    maintenance_margin_rate: Decimal | None
    maintenance_amount: Decimal | None
    max_leverage: Decimal
    observed: bool
    usable: bool
    """False for rows that are shown but never decide."""
    complete: bool
    """False when the recording stops below the venue's last rung."""


class LeverageCapRow(FactRow, frozen=True, kw_only=True):
    """The highest leverage a venue grants. `instrument` and `jurisdiction` "*" hold for all."""

    venue: str
    product: Product
    instrument: str
    unified: str | None
    base: str | None
    """Coin that a cap on every instrument (`*`) is limited to; null where there is no such limit."""
    margin_mode: MarginMode
    client_class: ClientClass
    jurisdiction: str
    schedule: str | None
    session: str | None
    max_leverage: Decimal
    condition: str | None
    condition_id: str | None
    in_force: bool


class FeeRow(FactRow, frozen=True, kw_only=True):
    """One row of a fee schedule. A negative `maker` is a rebate."""

    venue: str
    product: Product
    tier: str
    schedule: str | None
    min_volume_30d_usd: Decimal | None
    min_holding: str | None
    holding_required: bool
    maker: Decimal | None
    taker: Decimal | None


class FeeExtraRow(FactRow, frozen=True, kw_only=True):
    """A charge beside maker and taker: a rate or an amount per `per`, or words."""

    venue: str
    product: Product
    kind: str
    instrument: str | None
    asset: str | None
    rate: Decimal | None
    amount: Decimal | None
    currency: str | None
    per: str
    described_as: str | None


class FundingTermsRow(FactRow, frozen=True, kw_only=True):
    """Funding of a perpetual. `cap` and `floor` bound one interval's rate; interval 0 is continuous accrual."""

    venue: str
    product: Product
    instrument: str
    unified: str | None
    base: str | None
    """Coin of the instrument; null where the terms hold for every one, and where the coin is not on file."""
    variant: str | None
    interval_hours: Decimal
    cap: Decimal | None
    floor: Decimal | None
    interest_rate_8h: Decimal | None
    formula: str


class MarginRuleRow(FactRow, frozen=True, kw_only=True):
    """How a venue computes margin, in words and formulas."""

    venue: str
    product: Product
    contract_type: ContractType
    variant: str | None
    initial_margin_formula: str
    maintenance_margin_formula: str
    notional_basis: NotionalBasis


class MarginModelRow(FactRow, frozen=True, kw_only=True):
    """The typed model that reckons a venue's margin here, with its parameters."""

    venue: str
    model: str
    title: str
    products: tuple[Product, ...]
    contract_types: tuple[ContractType, ...]
    margin_modes: tuple[MarginMode, ...]
    parameters: AnyMarginModel


class LiquidationPolicyRow(FactRow, frozen=True, kw_only=True):
    """When and how a venue closes a position by force."""

    venue: str
    product: Product
    margin_mode: MarginMode
    contract_type: ContractType | None
    variant: str | None
    trigger_price: TriggerPrice
    trigger: str
    method: str | None
    liquidation_fee: Decimal | None
    liquidation_fee_words: str | None
    margin_call_level: Decimal | None
    margin_call_words: str | None
    insurance_fund: bool | None
    liquidation_price_formula: str | None


class AdlPolicyRow(FactRow, frozen=True, kw_only=True):
    """Auto-deleveraging: whether a venue may close a winner, in which order and at what price."""

    venue: str
    product: Product
    variant: str | None
    exists: bool
    trigger: str
    ranking: str
    indicator: str
    counterparty_price: str


class RegistrationRow(FactRow, frozen=True, kw_only=True):
    """A licence or registration of a venue's group."""

    venue: str
    regulator: str
    jurisdiction: str
    category: str
    """Id of `/v1/registration-categories`."""
    described_as: str
    entity: str
    active: bool
    products: tuple[Product, ...]


class AccessRow(FactRow, frozen=True, kw_only=True):
    """What a venue's own terms say to clients of a place; "*" is everywhere that is not named."""

    venue: str
    jurisdiction: str
    products: tuple[Product, ...]
    client_classes: tuple[ClientClass, ...]
    access: AccessKind
    condition: str | None
    condition_id: str | None
    """What `conditions_met` names to vouch for the condition."""
    open_through: tuple[str, ...]
    nationals: bool
    """Of a refusal: its words name the citizens of the place, who are then refused wherever they live."""
    exempt: tuple[str, ...]
    """Of a refusal: countries and groups whose nationals and residents it leaves out."""


class EnforcementActionRow(FactRow, frozen=True, kw_only=True):
    """A penalty, settlement, sentence, warning or order."""

    venue: str | None
    regulator: str
    jurisdiction: str
    respondent: str
    kind: str
    date: dt.date | None
    date_precision: Precision
    amount_usd: Decimal | None
    matter: str


def list_of(row: type[Struct], name: str, what: str) -> type[Struct]:
    """Return the Struct of a page of such rows, for the OpenAPI document."""
    return msgspec.defstruct(
        name,
        [("data", tuple[row, ...]), ("meta", ListMeta)],  # type: ignore[valid-type]
        namespace={"__doc__": f"A page of {what}."},
        frozen=True,
        kw_only=True,
        module=__name__,
    )


class ListMeta(Struct, frozen=True, kw_only=True):
    """What a list was read from: the release and the day; how many rows this page has; how to get the next."""

    release: str
    as_of: dt.date
    count: int
    next_cursor: str | None
    notes: tuple[str, ...]
    """What to know about the answer as a whole: nothing on file, a size that could not be converted."""
