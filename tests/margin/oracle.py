"""Where an account in one instrument ends, by an oracle that shares nothing with the rules but their declarations:
fractions, and every boundary of every leg's ladder scanned in the direction in which the account loses.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    HalfOfInitialMargin,
    LadderKind,
    RequirementModel,
    ValueBasis,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType, Side
from rules.margin.position import HeldPosition

F = Fraction
ONE = F(1)


class Oracle:
    """Equity less requirement of an account in one instrument, in the value `x` of one unit of size."""

    def __init__(self, model: RequirementModel, positions: list[HeldPosition], wallet: Decimal, mark: Decimal) -> None:
        self.model, self.positions, self.wallet = model, positions, F(wallet)
        self.inverse = positions[0].terms.contract_type is ContractType.INVERSE
        self.now = self.unit(mark)
        self.net = sum((self.sign(one) * F(one.size) for one in positions), F(0))
        self.fee = F(positions[0].terms.taker_fee_rate or 0) if model.close_fee is CloseFee.TAKER else F(0)
        self.frozen = False
        """Whether what the venue holds at the mark price of now, as it solves, is held there."""

    def unit(self, price: Decimal) -> Fraction:
        return 1 / F(price) if self.inverse else F(price)

    def price(self, x: Fraction) -> Fraction:
        return 1 / x if self.inverse else x

    def sign(self, one: HeldPosition) -> int:
        return 1 if (one.side is Side.LONG) is not self.inverse else -1

    def equity(self, x: Fraction) -> Fraction:
        return self.wallet + sum(
            self.sign(one) * F(one.size) * (x - self.unit(one.entry_price)) for one in self.positions
        )

    def rate(self, tier: MarginTier) -> Fraction:
        if isinstance(self.model, HalfOfInitialMargin):
            return F(self.model.share) / F(tier.max_leverage)
        return F(tier.maintenance_margin_rate or 0)

    def maintenance(self, one: HeldPosition, x: Fraction, inside: Fraction) -> Fraction:
        """What a position keeps at `x` by the rungs that hold `inside`: slices summed, or the whole at one rate."""
        if self.model.maintenance_basis is ValueBasis.ENTRY:
            x = inside = self.unit(one.entry_price)
        if self.frozen and self.model.maintenance_basis is ValueBasis.FROZEN_MARK:
            x = inside = self.now
        value, held_by = x * F(one.size), inside * F(one.size)
        kept = F(0)
        by_step = getattr(self.model, "ladder", LadderKind.MARGINAL) is LadderKind.STEP
        last = one.terms.tiers[-1]
        for tier in one.terms.tiers:
            # beyond the last rung its rate stands in
            here = held_by > tier.floor and (tier is last or tier.cap is None or held_by <= tier.cap)
            if by_step and here:
                return value * self.rate(tier)
            if by_step or held_by <= tier.floor:
                continue
            top = value if here or tier.cap is None else F(tier.cap)
            kept += (top - F(tier.floor)) * self.rate(tier)
        return kept

    def required(self, x: Fraction, inside: Fraction) -> Fraction:
        sizes = sum((F(one.size) for one in self.positions), F(0))
        at = x
        if self.frozen and self.model.close_fee_basis is CloseFeeBasis.FROZEN_MARK:
            at = self.now
        if self.model.close_fee_basis is CloseFeeBasis.BANKRUPTCY:
            at = self.bankrupt() or F(0)
        return sum((self.maintenance(one, x, inside) for one in self.positions), F(0)) + at * sizes * self.fee

    def bankrupt(self) -> Fraction | None:
        """`equity = fees of closing everything` where the model's bankruptcy price bears them."""
        sizes = sum((F(one.size) for one in self.positions), F(0))
        slope = self.net - (self.fee * sizes if self.model.bankruptcy_bears_fee else 0)
        if slope == 0 or (self.net > 0) is not (slope > 0):
            return None
        x = (self.net * self.now - self.equity(self.now)) / slope
        return x if x > 0 else None

    def left(self, x: Fraction, inside: Fraction, scale: Fraction) -> Fraction:
        return self.equity(x) - scale * self.required(x, inside)

    def end(self, *, down: bool, scale: Fraction) -> Fraction | None:
        """The first `x` from now on at which nothing is left: of what is required there, or as it is held now."""
        found = []
        for self.frozen in (True, False):
            one = self.first(down=down, scale=scale)
            if one is not None:
                found.append(one)
        return (max(found) if down else min(found)) if found else None

    def first(self, *, down: bool, scale: Fraction) -> Fraction | None:
        """The same as one of the two requires, scanned boundary by boundary."""
        edges = {F(tier.floor) / F(one.size) for one in self.positions for tier in one.terms.tiers if tier.floor}
        if down:
            points = [self.now, *sorted((edge for edge in edges if edge < self.now), reverse=True), F(0)]
        else:
            points = [self.now, *sorted(edge for edge in edges if edge > self.now)]
            points.append(points[-1] * 10**9)
        for start, stop in pairwise(points):
            inside = (start + stop) / 2
            first, last = self.left(start, inside, scale), self.left(stop, inside, scale)
            if first <= 0 and start != self.now:
                return start
            if last <= 0 and (last < 0 or stop != 0):
                return start + (stop - start) * first / (first - last)
        return None
