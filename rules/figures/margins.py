"""Margin and liquidation of one trade, alone or beside what the account holds, by the venue's own margin model."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from data.facts.margin_models import (
    LiabilityMargin,
    MarginLevel,
    MarginModel,
    PerformanceBond,
    RequirementModel,
)
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.case import Terms
from rules.figures.alongside import ends_of_account
from rules.figures.costs import funding_rate_of
from rules.figures.cross_equity import assumed_of_wallet, cross_equity
from rules.figures.exposure import Exposure
from rules.figures.held_terms import as_kept
from rules.figures.legs import leg_of
from rules.figures.money import same_money
from rules.figures.positions import Positions
from rules.figures.sizes import Size, added_margin_of, entry_price_of, mark_price_of
from rules.margin.account import REST_UNKNOWN, rest_of
from rules.margin.beside_held import BY_ITSELF, MARGIN_UNKNOWN, SIZE_UNKNOWN, joined_figures, left_open
from rules.margin.figures import NOTHING_ELSE, essential_figures
from rules.margin.joint_ladder import EVEN, OUTGROWN, OUTWEIGHED
from rules.margin.liability import NO_RATES, ONE_LOAN
from rules.margin.margin_level import NO_BALANCE, NO_LEVERAGE
from rules.margin.margins import NO_MARGIN, NO_WALLET, Valuation, posted_margin
from rules.margin.one_underlying import held_still
from rules.margin.position import HeldPosition, PositionFigures, PositionTerms, Rest
from rules.margin.rates import BEYOND_LADDER, NO_CONTRACT_SIZE, NO_MAINTENANCE_SHARE, NO_RATE
from rules.terms.near_facts import tightest_class
from rules.trade import ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO
_SPOT = Product.SPOT

_ZERO = Decimal(0)
_ONE = Decimal(1)
_NO_MODEL = "no margin model is on file for this venue, product and kind of contract"
_NO_SIZE = "the size cannot be worked out: give notional or quantity"
_NO_PRICE = "no price is known: give entry_price, or the mark price"
_NO_SIZE_OR_PRICE = "the size cannot be worked out: give notional or quantity, and a price"
_NO_QUANTO = "the margins of a quanto contract are not computed"
_NO_LEVERAGE = "no leverage is given; initial margin is that of the highest leverage granted"
_NO_MODE = "no margin mode is given; the position is reckoned as isolated"
_CROSS_ALONE = (
    "no margin mode is given; the venue is known to offer cross margin alone, and the position is a cross one"
)
_NOTHING_COMPUTED = PositionFigures(notional=_ZERO, position_value=_ZERO)
_OPENS_NOTHING = PositionFigures(notional=_ZERO, position_value=_ZERO, initial_margin=_ZERO)
"""An order that only reduces takes no margin, and opens nothing that could be liquidated."""
_ISOLATED_UNKNOWN = (
    "what isolated positions at the venue hold of the equity is not known: cross liquidation is not computed"
)
_SEVERAL_WALLETS = (
    "cross positions settle in another currency, and whether they share one wallet with this trade is not known: what "
    "they gain beyond what they require backs nothing here, what they lose counts"
)
_OTHER_MARK = (
    "a position held states another mark price of this instrument than market.mark_price, at which it is valued"
)
_TOO_MUCH_MARGIN = (
    "a position held in this instrument states more collateral than the account's equity leaves for it, which is taken"
)
_TAKEN_FOR_CROSS = "what is held without a margin mode is taken to share the account: {names}"
_TAKEN_FOR_ISOLATED = (
    "what is held of this instrument without a margin mode is taken to be isolated, one position with this trade"
)
_ADDED_TO_CROSS = (
    "added_margin belongs to an isolated position; what backs a cross position is the wallet, which holds it"
)
_NO_OPTION_MARGIN = "what a venue asks for an option is not computed: a bought one costs its premium"
_OTHERS_UNKNOWN = (
    "other positions at the venue are not given, or their value, profit, margin or fee to close is not known: cross "
    "liquidation is not computed"
)
_NO_BACKING = (NO_WALLET, NO_BALANCE)
_OF_A_TRADE = {
    NO_MARGIN: "the margin that backs the position is not known: give leverage",
    NO_WALLET: "what backs a cross position is not known: give account.wallet_balance",
    NO_BALANCE: "the account's collateral value is not known: give account.wallet_balance",
}
"""Notes of the margin formulas in the words of a trade, whose fields have other names."""
_OTHER_MONEY = "what backs a cross position is not known: the account is given in "
_STOPPING = (_OTHER_MONEY, OUTGROWN.partition("{")[0])
"""What notes with figures in them begin with, that say the same as those below."""
_STOPS = frozenset(
    {
        _NO_MODEL,
        _NO_SIZE,
        _NO_PRICE,
        _NO_SIZE_OR_PRICE,
        _NO_QUANTO,
        _ISOLATED_UNKNOWN,
        _NO_OPTION_MARGIN,
        _OTHERS_UNKNOWN,
        *_OF_A_TRADE.values(),
        BEYOND_LADDER,
        NO_RATE,
        NO_CONTRACT_SIZE,
        NO_MAINTENANCE_SHARE,
        NO_LEVERAGE,
        NO_RATES,
        ONE_LOAN,
        EVEN,
        OUTWEIGHED,
        REST_UNKNOWN,
        MARGIN_UNKNOWN,
        SIZE_UNKNOWN,
    }
)
"""Notes that say why a figure has no value; any other says what makes one less than exact."""


def stops(note: str) -> bool:
    """Say whether a note is of what keeps a figure from being computed."""
    return note in _STOPS or note.startswith(_STOPPING)


def settle_currency(terms: Terms) -> str | None:
    """Return the currency in which the position's profit and margin are counted."""
    return terms.as_position.settle


