"""Models of margin on borrowed money and coins: the account is closed by a level, a ratio or its liabilities."""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_model_base import MarginModel
from data.facts.margin_model_vocabulary import InterestAccrual, MoneyRounding


class MarginLevel(MarginModel, frozen=True, kw_only=True, tag="margin_level"):
    """One level for the whole account: equity over used margin, with a call and a forced close.

    Used margin is opening cost over leverage. Source of the family: Kraken, spot margin.
    """

    call_level: Decimal | None
    """The level, equity over used margin, at which the venue calls for more; null where it publishes none."""
    close_level: Decimal
    """The level, equity over used margin, at which the venue closes the positions."""
    short_used_margin_floats: bool
    """Whether a short's used margin is fixed in the borrowed coin, so that its worth floats with the price; otherwise
    it is fixed in quote currency, as a long's is."""
    interest_accrual: InterestAccrual
    """How interest accrues: `started_hours` for every hour begun, `compounding_hours` likewise and on the interest so
    far, `opening_and_rollover` at opening and for every block of hours begun."""
    interest_block_hours: Decimal | None = None
    """Hours of a block that `opening_and_rollover` charges for; null takes 4."""
    interest_places: int | None = None
    """Decimals to which interest is rounded; null leaves it exact."""
    interest_rounding: MoneyRounding = MoneyRounding.HALF_UP
    """How interest is rounded."""

    @property
    def lends_whole_cost(self) -> bool:
        """Whether a leveraged long pays interest on its whole cost, of which the collateral held is not deducted.

        So does whoever charges an opening fee and rollovers. Source: Kraken, fees for trading using margin.
        """
        return self.interest_accrual is InterestAccrual.OPENING_AND_ROLLOVER


class LiabilityMargin(MarginModel, frozen=True, kw_only=True, tag="liability"):
    """Marginal rates on the value of each borrowed coin, summed; closed when net equity falls to maintenance.

    Some venues watch debts alone. Source of the family: Binance, cross margin pro.
    """

    close_level: Decimal | None
    """Net equity over maintenance margin at the forced close; null where the venue publishes none."""
    close_asset_level: Decimal | None = None
    """Assets over debts at the forced close, read where no maintenance margin is known; null where the venue has no
    such level."""
    close_debt_ratio: Decimal | None = None
    """Debts over assets at the forced close, read where no maintenance margin is known; null where the venue has no
    such ratio."""
    call_debt_ratio: Decimal | None = None
    """Debts over assets at which the venue warns, read where no maintenance margin is known; null where it names
    none."""
    interest_accrual: InterestAccrual
    """How interest accrues: `started_hours` for every hour begun, `compounding_hours` likewise and on the interest so
    far, `opening_and_rollover` at opening and for every block of hours begun."""
    interest_places: int | None = None
    """Decimals to which interest is rounded (where it compounds, that of each hour up first); null leaves it exact."""
    interest_rounding: MoneyRounding = MoneyRounding.HALF_UP
    """How interest is rounded."""
    interest_caveats: tuple[str, ...] = ()
    """What the number of hours alone does not tell of the interest, in words."""
