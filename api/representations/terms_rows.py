"""The rows of lists about a venue's terms, as they go over the wire: leverage, charges, margin and forced closing."""

from __future__ import annotations

from decimal import Decimal

from api.representations.list_pages import FactRow
from data.facts.margin_models import AnyMarginModel
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, NotionalBasis, Product, TriggerPrice


class MarginTierRow(FactRow, frozen=True, kw_only=True):
    """One rung of a ladder of margin tiers. All rungs of a ladder have the same `key`."""

    venue: str
    instrument: str
    """Symbol as the venue writes it; `*` for the ladder of a `schedule`, whatever instruments are on that."""
    unified: str | None
    base: str | None
    """Underlying coin; null where the instrument is not on file."""
    product: Product
    contract_type: ContractType
    settle: str
    """Currency that profit, loss and margin are settled in."""
    client_class: ClientClass
    """Class of client it is for; `any` for everybody."""
    schedule: str | None
    """Named schedule that the venue keeps for part of its clients, accounts or instruments, such as `EEA` or a margin
    class; null for the general one."""
    session: str | None
    side: str | None
    """long | short, where margin differs with the side; null for both."""
    tier: int
    """Number of the rung, from 1 for the lowest."""
    floor: Decimal
    """Sizes above it are in the rung, in `unit`; the lowest rung, whose floor is zero, holds zero too."""
    cap: Decimal | None
    """The largest size in the rung, in `unit`; null where there is no bound."""
    unit: str
    """What floor and cap count: a quote currency, "contracts", or a base coin."""
    initial_margin_rate: Decimal | None
    """Initial margin as a fraction of the position's value; null where the source gives none."""
    maintenance_margin_rate: Decimal | None
    """Maintenance margin as a fraction of the position's value; null where the source gives none."""
    maintenance_amount: Decimal | None
    """The deduction that makes maintenance margin continuous from rung to rung, in `unit`; null where the source gives
    none."""
    max_leverage: Decimal
    """The highest leverage that the rung grants, times."""
    observed: bool
    """True where the dates come from dated snapshots: a change happened on or before the first day it was seen."""
    usable: bool
    """False for rows that are shown but never decide."""
    complete: bool
    """False when the recording stops below the venue's last rung: larger sizes are unknown, not refused."""


class LeverageCapRow(FactRow, frozen=True, kw_only=True):
    """The highest leverage a venue grants."""

    venue: str
    product: Product
    instrument: str
    """Symbol as the venue writes it; `*` for every instrument of the product, or of the coin in `base`."""
    unified: str | None
    base: str | None
    """Coin that a cap on every instrument (`*`) is limited to; null where there is no such limit."""
    margin_mode: MarginMode
    """Margin mode it is for; `any` for both."""
    client_class: ClientClass
    """Class of client it is for; `any` for everybody."""
    jurisdiction: str
    """Place whose residents it is for: a country, a part of one or a group; `*` for everywhere."""
    schedule: str | None
    """Named schedule, programme or market group that it belongs to; null for a general cap. A decision takes general
    ones alone: who is on a named schedule is not known."""
    session: str | None
    max_leverage: Decimal
    """The highest leverage granted, times."""
    condition: str | None
    """What must be so for the cap to bind, in words; null where it binds without."""
    condition_id: str | None
    """What `conditions_met` names to say that the condition holds, with `not:` before it that it does not; null where
    there is none."""
    in_force: bool
    """False for a cap that is announced for a product not live yet: shown, never applied."""


class FeeRow(FactRow, frozen=True, kw_only=True):
    """One row of a fee schedule."""

    venue: str
    product: Product
    tier: str
    """Name of the tier as the venue writes it."""
    schedule: str | None
    """Name of a special schedule; null for the venue's general one. A decision takes one that is named like the place
    (`AE-DU`) or a group (`EEA`) of the client's residence, else like the kind of contract (`inverse`), else the general
    one: who is on any other is not known."""
    min_volume_30d_usd: Decimal | None
    """Volume traded in 30 days that earns the tier, in US dollars; null where it asks for none or none was read."""
    min_holding: str | None
    """What else earns the tier, or is asked for beside the volume, in words; it may be a remark. Null for nothing."""
    holding_required: bool
    """True where `min_holding` must be met beside the volume: a decision then never takes the tier for earned."""
    maker: Decimal | None
    """Fee of a fill that rested in the order book, a fraction of its value; a negative one is a rebate. Null where the
    source gives none."""
    taker: Decimal | None
    """Fee of a fill that takes from the order book, a fraction of its value; null where the source gives none."""