def margin_figures(
    trade: ProposedTrade, terms: Terms, size: Size, exposure: Exposure, mark: Decimal | None, notes: list[str]
) -> PositionFigures:
    """Return margin, maintenance and liquidation of the trade, valued at `mark`, the mark price as it opens, or at its
    entry price where none is known.

    What is missing, or is only approximated, is added to `notes`; nothing is computed of what the venue's model does
    not cover.
    """
    model, kind = terms.margin_model, terms.contract_type
    if trade.reduce_only:
        return _OPENS_NOTHING
    if terms.product is _SPOT or kind is None:
        return _NOTHING_COMPUTED
    if terms.product is _OPTION:
        notes.append(_NO_OPTION_MARGIN)
        return _NOTHING_COMPUTED
    if model is None:
        notes.append(_NO_MODEL)
        return _NOTHING_COMPUTED
    counted = size.notional if kind is _INVERSE else size.quantity
    if size.price is None or not counted or kind is _QUANTO:
        notes.append(_why_uncounted(size))
        return _NOTHING_COMPUTED
    rest, wallet, held = NOTHING_ELSE, None, exposure.positions
    if trade.margin_mode is _CROSS or isinstance(model, MarginLevel):
        # By a margin level an account stands whole, in whatever mode a position is said to be.
        rest, wallet = _cross_backing(trade, terms, exposure, notes)
    own = HeldPosition(
        side=trade.side,
        size=counted,
        entry_price=size.price,
        terms=position_terms(trade, terms),
        mark_price=mark,
        leverage=trade.leverage,
        margin_mode=trade.margin_mode,
        added_margin=added_margin_of(trade),
        wallet_balance=wallet,
    )
    found = essential_figures(model, own, rest)
    if held is not None and held.same_instrument:
        if held.contradicted:
            notes.append(_OTHER_MARK)
        if held.overstated:
            notes.append(_TOO_MUCH_MARGIN)
        found = _beside_held(model, own, found, held, rest, exposure.settle_rate)
    if held is not None and held.alongside and wallet is not None and found.liquidation is not None:
        notes.append(_beside_alongside(model, own, held, rest, mark_price_of(trade, held.same_instrument)))
    other = _in_other_money(trade, terms) if wallet is None and trade.margin_mode is _CROSS else None
    told = found.approximations
    if _OTHERS_UNKNOWN in notes:  # the wallet may well be given
        told = tuple(one for one in told if one not in _NO_BACKING)
    notes.extend(other if other is not None and one in _NO_BACKING else _OF_A_TRADE.get(one, one) for one in told)
    of_class = tightest_class(terms.ladder, trade.client.client_class)
    if of_class is not None:
        notes.append(of_class)
    if trade.margin_mode is None and found.liquidation is not None and isinstance(model, RequirementModel):
        notes.append(_NO_MODE)
    if terms.cross_alone:
        notes.append(_CROSS_ALONE)
    if trade.leverage is None and found.initial_margin is not None and margin_follows_leverage(model):
        notes.append(_NO_LEVERAGE)
    if trade.added_margin and trade.margin_mode is _CROSS:
        notes.append(_ADDED_TO_CROSS)
    if wallet is not None and found.liquidation is not None and trade.account is not None and held is not None:
        assumed = assumed_of_wallet(trade.account, held)
        if assumed is not None:
            notes.append(assumed)
        if held.without_mode:
            notes.append(_TAKEN_FOR_CROSS.format(names=", ".join(held.without_mode)))
    elif held is not None and found.liquidation is not None and trade.instrument in held.without_mode:
        notes.append(_TAKEN_FOR_ISOLATED)
    return found


