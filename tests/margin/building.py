"""Models, ladders and positions in few words, for the tests of the margin arithmetic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from data.facts.margin_models import HalfOfInitialMargin, LadderKind, TieredMargin, ValueBasis
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.margin.ladder import deductions
from rules.margin.position import HeldPosition, LadderUnit, PositionTerms

D = Decimal

FACT: dict[str, Any] = {
    "key": "example",
    "source": "example.page",
    "certain_from": date(2026, 1, 1),
    "venue": "example",
    "title": "Example",
    "products": (Product.PERPETUAL,),
    "contract_types": (ContractType.LINEAR, ContractType.INVERSE),
}


def tiered(**parameters: Any) -> TieredMargin:
    """A tiered model; marginal, on mark value and without fees unless told otherwise."""
    return TieredMargin(**{**FACT, "ladder": LadderKind.MARGINAL, **parameters})


def on_entry(**parameters: Any) -> TieredMargin:
    return tiered(maintenance_basis=ValueBasis.ENTRY, **parameters)


def half_of_initial(**parameters: Any) -> HalfOfInitialMargin:
    return HalfOfInitialMargin(**{**FACT, "share": D("0.5"), **parameters})


def rungs(*rows: tuple[str, str | None, str, str], amounts: bool = False) -> tuple[MarginTier, ...]:
    """A ladder of (floor, cap, maintenance rate, highest leverage); `amounts` adds those that make it continuous."""
    tiers = tuple(
        MarginTier(
            tier=number,
            floor=D(floor),
            cap=None if cap is None else D(cap),
            initial_margin_rate=1 / D(leverage),
            maintenance_margin_rate=D(rate),
            maintenance_amount=None,
            max_leverage=D(leverage),
        )
        for number, (floor, cap, rate, leverage) in enumerate(rows, 1)
    )
    if not amounts:
        return tiers
    return tuple(
        MarginTier(**{**{name: getattr(tier, name) for name in tier.__struct_fields__}, "maintenance_amount": amount})
        for tier, amount in zip(tiers, deductions(tiers), strict=True)
    )


LADDER = rungs(
    ("0", "50000", "0.004", "125"),
    ("50000", "250000", "0.005", "100"),
    ("250000", "1000000", "0.01", "50"),
    amounts=True,
)


def terms(**fields: Any) -> PositionTerms:
    return PositionTerms(
        **{name: D(value) if isinstance(value, str) and _number(value) else value for name, value in fields.items()}
    )


def held(
    side: str = "long",
    *,
    size: str | Decimal = "1",
    entry: str | Decimal = "100",
    mark: str | Decimal | None = None,
    leverage: str | Decimal | None = "10",
    cross: bool = False,
    collateral: str | Decimal | None = None,
    added: str | Decimal | None = None,
    wallet: str | Decimal | None = None,
    **contract: Any,
) -> HeldPosition:
    """A position; what is not named belongs to its contract's terms."""
    given = contract.pop("terms", None) or terms(**contract)
    return HeldPosition(
        side=Side(side),
        size=D(size),
        entry_price=D(entry),
        terms=given,
        mark_price=None if mark is None else D(mark),
        leverage=None if leverage is None else D(leverage),
        margin_mode=MarginMode.CROSS if cross else MarginMode.ISOLATED,
        collateral=None if collateral is None else D(collateral),
        added_margin=None if added is None else D(added),
        wallet_balance=None if wallet is None else D(wallet),
    )


def _number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()


INVERSE = ContractType.INVERSE
LINEAR = ContractType.LINEAR
VALUE, SIZE, CONTRACTS = LadderUnit.VALUE, LadderUnit.SIZE, LadderUnit.CONTRACTS