class FeeExtraRow(FactRow, frozen=True, kw_only=True):
    """A charge beside maker and taker: a rate or an amount per `per`, or words."""

    venue: str
    product: Product
    kind: str
    """What it is charged for, such as `liquidation`, `settlement`, `exchange_and_clearing` or `borrow_interest`. Some
    kinds are no charge but a discount, a bound or a rule of the schedule."""
    instrument: str | None
    """Symbol, as the venue writes it, that the charge is limited to; null for every instrument of the product."""
    asset: str | None
    """Coin or currency borrowed, settled or liquidated that the charge is limited to, several with commas between; null
    for all."""
    rate: Decimal | None
    """Fraction of what `per` names; the number itself where `kind` is a threshold or a multiplier. Null where the
    charge is an amount or told in words."""
    amount: Decimal | None
    """What is charged per `per`, in `currency`; null where the charge is a rate or told in words."""
    currency: str | None
    """Currency of `amount`; null without one."""
    per: str
    """What the rate or amount is reckoned on, and when, in words."""
    described_as: str | None
    """The rate in words, where the venue ties it to something else (the client's taker rate, say), or what its number
    is; null where the number says it."""
    residence: str | None
    """Place whose residents alone bear it, a tax on fees; null for a charge that all bear."""


class FundingTermsRow(FactRow, frozen=True, kw_only=True):
    """How funding of a perpetual is exchanged, or what stands in for it."""

    venue: str
    product: Product
    instrument: str
    """Symbol as the venue writes it; `*` for every instrument of the product that has no terms of its own."""
    unified: str | None
    base: str | None
    """Coin of the instrument; null where the terms hold for every one, and where the coin is not on file."""
    variant: str | None
    interval_hours: Decimal | None
    """Hours from one payment to the next; 0 is continuous accrual, null where they differ from contract to contract and
    were not read for these."""
    cap: Decimal | None
    """The highest rate of one interval (of eight hours where funding accrues continuously), a fraction; null where none
    was read."""
    floor: Decimal | None
    """The lowest rate of one interval (of eight hours where funding accrues continuously), a fraction, below zero where
    shorts may pay longs; null where none was read."""
    interest_rate_8h: Decimal | None
    """The interest part of the rate over eight hours, a fraction; null where none was read."""
    formula: str
    """How the rate comes about, in words."""


class MarginRuleRow(FactRow, frozen=True, kw_only=True):
    """How a venue computes margin, in words and formulas."""

    venue: str
    product: Product
    contract_type: ContractType
    variant: str | None
    initial_margin_formula: str
    """Initial margin, in words or as a formula."""
    maintenance_margin_formula: str
    """Maintenance margin, in words or as a formula."""
    notional_basis: NotionalBasis
    """Which price values a position for margin."""


class MarginModelRow(FactRow, frozen=True, kw_only=True):
    """The typed model that reckons a venue's margin here, with its parameters."""

    venue: str
    """Id of the venue, on file or known by its margin model alone; `generic` is the model without a venue."""
    model: str
    """Family of formulas, such as `tiered`; `parameters` repeats it."""
    title: str
    """Name of the model for readers."""
    products: tuple[Product, ...]
    contract_types: tuple[ContractType, ...]
    margin_modes: tuple[MarginMode, ...]
    """The margin modes it is about; `any` for both."""
    parameters: AnyMarginModel
    """The model whole: how its formulas are set for this venue."""


class LiquidationPolicyRow(FactRow, frozen=True, kw_only=True):
    """When and how a venue closes a position by force."""

    venue: str
    product: Product
    margin_mode: MarginMode
    """Margin mode it is for; `any` for both."""
    contract_type: ContractType | None
    """Kind of contract it is limited to; null for all."""
    variant: str | None
    trigger_price: TriggerPrice
    """Which price sets off liquidation."""
    trigger: str
    """What sets off liquidation, in words and formulas."""
    method: str | None
    """full | partial | tiered | takeover_at_bankruptcy: how the position is closed; null where the source does not
    say."""
    liquidation_fee: Decimal | None
    """Fee for a liquidation, a fraction of the value liquidated; null where no one rate is on file."""
    liquidation_fee_words: str | None
    """The fee in words, where no one rate says it, or why none is on file; null where there is nothing to say."""
    margin_call_level: Decimal | None
    """Equity over the margin in use at which the venue calls for more, a fraction; null where no such level is on
    file."""
    margin_call_words: str | None
    """When the venue warns or calls, in words; null where no words are on file."""
    insurance_fund: bool | None
    """Whether an insurance fund bears losses beyond a position's margin; null where the source does not say."""
    liquidation_price_formula: str | None
    """The price at which liquidation begins, as a formula or in words; null where none is on file."""


class AdlPolicyRow(FactRow, frozen=True, kw_only=True):
    """Auto-deleveraging: whether a venue may close a winner, in which order and at what price."""

    venue: str
    product: Product
    variant: str | None
    exists: bool
    """Whether the venue may close a winning position to cover a loss."""
    trigger: str
    """When it does, in words; where it may not, what bears the loss instead, as far as that is told."""
    ranking: str
    """In which order winners are closed, in words or as a formula; it may say that this was not read."""
    indicator: str
    """How the venue shows clients their place in that order, in words; `none` where it does not."""
    counterparty_price: str
    """The price at which a winner is closed, in words; it may say that this was not read."""