def margin_follows_leverage(model: MarginModel | None) -> bool:
    """Say whether initial margin hangs on the leverage chosen, not on what clearing or a lender sets alone."""
    return not isinstance(model, PerformanceBond | LiabilityMargin)


def position_terms(trade: ProposedTrade, terms: Terms) -> PositionTerms:
    """Return the terms of one trade as the margin formulas read them."""
    market, known = trade.market, terms.as_position
    if market is None:
        return known
    rate = funding_rate_of(trade, terms) if known.funding_rate is None else known.funding_rate
    return structs.replace(known, funding_rate=rate, open_interest=market.open_interest)


def cross_account(trade: ProposedTrade, terms: Terms, exposure: Exposure) -> tuple[Decimal, Decimal] | None:
    """Return the equity behind the cross positions held and what they require, before the trade opens, in settlement
    currency; null where the equity is not known.
    """
    rest, wallet = _cross_backing(trade, terms, exposure, [])
    return None if wallet is None else (wallet + rest.unrealized_pnl, rest.requirement)


def _cross_backing(
    trade: ProposedTrade, terms: Terms, exposure: Exposure, notes: list[str]
) -> tuple[Rest, Decimal | None]:
    """Return what the other cross positions bring, and the wallet; a wallet of null leaves liquidation unknown."""
    account, held = trade.account, exposure.positions
    if account is None or not same_money(settle_currency(terms), account.currency):
        return NOTHING_ELSE, None
    if held is None or held.cross_profit is None or held.cross_maintenance is None:
        notes.append(_OTHERS_UNKNOWN)
        return NOTHING_ELSE, None
    if not held.one_wallet:
        notes.append(_SEVERAL_WALLETS)
    equity = cross_equity(account, held)
    if equity is None and account.equity is not None and held.cross_only_here:
        notes.append(_ISOLATED_UNKNOWN)
    wallet = None if equity is None else equity - held.cross_profit
    required, model = held.cross_maintenance, terms.margin_model
    if isinstance(model, MarginLevel):
        required /= model.close_level
    return Rest(unrealized_pnl=held.cross_profit - held.other_surplus, requirement=required), wallet


def _why_uncounted(size: Size) -> str:
    """Say what is missing where nothing can be computed: the size, the price, or a formula for the kind of contract."""
    stated = size.notional is not None or size.quantity is not None
    if size.price is None:
        return _NO_PRICE if stated else _NO_SIZE_OR_PRICE
    return _NO_QUANTO if stated else _NO_SIZE


