"""What all margin models share: what a model holds for, and how its venue rounds, restates and ranks."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.margin_model_vocabulary import (
    AccountBasis,
    AccountKind,
    AdlRanking,
    MarginRatioForm,
    MoneyRounding,
    PriceRounding,
    RiskRateForm,
    ValuePrice,
)
from data.facts.vocabulary import ContractType, MarginMode, Product, TriggerPrice


class AccountRates(Struct, frozen=True, kw_only=True):
    """What a venue reckons an account's margin rates on, and the decimals at which it cuts them off."""

    account: AccountKind
    """How the account is margined: by the rules of its positions, or by scenarios of the whole portfolio."""
    basis: AccountBasis
    """What margins are divided by, and are taken from for what is available."""
    places: int | None = None
    """Decimals at which the rates are cut off; null leaves them exact."""


class SymbolSettle(Struct, frozen=True, kw_only=True):
    """What a contract settles in by how its symbol ends."""

    ending: str
    """The last characters of the symbol as the venue writes it."""
    settle: str
    """What contracts with such a symbol settle in."""


class MarginModel(Fact, frozen=True, kw_only=True, tag_field="model"):
    """Base of the margin models: what they hold for, and what is the same in all of them."""

    venue: str
    """Id of the venue; `generic` for the model that calculators use where no venue is named or none of its own fits."""
    title: str
    """Name of the model, as answers give it."""
    products: tuple[Product, ...]
    """The products it reckons."""
    contract_types: tuple[ContractType, ...]
    """The ways of reckoning profit it holds for."""
    margin_modes: tuple[MarginMode, ...] = (MarginMode.ANY,)
    """The margin modes it holds for; `any` is every mode for which the venue has no model of its own."""
    trigger_price: TriggerPrice = TriggerPrice.MARK
    """Which price sets off liquidation, for readers: rules read that of the venue's liquidation policy."""
    liquidation_rounding: PriceRounding = PriceRounding.NONE
    """In which direction the liquidation price is pushed to the tick, where the tick size is known."""
    bankruptcy_rounding: PriceRounding = PriceRounding.NONE
    """In which direction the bankruptcy price is pushed to the tick, where the tick size is known."""
    highest_price: Decimal | None = None
    """What the venue prints, in quote currency, as the liquidation or bankruptcy price of a short that no rise reaches,
    and in place of a higher one; null where it prints no such price."""
    lowest_price_is_tick: bool = False
    """Whether the venue prints one tick as the liquidation or bankruptcy price of a long that no price above zero
    reaches."""
    money_places: int | None = None
    """Decimals to which margins are rounded, by `money_rounding`, and at which position values and profit are cut off;
    null leaves them exact."""
    money_rounding: MoneyRounding = MoneyRounding.DOWN
    """How margins are rounded."""
    value_places: int | None = None
    """Decimals to which position values are rounded before they are subtracted, cost up and mark value down; null
    leaves them exact."""
    funding_places: int | None = None
    """Decimals to which the venue rounds a funding payment; null leaves it exact."""
    funding_rounding: MoneyRounding = MoneyRounding.DOWN
    """How a funding payment is rounded: `up` is away from zero, `down` towards it."""
    fee_places: int | None = None
    """Decimals to which the venue rounds a trading fee; null leaves it exact."""
    fee_rounding: MoneyRounding = MoneyRounding.DOWN
    """How a trading fee is rounded: `up` is away from zero, `down` towards it, `ceiling` what is paid up and what is
    received down."""
    margin_ratio_form: MarginRatioForm = MarginRatioForm.REQUIREMENT_OVER_EQUITY
    """Which way up the venue prints its margin ratio."""
    margin_call_ratio: Decimal | None = None
    """The margin ratio at which the venue warns, the way up it prints it; null where it names none."""
    adl_ranking: AdlRanking = AdlRanking.UNKNOWN
    """The formula by which the venue ranks winners for deleveraging, or that it ranks none."""
    account_rates: tuple[AccountRates, ...] = ()
    """How the venue reckons its own rates of an account, by kind of account; empty where that is not known."""
    isolated_risk_rate: RiskRateForm | None = None
    """How the venue restates the standing of an isolated position as one number; null where no form is on file."""
    cross_risk_rate: RiskRateForm | None = None
    """How it restates that of a cross account or position; null where no form is on file."""
    value_price: ValuePrice = ValuePrice.MARK
    """Which price stands for the mark price where a position is valued for margin: calculators take the lower of mark
    and index where an index price is given; decisions take the mark price."""
    prints_negative_prices: bool = False
    """Whether, where no fall liquidates a linear long, the venue prints the formula's price at or below zero."""
    funding_cap_multiplier: Decimal | None = None
    """Eight hours of funding are capped at this times initial less maintenance margin rate; null where the venue
    derives no cap from them."""
    symbol_settles: tuple[SymbolSettle, ...] = ()
    """By how the venue spells its symbols, what a contract that the facts do not list settles in; empty where the
    spelling does not say."""
    caveats: tuple[str, ...] = ()
    """What makes the model less than exact, in words: figures by it list these among their `approximations`."""

    def covers(self, product: Product, contract_type: ContractType, margin_mode: MarginMode | None) -> int | None:
        """Return how closely the model fits a position, the lower the closer; null when it does not hold for it.

        Without a margin mode a model for any is the closest, then that of isolated positions.
        """
        if product not in self.products or contract_type not in self.contract_types:
            return None
        modes = self.margin_modes
        if margin_mode is None or margin_mode is MarginMode.ANY:
            if MarginMode.ANY in modes:
                return 0
            return 1 if MarginMode.ISOLATED in modes else 2
        if margin_mode in modes:
            return 0
        return 1 if MarginMode.ANY in modes else None
