"""Time of one position's figures and of a cross account's, as a ratio to an empty call that takes and gives as much.

    python benchmarks/bench_margin.py

Targets: one linear isolated position under 40 microseconds, a cross account of ten under 400. The empty call reads the
same inputs and builds a `PositionFigures` of as many fields, under the same decimal context.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path

from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from data.curation.load import load_corpus
from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import MarginModel
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from data.release_facts import ReleaseFacts
from rules.margin.account import AccountFigures, AccountTotals, account_figures
from rules.margin.figures import position_figures
from rules.margin.position import HeldPosition, LiquidationState, PositionFigures, PositionTerms, ladder_unit_of

D = Decimal
ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 7


def best(call: Callable[[], object], number: int) -> float:
    """Return the microseconds of one call, the best of several rounds."""
    return min(timeit.repeat(call, number=number, repeat=ROUNDS)) / number * 1e6


def empty(model: MarginModel, position: HeldPosition) -> PositionFigures:
    with localcontext(ARITHMETIC):
        one = position.size if model else position.entry_price
        return PositionFigures(
            notional=one, position_value=one, unrealized_pnl=one, initial_margin=one, maintenance_margin=one, tier=1,
            tier_at_liquidation=1, margin=one, assigned_margin=one, equity=one, margin_ratio=one, fee_to_close=one,
            bankruptcy_price=one, liquidation=LiquidationState.PRICE, liquidation_price=one, unreachable_price=False,
            margin_call_price=one, distance_to_liquidation=one, distance_in_price=one, remaining_after_liquidation=one,
            liquidation_price_per_margin=one, max_leverage=one, max_value_at_leverage=one, approximations=(),
        )  # fmt: skip


def empty_account(positions: list[tuple[MarginModel, HeldPosition]], wallet: Decimal) -> AccountFigures:
    totals = AccountTotals(
        wallet_balance=wallet, equity=wallet, unrealized_pnl=wallet, notional=wallet, initial_margin=wallet,
        maintenance_margin=wallet, available=wallet, margin_ratio=wallet, effective_leverage=wallet,
    )  # fmt: skip
    return AccountFigures(totals=totals, positions=tuple(empty(model, one) for model, one in positions))


def main() -> None:
    knowledge = ReleaseFacts("bench", load_corpus(ROOT / "data" / "curated")).on(date(2026, 11, 21))
    ladder = knowledge.ladder("binance", "BTCUSDT", client_class=None, residence="AE", side=Side.LONG)
    model = knowledge.margin_model("binance", Product.PERPETUAL, ContractType.LINEAR, MarginMode.ISOLATED)
    instrument = knowledge.instrument("binance", "BTCUSDT")
    assert ladder is not None
    assert model is not None
    terms = PositionTerms(
        symbol="BTCUSDT",
        settle="USDT",
        tiers=ladder.tiers,
        ladder_unit=ladder_unit_of(ladder, instrument),
        taker_fee_rate=D("0.0005"),
        tick_size=D("0.1"),
    )

    def position(size: str, side: Side, mode: MarginMode) -> HeldPosition:
        return HeldPosition(
            side=side,
            size=D(size),
            entry_price=D("62000.1"),
            terms=terms,
            mark_price=D("62010.5"),
            leverage=D("10"),
            margin_mode=mode,
        )

    single = position("15.25", Side.LONG, MarginMode.ISOLATED)
    sides = (Side.LONG, Side.SHORT)
    alike = [(model, position(f"{size}.5", sides[size % 2], MarginMode.CROSS)) for size in range(1, 11)]
    account = [
        (model, replace(one, terms=replace(one.terms, symbol=f"COIN{number}USDT")))
        for number, (_, one) in enumerate(alike)
    ]
    wallet = D("1000000")
    nothing, one = best(lambda: empty(model, single), 20_000), best(lambda: position_figures(model, single), 5_000)
    none, ten = best(lambda: empty_account(account, wallet), 2_000), best(lambda: account_figures(account, wallet), 500)
    print(f"{'one isolated position':28} {one:7.1f} us   {one / nothing:5.1f} x an empty call   target   40 us")
    joined = best(lambda: account_figures(alike, wallet), 200)
    print(f"{'a cross account of ten':28} {ten:7.1f} us   {ten / none:5.1f} x an empty call   target  400 us")
    print(f"{'ten in one instrument':28} {joined:7.1f} us   {joined / none:5.1f} x an empty call")


if __name__ == "__main__":
    main()
