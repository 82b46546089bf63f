"""What a rule sees: one trade, the facts that bear on it, and the figures computed from both."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import MarginModel
from data.facts.venues import (
    AdlPolicy,
    Fee,
    FeeExtra,
    FundingTerms,
    Instrument,
    Ladder,
    LeverageCap,
    LiquidationPolicy,
    MarginTier,
    Venue,
)
from data.facts.vocabulary import UNLEVERAGED, ContractType, Product
from rules.costs.fees import ContractCharge
from rules.decision import FactUsed, Figures
from rules.figures.exposure import Exposure, worth_in_account
from rules.figures.sizes import Size
from rules.knowledge import Knowledge
from rules.margin.position import PositionTerms
from rules.policies.policy import Policy
from rules.terms.extrapolation import Extrapolated
from rules.terms.leverage_caps import Caps
from rules.trade import ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name.
_INVERSE = ContractType.INVERSE

_GAINS_THE_MOVE = UNLEVERAGED | {Product.SPOT_MARGIN}
"""Products that gain what their price does, whatever is on file of them."""


class Terms(Struct, frozen=True, kw_only=True, gc=False):
    """The facts of one release that bear on one trade, looked up once. Null is "not known"."""

    venue: Venue | None
    instrument: Instrument | None
    spot_pair: Instrument | None
    """In place of the instrument: the pair that a spot trade names where the facts show another product under the name.
    Whether the venue lists it is not known; what law asks of it, the coins and the currency, the name tells."""
    product: Product | None
    contract_type: ContractType | None
    cross_alone: bool
    """Whether the trade states no margin mode where the facts name cross alone: it is a cross one."""
    ladder: Ladder | None
    tier: MarginTier | None
    """The rung that holds the trade's size; null when there is no ladder or the size is beyond it."""
    counted: Size
    """The trade's size as limits and exposure count it: no smaller for the price that is stated or found for it."""
    size_in_ladder_unit: Decimal | None
    """That size in the ladder's unit; null when it cannot be converted."""
    leverage_caps: tuple[LeverageCap, ...]
    caps: Caps
    """Those of them that concern the client."""
    fee: Fee | None
    """The row of the fee schedule that a taker pays by."""
    maker_fee: Fee | None
    """The row that a maker pays by; mostly the same."""
    fee_extras: tuple[FeeExtra, ...]
    charges: tuple[ContractCharge, ...]
    """What one side of one contract bears: of them, and of a broker's where one is named that lists the contract."""
    fee_taxes: tuple[FeeExtra, ...]
    """Taxes on fees that the client bears, among them; mostly none."""
    fee_notes: tuple[str, ...]
    """What is to be said of fees so reckoned."""
    broker_left_out: bool
    """Whether a broker takes something beside them that is not on file."""
    funding: FundingTerms | None
    liquidation: LiquidationPolicy | None
    adl: AdlPolicy | None
    margin_model: MarginModel | None
    as_position: PositionTerms
    """These terms as the margin formulas read them, without what only the request tells."""
    extrapolated: Extrapolated | None
    """What of these is known from a later day on only; null when nothing is."""
    doubted: frozenset[str]
    """Rules on costs that rest on terms of low confidence among these; mostly none."""
    facts: tuple[FactUsed, ...]
    """The rows of these, as an answer tells them."""

    @property
    def kind_is_open(self) -> bool:
        """Whether it is not known if profit is linear in the price, or in its reciprocal as of an inverse contract."""
        return self.contract_type is None and self.product not in _GAINS_THE_MOVE

    @property
    def tick_size(self) -> Decimal | None:
        """The venue's price step, in quote currency per coin; null where none is on file."""
        return self.as_position.tick_size


class Case(Struct, frozen=True, kw_only=True, dict=True):
    """One trade before one set of rules. Its `__dict__` keeps what several of them would work out again; a changed case
    starts without.
    """

    trade: ProposedTrade
    as_of: date
    terms: Terms
    figures: Figures
    policy: Policy
    knowledge: Knowledge
    exposure: Exposure = Exposure()
    """What the account holds beside the trade, in the account's currency."""
    names_product: bool = True
    """Whether the request names the product; the trade has the instrument's where it does not."""
    opening_mark: Decimal | None = None
    """The mark price by which the trade is valued as it opens, in quote currency per coin; null when not known."""

    @property
    def exposed(self) -> Decimal | None:
        """What the trade is worth as exposure counts it, in the account's currency; null when not known."""
        return worth_in_account(self.terms.counted, self.exposure)

    @property
    def size_as_held(self) -> Decimal | None:
        """The trade's size as positions state theirs: contracts when inverse, coins otherwise; null when not known."""
        return self.figures.contracts if self.terms.contract_type is _INVERSE else self.figures.quantity
