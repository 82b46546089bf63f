"""Where the account really ends when positions in other instruments of the trade's underlying move along with it."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from data.facts.margin_models import MarginLevel, MarginModel
from data.facts.vocabulary import ContractType, MarginMode
from rules.figures.held_terms import as_kept
from rules.figures.legs import cross_position, leg_of
from rules.figures.positions import Positions
from rules.margin.beside_held import as_sides
from rules.margin.one_underlying import Ends, ends_together, move_alike
from rules.margin.position import HeldPosition
from rules.trade import Position

_INVERSE = ContractType.INVERSE

_ONE = Decimal(1)


def ends_of_account(
    model: MarginModel, own: HeldPosition, positions: Positions, *, equity: Decimal, required: Decimal, move: Decimal
) -> Ends | None:
    """Return where a move of the underlying ends the account with `own` in it, in prices of its instrument.

    `equity` and `required` are the account's before it opens, in the settlement currency, which is the account's too.
    `move` is the price as it opens over today's, by which other instruments have moved then. Null where nothing moves
    along, and where it cannot be told.
    """
    alike = [(one, cross_position(_moved(one.row, move), one.terms)) for one in positions.alongside]
    alike = [(one, held) for one, held in alike if move_alike((model, own), (one.model, held))]
    inverse = own.terms.contract_type is _INVERSE
    if not alike or (inverse and positions.same_instrument and not own.terms.contract_size):
        return None
    over = model.close_level if isinstance(model, MarginLevel) else _ONE
    equity += positions.surplus_alongside - positions.same_profit - sum(one.profit for one, _ in alike)
    required -= (positions.same_maintenance + sum(one.maintenance for one, _ in alike)) / over
    if own.mark_price is None:
        own = structs.replace(own, mark_price=own.entry_price)
    rows = [row for row in positions.same_instrument if row.margin_mode is not MarginMode.ISOLATED]
    if isinstance(model, MarginLevel):
        instrument = [own, *(leg_of(row, own, _ONE, cross=True) for row in rows)]
    else:
        kept = as_kept(rows, inverse=inverse, cross=True)
        instrument = as_sides(own, [leg_of(row, own, _ONE, cross=True) for row in kept])
    moving = [(model, one) for one in instrument] + [(one.model, held) for one, held in alike]
    return ends_together(moving, equity=equity, required=required)


def as_it_opens(rows: Positions, move: Decimal) -> tuple[Position, ...]:
    """Return the rows of other instruments at the prices that a move of the underlying takes them to."""
    return tuple(_moved(one.row, move) for one in rows.alongside)


def _moved(row: Position, move: Decimal) -> Position:
    mark = row.entry_price if row.mark_price is None else row.mark_price
    return structs.replace(row, mark_price=mark * move)
