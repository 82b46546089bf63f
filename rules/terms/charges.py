"""What fees are reckoned from beside the schedule: charges per contract, those of a broker among them, and taxes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from data.facts.iso_3166 import names_of
from data.facts.venues import FeeExtra
from data.facts.vocabulary import Product
from rules.costs.fees import (
    OF_THE_FIRM,
    ONLY_THE_EXCHANGE,
    ContractCharge,
    contract_charges,
    extras_read,
    taxes_counted,
    taxes_on_fees,
    without_commission,
)
from rules.knowledge import Knowledge


class Charged(Struct, frozen=True, kw_only=True):
    """What one side of a trade bears beside its rate of value, and what is to be said of it."""

    charges: tuple[ContractCharge, ...] = ()
    taxes: tuple[FeeExtra, ...] = ()
    """Taxes on fees that the client bears."""
    notes: tuple[str, ...] = ()
    broker_left_out: bool = False
    """Whether a broker takes something that is not on file, and so is not counted."""
    rows: tuple[FeeExtra, ...] = ()
    """The rows of these, and of the charge for a liquidation."""


def charged(
    extras: Sequence[FeeExtra],
    rate: Decimal | None,
    symbol: str,
    product: Product,
    residence: str,
    knowledge: Knowledge,
    *,
    firm: str | None = None,
) -> Charged:
    """Return what a resident of a place bears beside a taker's `rate` of value, through the broker `firm` if any.

    A broker's own charges count where it lists the contract itself: those on file are for what it carries.
    """
    notes: tuple[str, ...] = ()
    every = tuple(extras)
    if firm is not None:
        listed = knowledge.instrument(firm, symbol)
        if listed is not None and listed.product is product:
            every += tuple(knowledge.fee_extras(firm, product))
        else:
            notes = (OF_THE_FIRM.format(firm=_name_of(firm, knowledge)),)
    charges = contract_charges(every)
    if not notes and without_commission(rate, charges):
        notes = (ONLY_THE_EXCHANGE,)
    taxes = taxes_on_fees(extras, names_of(residence))
    return Charged(
        charges=charges,
        taxes=taxes,
        notes=(*notes, *taxes_counted(taxes)),
        broker_left_out=bool(notes),
        rows=(*extras_read(every, symbol), *taxes),
    )


def _name_of(firm: str, knowledge: Knowledge) -> str:
    venue = knowledge.venue(firm)
    return firm if venue is None else venue.brand