def _beside_held(
    model: MarginModel, own: HeldPosition, alone: PositionFigures, held: Positions, rest: Rest, rate: Decimal | None
) -> PositionFigures:
    """Return the figures of a trade in an instrument of which more is held at the venue.

    `rate` turns the settlement currency into the account's, in which the margin of what is held is stated.
    """
    unsized = own.terms.contract_type is _INVERSE and not own.terms.contract_size
    if isinstance(model, MarginLevel):
        return _in_one_pair(model, own, alone, held, rest, rate)
    cross = own.margin_mode is _CROSS
    if unsized and any(one.side is own.side and one.margin_mode is not _CROSS for one in held.same_instrument):
        return left_open(alone, (SIZE_UNKNOWN,))
    if unsized or not isinstance(model, RequirementModel):
        return structs.replace(alone, approximations=(*alone.approximations, BY_ITSELF))
    others = Rest(
        unrealized_pnl=rest.unrealized_pnl - held.same_profit, requirement=rest.requirement - held.same_maintenance
    )
    kept = as_kept(held.same_instrument, inverse=own.terms.contract_type is _INVERSE, cross=cross)
    legs = [leg_of(position, own, rate, cross=cross) for position in kept]
    found = joined_figures(model, own, alone, legs, others if cross else NOTHING_ELSE)
    if cross and own.wallet_balance is None:  # what the trade adds is known all the same
        return structs.replace(found, approximations=alone.approximations)
    return found


def _beside_alongside(model: MarginModel, own: HeldPosition, held: Positions, rest: Rest, today: Decimal | None) -> str:
    """Return what to say of positions in other instruments of the trade's underlying, which its figures hold still."""
    equity = (own.wallet_balance or _ZERO) + rest.unrealized_pnl
    move = own.mark_price / today if own.mark_price is not None and today else _ONE
    ends = ends_of_account(model, own, held, equity=equity, required=rest.requirement, move=move)
    return held_still({one.row.instrument for one in held.alongside}, ends)


def _in_one_pair(
    model: MarginLevel, own: HeldPosition, alone: PositionFigures, held: Positions, rest: Rest, rate: Decimal | None
) -> PositionFigures:
    """Return the figures of a spot margin trade in a pair of which more is held: all of it moves with the price."""
    if own.wallet_balance is None:
        return alone
    legs = [structs.replace(leg_of(one, own, rate, cross=True), margin_mode=_CROSS) for one in held.same_instrument]
    beside, words = rest_of([(model, leg) for leg in legs], (model, own))
    others = rest.requirement - held.same_maintenance / model.close_level
    rest = structs.replace(
        beside,
        unrealized_pnl=rest.unrealized_pnl - held.same_profit + beside.unrealized_pnl,
        requirement=others + beside.requirement,
    )
    found = essential_figures(model, own, rest)
    return structs.replace(found, approximations=(*found.approximations, *words))


def isolated_backing(trade: ProposedTrade, terms: Terms, exposure: Exposure) -> Decimal | None:
    """Return what backs the isolated position that an isolated trade adds to: its margin and unrealised profit, none
    below zero, in settlement currency. Zero where nothing is held; null where its margin is not known.

    A position that does not state its margin mode is taken to have the trade's: a venue keeps one of an instrument.
    """
    positions, model, price = exposure.positions, terms.margin_model, entry_price_of(trade)
    rows = () if positions is None else positions.same_instrument
    joined = [one for one in rows if one.side is trade.side and one.margin_mode is not _CROSS]
    if not joined:
        return _ZERO
    known = position_terms(trade, terms)
    unsized = known.contract_type is _INVERSE and not known.contract_size
    if price is None or unsized or not isinstance(model, RequirementModel):
        return None
    mark = mark_price_of(trade, rows)
    own = HeldPosition(
        side=trade.side, size=_ZERO, entry_price=price, terms=known, mark_price=price if mark is None else mark
    )
    backing = _ZERO
    for one in as_kept(joined, inverse=known.contract_type is _INVERSE, cross=False):
        leg = leg_of(one, own, exposure.settle_rate, cross=False)
        valued = Valuation(model, leg)
        margin = posted_margin(model, leg, valued, was_granted=True)
        if margin is None:
            return None
        backing += margin + valued.pnl
    return max(backing, _ZERO)


def _in_other_money(trade: ProposedTrade, terms: Terms) -> str | None:
    """Say that the account is not in the money that backs the position; null where it is, or where neither is known."""
    account, settle = trade.account, settle_currency(terms)
    if account is None or settle is None or (account.wallet_balance is None and account.equity is None):
        return None
    if same_money(settle, account.currency):
        return None
    return f"{_OTHER_MONEY}{account.currency} and the position settles in {settle}; give what backs it in {settle}"
