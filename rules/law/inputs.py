"""What law reads of a trade: the client, the product, and how the order is placed. Amounts come separately."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from data.facts.law import LawProduct
from data.facts.venues import Instrument
from data.facts.vocabulary import ClientClass, Product
from rules.knowledge import Knowledge
from rules.trade import Client, Intent, ProposedTrade, TradeShape

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_HEDGE = Intent.HEDGE


class LawInput(Struct, frozen=True, gc=False):
    """One client who would trade one product. Null is "not stated"; equal inputs have equal answers on one day."""

    residence: str
    product: LawProduct
    location: str | None = None
    nationality: str | None = None
    client_class: ClientClass | None = None
    eligible_commercial_entity: bool | None = None
    on_sanctions_list: bool | None = None
    institution: bool | None = None
    base: str | None = None
    """The coin, of which the instrument's base may count several as one: SHIB for 1000SHIB."""
    quote: str | None = None
    settle: str | None = None
    expiry: date | None = None
    hedging: bool = False
    reduce_only: bool = False
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()


class LawSize(Struct, frozen=True, kw_only=True, gc=False):
    """The amounts that limits compare: leverage, and the quantity in base coins. Null is "not stated"."""

    leverage: Decimal | None = None
    quantity: Decimal | None = None
    held: Decimal | None = None
    """What is held of the same instrument before the trade: positive on the trade's side, negative on the other."""
    held_beside: bool = False
    """Whether other contracts on the same coin are held at the venue, which a limit may count too."""


def input_of_trade(
    trade: ProposedTrade, product: Product, instrument: Instrument | None, knowledge: Knowledge
) -> LawInput:
    """Return what law reads of a trade in an instrument (null when the venue is not known to list it)."""
    return _input(
        trade.client,
        product,
        base=knowledge.coin(instrument.base).name if instrument else None,
        quote=instrument.quote if instrument else None,
        settle=instrument.settle if instrument else None,
        expiry=instrument.expiry if instrument else None,
        asked=trade,
    )


def input_of_shape(shape: TradeShape, knowledge: Knowledge) -> LawInput:
    """Return what law reads of a trade without amounts."""
    return _input(
        shape.client,
        shape.product,
        base=knowledge.coin(shape.base).name if shape.base is not None else None,
        quote=shape.quote,
        settle=shape.settle,
        expiry=shape.expiry,
        asked=shape,
    )


def _input(
    client: Client,
    product: Product,
    *,
    base: str | None,
    quote: str | None,
    settle: str | None,
    expiry: date | None,
    asked: ProposedTrade | TradeShape,
) -> LawInput:
    return LawInput(
        client.residence,
        _PRODUCTS[product],
        location=client.location,
        nationality=client.nationality,
        client_class=client.client_class,
        eligible_commercial_entity=client.eligible_commercial_entity,
        on_sanctions_list=client.on_sanctions_list,
        institution=client.institution,
        base=base,
        quote=quote,
        settle=settle,
        expiry=expiry,
        hedging=asked.intent is _HEDGE,
        reduce_only=asked.reduce_only,
        intermediary=asked.intermediary,
        conditions_met=asked.conditions_met,
    )


_PRODUCTS = {product: LawProduct(product.value) for product in Product}
